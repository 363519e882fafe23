/* SPDX-License-Identifier: Apache-2.0 */
#include "tests/graph_model.h"

#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <string.h>
#include <cmocka.h>

enum { NOTHING_HELD = INT32_MIN };

int64_t model_floor_to(int64_t us, int64_t length_us)
{
	return us / length_us * length_us;
}

int64_t model_length_us(const struct model *m, size_t stream)
{
	return m->streams[stream].def.window_s * INT64_C(1000000);
}

int32_t model_clip(int64_t raw)
{
	return raw >= AGG_K_LIMIT ? AGG_K_LIMIT - 1 : raw <= -AGG_K_LIMIT ? 1 - AGG_K_LIMIT : (int32_t)raw;
}

int64_t model_quanta(const struct metric_def *def, double value)
{
	double v = (value - def->reference) / def->quantum;

	return fabs(v) < 0x1p53 ? llround(v) : v > 0 ? INT64_C(1) << 53 : -(INT64_C(1) << 53);
}

/* --- what goes in --- */

void model_init(struct model *m, const struct model_stream *streams, size_t n, uint32_t kpi_window_s)
{
	static const char *const names[MODEL_STREAMS] = { "a", "b", "c", "d", "e", "f" };
	struct expr_error err;
	struct expr *expr;

	memset(m, 0, sizeof(*m));
	for (size_t i = 0; i < n; i++) {
		const struct unit *unit = unit_find(streams[i].unit);
		uint32_t width = unit->sketch == SKETCH_LIN ? (uint32_t)lround(unit->sketch_width / unit->quantum) : 0;

		m->refs[i] = (struct graph_ref){ false, i };
		m->newest_us[i] = INT64_MIN;
		for (size_t ms = 0; ms < MODEL_SPAN_S * 1000; ms++)
			m->held[i][ms] = NOTHING_HELD;
		m->streams[i] = (struct graph_stream){
			.name = names[i],
			.from = &m->refs[i],
			.n_from = 1,
			.publish = true,
			.wants_increase = streams[i].kind != SERIES_GAUGE,
			.hold_us = streams[i].hold_us,
			.def = { .name = names[i],
				 .unit = unit,
				 .kind = streams[i].kind,
				 .reference = unit->reference,
				 .quantum = unit->quantum,
				 .has_sketch = streams[i].has_sketch,
				 .sketch = { unit->sketch, unit->quantum, unit->reference, width },
				 .period_us = streams[i].period_us,
				 .window_s = streams[i].window_s },
		};
	}
	m->plan = (struct graph_plan){ .n_sources = n, .streams = m->streams, .n_streams = n };
	if (kpi_window_s == 0)
		return;
	assert_int_equal(expr_compile(&expr, "n(a) + 1000 * if(n(b) > 0, coverage(b), 0.5)", &m->arena, &err), 0);
	m->kpi_streams[1] = 1;
	m->kpi = (struct graph_kpi){ .def = { "k", "", "1", kpi_window_s }, .expr = expr, .streams = m->kpi_streams };
	m->plan.kpis = &m->kpi;
	m->plan.n_kpis = 1;
}

void model_build(struct model *m)
{
	const struct graph_sink sink = { .ctx = m, .partial = model_on_partial, .kpi = model_on_kpi };

	m->graph = graph_new(&m->plan, &sink, &m->arena);
	m->arena_bytes = m->arena.total_bytes;
}

void model_swap(struct model *m, int64_t at_us)
{
	static const size_t same[MODEL_STREAMS] = { 0, 1, 2, 3, 4, 5 };
	struct graph *old = m->graph;

	model_build(m);
	graph_adopt(m->graph, old, &(struct graph_moves){ same, same }, at_us);
}

static void start_stream(struct model *m, size_t stream, int64_t at_us)
{
	if (at_us < m->closed_us[stream])
		at_us = m->closed_us[stream]; /* the watermark has been there */
	m->is_started[stream] = true;
	m->start_us[stream] = at_us;
	m->closed_us[stream] = model_floor_to(at_us, model_length_us(m, stream));
}

void model_start(struct model *m, int64_t at_us)
{
	for (size_t i = 0; i < m->plan.n_streams; i++)
		start_stream(m, i, at_us);
	graph_start(m->graph, at_us);
}

/* Later samples replace what was held, gaps end it; closed windows stay as they are. */
static void hold(struct model *m, const struct model_sample *s, int32_t k)
{
	int32_t *held = m->held[s->stream];
	int64_t at_us = s->at_us > m->closed_us[s->stream] ? s->at_us : m->closed_us[s->stream];
	int64_t from_ms = (at_us - MODEL_BEGIN_US) / 1000;
	int64_t to_ms = (s->at_us - MODEL_BEGIN_US) / 1000 + m->streams[s->stream].hold_us / 1000;

	int64_t *until_ms = &m->held_until_ms[s->stream], end_ms = to_ms > *until_ms ? to_ms : *until_ms;

	if (end_ms > MODEL_SPAN_S * 1000)
		end_ms = MODEL_SPAN_S * 1000;
	for (int64_t ms = from_ms; ms < end_ms; ms++)
		held[ms] = ms < to_ms ? k : NOTHING_HELD;
	*until_ms = end_ms;
}

static void count_increase(struct model *m, struct model_sample *s, int64_t raw)
{
	const struct metric_def *def = &m->streams[s->stream].def;
	int64_t before = m->raw[s->stream], zero = llround(-def->reference / def->quantum);

	if (m->has_raw[s->stream] && m->streams[s->stream].wants_increase) {
		s->is_reset = raw < before;
		s->increase = (uint32_t)(raw < before ? (raw > zero ? raw - zero : 0) : raw - before);
	}
	m->has_raw[s->stream] = true;
	m->raw[s->stream] = raw;
}

static void start_by_sample(struct model *m, uint32_t length_s, int64_t at_us)
{
	for (size_t i = 0; i < m->plan.n_streams; i++)
		if (m->streams[i].def.window_s == length_s)
			start_stream(m, i, m->run > 0 ? at_us : model_floor_to(at_us, model_length_us(m, i)));
}

void model_push(struct model *m, size_t stream, const struct sample *in)
{
	const struct metric_def *def = &m->streams[stream].def;
	struct model_sample *s = &m->samples[m->n_samples++];

	assert_true(m->n_samples < MODEL_SAMPLES && in->at_us >= MODEL_BEGIN_US &&
		    in->at_us < MODEL_BEGIN_US + MODEL_SPAN_S * INT64_C(1000000));
	if (!m->is_started[stream])
		start_by_sample(m, def->window_s, in->at_us);

	*s = (struct model_sample){ .stream = stream, .at_us = in->at_us, .value = in->value, .lost = in->lost };
	s->run = m->run;
	s->is_late = model_floor_to(in->at_us, model_length_us(m, stream)) < m->closed_us[stream];
	if (in->at_us >= m->newest_us[stream]) {
		int64_t raw = isfinite(in->value) ? model_quanta(def, in->value) : 0;

		m->newest_us[stream] = in->at_us;
		if (isfinite(in->value))
			count_increase(m, s, raw);
		hold(m, s, !isfinite(in->value) ? NOTHING_HELD : def->kind == SERIES_COUNTER ? 0 : model_clip(raw));
	}
	graph_push(m->graph, stream, in);
}

void model_advance(struct model *m, int64_t watermark_us)
{
	for (size_t i = 0; i < m->plan.n_streams; i++)
		if (model_floor_to(watermark_us, model_length_us(m, i)) > m->closed_us[i])
			m->closed_us[i] = model_floor_to(watermark_us, model_length_us(m, i));
	graph_advance(m->graph, watermark_us);
}

/* --- the end of a run: what its windows must say of time --- */

static bool is_sampled(const struct model *m, size_t stream, int64_t w0_us)
{
	for (size_t i = 0; i < m->n_samples; i++)
		if (m->samples[i].run == m->run && m->samples[i].stream == stream && !m->samples[i].is_late &&
		    model_floor_to(m->samples[i].at_us, model_length_us(m, stream)) == w0_us)
			return true;
	return false;
}

static bool is_held(const struct model *m, size_t stream, int64_t from_us, int64_t to_us)
{
	for (int64_t ms = (from_us - MODEL_BEGIN_US) / 1000; ms < (to_us - MODEL_BEGIN_US) / 1000; ms++)
		if (m->held[stream][ms] != NOTHING_HELD)
			return true;
	return false;
}

static bool is_spoken_for(const struct model *m, size_t stream, int64_t w0_us, int64_t to_us)
{
	if (m->plan.emit_empty)
		return true;
	for (size_t i = 0; i < m->plan.n_streams; i++)
		if (m->streams[i].def.window_s == m->streams[stream].def.window_s &&
		    (is_sampled(m, i, w0_us) || is_held(m, i, w0_us, to_us)))
			return true;
	return false;
}

static void end_window(struct model *m, size_t stream, int64_t w0_us, int64_t to_us)
{
	int64_t from_us = m->start_us[stream] > w0_us ? m->start_us[stream] : w0_us;
	int64_t period_us = m->streams[stream].def.period_us;
	struct model_window *w = &m->windows[stream][(w0_us - MODEL_BEGIN_US) / 1000000];

	if (!is_spoken_for(m, stream, w0_us, to_us))
		return;
	w->is_spoken_for = true;
	for (int64_t t = model_floor_to(w0_us, period_us > 0 ? period_us : 1); period_us > 0 && t < to_us;
	     t += period_us)
		w->due += t >= from_us;
	for (int64_t ms = (w0_us - MODEL_BEGIN_US) / 1000; ms < (to_us - MODEL_BEGIN_US) / 1000; ms++) {
		if (m->held[stream][ms] != NOTHING_HELD) {
			w->tw += m->held[stream][ms];
			w->tw_ms++;
		}
	}
}

/* Where the last window of this stream's length ends. */
static int64_t end_of_input(const struct model *m, size_t stream)
{
	int64_t end_us = m->closed_us[stream], length = model_length_us(m, stream);

	if (m->plan.emit_empty && model_floor_to(m->start_us[stream], length) + length > end_us)
		end_us = model_floor_to(m->start_us[stream], length) + length;
	for (size_t i = 0; i < m->n_samples; i++) {
		const struct model_sample *s = &m->samples[i];

		if (s->run == m->run && !s->is_late && model_floor_to(s->at_us, length) + length > end_us &&
		    m->streams[s->stream].def.window_s == m->streams[stream].def.window_s)
			end_us = model_floor_to(s->at_us, length) + length;
	}
	return end_us;
}

static void end_run(struct model *m, int64_t cut_us)
{
	for (size_t i = 0; i < m->plan.n_streams; i++) {
		int64_t end_us = cut_us > 0 ? cut_us : end_of_input(m, i);

		for (int64_t w0_us = model_floor_to(m->start_us[i], model_length_us(m, i));
		     m->is_started[i] && w0_us < end_us; w0_us += model_length_us(m, i))
			end_window(m, i, w0_us,
				   w0_us + model_length_us(m, i) < end_us ? w0_us + model_length_us(m, i) : end_us);
	}
	for (size_t i = 0; i < m->plan.n_streams; i++) {
		m->is_started[i] = false;
		m->closed_us[i] = 0;
		m->newest_us[i] = INT64_MIN;
		for (size_t ms = 0; ms < MODEL_SPAN_S * 1000; ms++)
			m->held[i][ms] = NOTHING_HELD;
	}
}

void model_cut(struct model *m, int64_t at_us, enum partial_flag flag)
{
	end_run(m, at_us);
	graph_cut(m->graph, at_us, flag);
	m->run++;
}

void model_finish(struct model *m)
{
	end_run(m, 0);
	graph_finish(m->graph);
}
