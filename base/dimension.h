/* SPDX-License-Identifier: Apache-2.0 */
/*
 * dimension.h - what a unit measures and how large it is: a UCUM code as a factor times powers of base quantities. This is what tells
 * that volts and degrees do not add, that V.A is W, and that mV is a thousandth of V.
 */
#ifndef RUNNEL_BASE_DIMENSION_H
#define RUNNEL_BASE_DIMENSION_H

#include <stdbool.h>
#include <stdint.h>

/* Those of UCUM without the angle, which is a ratio; and what has no factor to anything else: data, levels, pH. */
enum dimension_base {
	DIMENSION_LENGTH,
	DIMENSION_MASS,
	DIMENSION_TIME,
	DIMENSION_CHARGE,
	DIMENSION_TEMPERATURE,
	DIMENSION_LIGHT,
	DIMENSION_SUBSTANCE,
	DIMENSION_DATA,
	DIMENSION_LEVEL,
	DIMENSION_ACIDITY,
	DIMENSION_N_BASES,
};

enum { DIMENSION_MAX_POWER = 12 };

struct dimension {
	double factor; /* of one unit, in m, g, s, C, K, cd, mol, By, dB, pH */
	int8_t power[DIMENSION_N_BASES];
	bool has_offset; /* Cel, [degF]: zero is a convention, so a difference is another thing than a value */
};

/**
 * Read a UCUM code: symbols with metric or binary prefixes and powers, `.`, `/`, parentheses, annotations {rpm}, whole numbers.
 * @return false: not UCUM as far as this knows it; @out is untouched
 */
bool dimension_parse(const char *code, struct dimension *out);

/** a to the power of @ea times b to that of @eb. @return false: a power is beyond DIMENSION_MAX_POWER; @out is untouched */
bool dimension_product(const struct dimension *a, int ea, const struct dimension *b, int eb, struct dimension *out);

/** The same quantity, in whatever unit. */
bool dimension_is_like(const struct dimension *a, const struct dimension *b);

/** The same unit, however it is written. */
bool dimension_is_same(const struct dimension *a, const struct dimension *b);

/** A ratio or a number of things: no quantity at all. */
bool dimension_is_number(const struct dimension *d);

/** The square root, when all powers are even. @return false: there is none; @out is untouched */
bool dimension_root(const struct dimension *d, struct dimension *out);

#endif
