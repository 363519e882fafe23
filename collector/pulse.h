/* SPDX-License-Identifier: Apache-2.0 */
/* pulse.h - how much came in each of the last minutes' seconds, so that who begins to look sees at once whether it flows. */
#ifndef RUNNEL_COLLECTOR_PULSE_H
#define RUNNEL_COLLECTOR_PULSE_H

#include <stddef.h>
#include <stdint.h>

enum { PULSE_SECONDS = 180 };

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
	size_t n_beats;
};

/** A second is over. @totals: counted since the start */
void pulse_beat(struct pulse *p, const uint64_t totals[static N_PULSE_KINDS]);

/** How many seconds can be asked for. */
size_t pulse_length(const struct pulse *p);

/** Of second @i, the oldest is 0. */
uint32_t pulse_at(const struct pulse *p, enum pulse_kind kind, size_t i);

/** A second, over the last @seconds, as far as there are that many. */
double pulse_rate(const struct pulse *p, enum pulse_kind kind, size_t seconds);

#endif
