/* SPDX-License-Identifier: Apache-2.0 */
/*
 * decimal.c - three steps, each for what the one before cannot do.
 *
 * 1. Up to 19 characters without an exponent are read eight at a time; up to eight in the header, in line.
 * 2. Anything else is read digit by digit.
 *    In both cases a mantissa of at most 2^53 and a power of ten of at most 10^22 are exact doubles, so one IEEE
 *    multiplication or division rounds once and gives the nearest double (Clinger, "How to read floating point
 *    numbers accurately", PLDI 1990).
 * 3. The rest goes to strtod(3), rewritten as DIGITSeEXPONENT: without a point the locale has no say. No double and
 *    no midpoint of two doubles has more than 768 significant digits, so beyond those only "is there any other
 *    than 0" matters, and one 1 stands for all of them.
 */
#include "base/decimal.h"

#include <errno.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum {
	MAX_QUICK_CHARS = 19, /* 19 digits always fit 64 bits */
	MAX_SIGNIFICANT = 768,
};

#define MAX_EXACT_MANTISSA (UINT64_C(1) << 53)
#define MAX_EXPONENT INT64_C(1000000000000) /* further out all is 0 or too large; keeps the sum in range */

const double decimal_power_of_ten[DECIMAL_MAX_EXACT_POWER + 1] = {
	1e0,  1e1,  1e2,  1e3,	1e4,  1e5,  1e6,  1e7,	1e8,  1e9,  1e10, 1e11,
	1e12, 1e13, 1e14, 1e15, 1e16, 1e17, 1e18, 1e19, 1e20, 1e21, 1e22,
};

static const uint32_t whole_power_of_ten[9] = {
	1, 10, 100, 1000, 10000, 100000, 1000000, 10000000, 100000000,
};

/** The whole number digits[] times ten to the exponent. */
struct decimal {
	char digits[MAX_SIGNIFICANT + 1];
	size_t n_digits;
	int64_t exponent;
	bool any_digit;
	bool lost_nonzero; /* a digit beyond digits[] was not 0 */
};

static bool parse_quick(const char *text, size_t len, double *out)
{
	uint64_t mantissa = 0;
	unsigned n_fraction = 0, n_points = 0;

	for (size_t n; len; text += n, len -= n) {
		uint32_t number;
		unsigned fraction;
		bool has_point;

		n = len < 8 ? len : 8;
		if (!swar_decimal(text, n, &number, &fraction, &has_point))
			return false;
		mantissa = mantissa * whole_power_of_ten[n - has_point] + number;
		n_fraction += n_points ? (unsigned)n : fraction;
		n_points += has_point;
	}
	if (n_points > 1 || mantissa > MAX_EXACT_MANTISSA)
		return false;
	*out = (double)(int64_t)mantissa / decimal_power_of_ten[n_fraction];
	return true;
}

static void decimal_add_digit(struct decimal *d, char digit, bool is_fraction)
{
	d->any_digit = true;
	if (d->n_digits == 0 && digit == '0') { /* leading zeros only move the point */
		d->exponent -= is_fraction;
		return;
	}
	if (d->n_digits == MAX_SIGNIFICANT) {
		d->lost_nonzero |= digit != '0';
		d->exponent += !is_fraction;
		return;
	}
	d->digits[d->n_digits++] = digit;
	d->exponent -= is_fraction;
}

/** @return characters used, 0: no digits where an exponent must have some */
static size_t read_exponent(const char *text, size_t len, int64_t *exponent)
{
	size_t i = 0;
	int64_t value = 0;
	bool negative;

	negative = i < len && text[i] == '-';
	if (i < len && (text[i] == '-' || text[i] == '+'))
		i++;
	if (i == len)
		return 0;
	for (; i < len; i++) {
		if (text[i] < '0' || text[i] > '9')
			return 0;
		if (value < MAX_EXPONENT)
			value = value * 10 + (text[i] - '0');
	}
	*exponent += negative ? -value : value;
	return i;
}

static int decimal_read(struct decimal *d, const char *text, size_t len)
{
	bool is_fraction = false;

	for (size_t i = 0; i < len; i++) {
		if (text[i] >= '0' && text[i] <= '9') {
			decimal_add_digit(d, text[i], is_fraction);
		} else if (text[i] == '.' && !is_fraction) {
			is_fraction = true;
		} else if ((text[i] == 'e' || text[i] == 'E') && d->any_digit) {
			return read_exponent(text + i + 1, len - i - 1, &d->exponent) ? 0 : -EINVAL;
		} else {
			return -EINVAL;
		}
	}
	return d->any_digit ? 0 : -EINVAL;
}

/** Step 2's arithmetic. */
static bool decimal_is_exact(const struct decimal *d, double *out)
{
	uint64_t mantissa = 0;

	if (d->n_digits > 16 || d->exponent < -DECIMAL_MAX_EXACT_POWER || d->exponent > DECIMAL_MAX_EXACT_POWER)
		return false;
	for (size_t i = 0; i < d->n_digits; i++)
		mantissa = mantissa * 10 + (uint64_t)(d->digits[i] - '0');
	if (mantissa > MAX_EXACT_MANTISSA)
		return false;
	*out = d->exponent < 0 ? (double)mantissa / decimal_power_of_ten[-d->exponent]
			       : (double)mantissa * decimal_power_of_ten[d->exponent];
	return true;
}

static double decimal_to_nearest(struct decimal *d)
{
	char text[MAX_SIGNIFICANT + 32];

	if (d->lost_nonzero) {
		d->digits[d->n_digits++] = '1';
		d->exponent--;
	}
	snprintf(text, sizeof(text), "%.*se%lld", (int)d->n_digits, d->digits, (long long)d->exponent);
	return strtod(text, NULL);
}

static int parse_any(const char *text, size_t len, double *out)
{
	struct decimal d;
	double x;
	int r;

	d.n_digits = 0; /* the digits themselves need no clearing */
	d.exponent = 0;
	d.any_digit = false;
	d.lost_nonzero = false;
	r = decimal_read(&d, text, len);
	if (r < 0)
		return r;

	if (d.n_digits == 0)
		x = 0.0;
	else if (!decimal_is_exact(&d, &x))
		x = decimal_to_nearest(&d);
	if (isinf(x))
		return -ERANGE;
	*out = x;
	return 0;
}

int decimal_parse_long(const char *text, size_t len, double *out)
{
	bool negative = len && text[0] == '-';
	size_t sign = negative || (len && text[0] == '+');
	double x;

	text += sign;
	len -= sign;
	if (len < 2 || len > MAX_QUICK_CHARS || !parse_quick(text, len, &x)) {
		int r = parse_any(text, len, &x);

		if (r < 0)
			return r;
	}
	*out = negative ? -x : x;
	return 0;
}
