/* SPDX-License-Identifier: Apache-2.0 */
#include "agent/conf_moves.h"

#include <string.h>

#define SWAP(a, b)                        \
	do {                              \
		__typeof__(a) swap = (a); \
		(a) = (b);                \
		(b) = swap;               \
	} while (0)

/* --- sensors --- */

/* What a recording holds may have changed behind the same words. */
static bool has_same_channels(const struct conf_sensor *a, const struct conf_sensor *b)
{
	if (a->n_channels != b->n_channels)
		return false;
	for (size_t i = 0; i < a->n_channels; i++)
		if (strcmp(a->channels[i].name, b->channels[i].name) != 0 ||
		    a->channels[i].kind != b->channels[i].kind || strcmp(a->channels[i].unit, b->channels[i].unit) != 0)
			return false;
	return true;
}

static size_t find_sensor(const struct conf *old, const struct conf_sensor *s)
{
	for (size_t i = 0; i < old->n_sensors; i++)
		if (strcmp(old->sensors[i].name, s->name) == 0)
			return strcmp(old->sensors[i].definition, s->definition) == 0 &&
					       has_same_channels(&old->sensors[i], s)
				       ? i
				       : CONF_NEW;
	return CONF_NEW;
}

/* --- streams --- */

/* The source of the old config that source @i goes on from. */
static size_t old_source(const struct conf *old, const struct conf *next, const struct conf_moves *m, size_t i)
{
	for (size_t s = 0; s < next->n_sensors; s++) {
		const struct conf_sensor *sensor = &next->sensors[s];

		if (i < sensor->first_source || i - sensor->first_source >= sensor->n_channels)
			continue;
		return m->sensors[s] == CONF_NEW ? CONF_NEW
						 : old->sensors[m->sensors[s]].first_source + i - sensor->first_source;
	}
	return CONF_NEW;
}

static bool takes_from_same(const struct conf *old, const struct conf *next, const struct conf_moves *m,
			    const struct graph_stream *a, const struct graph_stream *b)
{
	if (a->n_from != b->n_from)
		return false;
	for (size_t i = 0; i < b->n_from; i++) {
		size_t was = b->from[i].is_stream ? m->streams[b->from[i].index]
						  : old_source(old, next, m, b->from[i].index);

		if (was == CONF_NEW || a->from[i].is_stream != b->from[i].is_stream || a->from[i].index != was)
			return false;
	}
	return true;
}

/* What follows from options elsewhere: the default window, KPIs that ask for increase(). */
static bool is_same_stream(const struct graph_stream *a, const struct graph_stream *b)
{
	return a->def.window_s == b->def.window_s && a->wants_increase == b->wants_increase &&
	       a->hold_us == b->hold_us && a->publish == b->publish && a->event == b->event &&
	       a->watched == b->watched && a->missing_after_us == b->missing_after_us && a->n_ops == b->n_ops;
}

static size_t find_stream(const struct conf *old, const struct conf *next, const struct conf_moves *m, size_t i)
{
	const struct graph_stream *s = &next->plan.streams[i];

	for (size_t j = 0; j < old->plan.n_streams; j++) {
		const struct graph_stream *was = &old->plan.streams[j];

		if (strcmp(was->name, s->name) != 0)
			continue;
		return strcmp(old->stream_parts[j].definition, next->stream_parts[i].definition) == 0 &&
				       is_same_stream(was, s) && takes_from_same(old, next, m, was, s)
			       ? j
			       : CONF_NEW;
	}
	return CONF_NEW;
}

/* --- KPIs and actions --- */

static bool has_moved_streams(const struct conf *old, const struct conf *next, const struct conf_moves *m, size_t was,
			      size_t is)
{
	const struct graph_kpi *a = &old->plan.kpis[was], *b = &next->plan.kpis[is];

	for (size_t i = 0; i < expr_n_streams(b->expr); i++)
		if (m->streams[b->streams[i]] != a->streams[i])
			return false;
	return true;
}

static size_t find_kpi(const struct conf *old, const struct conf *next, const struct conf_moves *m, size_t i)
{
	const struct graph_kpi *k = &next->plan.kpis[i];

	for (size_t j = 0; j < old->plan.n_kpis; j++) {
		const struct graph_kpi *was = &old->plan.kpis[j];

		if (strcmp(was->def.name, k->def.name) == 0)
			return strcmp(old->kpi_parts[j].definition, next->kpi_parts[i].definition) == 0 &&
					       was->def.window_s == k->def.window_s && was->event == k->event &&
					       was->watched == k->watched && has_moved_streams(old, next, m, j, i)
				       ? j
				       : CONF_NEW;
	}
	return CONF_NEW;
}

/* What it follows may have begun anew: its output stays as it is until that has a value. */
static size_t find_action(const struct conf *old, const struct conf_action *a)
{
	for (size_t i = 0; i < old->n_actions; i++)
		if (strcmp(old->actions[i].name, a->name) == 0)
			return strcmp(old->actions[i].definition, a->definition) == 0 ? i : CONF_NEW;
	return CONF_NEW;
}

void conf_compare(const struct conf *old, struct conf *next, struct conf_moves *out)
{
	struct conf_moves m = {
		.sensors = arena_alloc(&next->arena, next->n_sensors * sizeof(size_t)),
		.streams = arena_alloc(&next->arena, next->plan.n_streams * sizeof(size_t)),
		.kpis = arena_alloc(&next->arena, next->plan.n_kpis * sizeof(size_t)),
		.actions = arena_alloc(&next->arena, next->n_actions * sizeof(size_t)),
	};

	for (size_t i = 0; i < next->n_sensors; i++)
		m.sensors[i] = find_sensor(old, &next->sensors[i]);
	for (size_t i = 0; i < next->plan.n_streams; i++) { /* each after those it takes from */
		m.streams[i] = find_stream(old, next, &m, i);
		m.n_streams += m.streams[i] != CONF_NEW;
	}
	for (size_t i = 0; i < next->plan.n_kpis; i++)
		m.kpis[i] = find_kpi(old, next, &m, i);
	for (size_t i = 0; i < next->n_actions; i++)
		m.actions[i] = find_action(old, &next->actions[i]);
	*out = m;
}

void conf_hand_over(struct conf *old, struct conf *next, const struct conf_moves *moves)
{
	for (size_t i = 0; i < next->n_sensors; i++) {
		struct conf_sensor *to = &next->sensors[i], *from;

		if (moves->sensors[i] == CONF_NEW)
			continue;
		from = &old->sensors[moves->sensors[i]];
		SWAP(to->state, from->state);
		SWAP(to->channels, from->channels);
		SWAP(to->own, from->own);
	}
	for (size_t i = 0; i < next->plan.n_streams; i++) {
		struct conf_part *to = &next->stream_parts[i], *from;

		if (moves->streams[i] == CONF_NEW)
			continue;
		from = &old->stream_parts[moves->streams[i]];
		SWAP(to->own, from->own);
		for (size_t k = 0; k < next->plan.streams[i].n_ops; k++)
			SWAP(((struct graph_op *)next->plan.streams[i].ops)[k].state,
			     ((struct graph_op *)old->plan.streams[moves->streams[i]].ops)[k].state);
	}
	for (size_t i = 0; i < next->n_actions; i++) {
		struct conf_action *to = &next->actions[i], *from;

		if (moves->actions[i] == CONF_NEW)
			continue;
		from = &old->actions[moves->actions[i]];
		SWAP(to->state, from->state);
		SWAP(to->own, from->own);
	}
}
