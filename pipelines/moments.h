/* SPDX-License-Identifier: Apache-2.0 */
/*
 * moments.h - number, mean and sum of squared deviations, updated after Welford (1962): large, nearly equal sums are never
 * subtracted. All-zero is that of no values.
 */
#ifndef RUNNEL_PIPELINES_MOMENTS_H
#define RUNNEL_PIPELINES_MOMENTS_H

#include <math.h>

struct moments {
	double n, mean, m2; /* m2: sum of squared deviations from the mean */
};

static inline void moments_add(struct moments *m, double x)
{
	double d = x - m->mean;

	m->n += 1.0;
	m->mean += d / m->n;
	m->m2 += d * (x - m->mean);
}

/** Of a sample, n - 1. NaN with fewer than two values, or when they left the range of double. */
static inline double moments_stddev(const struct moments *m)
{
	return m->n > 1.0 && isfinite(m->m2) ? sqrt(m->m2 / (m->n - 1.0)) : NAN;
}

#endif
