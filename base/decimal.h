/* SPDX-License-Identifier: Apache-2.0 */
/*
 * decimal.h - decimal text to the nearest double, whatever the locale says, and fast where numbers are short.
 */
#ifndef RUNNEL_BASE_DECIMAL_H
#define RUNNEL_BASE_DECIMAL_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/check.h"
#include "base/swar.h"

enum { DECIMAL_MAX_EXACT_POWER = 22 }; /* 10^22 is the last power of ten that is a double */

extern const double decimal_power_of_ten[DECIMAL_MAX_EXACT_POWER + 1];

/** decimal_parse() for what is not short. */
NODISCARD int decimal_parse_long(const char *text, size_t len, double *out);

/**
 * The whole text of @len bytes: [+-] digits [. digits] [e [+-] digits], with a digit on at least one side of the point.
 * No blanks, no words, no hexadecimal. Exact: the double nearest to the text, ties to even.
 * @return  0; -EINVAL: no number; -ERANGE: too large for a double
 */
NODISCARD static inline int decimal_parse(const char *text, size_t len, double *out)
{
	bool negative = len && text[0] == '-', has_point;
	size_t n = len - negative;
	uint32_t number;
	unsigned n_fraction;
	double x;

	if (n - 1 >= 8 || !swar_decimal(text + negative, n, &number, &n_fraction, &has_point) ||
	    n == (has_point ? 1 : 0))
		return decimal_parse_long(text, len, out);
	x = (double)number / decimal_power_of_ten[n_fraction];
	*out = negative ? -x : x;
	return 0;
}

#endif
