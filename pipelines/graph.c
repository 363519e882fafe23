/* SPDX-License-Identifier: Apache-2.0 */
#include "pipelines/graph.h"

#include <assert.h>
#include <math.h>

#include "pipelines/graph_private.h"

void graph_tap_push(void *state, unsigned input, const struct sample *in, const struct emitter *out)
{
	struct stream *s = state;

	if (input == 0 && isfinite(in->value))
		s->input_value = in->value;
	for (size_t i = 0; i < out->n_links; i++)
		out->links[i].to->push(out->links[i].to->state, input, in, &out->links[i].to->out);
}

void graph_stream_push(void *state, unsigned input, const struct sample *in, const struct emitter *out)
{
	struct stream *s = state;

	(void)input;
	s->latest_value = in->value;
	s->latest_us = in->at_us;
	if (s->lane)
		window_add(s->lane, in);
	if (s->alarm)
		alarm_put(s->alarm, in->at_us, in->value, s->input_value);
	emit(out, in);
}

void graph_push(struct graph *g, size_t source, const struct sample *s)
{
	assert(source < g->plan->n_sources);
	emit(&g->sources[source], s);
}

void graph_start(struct graph *g, int64_t at_us)
{
	int64_t wall_us = at_us + g->shift_us;

	g->quiet_until_us = INT64_MIN;
	g->started_us = at_us;
	graph_start_alarms(g, at_us);
	if (g->held)
		return;
	for (size_t i = 0; i < g->n_groups; i++)
		window_start(g->groups[i].window, wall_us);
	for (size_t i = 0; i < g->plan->n_kpis; i++)
		kpi_start(g->kpis[i], wall_us);
}

bool graph_set_clock(struct graph *g, int64_t shift_us, uint32_t flags, int64_t at_us)
{
	bool is_promise_broken = (at_us + shift_us) / 1000000 < (int64_t)g->wm_s;

	g->shift_us = shift_us;
	g->marks = flags;
	if (is_promise_broken)
		g->wm_s = 0;
	for (size_t i = 0; i < g->n_groups; i++) {
		window_set_shift(g->groups[i].window, shift_us);
		window_set_flags(g->groups[i].window, flags);
	}
	return is_promise_broken;
}

static int64_t next_end(const struct graph *g, int64_t watermark_us)
{
	int64_t end_us = INT64_MAX;

	for (size_t i = 0; i < g->n_groups; i++) {
		int64_t e = window_next_end(g->groups[i].window, watermark_us);

		end_us = e < end_us ? e : end_us;
	}
	return end_us;
}

static void end_batch(struct graph *g, int64_t end_us)
{
	uint64_t end_s = (uint64_t)(end_us / 1000000);

	if (end_s < g->wm_s)
		end_s = g->wm_s;
	graph_send_waiting(g, end_s);
	g->wm_s = end_s;
	graph_tell_kpis(g, end_us);
}

static void advance_operators(struct graph *g, int64_t watermark_us)
{
	for (size_t i = 0; i < g->n_waiters; i++) {
		const struct waiter *w = &g->waiters[i];

		w->class->advance(w->node->state, watermark_us, &w->node->out);
	}
}

void graph_advance_windows(struct graph *g, int64_t wall_us)
{
	int64_t end_us;

	if (wall_us < g->quiet_until_us)
		return;
	while ((end_us = next_end(g, wall_us)) != INT64_MAX) {
		for (size_t i = 0; i < g->n_groups; i++)
			if (window_next_end(g->groups[i].window, end_us) == end_us)
				window_close(g->groups[i].window, end_us);
		end_batch(g, end_us);
	}
	for (size_t i = 0; i < g->n_groups; i++)
		window_advance(g->groups[i].window, wall_us);
	graph_tell_kpis(g, wall_us);

	g->quiet_until_us = INT64_MAX;
	for (size_t i = 0; i < g->n_groups; i++) {
		int64_t until_us = window_quiet_until(g->groups[i].window);

		g->quiet_until_us = until_us < g->quiet_until_us ? until_us : g->quiet_until_us;
	}
}

int64_t graph_advance(struct graph *g, int64_t watermark_us)
{
	int64_t quiet_until_us;

	advance_operators(g, watermark_us);
	if (g->held)
		graph_hold_watermark(g, watermark_us);
	else
		graph_advance_windows(g, watermark_us + g->shift_us);
	graph_advance_alarms(g, watermark_us);
	if (g->n_waiters > 0 || g->held || g->quiet_until_us == INT64_MIN)
		return watermark_us;
	quiet_until_us = graph_alarms_quiet_until_us(g, watermark_us);
	if (g->quiet_until_us != INT64_MAX && g->quiet_until_us - g->shift_us < quiet_until_us)
		quiet_until_us = g->quiet_until_us - g->shift_us;
	return quiet_until_us;
}

/* End of the longest window that is open at @at_us. */
static uint64_t end_of_windows_s(const struct graph *g, int64_t at_us)
{
	uint64_t end_s = g->wm_s;

	for (size_t i = 0; i < g->n_groups; i++) {
		uint64_t length_s = g->groups[i].length_s;
		uint64_t e = ((uint64_t)at_us / 1000000 / length_s + 1) * length_s;

		end_s = e > end_s ? e : end_s;
	}
	return end_s;
}

void graph_cut(struct graph *g, int64_t at_us, enum partial_flag flag)
{
	int64_t wall_us = at_us + g->shift_us;

	assert(!g->held);
	graph_advance(g, at_us);
	if (flag == PARTIAL_CUT_END)
		advance_operators(g, INT64_MAX);
	for (size_t i = 0; i < g->n_groups; i++)
		window_cut(g->groups[i].window, wall_us, flag);
	g->quiet_until_us = INT64_MIN;
	if (flag == PARTIAL_CUT_END)
		g->wm_s = end_of_windows_s(g, wall_us);
	graph_send_waiting(g, g->wm_s);
}

/* The next window to close when no input follows: each length up to the end of its own last window. */
static int64_t next_of_the_rest(const struct window *w)
{
	return window_next_end(w, window_last_open_end(w));
}

void graph_finish(struct graph *g)
{
	advance_operators(g, INT64_MAX);
	for (;;) {
		int64_t end_us = INT64_MAX;

		for (size_t i = 0; i < g->n_groups; i++) {
			int64_t e = next_of_the_rest(g->groups[i].window);

			end_us = e < end_us ? e : end_us;
		}
		if (end_us == INT64_MAX)
			break;
		for (size_t i = 0; i < g->n_groups; i++)
			if (next_of_the_rest(g->groups[i].window) == end_us)
				window_close(g->groups[i].window, end_us);
		end_batch(g, end_us);
	}
	for (size_t i = 0; i < g->n_groups; i++)
		window_close_late(g->groups[i].window);
	graph_send_waiting(g, g->wm_s);
	graph_tell_kpis(g, INT64_MAX);
}

/* What is due before now waits for the watermark, which something holds back. */
static int64_t not_before(int64_t due_us, int64_t now_us)
{
	enum { LOOK_AGAIN_US = 100000 };

	return due_us > now_us ? due_us : now_us + LOOK_AGAIN_US;
}

int64_t graph_next_due_us(const struct graph *g, int64_t now_us)
{
	int64_t next_us = not_before(graph_alarms_due_us(g), now_us), wall_us = now_us + g->shift_us;

	for (size_t i = 0; i < g->n_waiters; i++) {
		int64_t due_us = not_before(g->waiters[i].class->due_us(g->waiters[i].node->state), now_us);

		next_us = due_us < next_us ? due_us : next_us;
	}
	for (size_t i = 0; i <= g->n_groups; i++) {
		int64_t length_us = (i < g->n_groups ? g->groups[i].length_s : 3600) * (int64_t)1000000;
		int64_t end_us = (wall_us / length_us + 1) * length_us - g->shift_us;

		next_us = end_us < next_us ? end_us : next_us;
	}
	return next_us;
}

uint64_t graph_watermark_s(const struct graph *g)
{
	return g->wm_s;
}

bool graph_latest(const struct graph *g, size_t i, struct sample *out)
{
	const struct stream *s = &g->streams[i];

	if (s->latest_us == INT64_MIN)
		return false;
	*out = (struct sample){ .at_us = s->latest_us, .value = s->latest_value };
	return true;
}

const struct contract *graph_contract(const struct graph *g)
{
	return &g->contract;
}
