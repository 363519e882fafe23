/* SPDX-License-Identifier: Apache-2.0 */
/*
 * x = 2^k (1 + f) with 1 + f from sqrt(1/2) to sqrt(2). With s = f / (2 + f) and z = s^2:
 *
 *     ln(1 + f) = 2 atanh(s) = f - f^2/2 + s (f^2/2 + R),    R = z (2/3 + z (2/5 + z (2/7 + ...)))
 *
 * The form on the right keeps the digits of small f. |s| < 0.172, so the term of z^11 is below 2^-60.
 */
#include "pipelines/plain_log.h"

#include <math.h>

enum { LOG_TERMS = 11 };

/* ln 2 in two parts: the first has so few bits that a multiple of it is exact. */
static const double ln2_high = 0x1.62e42fee00000p-1, ln2_low = 0x1.a39ef35793c76p-33;

double plain_log(double x)
{
	double f, s, z, half_square, rest = 0.0, k;
	int exponent;

	if (isnan(x) || x < 0.0)
		return NAN;
	if (x == 0.0)
		return -INFINITY;
	if (isinf(x))
		return x;

	f = frexp(x, &exponent);
	if (f < 0.70710678118654752440) {
		f *= 2.0;
		exponent--;
	}
	f -= 1.0;
	k = (double)exponent;
	s = f / (2.0 + f);
	z = s * s;
	for (int i = LOG_TERMS; i >= 1; i--)
		rest = z * (2.0 / (double)(2 * i + 1) + rest);
	half_square = 0.5 * f * f;
	return k * ln2_high - ((half_square - (s * (half_square + rest) + k * ln2_low)) - f);
}
