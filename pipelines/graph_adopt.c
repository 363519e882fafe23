/* SPDX-License-Identifier: Apache-2.0 */
/* graph_adopt.c - a graph takes over from another while samples flow: see graph_adopt() in graph.h. */
#include <assert.h>

#include "pipelines/graph_private.h"

static struct group *group_of(struct graph *g, uint32_t length_s)
{
	for (size_t i = 0; i < g->n_groups; i++)
		if (g->groups[i].length_s == length_s)
			return &g->groups[i];
	return NULL;
}

/* For each slot of @group the slot in the old graph its stream goes on from. */
static void map_lanes(const struct graph *g, const struct group *group, const struct graph *old,
		      const struct graph_moves *moves, size_t from[])
{
	for (size_t i = 0; i < g->plan->n_streams; i++) {
		const struct stream *s = &g->streams[i];
		size_t was = moves->streams[i];

		if (s->lane && s->plan->def.window_s == group->length_s)
			from[s->slot] = was == GRAPH_NEW ? WINDOW_NO_LANE : old->streams[was].slot;
	}
}

static void begin_window(struct graph *g, struct group *group, int64_t wall_us)
{
	window_set_shift(group->window, g->shift_us);
	window_set_flags(group->window, g->marks);
	for (size_t i = 0; i < g->n_ended; i++)
		if (g->ended[i].length_s == group->length_s) {
			window_resume(group->window, &g->ended[i].mark);
			g->ended[i] = g->ended[--g->n_ended];
			break;
		}
	window_start(group->window, wall_us);
}

/* A window length that is not used any more: all its streams end. */
static void end_window(struct graph *g, struct group *group, int64_t wall_us)
{
	window_cut(group->window, wall_us, PARTIAL_CUT_END);
	assert(g->n_ended < MAX_ENDED_LENGTHS);
	g->ended[g->n_ended++] = (struct ended_length){ group->length_s, window_mark(group->window) };
}

static void move_stream(struct stream *s, const struct stream *was)
{
	s->latest_value = was->latest_value;
	s->latest_us = was->latest_us;
	s->input_value = was->input_value;
	if (s->alarm && was->alarm)
		alarm_adopt(s->alarm, was->alarm);
}

static void move_kpi(struct graph *g, size_t i, const struct graph *old, size_t was)
{
	struct alarm *alarm = graph_find_alarm(g, true, i), *old_alarm = graph_find_alarm(old, true, was);

	kpi_adopt(g->kpis[i], old->kpis[was]);
	if (alarm && old_alarm)
		alarm_adopt(alarm, old_alarm);
}

static void move_windows(struct graph *g, struct graph *old, const struct graph_moves *moves, int64_t wall_us)
{
	g->n_ended = old->n_ended;
	for (size_t i = 0; i < old->n_ended; i++)
		g->ended[i] = old->ended[i];
	for (size_t i = 0; i < g->n_groups; i++) {
		struct group *group = &g->groups[i], *was = group_of(old, group->length_s);

		if (!was) {
			begin_window(g, group, wall_us);
			continue;
		}
		map_lanes(g, group, old, moves, g->from);
		window_adopt(group->window, was->window, g->from, wall_us);
	}
	for (size_t i = 0; i < old->n_groups; i++)
		if (!group_of(g, old->groups[i].length_s))
			end_window(g, &old->groups[i], wall_us);
	graph_send_waiting(old, old->wm_s);
}

void graph_adopt(struct graph *g, struct graph *old, const struct graph_moves *moves, int64_t at_us)
{
	int64_t wall_us = at_us + old->shift_us;

	assert(!g->held && !old->held);
	g->shift_us = old->shift_us;
	g->marks = old->marks;
	g->wm_s = old->wm_s;
	g->started_us = old->started_us;
	g->quiet_until_us = INT64_MIN;
	graph_start_alarms(g, at_us);
	for (size_t i = 0; i < g->plan->n_kpis; i++)
		kpi_start(g->kpis[i], wall_us);
	for (size_t i = 0; i < g->plan->n_streams; i++)
		if (moves->streams[i] != GRAPH_NEW)
			move_stream(&g->streams[i], &old->streams[moves->streams[i]]);
	move_windows(g, old, moves, wall_us);
	for (size_t i = 0; i < g->plan->n_kpis; i++)
		if (moves->kpis[i] != GRAPH_NEW)
			move_kpi(g, i, old, moves->kpis[i]);
}
