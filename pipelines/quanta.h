/* SPDX-License-Identifier: Apache-2.0 */
/* quanta.h - from integers about a reference back to the quantity they stand for. */
#ifndef RUNNEL_PIPELINES_QUANTA_H
#define RUNNEL_PIPELINES_QUANTA_H

#include <math.h>

/**
 * K + q * num / den. When q is one part of a whole number, 0.01 say, this is the quotient of two whole numbers,
 * (100*K*den + num) / (100*den), and is computed as such: 1.79, where 50 + 0.01 * -4821 would give 1.7899999999999991.
 */
static inline double quanta_to_value(double reference, double quantum, double num, double den)
{
	double per = round(1.0 / quantum);
	double whole = reference * per;

	if (1.0 / per == quantum && whole == trunc(whole))
		return (whole * den + num) / (per * den);
	return reference + quantum * num / den;
}

#endif
