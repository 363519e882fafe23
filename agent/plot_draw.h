/* SPDX-License-Identifier: Apache-2.0 */
/* plot_draw.h - what the parts of the drawing share. Private to agent/plot*.c. */
#ifndef RUNNEL_AGENT_PLOT_DRAW_H
#define RUNNEL_AGENT_PLOT_DRAW_H

#include "agent/plot.h"

enum {
	PLOT_WIDTH = 1000,
	LEFT = 76,
	RIGHT = 24,
	HEAD = 46,
	PANEL = 190,
	LEGEND = 24,
	ROW = 20,
	FOOT = 46,
	INNER = PLOT_WIDTH - LEFT - RIGHT,
	Y_TICKS = 6,
	X_TICKS = 9,
	N_COLOURS = 6,
};

struct drawing {
	const struct plot *plot;
	struct dynbuf *out;
	int y;		 /* top of what comes next */
	double min, max; /* of the panel at hand */
	int panel_y;
};

void plot_put_coordinate(struct dynbuf *out, double x);
void plot_put_text(struct dynbuf *out, double x, int y, const char *attributes, const char *text);
void plot_put_line(struct dynbuf *out, const char *class, double x1, double y1, double x2, double y2);
double plot_x(const struct plot *p, int64_t at_us);

/** Vertical lines at the ticks of time, or their labels at @to_y. */
void plot_draw_time(const struct drawing *d, int from_y, int to_y, bool with_labels);

/** Whether something is drawn in it: a panel may be there for states alone. */
bool plot_has_lines(const struct plot *p, size_t panel);
void plot_draw_panel(struct drawing *d, size_t panel);

/** A row for each state, and for each KPI that had events. */
void plot_draw_states(struct drawing *d);

#endif
