/* SPDX-License-Identifier: Apache-2.0 */
/*
 * alarm.h - the state of a stream or KPI for those who want to hear of changes: raised or not, and whether anything is known of it at
 * all. Silence is told too: a state that had no value for longer than it may is missing, and comes back as recovered. What is
 * missing keeps its last state: no news of a fire is not good news.
 */
#ifndef RUNNEL_PIPELINES_ALARM_H
#define RUNNEL_PIPELINES_ALARM_H

#include "pipelines/graph.h"

struct alarm {
	const char *name;
	bool is_kpi, tells_events;
	size_t index;		  /* of the stream or KPI in the plan */
	int64_t missing_after_us; /* 0: it may be silent for ever */
	const int64_t *shift_us;  /* from its time to that of the wall; NULL: it is that */
	const struct graph_sink *sink;
	/* from here zero at the start */
	bool is_known, is_raised, is_missing;
	bool is_started;
	int64_t usable_us; /* time of the newest value, or since when there may be one */
	int64_t changed_us;
};

/** It may have values from @at_us on; the clock may have gone back. */
void alarm_start(struct alarm *a, int64_t at_us);

/** Go on where @old stands, an alarm of the same stream or KPI. */
void alarm_adopt(struct alarm *a, const struct alarm *old);

/** A value: 0, raised if anything else, NaN for none. @measured: what is told beside the event. */
void alarm_put(struct alarm *a, int64_t at_us, double value, double measured);

/** Nothing from before @watermark_us will come. */
void alarm_advance(struct alarm *a, int64_t watermark_us);

/** The watermark at which it is missing if nothing comes; INT64_MAX: never, or it is already. */
int64_t alarm_due_us(const struct alarm *a);

/** As graph_state(). */
void alarm_read(const struct alarm *a, struct graph_state *out);

#endif
