/* SPDX-License-Identifier: Apache-2.0 */
/* expr_unit.h - the arithmetic of units in KPI expressions. Private to pipelines/expr*.c. */
#ifndef RUNNEL_PIPELINES_EXPR_UNIT_H
#define RUNNEL_PIPELINES_EXPR_UNIT_H

#include <math.h>
#include <stdbool.h>

#include "base/dimension.h"
#include "pipelines/expr_program.h"

/** What is known of a value before there is one. */
struct expr_measure {
	const char *unit; /* how to write it; NULL: not known */
	bool is_known;	  /* @dimension is */
	struct dimension dimension;
	bool is_plain;	/* made of numbers in the text alone */
	double number;	/* of a plain one; NaN: of no interest */
	bool is_scaled; /* by numbers of the text: it may be in another unit of the same quantity by now */
	double weight;	/* of its zero: 1 a value, 0 a difference, 2 the sum of two values; NaN: not known */
};

enum { EXPR_HINT_BYTES = 48 };

static inline bool expr_is_about(double x, double y)
{
	return fabs(x - y) < 1e-9;
}

static inline struct expr_measure expr_unknown(void)
{
	return (struct expr_measure){ .weight = NAN, .number = NAN };
}

/** What has no unit, and is no number of the text. */
static inline struct expr_measure expr_one(void)
{
	return (struct expr_measure){
		.unit = "1", .is_known = true, .dimension = { .factor = 1.0 }, .weight = 1.0, .number = NAN
	};
}

static inline bool expr_is_number(const struct expr_measure *m)
{
	return m->is_known && dimension_is_number(&m->dimension);
}

static inline bool expr_is_one(const struct expr_measure *m)
{
	return expr_is_number(m) && expr_is_about(m->dimension.factor, 1.0);
}

/** A temperature on a scale, not a difference of two. */
static inline bool expr_has_zero(const struct expr_measure *m)
{
	return m->is_known && m->dimension.has_offset;
}

struct expr_measure expr_measure_number(double number);
struct expr_measure expr_measure_atom(const struct atom *atom, const struct unit *unit, struct arena *a);

/**
 * The step @s over its operands @m, in place: the result is m[0].
 * @return  0, or -EINVAL with @err filled
 */
int expr_measure_step(const struct expr_step *s, struct expr_measure *m, struct arena *a, struct expr_error *err);

/** a * b (@op '.') or a / b (@op '/'). */
struct expr_measure expr_measure_product(const struct expr_measure *a, char op, const struct expr_measure *b,
					 struct arena *arena);

/** pow(m[0], m[1]), in place. @return 0, or -EINVAL with @err filled */
int expr_measure_power(const struct expr_step *s, struct expr_measure *m, struct arena *a, struct expr_error *err);

struct expr_measure expr_measure_root(const struct expr_measure *m);

/** log() and exp(). */
struct expr_measure expr_measure_transcendental(const struct expr_measure *m);

/** " * 1000", " / 60", or nothing when @ratio is no such number. @buf of EXPR_HINT_BYTES; returns @buf. */
const char *expr_conversion(double ratio, char *buf);

/** Whether a value measured as @m can be declared to be in @unit. @return 0, or -EINVAL with @err filled, column 1 */
int expr_measure_declare(const struct expr_measure *m, const char *unit, struct expr_error *err);

#endif
