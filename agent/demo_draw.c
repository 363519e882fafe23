/* SPDX-License-Identifier: Apache-2.0 */
/*
 * demo_draw.c - the live table: for each stream its newest value, the state of its sensors and what its last closed window
 * says; below, KPIs and as many events as fit. It is drawn anew each time; base/term.c replaces what stood there.
 */
#include <inttypes.h>
#include <math.h>
#include <stdio.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "agent/demo_private.h"
#include "base/loop.h"

enum { EVENTS_MIN = 4, EVENTS_MAX = 12, LABEL_COLUMNS = 8, KPI_COLUMNS = 24, LINE_BYTES = 1024 };

/* As many decimals as the stream counts, at most two, and never wider than eight characters. */
static const char *number_text(double x, double quantum, char *buf)
{
	if (isnan(x))
		snprintf(buf, DEMO_VALUE_BYTES, "-");
	else if (fabs(x) >= 1e9)
		snprintf(buf, DEMO_VALUE_BYTES, "%.1fG", x / 1e9);
	else if (fabs(x) >= 1e6)
		snprintf(buf, DEMO_VALUE_BYTES, "%.1fM", x / 1e6);
	else if (fabs(x) >= 1e3)
		snprintf(buf, DEMO_VALUE_BYTES, "%.0f", x);
	else
		snprintf(buf, DEMO_VALUE_BYTES, "%.*f", quantum >= 1.0 ? 0 : quantum >= 0.1 ? 1 : 2, x);
	return buf;
}

static void show_number(struct term_table *t, enum term_style style, double x, double quantum)
{
	char text[DEMO_VALUE_BYTES];

	term_table_cell(t, isnan(x) ? TERM_DIM : style, number_text(x, quantum, text));
}

/* The worst of the sensors that @s comes from. */
static enum sensor_state worst_state(const struct demo_view *v, const struct graph_stream *s)
{
	enum sensor_state worst = SENSOR_OK;

	for (size_t k = 0; k < s->n_from; k++) {
		enum sensor_state state = SENSOR_OK;

		if (s->from[k].is_stream)
			state = worst_state(v, &v->conf->plan.streams[s->from[k].index]);
		for (size_t i = 0; !s->from[k].is_stream && i < v->conf->n_sensors; i++)
			if (s->from[k].index - v->conf->sensors[i].first_source < v->conf->sensors[i].n_channels)
				state = v->states[i];
		if (state != SENSOR_OK && worst != SENSOR_FAULT)
			worst = state;
	}
	return worst;
}

/* --- the table --- */

static void show_quantities(struct term_table *t, const struct agg *a, const struct metric_def *def)
{
	char increase[DEMO_VALUE_BYTES];

	if (def->kind == SERIES_COUNTER) {
		term_table_cellf(t, TERM_BOLD, "+%s", number_text(agg_increase(a, def), def->quantum, increase));
		for (int i = 0; i < 3; i++)
			term_table_cell(t, TERM_DIM, "");
		return;
	}
	show_number(t, TERM_BOLD, agg_mean(a, def), def->kind == SERIES_STATE ? 0.01 : def->quantum);
	show_number(t, TERM_PLAIN, agg_min(a, def), def->quantum);
	show_number(t, TERM_PLAIN, agg_max(a, def), def->quantum);
	if (def->has_sketch)
		show_number(t, TERM_PLAIN, agg_quantile(a, def, 0.95), def->quantum);
	else
		term_table_cell(t, TERM_DIM, "");
}

static void show_window(struct term_table *t, const struct window_view *w, const struct metric_def *def)
{
	uint64_t window_ms = (uint64_t)w->wl * 1000;

	if (!w->is_there) {
		for (int i = 0; i < 6; i++)
			term_table_cell(t, TERM_DIM, i ? "" : "...");
		return;
	}
	term_table_cellf(t, w->agg.n >= w->agg.expected ? TERM_PLAIN : TERM_YELLOW, "%" PRIu64 "/%" PRIu64, w->agg.n,
			 w->agg.expected);
	show_quantities(t, &w->agg, def);
	term_table_cellf(t, w->agg.covered_ms < window_ms ? TERM_YELLOW : TERM_PLAIN, "%" PRIu64 "%%",
			 w->agg.covered_ms * 100 / window_ms);
}

static void show_stream(struct demo_view *v, const struct graph *g, size_t i)
{
	const struct graph_stream *s = &v->conf->plan.streams[i];
	enum sensor_state state = worst_state(v, s);
	struct sample latest = { .value = NAN };
	bool is_one = strcmp(s->def.unit->code, "1") == 0;
	enum term_style style = TERM_CYAN;

	graph_latest(g, i, &latest);
	term_table_cell(v->table, TERM_BOLD, s->name);
	if (s->def.kind == SERIES_STATE && latest.value > 0.0)
		style = TERM_YELLOW;
	show_number(v->table, style, latest.value, s->def.quantum);
	term_table_cell(v->table, TERM_DIM, is_one ? "" : s->def.unit->code);
	term_table_cell(v->table, state == SENSOR_OK ? TERM_GREEN : TERM_RED, sensor_state_name(state));
	show_window(v->table, &v->windows[i], &s->def);
}

static void clock_text(int64_t at_us, char *buf, size_t buf_bytes)
{
	time_t seconds = (time_t)(at_us / 1000000);
	struct tm tm;

	buf[0] = '\0';
	if (localtime_r(&seconds, &tm))
		strftime(buf, buf_bytes, "%H:%M:%S", &tm);
}

static void kpi_text(const struct kpi_view *k, const struct kpi_def *def, char *buf)
{
	if (!k->is_there)
		snprintf(buf, DEMO_VALUE_BYTES, "...");
	else if (isnan(k->value))
		snprintf(buf, DEMO_VALUE_BYTES, "missing");
	else
		snprintf(buf, DEMO_VALUE_BYTES, "%.4g %s", k->value, strcmp(def->unit, "1") == 0 ? "" : def->unit);
}

static size_t kpis_per_line(const struct term *term)
{
	return term->width > LABEL_COLUMNS + KPI_COLUMNS ? (term->width - LABEL_COLUMNS) / KPI_COLUMNS : 1;
}

static void show_kpis(struct demo_view *v, const struct term *term)
{
	const struct graph_plan *plan = &v->conf->plan;
	size_t per_line = kpis_per_line(term);
	char value[DEMO_VALUE_BYTES];
	struct dynbuf line;

	dynbuf_init(&line, LINE_BYTES);
	term_table_linef(v->table, TERM_PLAIN, "%s", "");
	for (size_t i = 0; i < plan->n_kpis; i++) {
		const struct kpi_def *def = &plan->kpis[i].def;

		if (i % per_line == 0)
			dynbuf_addf(&line, "%-*s", LABEL_COLUMNS, i ? "" : "KPIs");
		kpi_text(&v->kpis[i], def, value);
		dynbuf_addf(&line, "%-10s %-*s", def->name, KPI_COLUMNS - 11, value);
		if ((i + 1) % per_line == 0 || i + 1 == plan->n_kpis) {
			term_table_linef(v->table, TERM_PLAIN, "%s", dynbuf_text(&line));
			dynbuf_reset(&line);
		}
	}
	dynbuf_free(&line);
}

static void show_events(struct demo_view *v, size_t n)
{
	term_table_linef(v->table, TERM_PLAIN, "%s", "");
	for (size_t i = 0; i < n; i++) {
		const struct event_view *e = &v->events[(v->n_events - 1 - i) % DEMO_MAX_EVENTS];
		char at[16];

		if (i >= v->n_events) {
			term_table_linef(v->table, TERM_DIM, "%s", i ? "" : "Events  none so far");
			continue;
		}
		clock_text(e->at_us, at, sizeof(at));
		term_table_linef(v->table, e->style, "%s%s  %s", i ? "        " : "Events  ", at, e->text);
	}
}

/*
 * As many as there are, within what the other lines of the screen leave: titles, streams, KPIs, two lines at the end,
 * blanks, and the cursor's. A few lines are kept free so that the first events do not move the rest.
 */
static size_t n_events_shown(const struct demo_view *v, const struct term *term)
{
	size_t per_line = kpis_per_line(term);
	size_t others = 7 + v->conf->plan.n_streams + (v->conf->plan.n_kpis + per_line - 1) / per_line;
	size_t room = term->height > others ? term->height - others : 1;
	size_t n = v->n_events < EVENTS_MIN ? EVENTS_MIN : v->n_events < EVENTS_MAX ? v->n_events : EVENTS_MAX;

	return n < room ? n : room;
}

static void show_footer(struct demo_view *v)
{
	int64_t now_us = loop_wall_us(), window_us = v->conf->window_us, begin_us = now_us - now_us % window_us;
	char from[16], to[16];
	int left_s = (int)((begin_us + window_us - now_us) / 1000000) + 1;

	clock_text(begin_us - window_us, from, sizeof(from));
	clock_text(begin_us, to, sizeof(to));
	term_table_linef(v->table, TERM_PLAIN, "%s", "");
	if (v->windows[0].is_there)
		term_table_linef(v->table, TERM_DIM, "N to COVER: the window %s to %s; the next one closes in %d s",
				 from, to, left_s);
	else
		term_table_linef(v->table, TERM_DIM, "The first window closes in %d s and fills the other columns",
				 left_s);
	term_table_linef(v->table, TERM_DIM,
			 "Ctrl-C ends. Next: runnel demo --config >my.yaml; runnel run -c my.yaml --print");
}

int demo_draw(void *ctx, const struct graph *g, const struct sched *sched)
{
	struct demo_view *v = ctx;
	struct term term;

	term_probe(&term, STDOUT_FILENO);
	demo_note_sensors(v, sched);
	for (size_t i = 0; i < v->conf->plan.n_streams; i++)
		show_stream(v, g, i);
	show_kpis(v, &term);
	show_events(v, n_events_shown(v, &term));
	show_footer(v);
	return term_table_show(v->table);
}
