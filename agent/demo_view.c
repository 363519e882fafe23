/* SPDX-License-Identifier: Apache-2.0 */
/* demo_view.c - what the live table of `runnel demo` is told, kept until it is drawn. */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "agent/demo_private.h"

enum { DRAW_EVERY_US = 250000 };

/* --- what the agent shows --- */

static void on_partial(void *ctx, const struct partial *part, const struct contract *c)
{
	struct demo_view *v = ctx;
	const struct graph_plan *plan = &v->conf->plan;

	for (size_t m = 0; m < part->n_metrics; m++) {
		const char *name = c->metrics[part->metrics[m].id].name;
		size_t i = 0;

		while (i < plan->n_streams && strcmp(plan->streams[i].def.name, name) != 0)
			i++;
		if (i == plan->n_streams || (v->windows[i].is_there && part->w0 < v->windows[i].w0))
			continue;
		if (v->windows[i].is_there && part->w0 == v->windows[i].w0)
			agg_merge(&v->windows[i].agg, &part->metrics[m].agg);
		else
			v->windows[i].agg = part->metrics[m].agg;
		v->windows[i].is_there = true;
		v->windows[i].w0 = part->w0;
		v->windows[i].wl = part->wl;
	}
}

static void on_kpi(void *ctx, const struct kpi_def *kpi, uint64_t w0_s, double value, double coverage)
{
	struct demo_view *v = ctx;

	(void)w0_s;
	for (size_t i = 0; i < v->conf->plan.n_kpis; i++)
		if (strcmp(v->conf->plan.kpis[i].def.name, kpi->name) == 0)
			v->kpis[i] = (struct kpi_view){ .is_there = true, .value = value, .coverage = coverage };
}

static struct event_view *add_event(struct demo_view *v, int64_t at_us, enum term_style style)
{
	struct event_view *e = &v->events[v->n_events++ % DEMO_MAX_EVENTS];

	e->at_us = at_us;
	e->style = style;
	return e;
}

/* " at 26.7 Cel": what the first input read, unless that is the state itself. */
static void say_input(const struct conf *conf, const struct graph_stream *s, double value, char *buf, size_t buf_bytes)
{
	size_t i = s->from[0].index;
	bool is_stream = s->from[0].is_stream;
	enum series_kind kind = is_stream ? conf->plan.streams[i].def.kind : conf->sources[i].kind;
	const struct unit *unit = is_stream ? conf->plan.streams[i].def.unit : conf->sources[i].unit;

	buf[0] = '\0';
	if (kind != SERIES_STATE)
		snprintf(buf, buf_bytes, "at %.4g %s", value, strcmp(unit->code, "1") == 0 ? "" : unit->code);
}

static void on_event(void *ctx, const char *stream, const char *event, int64_t at_us, double value)
{
	struct demo_view *v = ctx;
	const struct graph_plan *plan = &v->conf->plan;
	bool is_raised = strcmp(event, "raised") == 0;
	struct event_view *e = add_event(v, at_us, is_raised ? TERM_YELLOW : TERM_GREEN);
	char input[DEMO_VALUE_BYTES] = "";

	for (size_t i = 0; i < plan->n_streams; i++)
		if (strcmp(plan->streams[i].name, stream) == 0)
			say_input(v->conf, &plan->streams[i], value, input, sizeof(input));
	snprintf(e->text, sizeof(e->text), "%-10s %-8s %s", stream, event, input);
}

void demo_note_sensors(struct demo_view *v, const struct sched *sched)
{
	for (size_t i = 0; i < v->conf->n_sensors; i++) {
		struct sensor_status s;
		struct event_view *e;
		bool is_news;

		sched_get_status(sched, i, &s);
		is_news = s.state != v->states[i] && !(v->states[i] == SENSOR_STARTING && s.state == SENSOR_OK);
		v->states[i] = s.state;
		if (!is_news)
			continue;
		e = add_event(v, s.since_us, s.state == SENSOR_FAULT ? TERM_RED : TERM_GREEN);
		snprintf(e->text, sizeof(e->text), "%-10s %-8s %s", s.name, sensor_state_name(s.state), s.reason);
	}
}

/* --- life --- */

int demo_view_create(struct demo_view **out, const struct conf *conf)
{
	static const struct term_column columns[] = {
		{ .title = "STREAM" },
		{ .title = "NOW", .is_right = true },
		{ .title = "" },
		{ .title = "SENSOR" },
		{ .title = "N", .is_right = true },
		{ .title = "MEAN", .is_right = true },
		{ .title = "MIN", .is_right = true },
		{ .title = "MAX", .is_right = true },
		{ .title = "P95", .is_right = true },
		{ .title = "COVER", .is_right = true },
	};
	struct demo_view *v = calloc(1, sizeof(*v));
	int r;

	if (!v)
		return -ENOMEM;
	v->conf = conf;
	v->windows = arena_alloc(&v->arena, conf->plan.n_streams * sizeof(v->windows[0]));
	v->kpis = arena_alloc(&v->arena, conf->plan.n_kpis * sizeof(v->kpis[0]));
	v->states = arena_alloc(&v->arena, conf->n_sensors * sizeof(v->states[0]));
	v->hooks = (struct agent_view){
		.ctx = v,
		.partial = on_partial,
		.kpi = on_kpi,
		.event = on_event,
		.draw = demo_draw,
		.every_us = DRAW_EVERY_US,
	};
	r = term_table_create(&v->table, STDOUT_FILENO, columns, ARRAY_LEN(columns));
	if (r < 0) {
		demo_view_free(v);
		return r;
	}
	*out = v;
	return 0;
}

const struct agent_view *demo_view_hooks(const struct demo_view *v)
{
	return &v->hooks;
}

void demo_view_free(struct demo_view *v)
{
	if (!v)
		return;
	if (v->table)
		term_table_free(v->table);
	arena_free(&v->arena);
	free(v);
}
