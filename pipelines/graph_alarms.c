/* SPDX-License-Identifier: Apache-2.0 */
/*
 * graph_alarms.c - the states that somebody wants to hear of: few streams and KPIs, so that the others pay nothing. Streams live in the
 * time of samples, KPIs in that of the wall, because windows do.
 */
#include "pipelines/graph_private.h"

static bool wants_stream(const struct graph_stream *s)
{
	return s->event || s->watched;
}

static bool wants_kpi(const struct graph_kpi *k)
{
	return k->event || k->watched;
}

static void add(struct graph *g, const struct alarm *alarm)
{
	struct alarm *a = &g->alarms[g->n_alarms++];

	*a = *alarm;
	a->sink = &g->sink;
}

void graph_make_alarms(struct graph *g, struct arena *a)
{
	const struct graph_plan *plan = g->plan;
	size_t n = 0;

	for (size_t i = 0; i < plan->n_streams; i++)
		n += wants_stream(&plan->streams[i]);
	for (size_t i = 0; i < plan->n_kpis; i++)
		n += wants_kpi(&plan->kpis[i]);
	g->alarms = arena_alloc(a, n * sizeof(g->alarms[0]));

	for (size_t i = 0; i < plan->n_streams; i++) {
		const struct graph_stream *s = &plan->streams[i];

		if (!wants_stream(s))
			continue;
		g->streams[i].alarm = &g->alarms[g->n_alarms];
		add(g, &(struct alarm){ .name = s->name,
					.tells_events = s->event,
					.index = i,
					.missing_after_us = s->missing_after_us,
					.shift_us = &g->shift_us });
	}
	g->n_stream_alarms = g->n_alarms;
	for (size_t i = 0; i < plan->n_kpis; i++) {
		const struct graph_kpi *k = &plan->kpis[i];

		if (wants_kpi(k))
			add(g, &(struct alarm){ .name = k->def.name,
						.is_kpi = true,
						.tells_events = k->event,
						.index = i,
						.missing_after_us = k->missing_after_us });
	}
}

struct alarm *graph_find_alarm(const struct graph *g, bool is_kpi, size_t i)
{
	for (size_t n = 0; n < g->n_alarms; n++)
		if (g->alarms[n].is_kpi == is_kpi && g->alarms[n].index == i)
			return &g->alarms[n];
	return NULL;
}

bool graph_state(const struct graph *g, bool is_kpi, size_t i, struct graph_state *out)
{
	const struct alarm *a = graph_find_alarm(g, is_kpi, i);

	if (!a)
		return false;
	alarm_read(a, out);
	return true;
}

/* Whoever waits for the time of the wall waits for it here, too. */
static bool is_at_rest(const struct graph *g, size_t i)
{
	return g->held && i >= g->n_stream_alarms;
}

static int64_t shift_of(const struct graph *g, size_t i)
{
	return i < g->n_stream_alarms ? 0 : g->shift_us;
}

void graph_start_alarms(struct graph *g, int64_t at_us)
{
	for (size_t i = 0; i < g->n_alarms; i++)
		if (!is_at_rest(g, i))
			alarm_start(&g->alarms[i], at_us + shift_of(g, i));
}

void graph_advance_alarms(struct graph *g, int64_t watermark_us)
{
	for (size_t i = 0; i < g->n_alarms; i++)
		if (!is_at_rest(g, i))
			alarm_advance(&g->alarms[i], watermark_us + shift_of(g, i));
}

int64_t graph_alarms_due_us(const struct graph *g)
{
	int64_t next_us = INT64_MAX;

	for (size_t i = 0; i < g->n_alarms; i++) {
		int64_t due_us = is_at_rest(g, i) ? INT64_MAX : alarm_due_us(&g->alarms[i]);

		if (due_us != INT64_MAX && due_us - shift_of(g, i) < next_us)
			next_us = due_us - shift_of(g, i);
	}
	return next_us;
}

int64_t graph_alarms_quiet_until_us(const struct graph *g, int64_t watermark_us)
{
	int64_t until_us = graph_alarms_due_us(g);

	for (size_t i = 0; i < g->n_alarms; i++) {
		int64_t after_us = g->alarms[i].missing_after_us;

		if (after_us > 0 && watermark_us + after_us < until_us)
			until_us = watermark_us + after_us;
	}
	return until_us;
}
