/* SPDX-License-Identifier: Apache-2.0 */
/*
 * backoff.h - how long to wait before the next attempt: at first within a second, then twice as long each time up to a minute.
 * Each wait is spread over its upper half, so that a thousand devices do not come back at the same moment.
 */
#ifndef RUNNEL_BASE_BACKOFF_H
#define RUNNEL_BASE_BACKOFF_H

#include <stdint.h>

#include "base/prng.h"

enum { BACKOFF_FIRST_US = 1000000, BACKOFF_MAX_US = 60000000 };

struct backoff {
	int64_t ceiling_us; /* of the next wait; 0: the first */
	uint64_t prng;	    /* seed it differently on each device */
};

static inline void backoff_reset(struct backoff *b)
{
	b->ceiling_us = 0;
}

/** @return 0.1 .. 1 s, then 0.5 .. 1 s, 1 .. 2 s, ... 30 .. 60 s */
static inline int64_t backoff_next_us(struct backoff *b)
{
	double part = prng_unit(&b->prng);
	int64_t ceiling_us = b->ceiling_us;

	if (ceiling_us == 0) {
		b->ceiling_us = BACKOFF_FIRST_US;
		return BACKOFF_FIRST_US / 10 + (int64_t)(part * 0.9 * BACKOFF_FIRST_US);
	}
	b->ceiling_us = 2 * ceiling_us < BACKOFF_MAX_US ? 2 * ceiling_us : BACKOFF_MAX_US;
	return ceiling_us / 2 + (int64_t)(part * (double)(ceiling_us / 2));
}

#endif
