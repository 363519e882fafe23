/* SPDX-License-Identifier: Apache-2.0 */
/*
 * rate.h - for operators that think in frequencies or in evenly spaced samples: how many a second there are, and whether
 * the next one is where it should be. An option `rate` says it exactly where whole microseconds can not: 12 kHz is a
 * period of 83.3 us.
 */
#ifndef RUNNEL_PIPELINES_RATE_H
#define RUNNEL_PIPELINES_RATE_H

#include <math.h>
#include <stdbool.h>
#include <stdint.h>

#include "base/check.h"
#include "pipelines/op.h"
#include "pipelines/series.h"

/** The row of an option table; the member is a double. */
#define RATE_OPTION(offset_of_member)                                                                            \
	{                                                                                                        \
		"rate", OPT_DOUBLE, (offset_of_member), .min = 1e-6, .max = 1e6, .unit = "Hz",                   \
							.help = "samples a second, when a period in whole "      \
								"microseconds is not exact enough; default: by " \
								"the period of the input"                        \
	}

enum { RATE_PAUSE_PERIODS = 10 };

struct rate {
	double hz;
	double half_us, limit_us; /* half a period, one and a half */
	uint64_t pause_us;
	int64_t last_us;
	bool seen;
};

/**
 * @option_hz NaN: by the period of the input. Refuses counters, and inputs of no known pace. Gives the output the input's pace.
 * @return 0 or -EINVAL
 */
NODISCARD int rate_setup(struct rate *r, double option_hz, struct op_setup *s);

/** @hz must lie between the lowest frequency that a filter of doubles can do and half the rate. @return 0 or -EINVAL */
NODISCARD int rate_check_frequency(const struct rate *r, const char *option, double hz, struct op_setup *s);

/** Note a sample. @return it is the first, or came after a pause of more than 10 periods, or from as far back */
static inline bool rate_paused(struct rate *r, int64_t at_us)
{
	bool paused = !r->seen || series_distance_us(at_us, r->last_us) > r->pause_us;

	r->seen = true;
	r->last_us = at_us;
	return paused;
}

/** Note a sample. @return it lies within half a period of where the one after the last is due */
static inline bool rate_is_next(struct rate *r, int64_t at_us)
{
	double step_us = (double)series_distance_us(at_us, r->last_us);
	bool is_next = r->seen && at_us > r->last_us && step_us > r->half_us && step_us < r->limit_us;

	r->seen = true;
	r->last_us = at_us;
	return is_next;
}

#endif
