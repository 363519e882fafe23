/* SPDX-License-Identifier: Apache-2.0 */
/* plot.c - collects; plot_svg.c draws. */
#include "agent/plot.h"

#include <errno.h>
#include <math.h>
#include <stdio.h>
#include <string.h>

#include "agent/exits.h"
#include "base/log.h"
#include "base/unit.h"

enum { FIRST_COLUMN_US = 1000, GAP_PERIODS = 3 };

/* --- columns --- */

static void join_columns(struct plot_column *into, const struct plot_column *a, const struct plot_column *b)
{
	struct plot_column c = a->n > 0 ? *a : *b;

	if (a->n > 0 && b->n > 0) {
		c.n = a->n + b->n;
		c.min = b->min < a->min ? b->min : a->min;
		c.max = b->max > a->max ? b->max : a->max;
		c.last = b->last;
	}
	*into = c;
}

static void halve(struct plot *p)
{
	static const struct plot_column empty;

	for (size_t s = 0; s < p->n_series; s++) {
		struct plot_column *c = p->series[s].columns;

		for (size_t i = 0; i < PLOT_COLUMNS / 2; i++)
			join_columns(&c[i], &c[2 * i], &c[2 * i + 1]);
		for (size_t i = PLOT_COLUMNS / 2; i < PLOT_COLUMNS; i++)
			c[i] = empty;
	}
	p->column_us *= 2;
	p->n_columns = (p->n_columns + 1) / 2;
}

/* The column of a time that is not before the first. */
static size_t column_of(struct plot *p, int64_t at_us)
{
	size_t i;

	if (p->begin_us == INT64_MIN)
		p->begin_us = at_us;
	while ((at_us - p->begin_us) / p->column_us >= PLOT_COLUMNS)
		halve(p);
	i = (size_t)((at_us - p->begin_us) / p->column_us);
	if (i >= p->n_columns)
		p->n_columns = i + 1;
	return i;
}

static void on_sample(void *ctx, const struct sample *in)
{
	struct plot_series *s = ctx;
	struct plot_column *c, value = { 1, false, in->value, in->value, in->value, in->value };

	if (s->plot->begin_us != INT64_MIN && in->at_us < s->plot->begin_us)
		return; /* late from before all others */
	if (!isfinite(in->value)) {
		s->is_in_gap = true;
		return;
	}
	value.is_after_gap = s->is_in_gap || (s->period_us > 0 && s->newest_us != INT64_MIN &&
					      in->at_us - s->newest_us > GAP_PERIODS * s->period_us);
	s->is_in_gap = false;
	if (in->at_us > s->newest_us)
		s->newest_us = in->at_us;
	c = &s->columns[column_of(s->plot, in->at_us)];
	join_columns(c, c, &value);
}

/* --- which series there are, and where they are drawn --- */

static size_t root_of(const struct conf *c, const struct graph_ref *r)
{
	struct graph_ref at = *r;

	while (at.is_stream)
		at = c->plan.streams[at.index].from[0];
	return at.index;
}

static size_t panel_for(struct plot *p, size_t source, const char *unit)
{
	for (size_t i = 0; i < p->n_panels; i++)
		if (p->panels[i].source == source && strcmp(p->panels[i].unit, unit) == 0)
			return i;
	p->panels[p->n_panels] = (struct plot_panel){ .source = source, .unit = unit };
	return p->n_panels++;
}

/* What is in the options of an operator as a level is drawn as one. */
static void add_levels(struct plot_panel *panel, const struct graph_stream *s)
{
	static const char *const names[] = { "above", "below", "clear" };

	for (size_t o = 0; o < s->n_ops; o++) {
		for (size_t i = 0; i < ARRAY_LEN(names) && panel->n_levels < PLOT_MAX_LEVELS; i++) {
			const double *level =
				conf_option(&s->ops[o].class->options, s->ops[o].state, names[i], OPT_DOUBLE);

			if (level && isfinite(*level))
				panel->levels[panel->n_levels++] = *level;
		}
	}
}

static const char *unit_before(const struct conf *c, const struct graph_ref *r)
{
	return r->is_stream ? c->plan.streams[r->index].def.unit->code : c->sources[r->index].unit->code;
}

static struct plot_series describe(struct plot *p, const struct probe_point *point)
{
	const struct conf *c = p->conf;
	const struct graph_stream *s;
	struct plot_series out = { .plot = p, .newest_us = INT64_MIN };

	if (point->source != SIZE_MAX) {
		out.name = point->what;
		out.unit = c->sources[point->source].unit->code;
		out.is_raw = true;
		out.is_state = c->sources[point->source].kind == SERIES_STATE;
		out.period_us = c->sources[point->source].period_us;
		out.panel = panel_for(p, point->source, out.unit);
		return out;
	}
	s = &c->plan.streams[point->stream];
	out.name = s->name;
	out.unit = s->def.unit->code;
	out.is_state = s->def.kind == SERIES_STATE;
	out.period_us = s->def.period_us;
	out.panel = panel_for(p, root_of(c, &s->from[0]), out.is_state ? unit_before(c, &s->from[0]) : out.unit);
	if (out.is_state)
		add_levels(&p->panels[out.panel], s);
	return out;
}

void plot_init(struct plot *p, struct conf *c)
{
	bool *all = arena_alloc(&c->arena, c->plan.n_streams + 1);
	struct probe_points points;

	*p = (struct plot){ .conf = c, .begin_us = INT64_MIN, .column_us = FIRST_COLUMN_US };
	memset(all, true, c->plan.n_streams);
	p->plan = probe_plan(c, all, &points);
	p->series = arena_alloc(&c->arena, PLOT_MAX_SERIES * sizeof(p->series[0]));
	p->panels = arena_alloc(&c->arena, (points.n + 1) * sizeof(p->panels[0]));
	for (size_t i = 0; i < points.n; i++) {
		const struct probe_point *point = &points.points[i];
		bool is_last = i + 1 == points.n || point[1].stream != point->stream || point->source != SIZE_MAX;
		struct plot_series *s = &p->series[p->n_series];

		if (!is_last)
			continue;
		if (p->n_series == PLOT_MAX_SERIES) {
			p->n_left_out++;
			continue;
		}
		p->n_series++;
		*s = describe(p, point);
		s->columns = arena_alloc(&c->arena, PLOT_COLUMNS * sizeof(s->columns[0]));
		point->probe->sample = on_sample;
		point->probe->ctx = s;
	}
}

void plot_event(struct plot *p, const char *name, const char *what, int64_t at_us)
{
	if (p->n_events < PLOT_MAX_EVENTS)
		p->events[p->n_events] = (struct plot_event){ name, what, at_us };
	p->n_events++;
}

bool plot_is_svg(const char *path)
{
	size_t len = strlen(path);

	return len > 4 && strcmp(path + len - 4, ".svg") == 0;
}

int plot_write(const struct plot *p, const char *path)
{
	enum { MAX_BYTES = 32 << 20 };
	struct dynbuf svg;
	FILE *file = fopen(path, "we");
	bool is_good;

	if (!file) {
		log_error("%s: %s", path, strerror(errno));
		return EXIT_IO;
	}
	dynbuf_init(&svg, MAX_BYTES);
	plot_to_svg(p, p->conf->device, &svg);
	is_good = !svg.overflow && fwrite(svg.data, 1, svg.len, file) == svg.len;
	dynbuf_free(&svg);
	if (fclose(file) == 0 && is_good)
		return EXIT_DONE;
	log_error("%s: cannot write the picture: %s", path, strerror(errno));
	return EXIT_IO;
}
