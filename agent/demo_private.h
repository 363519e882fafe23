/* SPDX-License-Identifier: Apache-2.0 */
/* demo_private.h - what the table of `runnel demo` remembers: filled by demo_view.c, drawn by demo_draw.c. */
#ifndef RUNNEL_AGENT_DEMO_PRIVATE_H
#define RUNNEL_AGENT_DEMO_PRIVATE_H

#include "agent/demo.h"
#include "base/term.h"

enum { DEMO_MAX_EVENTS = 16, DEMO_VALUE_BYTES = 48, DEMO_EVENT_BYTES = 128 };

struct window_view {
	bool is_there;
	uint64_t w0;
	uint32_t wl;
	struct agg agg;
};

struct kpi_view {
	bool is_there;
	double value, coverage;
};

struct event_view {
	int64_t at_us;
	enum term_style style;
	char text[DEMO_EVENT_BYTES];
};

struct demo_view {
	struct agent_view hooks;
	const struct conf *conf;
	struct term_table *table;
	struct window_view *windows; /* by stream */
	struct kpi_view *kpis;
	enum sensor_state *states; /* as last told */
	struct event_view events[DEMO_MAX_EVENTS];
	size_t n_events; /* ever; the newest is at (n_events - 1) % DEMO_MAX_EVENTS */
	struct arena arena;
};

/** The agent_view.draw. */
int demo_draw(void *ctx, const struct graph *g, const struct sched *sched);

/** Compare the sensors with what is remembered; changes become events. */
void demo_note_sensors(struct demo_view *v, const struct sched *sched);

#endif
