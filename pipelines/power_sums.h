/* SPDX-License-Identifier: Apache-2.0 */
/*
 * power_sums.h - mean and central moments of a queue of values, in constant time a value and without ever subtracting what has left.
 *
 * The queue has two parts, as that of op_moving_average.c has. Of the newer part there is one sum of each power of the distances from a
 * center; of the older part there are such sums from each value to the end of that part. When the older part is used up the newer
 * one becomes it, and takes the mean for its center. What has left is in no sum, so an outlier does harm as long as it is there.
 *
 * Moments about the mean follow from those about a center that is near it. When the mean has gone further from the center than twice
 * the deviation, digits would be lost, and all sums are made afresh about the mean. That takes as long as the queue is and is rare: to
 * get there by one step of the signal, four fifths of the values have to change; by outliers that leave, each one has to be larger than all that
 * come after it together, as often as the range of double allows.
 */
#ifndef RUNNEL_PIPELINES_POWER_SUMS_H
#define RUNNEL_PIPELINES_POWER_SUMS_H

#include <math.h>
#include <stdbool.h>
#include <stddef.h>

#include "base/arena.h"

enum { POWER_SUMS_MAX = 4 };

struct power_sums {
	double *ring; /* for each value: itself; in the older part: sums of its powers from here on */
	size_t room, head, n, n_older, n_useless;
	int order; /* 2 to 4: the highest power */
	double center, newer[POWER_SUMS_MAX];
};

/** What the sums say. NaN: beyond the range of double. */
struct power_moments {
	double n, center, sum; /* @sum: of the distances from @center */
	double spread;	       /* n times the sum of squared distances from the mean: one division less */
	double m3, m4;	       /* sums of powers of distances from the mean; only of order 4 */
};

static inline double power_moments_mean(const struct power_moments *m)
{
	return m->center + m->sum / m->n;
}

/** Of a sample, n - 1. NaN with fewer than two values. */
static inline double power_moments_stddev(const struct power_moments *m)
{
	return m->n > 1.0 ? sqrt(m->spread / (m->n * (m->n - 1.0))) : NAN;
}

void power_sums_setup(struct power_sums *p, size_t room, int order, struct arena *a);

/** A finite value; there is room. */
void power_sums_add(struct power_sums *p, double x);

/** The oldest leaves; there is one. */
void power_sums_drop(struct power_sums *p);

/** There is one. */
static inline double power_sums_oldest(const struct power_sums *p)
{
	return p->ring[p->head * (size_t)(p->order + 1)];
}

void power_sums_clear(struct power_sums *p);

/** Of at least one value. */
void power_sums_moments(struct power_sums *p, struct power_moments *m);

#endif
