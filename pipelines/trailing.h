/* SPDX-License-Identifier: Apache-2.0 */
/*
 * trailing.h - mean and deviation of the last N values, or of those of the last T, in constant time a sample and without ever
 * subtracting what has left: sums of powers (power_sums.h), and the times that they go with.
 *
 * A window of T holds what is younger than T at the time of the newest value. A value older than the one before counts as if it
 * had come with it; one that is older by T or more means that the clock was set back, and the window starts anew. When values
 * come faster than there is room for, the oldest leave early.
 */
#ifndef RUNNEL_PIPELINES_TRAILING_H
#define RUNNEL_PIPELINES_TRAILING_H

#include <stddef.h>
#include <stdint.h>

#include "base/opt.h"
#include "pipelines/op.h"
#include "pipelines/power_sums.h"

enum { TRAILING_MAX = 100000 }; /* values; 3.2 MB */

struct trailing {
	uint64_t window_us; /* 0: by number */
	int64_t *times;	    /* ring, as that of the sums */
	struct power_sums sums;
	int64_t newest_us;
};

/** Takes memory for @window, by the period of the first input. @return 0, or -EINVAL with s->error filled */
NODISCARD int trailing_setup(struct trailing *t, const struct opt_span *window, struct op_setup *s);

/** Let go of what is out of the window at @at_us, before a value of that time is compared with the rest. */
void trailing_expire(struct trailing *t, int64_t at_us);

/** A finite value. */
void trailing_add(struct trailing *t, int64_t at_us, double value);

static inline size_t trailing_n(const struct trailing *t)
{
	return t->sums.n;
}

/** There is room for no more. */
static inline bool trailing_is_full(const struct trailing *t)
{
	return t->sums.n == t->sums.room;
}

void trailing_clear(struct trailing *t);

#endif
