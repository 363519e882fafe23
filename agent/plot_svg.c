/* SPDX-License-Identifier: Apache-2.0 */
/*
 * plot_svg.c - the drawing: a panel for each quantity, below them a row for each state and each KPI with events. Colours are those of
 * Okabe and Ito, which people who see fewer colours can tell apart; lines have dashes of their own, too, for paper. A dark screen
 * gets a dark background by a media query.
 */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "agent/plot_axis.h"
#include "agent/plot_draw.h"
#include "base/timestamp.h"

static const char style[] =
	"<style>\n"
	"text{font:12px system-ui,sans-serif;fill:#222}.title{font-size:15px;font-weight:600}.dim{fill:#666}\n"
	".bg{fill:#fff}.frame{fill:none;stroke:#888}.grid{stroke:#ddd}.line{fill:none;stroke-width:1.6;stroke-linejoin:"
	"round}\n"
	".raw{stroke:#999;stroke-width:1}.level{stroke:#b00;stroke-width:1;stroke-dasharray:6 4}\n"
	".c0{stroke:#0072b2}.c1{stroke:#d55e00;stroke-dasharray:7 2}.c2{stroke:#009e73;stroke-dasharray:2 2}\n"
	".c3{stroke:#cc79a7;stroke-dasharray:8 2 2 2}.c4{stroke:#e69f00}.c5{stroke:#56b4e9;stroke-dasharray:4 2}\n"
	".on{fill:#d55e00;fill-opacity:.75}.off{fill:#888;fill-opacity:.18}.raised{stroke:#b00}.cleared{stroke:#009e73}"
	"\n"
	".missing{stroke:#777;stroke-dasharray:3 3}.recovered{stroke:#0072b2}.event{stroke-width:1.4}\n"
	"@media screen and (prefers-color-scheme:dark){text{fill:#e8e8e8}.dim{fill:#aaa}.bg{fill:#16181c}\n"
	".grid{stroke:#363a40}.raw{stroke:#8a8f98}.c0{stroke:#56b4e9}.level,.raised{stroke:#ff7a6b}.recovered{stroke:#"
	"56b4e9}}\n"
	"</style>\n";

/* In tenths, without asking the locale. */
void plot_put_coordinate(struct dynbuf *out, double x)
{
	long tenths = lround(x * 10.0);

	dynbuf_addf(out, "%s%ld.%ld", tenths < 0 ? "-" : "", labs(tenths) / 10, labs(tenths) % 10);
}

static void put_escaped(struct dynbuf *out, const char *text)
{
	for (; *text; text++) {
		if (*text == '&')
			dynbuf_adds(out, "&amp;");
		else if (*text == '<')
			dynbuf_adds(out, "&lt;");
		else
			dynbuf_add(out, text, 1);
	}
}

void plot_put_text(struct dynbuf *out, double x, int y, const char *attributes, const char *text)
{
	dynbuf_adds(out, "<text x=\"");
	plot_put_coordinate(out, x);
	dynbuf_addf(out, "\" y=\"%d\"%s%s>", y, *attributes ? " " : "", attributes);
	put_escaped(out, text);
	dynbuf_adds(out, "</text>\n");
}

void plot_put_line(struct dynbuf *out, const char *class, double x1, double y1, double x2, double y2)
{
	dynbuf_addf(out, "<path class=\"%s\" d=\"M", class);
	plot_put_coordinate(out, x1);
	dynbuf_adds(out, " ");
	plot_put_coordinate(out, y1);
	dynbuf_adds(out, "L");
	plot_put_coordinate(out, x2);
	dynbuf_adds(out, " ");
	plot_put_coordinate(out, y2);
	dynbuf_adds(out, "\"/>\n");
}

double plot_x(const struct plot *p, int64_t at_us)
{
	double span = (double)p->column_us * (double)p->n_columns;

	return LEFT + INNER * (double)(at_us - p->begin_us) / span;
}

void plot_draw_time(const struct drawing *d, int from_y, int to_y, bool with_labels)
{
	const struct plot *p = d->plot;
	int64_t end_us = p->begin_us + p->column_us * (int64_t)p->n_columns;
	int64_t step_us = plot_time_step_us(end_us - p->begin_us, X_TICKS);
	char label[PLOT_LABEL_BYTES];

	for (int64_t at_us = (p->begin_us / step_us + 1) * step_us; at_us <= end_us; at_us += step_us) {
		double x = plot_x(p, at_us);

		if (!with_labels)
			plot_put_line(d->out, "grid", x, from_y, x, to_y);
		else
			plot_put_text(d->out, x, to_y, "text-anchor=\"middle\"",
				      plot_time_label(at_us, step_us, label));
	}
}

/* --- states --- */

static void draw_bar(const struct drawing *d, const char *class, int64_t from_us, int64_t to_us)
{
	double x = plot_x(d->plot, from_us), w = plot_x(d->plot, to_us) - x;

	dynbuf_addf(d->out, "<rect class=\"%s\" x=\"", class);
	plot_put_coordinate(d->out, x);
	dynbuf_addf(d->out, "\" y=\"%d\" width=\"", d->y + 4);
	plot_put_coordinate(d->out, w > 0.5 ? w : 0.5);
	dynbuf_addf(d->out, "\" height=\"%d\"/>\n", ROW - 8);
}

/* A state holds until the next value, or until a gap. */
static void draw_state(const struct drawing *d, const struct plot_series *s)
{
	const struct plot *p = d->plot;
	int64_t since_us = INT64_MIN, at_us = p->begin_us;

	for (size_t i = 0; i < p->n_columns; i++, at_us += p->column_us) {
		const struct plot_column *c = &s->columns[i];

		if (c->n == 0)
			continue;
		if (since_us != INT64_MIN && c->is_after_gap) {
			draw_bar(d, "on", since_us, at_us);
			since_us = INT64_MIN;
		}
		if (since_us == INT64_MIN && c->max > 0.5)
			since_us = at_us;
		if (since_us != INT64_MIN && c->last < 0.5) {
			draw_bar(d, "on", since_us, at_us + (c->max > 0.5 ? p->column_us : 0));
			since_us = INT64_MIN;
		}
	}
	if (since_us != INT64_MIN)
		draw_bar(d, "on", since_us, at_us);
}

static void draw_marks(const struct drawing *d, const char *name)
{
	const struct plot *p = d->plot;

	for (size_t i = 0; i < p->n_events && i < PLOT_MAX_EVENTS; i++) {
		double x = plot_x(p, p->events[i].at_us);
		char class[32];

		if (strcmp(p->events[i].name, name) != 0 || x < LEFT || x > PLOT_WIDTH - RIGHT)
			continue;
		snprintf(class, sizeof(class), "event %s", p->events[i].what);
		plot_put_line(d->out, class, x, d->y + 1, x, d->y + ROW - 1);
	}
}

static void begin_row(const struct drawing *d, const char *name)
{
	draw_bar(d, "off", d->plot->begin_us, d->plot->begin_us + d->plot->column_us * (int64_t)d->plot->n_columns);
	plot_put_text(d->out, LEFT - 8, d->y + 14, "text-anchor=\"end\"", name);
}

static void draw_condition(const struct drawing *d, const char *name)
{
	const struct plot *p = d->plot;
	int64_t since_us = INT64_MIN;

	for (size_t i = 0; i < p->n_events && i < PLOT_MAX_EVENTS; i++) {
		const struct plot_event *e = &p->events[i];

		if (strcmp(e->name, name) != 0)
			continue;
		if (strcmp(e->what, "raised") == 0) {
			since_us = e->at_us;
		} else if (strcmp(e->what, "cleared") == 0 && since_us != INT64_MIN) {
			draw_bar(d, "on", since_us, e->at_us);
			since_us = INT64_MIN;
		}
	}
	if (since_us != INT64_MIN)
		draw_bar(d, "on", since_us, p->begin_us + p->column_us * (int64_t)p->n_columns);
}

void plot_draw_states(struct drawing *d)
{
	const struct plot *p = d->plot;

	for (size_t s = 0; s < p->n_series; s++) {
		if (!p->series[s].is_state)
			continue;
		begin_row(d, p->series[s].name);
		draw_state(d, &p->series[s]);
		draw_marks(d, p->series[s].name);
		d->y += ROW;
	}
	for (size_t k = 0; k < p->conf->plan.n_kpis; k++) {
		const struct graph_kpi *kpi = &p->conf->plan.kpis[k];

		if (!kpi->event)
			continue;
		begin_row(d, kpi->def.name);
		draw_condition(d, kpi->def.name);
		draw_marks(d, kpi->def.name);
		d->y += ROW;
	}
}

/* --- the whole --- */

static int height_of(const struct plot *p)
{
	int height = HEAD + FOOT;

	for (size_t i = 0; i < p->n_panels; i++)
		height += plot_has_lines(p, i) ? LEGEND + PANEL + 14 : 0;
	for (size_t s = 0; s < p->n_series; s++)
		height += p->series[s].is_state ? ROW : 0;
	for (size_t k = 0; k < p->conf->plan.n_kpis; k++)
		height += p->conf->plan.kpis[k].event ? ROW : 0;
	return height;
}

static void draw_foot(const struct drawing *d)
{
	const struct plot *p = d->plot;
	char from[32], to[32], text[200];
	int len;

	plot_draw_time(d, 0, d->y + 14, true);
	timestamp_format(p->begin_us, from, sizeof(from));
	timestamp_format(p->begin_us + p->column_us * (int64_t)p->n_columns, to, sizeof(to));
	len = snprintf(text, sizeof(text), "%s to %s, time in UTC; %zu events", from, to, p->n_events);
	if (p->n_events > PLOT_MAX_EVENTS)
		len += snprintf(text + len, sizeof(text) - (size_t)len, ", the first %d drawn", PLOT_MAX_EVENTS);
	if (p->n_left_out > 0)
		snprintf(text + len, sizeof(text) - (size_t)len, "; %zu more series not drawn", p->n_left_out);
	plot_put_text(d->out, LEFT, d->y + 34, "class=\"dim\"", text);
}

void plot_to_svg(const struct plot *p, const char *title, struct dynbuf *out)
{
	struct drawing d = { .plot = p, .out = out, .y = HEAD };
	int height = height_of(p);

	dynbuf_addf(out,
		    "<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"%d\" height=\"%d\" viewBox=\"0 0 %d %d\">\n%s"
		    "<rect class=\"bg\" width=\"%d\" height=\"%d\"/>\n",
		    PLOT_WIDTH, height, PLOT_WIDTH, height, style, PLOT_WIDTH, height);
	plot_put_text(out, 8, 24, "class=\"title\"", title);
	if (p->n_columns == 0) {
		plot_put_text(out, LEFT, HEAD + 10, "", "no sample in the recording");
	} else {
		for (size_t i = 0; i < p->n_panels; i++)
			if (plot_has_lines(p, i))
				plot_draw_panel(&d, i);
		plot_draw_states(&d);
		draw_foot(&d);
	}
	dynbuf_adds(out, "</svg>\n");
}
