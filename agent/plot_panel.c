/* SPDX-License-Identifier: Apache-2.0 */
/* plot_panel.c - one quantity: its axis, the lines of sensors and streams, levels, and the events of what judges it. */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "agent/plot_axis.h"
#include "agent/plot_draw.h"

static double y_of(const struct drawing *d, double value)
{
	return d->panel_y + PANEL * (d->max - value) / (d->max - d->min);
}

/* --- a panel --- */

static bool is_drawn_in(const struct plot_series *s, size_t panel)
{
	return s->panel == panel && !s->is_state;
}

bool plot_has_lines(const struct plot *p, size_t panel)
{
	for (size_t s = 0; s < p->n_series; s++)
		if (is_drawn_in(&p->series[s], panel))
			return true;
	return false;
}

static void widen(struct drawing *d, double value)
{
	if (!(value >= d->min))
		d->min = value;
	if (!(value <= d->max))
		d->max = value;
}

/* From what is in it; NaN as long as there is nothing. Whole steps at both ends. */
static void find_range(struct drawing *d, size_t panel)
{
	const struct plot_panel *of = &d->plot->panels[panel];
	double step;

	d->min = d->max = NAN;
	for (size_t s = 0; s < d->plot->n_series; s++)
		for (size_t i = 0; is_drawn_in(&d->plot->series[s], panel) && i < d->plot->n_columns; i++) {
			const struct plot_column *c = &d->plot->series[s].columns[i];

			if (c->n > 0) {
				widen(d, c->min);
				widen(d, c->max);
			}
		}
	for (size_t i = 0; i < of->n_levels && isfinite(d->min); i++)
		widen(d, of->levels[i]);
	if (!isfinite(d->min) || !isfinite(d->max - d->min))
		d->min = d->max = 0.0;
	if (d->max - d->min <= 1e-12 * fabs(d->max) || d->max == d->min) {
		double around = d->max != 0.0 ? fabs(d->max) * 0.1 : 1.0;

		d->min -= around;
		d->max += around;
	}
	step = plot_step(d->min, d->max, Y_TICKS);
	d->min = floor(d->min / step) * step;
	d->max = ceil(d->max / step) * step;
}

/* Up to nine decimals, without asking the locale. */
static void write_fixed(double x, unsigned decimals, char *buf, size_t bytes)
{
	double scale = pow(10.0, decimals), n = round(fabs(x) * scale), whole = floor(n / scale);

	if (!(whole < 1e15))
		snprintf(buf, bytes, "%.3g", x);
	else if (decimals == 0)
		snprintf(buf, bytes, "%s%.0f", x < 0.0 && n > 0.0 ? "-" : "", whole);
	else
		snprintf(buf, bytes, "%s%.0f.%0*.0f", x < 0.0 && n > 0.0 ? "-" : "", whole, (int)decimals,
			 n - whole * scale);
}

static void draw_y_axis(const struct drawing *d, const char *unit)
{
	double step = plot_step(d->min, d->max, Y_TICKS);
	int n = (int)lround((d->max - d->min) / step);
	char label[32];

	for (int i = 0; i <= n; i++) {
		double value = d->min + i * step, y = y_of(d, value);

		plot_put_line(d->out, "grid", LEFT, y, PLOT_WIDTH - RIGHT, y);
		write_fixed(value, plot_decimals(step), label, sizeof(label));
		plot_put_text(d->out, LEFT - 8, (int)lround(y) + 4, "text-anchor=\"end\"", label);
	}
	plot_put_text(d->out, 8, d->panel_y - 8, "class=\"dim\"", unit);
}

static void put_point(const struct drawing *d, char command, double x, double value)
{
	dynbuf_add(d->out, &command, 1);
	plot_put_coordinate(d->out, x);
	dynbuf_adds(d->out, " ");
	plot_put_coordinate(d->out, y_of(d, value));
}

/* The first, least, greatest and last value of a column draw what all of its samples would. */
static void draw_series(const struct drawing *d, const struct plot_series *s, const char *class)
{
	bool is_first = true;

	dynbuf_addf(d->out, "<path class=\"line %s\" d=\"", class);
	for (size_t i = 0; i < d->plot->n_columns; i++) {
		const struct plot_column *c = &s->columns[i];
		double x =
			plot_x(d->plot, d->plot->begin_us + d->plot->column_us * (int64_t)i + d->plot->column_us / 2);

		if (c->n == 0)
			continue;
		put_point(d, is_first || c->is_after_gap ? 'M' : 'L', x, c->first);
		if (c->n > 2) {
			put_point(d, 'L', x, c->min);
			put_point(d, 'L', x, c->max);
		}
		put_point(d, 'L', x, c->last);
		is_first = false;
	}
	dynbuf_adds(d->out, "\"/>\n");
}

static void series_class(const struct plot_series *s, size_t n, char *buf, size_t bytes)
{
	if (s->is_raw)
		snprintf(buf, bytes, "raw");
	else
		snprintf(buf, bytes, "c%zu", n % N_COLOURS);
}

static double draw_key(const struct drawing *d, double x, const char *class, const char *name)
{
	plot_put_line(d->out, class, x, d->panel_y - 12, x + 26, d->panel_y - 12);
	plot_put_text(d->out, x + 32, d->panel_y - 8, "", name);
	return x + 32 + 7.2 * (double)strlen(name) + 22;
}

static void draw_levels(const struct drawing *d, size_t panel, double key_x)
{
	const struct plot_panel *of = &d->plot->panels[panel];

	for (size_t i = 0; i < of->n_levels; i++)
		plot_put_line(d->out, "level", LEFT, y_of(d, of->levels[i]), PLOT_WIDTH - RIGHT,
			      y_of(d, of->levels[i]));
	if (of->n_levels > 0)
		draw_key(d, key_x, "level", "level");
}

/* Those of the states that judge what is in this panel. */
static void draw_events(const struct drawing *d, size_t panel)
{
	const struct plot *p = d->plot;

	for (size_t i = 0; i < p->n_events && i < PLOT_MAX_EVENTS; i++) {
		char class[32];

		for (size_t s = 0; s < p->n_series; s++) {
			double x = plot_x(p, p->events[i].at_us);

			if (!p->series[s].is_state || p->series[s].panel != panel ||
			    strcmp(p->series[s].name, p->events[i].name) != 0)
				continue;
			snprintf(class, sizeof(class), "event %s", p->events[i].what);
			plot_put_line(d->out, class, x, d->panel_y, x, d->panel_y + PANEL);
		}
	}
}

void plot_draw_panel(struct drawing *d, size_t panel)
{
	double key_x = LEFT;
	size_t n = 0;

	d->panel_y = d->y + LEGEND;
	find_range(d, panel);
	plot_draw_time(d, d->panel_y, d->panel_y + PANEL, false);
	draw_y_axis(d, d->plot->panels[panel].unit);
	for (int raw = 1; raw >= 0; raw--) { /* below the others */
		for (size_t s = 0; s < d->plot->n_series; s++) {
			const struct plot_series *series = &d->plot->series[s];
			char class[16], key[32];

			if (!is_drawn_in(series, panel) || series->is_raw != (raw == 1))
				continue;
			series_class(series, n, class, sizeof(class));
			n += !series->is_raw;
			draw_series(d, series, class);
			snprintf(key, sizeof(key), "line %s", class);
			key_x = draw_key(d, key_x, key, series->name);
		}
	}
	draw_levels(d, panel, key_x);
	draw_events(d, panel);
	dynbuf_addf(d->out, "<rect class=\"frame\" x=\"%d\" y=\"%d\" width=\"%d\" height=\"%d\"/>\n", LEFT, d->panel_y,
		    INNER, PANEL);
	d->y = d->panel_y + PANEL + 14;
}
