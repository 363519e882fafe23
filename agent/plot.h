/* SPDX-License-Identifier: Apache-2.0 */
/*
 * plot.h - a picture of a recording: what the sensors gave, what the streams made of it, levels, states and events, as SVG.
 *
 * Constant memory however long the recording is: time is cut into columns, of which each keeps the first, least, greatest and last
 * value, so that the picture is that of all samples. When the columns are used up, each two become one.
 */
#ifndef RUNNEL_AGENT_PLOT_H
#define RUNNEL_AGENT_PLOT_H

#include "agent/probe.h"
#include "base/dynbuf.h"

enum { PLOT_COLUMNS = 1024, PLOT_MAX_SERIES = 64, PLOT_MAX_EVENTS = 200, PLOT_MAX_LEVELS = 8 };

struct plot_column {
	uint32_t n;
	bool is_after_gap;
	double first, min, max, last;
};

struct plot_series {
	const char *name, *unit;
	bool is_raw, is_state;
	size_t panel; /* of a state: that of what it judges */
	struct plot *plot;
	int64_t period_us, newest_us;
	bool is_in_gap;
	struct plot_column *columns;
};

struct plot_panel {
	size_t source; /* what it began with */
	const char *unit;
	double levels[PLOT_MAX_LEVELS];
	size_t n_levels;
};

struct plot_event {
	const char *name, *what; /* "raised", ... */
	int64_t at_us;
};

struct plot {
	const struct conf *conf;
	struct graph_plan plan; /* to be run in the place of the config's */
	struct plot_series *series;
	size_t n_series, n_left_out; /* series for which there was no room */
	struct plot_panel *panels;
	size_t n_panels;
	struct plot_event events[PLOT_MAX_EVENTS];
	size_t n_events; /* in all */
	int64_t begin_us, column_us;
	size_t n_columns; /* in use */
};

/** Prepare to draw all streams of @c. Memory is @c's. */
void plot_init(struct plot *p, struct conf *c);

/** What the graph tells. @name and @what live as long as the plot. */
void plot_event(struct plot *p, const char *name, const char *what, int64_t at_us);

/** Whether the file name ends in .svg. */
bool plot_is_svg(const char *path);

/** The picture into the file @path, which is replaced. @return an exit code; messages go to stderr */
int plot_write(const struct plot *p, const char *path);

/** The picture. */
void plot_to_svg(const struct plot *p, const char *title, struct dynbuf *out);

#endif
