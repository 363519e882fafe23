/* SPDX-License-Identifier: Apache-2.0 */
#include "tests/graph_model.h"

#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <string.h>
#include <cmocka.h>

#include "pipelines/wire.h"

/* --- what comes out --- */

static void check_promises(struct model *m, const struct partial *p)
{
	bool is_late = true;

	for (size_t i = 0; i < p->n_metrics; i++)
		is_late = is_late && p->metrics[i].agg.expected == 0 && p->metrics[i].agg.covered_ms == 0;
	assert_true(p->wm >= m->wm);
	if (p->w0 + p->wl <= m->wm && m->run == 0)
		assert_true(is_late);
	m->wm = p->wm;
	for (size_t i = 0; i < m->n_keys; i++)
		assert_false(m->keys[i].w0 == p->w0 && m->keys[i].wl == p->wl && m->keys[i].part == p->part);
	assert_true(m->n_keys < MODEL_PARTS);
	m->keys[m->n_keys++] = (struct model_key){ p->w0, p->wl, p->part };
}

/* As the agent would: through the wire, whose reader checks more than this file could. */
void model_on_partial(void *ctx, struct partial *p)
{
	static struct partial_metric metrics[PARTIAL_MAX_METRICS];
	static uint8_t bytes[PARTIAL_MAX_BYTES];
	struct model *m = ctx;
	struct partial back = { .metrics = metrics };
	struct wire_presence present;
	const char *why = "";
	int n;

	assert_true(p->n_metrics > 0 && p->n_metrics <= PARTIAL_MAX_METRICS);
	check_promises(m, p);
	memcpy(p->device, "d", 2);
	memcpy(p->site, "s", 2);
	n = wire_encode(p, graph_contract(m->graph)->metrics, bytes, sizeof(bytes));
	assert_true(n > 0);
	if (wire_decode(&back, &present, bytes, (size_t)n, &why) < 0)
		fail_msg("%s", why);
	assert_int_equal(wire_complete(&back, &present, graph_contract(m->graph)->metrics,
				       graph_contract(m->graph)->n_metrics),
			 0);
	for (size_t i = 0; i < back.n_metrics; i++) {
		const struct agg *a = &back.metrics[i].agg;

		assert_true(m->n_parts < MODEL_PARTS);
		assert_int_equal(a->covered_ms, m->streams[back.metrics[i].id].def.kind == SERIES_COUNTER
							? p->metrics[i].agg.tw_ms
							: a->tw_ms);
		m->parts[m->n_parts++] = (struct model_part){ p->w0, p->wl, p->part, back.metrics[i].id, false, *a };
	}
}

static bool has_late_samples(const struct model *m, uint64_t w0, uint32_t length_s)
{
	for (size_t i = 0; i < m->n_samples; i++)
		if (m->samples[i].is_late && m->samples[i].at_us >= (int64_t)w0 * 1000000 &&
		    m->samples[i].at_us < (int64_t)(w0 + length_s) * 1000000)
			return true;
	return false;
}

static void merge_parts(const struct model *m, size_t stream, uint64_t w0, uint32_t length_s, struct agg *out)
{
	*out = (struct agg){ 0 };
	for (size_t i = 0; i < m->n_parts; i++)
		if (m->parts[i].id == stream && m->parts[i].w0 >= w0 && m->parts[i].w0 < w0 + length_s)
			agg_merge(out, &m->parts[i].agg);
}

void model_on_kpi(void *ctx, const struct kpi_def *kpi, uint64_t w0_s, double value, double coverage)
{
	static struct agg merged[2];
	struct model *m = ctx;
	const struct agg *aggs[] = { &merged[0], &merged[1] };
	const struct metric_def *defs[] = { &m->streams[0].def, &m->streams[1].def };
	double expected;

	for (size_t i = 0; i < m->n_kpis; i++)
		assert_false(m->kpi_w0[i] == w0_s);
	m->kpi_w0[m->n_kpis++] = w0_s;
	assert_true(coverage >= 0.0 && coverage <= 1.0);
	if (m->may_force || has_late_samples(m, w0_s, kpi->window_s))
		return;
	for (size_t i = 0; i < 2; i++) {
		merge_parts(m, i, w0_s, kpi->window_s, &merged[i]);
		merged[i].due_ms = kpi->window_s * 1000ull;
	}
	expected = expr_eval(m->kpi.expr, aggs, defs);
	assert_true(isnan(expected) ? isnan(value) : expected == value);
}

/* --- comparing --- */

static bool is_before(int64_t at_ms, int64_t k, int64_t other_ms, int64_t other_k)
{
	return at_ms != other_ms ? at_ms < other_ms : k < other_k;
}

static void count_value(struct agg *a, int64_t at_ms, int32_t k)
{
	if (a->n == 0 || k < a->min)
		a->min = k;
	if (a->n == 0 || k > a->max)
		a->max = k;
	if (a->n == 0 || is_before(at_ms, k, a->first_at_ms, a->first)) {
		a->first = k;
		a->first_at_ms = at_ms;
	}
	if (a->n == 0 || is_before(a->last_at_ms, a->last, at_ms, k)) {
		a->last = k;
		a->last_at_ms = at_ms;
	}
	a->s1 += k;
	a->s2.lo += (uint64_t)((int64_t)k * k);
}

static void count(struct agg *a, const struct metric_def *def, const struct model_sample *s, struct sketch_ring *ring)
{
	bool is_irregular = def->period_us == 0 && !s->is_late;
	int64_t raw;

	a->lost += s->lost;
	a->expected += is_irregular;
	if (!isfinite(s->value)) {
		a->bad++;
		a->flags |= METRIC_FAULT;
		return;
	}
	a->increase += s->increase;
	a->resets += s->is_reset;
	raw = model_quanta(def, s->value);
	if (def->kind != SERIES_COUNTER) {
		if (model_clip(raw) != raw) {
			a->bad++;
			a->expected += is_irregular;
			a->flags |= METRIC_CLIPPED;
		}
		count_value(a, s->at_us / 1000, model_clip(raw));
		sketch_ring_add(ring, model_clip(raw));
	}
	a->n++;
}

static void expect(const struct model *m, size_t stream, int64_t w0_us, struct agg *out)
{
	static struct sketch_ring ring;
	const struct metric_def *def = &m->streams[stream].def;
	const struct model_window *w = &m->windows[stream][(w0_us - MODEL_BEGIN_US) / 1000000];

	*out = (struct agg){ .has_sketch = def->has_sketch };
	sketch_ring_init(&ring, &def->sketch);
	for (size_t i = 0; i < m->n_samples; i++)
		if (m->samples[i].stream == stream &&
		    model_floor_to(m->samples[i].at_us, model_length_us(m, stream)) == w0_us)
			count(out, def, &m->samples[i], &ring);
	if (def->has_sketch)
		sketch_ring_read(&ring, &out->sketch);
	out->expected += w->due;
	out->tw = w->tw;
	out->tw_ms = out->covered_ms = w->tw_ms;
}

static void check_agg(const struct agg *a, const struct agg *b, bool has_moments)
{
	assert_int_equal(a->n, b->n);
	assert_true(a->bad == b->bad && a->lost == b->lost && a->s1 == b->s1);
	assert_true(a->s2.lo == b->s2.lo && a->s2.hi == 0);
	assert_int_equal(a->flags & ~(unsigned)METRIC_SKETCH_SHIFTED, b->flags & ~(unsigned)METRIC_SKETCH_SHIFTED);
	if (has_moments && a->n > 0) {
		assert_true(a->min == b->min && a->max == b->max && a->first == b->first && a->last == b->last);
		assert_true(a->first_at_ms == b->first_at_ms && a->last_at_ms == b->last_at_ms);
		assert_memory_equal(&a->sketch, &b->sketch, sizeof(a->sketch));
	}
	assert_true(a->increase == b->increase && a->resets == b->resets);
}

static bool has_part(const struct model *m, size_t stream, uint64_t w0)
{
	for (size_t i = 0; i < m->n_parts; i++)
		if (m->parts[i].id == stream && m->parts[i].w0 == w0)
			return true;
	return false;
}

static void check_window(const struct model *m, size_t stream, int64_t w0_us)
{
	static struct agg expected, merged;
	const struct metric_def *def = &m->streams[stream].def;
	uint64_t w0 = (uint64_t)(w0_us / 1000000);
	bool is_spoken_for = m->windows[stream][w0 - MODEL_BEGIN_S].is_spoken_for;

	expect(m, stream, w0_us, &expected);
	merge_parts(m, stream, w0, 1, &merged);
	check_agg(&merged, &expected, def->kind != SERIES_COUNTER);
	if (m->may_force) {
		assert_true(m->run > 0 || merged.tw_ms <= def->window_s * 1000ull);
		return;
	}
	if (merged.expected != expected.expected || merged.tw != expected.tw || merged.tw_ms != expected.tw_ms)
		fail_msg(
			"stream %zu, window %llu s + %u: expected %llu and %llu, tw %lld and %lld, tw_ms %llu and %llu",
			stream, (unsigned long long)(w0 - MODEL_BEGIN_S), def->window_s,
			(unsigned long long)merged.expected, (unsigned long long)expected.expected,
			(long long)merged.tw, (long long)expected.tw, (unsigned long long)merged.tw_ms,
			(unsigned long long)expected.tw_ms);
	if (is_spoken_for)
		assert_true(has_part(m, stream, w0));
	else if (has_part(m, stream, w0))
		assert_true(expected.n + expected.bad + expected.lost > 0 || m->run > 0);
}

/* Each window of the KPI in which something of its streams came must have been told, once. */
static void check_kpis(const struct model *m)
{
	for (size_t i = 0; i < m->n_parts && m->plan.n_kpis > 0 && m->run == 0; i++) {
		const struct model_part *p = &m->parts[i];
		uint64_t w0 = p->w0 / m->kpi.def.window_s * m->kpi.def.window_s;
		bool is_told = p->id > 1 || has_late_samples(m, w0, m->kpi.def.window_s);

		for (size_t k = 0; k < m->n_kpis; k++)
			is_told = is_told || m->kpi_w0[k] == w0;
		assert_true(is_told);
	}
}

void model_check(struct model *m)
{
	for (size_t i = 0; i < m->plan.n_streams; i++)
		for (int64_t w0_us = MODEL_BEGIN_US; w0_us < MODEL_BEGIN_US + MODEL_SPAN_S * INT64_C(1000000);
		     w0_us += model_length_us(m, i))
			check_window(m, i, w0_us);
	check_kpis(m);
	assert_int_equal(m->arena.total_bytes, m->arena_bytes);
	arena_free(&m->arena);
}
