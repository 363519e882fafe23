/* SPDX-License-Identifier: Apache-2.0 */
/*
 * step.h - the time that a value is answerable for: from one sample to the next, but for at most three periods of the
 * input, because an hour of silence is no proof that nothing changed. An irregular value holds until the next one. A sample
 * that is older than the one before adds no time.
 */
#ifndef RUNNEL_PIPELINES_STEP_H
#define RUNNEL_PIPELINES_STEP_H

#include <stdbool.h>
#include <stdint.h>

#include "pipelines/series.h"

enum { STEP_HOLD_PERIODS = 3 };

struct step {
	int64_t last_us;
	uint64_t max_us;
	bool seen;
};

static inline void step_setup(struct step *s, int64_t period_us)
{
	s->max_us = period_us > 0 ? STEP_HOLD_PERIODS * (uint64_t)period_us : UINT64_MAX;
}

/** Note a sample. @return microseconds since the one before; 0 for the first */
static inline uint64_t step_take(struct step *s, int64_t at_us)
{
	uint64_t us = s->seen && at_us > s->last_us ? series_distance_us(at_us, s->last_us) : 0;

	s->seen = true;
	s->last_us = at_us;
	return us < s->max_us ? us : s->max_us;
}

/** The sum, or the largest number there is. */
static inline uint64_t step_sum(uint64_t a, uint64_t b)
{
	return b > UINT64_MAX - a ? UINT64_MAX : a + b;
}

#endif
