/* SPDX-License-Identifier: Apache-2.0 */
/*
 * plain_math.c - Taylor series after reduction to an eighth of a turn, or to |x| < ln(2) / 2. The highest terms are below a
 * quarter of the last bit there.
 */
#include "pipelines/plain_math.h"

#include <math.h>

enum { SINE_TERMS = 9, EXP_TERMS = 15, LOG_TERMS = 11 };

/** sin(2 pi r), |r| <= 1/8. */
static double sine_series(double r)
{
	double x = 2.0 * PLAIN_PI * r, square = x * x, sum = 0.0;

	for (int i = SINE_TERMS; i >= 1; i--)
		sum = square / (double)(2 * i * (2 * i + 1)) * (1.0 - sum);
	return x - x * sum;
}

/** cos(2 pi r), |r| <= 1/8. */
static double cosine_series(double r)
{
	double x = 2.0 * PLAIN_PI * r, square = x * x, sum = 0.0;

	for (int i = SINE_TERMS; i >= 1; i--)
		sum = square / (double)((2 * i - 1) * 2 * i) * (1.0 - sum);
	return 1.0 - sum;
}

double plain_sin_turns(double t)
{
	double quarters = floor(4.0 * t + 0.5), r = t - 0.25 * quarters;
	double quadrant = quarters - 4.0 * floor(0.25 * quarters);

	if (quadrant == 0.0)
		return sine_series(r);
	if (quadrant == 1.0)
		return cosine_series(r);
	return quadrant == 2.0 ? -sine_series(r) : -cosine_series(r);
}

double plain_cos_turns(double t)
{
	double quarters = floor(4.0 * t + 0.5), r = t - 0.25 * quarters;
	double quadrant = quarters - 4.0 * floor(0.25 * quarters);

	if (quadrant == 0.0)
		return cosine_series(r);
	if (quadrant == 1.0)
		return -sine_series(r);
	return quadrant == 2.0 ? -cosine_series(r) : sine_series(r);
}

/** e^r - 1, |r| < 0.36. */
static double expm1_series(double r)
{
	double sum = 0.0;

	for (int i = EXP_TERMS; i >= 2; i--)
		sum = r / (double)i * (1.0 + sum);
	return r + r * sum;
}

/* ln 2 in two parts: the first has so few bits that a multiple of it is exact. */
static const double ln2_high = 0x1.62e42fee00000p-1, ln2_low = 0x1.a39ef35793c76p-33;

double plain_exp(double x)
{
	double k = floor(x / 0.69314718055994530942 + 0.5);

	if (!(x > -745.0))
		return isnan(x) ? x : 0.0;
	if (x > 709.0)
		return INFINITY;
	return ldexp(1.0 + expm1_series(x - k * ln2_high - k * ln2_low), (int)k);
}

double plain_expm1(double x)
{
	return fabs(x) < 0.34 ? expm1_series(x) : plain_exp(x) - 1.0;
}

/** x = m * 2^exponent, m from sqrt(1/2) to sqrt(2). */
static double split(double x, int *exponent)
{
	double m = frexp(x, exponent);

	if (m >= 0.70710678118654752440)
		return m;
	--*exponent;
	return 2.0 * m;
}

/* ln m = 2 artanh((m - 1) / (m + 1)). */
double plain_log2(double x)
{
	int exponent;
	double m = split(x, &exponent), s, square, sum = 0.0;

	s = (m - 1.0) / (m + 1.0);
	square = s * s;
	for (int i = LOG_TERMS; i >= 0; i--)
		sum = sum * square + 1.0 / (double)(2 * i + 1);
	return (double)exponent + 2.0 / 0.69314718055994530942 * s * sum;
}

/*
 * With 1 + f = m, s = f / (2 + f) and z = s^2:
 *
 *     ln(1 + f) = 2 atanh(s) = f - f^2/2 + s (f^2/2 + R),    R = z (2/3 + z (2/5 + z (2/7 + ...)))
 *
 * The form on the right keeps the digits of small f. |s| < 0.172, so the term of z^11 is below 2^-60.
 */
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

	f = split(x, &exponent) - 1.0;
	k = (double)exponent;
	s = f / (2.0 + f);
	z = s * s;
	for (int i = LOG_TERMS; i >= 1; i--)
		rest = z * (2.0 / (double)(2 * i + 1) + rest);
	half_square = 0.5 * f * f;
	return k * ln2_high - ((half_square - (s * (half_square + rest) + k * ln2_low)) - f);
}
