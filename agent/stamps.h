/* SPDX-License-Identifier: Apache-2.0 */
/*
 * stamps.h - when the rows of a burst were measured.
 *
 * A device samples by a clock of its own, some percent off ours, and all we see is that at some time there are so many rows. The
 * newest is between no and one period old, half a period on average. So the time of the newest row is predicted from the one before
 * and the period, then moved an eighth of the way to what was seen; the period is time over rows of the last 64 fetches or so, the
 * older the less. Such times run evenly, never go backwards and are never in the future. Rows that were lost are counted from the time
 * they took. Pure: no clock is read here.
 */
#ifndef RUNNEL_AGENT_STAMPS_H
#define RUNNEL_AGENT_STAMPS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct stamps {
	double nominal_us, period_us; /* as announced, as estimated */
	double last_us;		      /* newest row so far, or since when there are rows */
	double sum_us, sum_rows;      /* of fetches without a break, fading */
	int64_t fetched_us;
	uint64_t lost;		     /* not yet told */
	bool is_running, is_overrun; /* is_overrun: rows were lost since last_us */
};

struct stamps_span {
	double first_us, spacing_us; /* of row 0, between rows */
	size_t skip;		     /* rows from before last_us, which have no time and count as lost */
	uint32_t lost;		     /* before the first row that is not skipped */
};

void stamps_init(struct stamps *s, int64_t nominal_us);

/** The buffer is empty, or the clock was set: rows from before @since_us have no time. The estimate of the period stays. */
void stamps_restart(struct stamps *s, int64_t since_us);

/** @n_rows were in the buffer at @now_us; there may be none. */
struct stamps_span stamps_next(struct stamps *s, int64_t now_us, size_t n_rows, bool is_overrun);

/** Time of row @i of the burst. */
int64_t stamps_at(const struct stamps_span *span, size_t i);

#endif
