/* SPDX-License-Identifier: Apache-2.0 */
/*
 * pulse.h - how much came in each of the last minutes' seconds, so that who begins to look sees at once whether it flows; and in
 * each minute of the last hour, for boards with windows of an hour speak once an hour.
 */
#ifndef RUNNEL_COLLECTOR_PULSE_H
#define RUNNEL_COLLECTOR_PULSE_H

#include <stddef.h>
#include <stdint.h>

enum { PULSE_SECONDS = 180, PULSE_MINUTES = 60 };

enum pulse_kind {
	PULSE_MESSAGES, /* partials that came */
	PULSE_PARTS,	/* of these, merged */
	PULSE_TOLD,	/* fleet KPIs */
	N_PULSE_KINDS,
};

/** All-zero is the start. */
struct pulse {
	uint64_t totals[N_PULSE_KINDS]; /* as of the last beat */
	uint32_t counts[PULSE_SECONDS][N_PULSE_KINDS];
	uint64_t minutes[PULSE_MINUTES + 1][N_PULSE_KINDS]; /* one of them is not over */
	size_t n_beats;
};

/** A second is over. @totals: counted since the start */
void pulse_beat(struct pulse *p, const uint64_t totals[static N_PULSE_KINDS]);

/** How many seconds can be asked for. */
size_t pulse_length(const struct pulse *p);

/** Of second @i, the oldest is 0. */
uint32_t pulse_at(const struct pulse *p, enum pulse_kind kind, size_t i);

/** How many minutes that are over can be asked for. They are ours, not those of the clock. */
size_t pulse_n_minutes(const struct pulse *p);

/** Of minute @i, the oldest is 0. */
uint64_t pulse_minute(const struct pulse *p, enum pulse_kind kind, size_t i);

#endif
