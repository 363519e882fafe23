/* SPDX-License-Identifier: Apache-2.0 */
/*
 * round - to a number of digits, or to a step.
 *
 * The value is multiplied (or divided) by the power of ten, rounded and brought back: of three operations the last bit of the
 * first may decide a half, as in every program that rounds binary fractions. Halves go away from zero. A value so large that it
 * has no such digits stays as it is.
 *
 * A counter stays one, because a rounded one never falls either.
 */
#include <errno.h>
#include <math.h>
#include <stdio.h>

#include "base/check.h"
#include "pipelines/op.h"
#include "pipelines/series.h"

enum mode { NEAREST, DOWN, UP };

static const char *const modes[] = { "nearest", "down", "up", NULL };

enum { DIGITS_MAX = 15 };

#define NO_FRACTION 0x1p52 /* doubles from here on are whole */

struct round {
	int64_t digits;
	double step;
	int mode;
	double unit;  /* what is counted: the step, or 10^|digits| */
	bool divides; /* by the unit, to count; else multiplies, because 1/10^n is not exact */
};

static const struct opt options[] = {
	{ "digits", OPT_INT, offsetof(struct round, digits), .min = -DIGITS_MAX, .max = DIGITS_MAX, .def = "0",
	  .example = "1", .help = "after the decimal point; -2 rounds to hundreds" },
	{ "step", OPT_DOUBLE, offsetof(struct round, step), .min = 1e-15, .max = 1e15,
	  .help = "round to multiples of this instead" },
	{ "mode", OPT_ENUM, offsetof(struct round, mode), .choices = modes, .def = "nearest",
	  .help = "to the nearest (halves away from 0), down to the lower or up to the higher one" },
};

static int round_setup(void *state, struct op_setup *s)
{
	struct round *r = state;

	if (!isnan(r->step) && r->digits != 0) {
		snprintf(s->error, sizeof(s->error), "expected digits or step, found both");
		return -EINVAL;
	}
	r->unit = 1.0;
	for (int64_t i = 0; i < r->digits || i < -r->digits; i++)
		r->unit *= 10.0; /* exact up to 10^22 */
	r->divides = r->digits <= 0;
	if (!isnan(r->step))
		r->unit = r->step;
	if (s->inputs[0].kind == SERIES_STATE && r->divides && r->unit != 1.0)
		s->output->kind = SERIES_GAUGE;
	return 0;
}

static double rounded(double count, int mode)
{
	if (mode == DOWN)
		return floor(count);
	return mode == UP ? ceil(count) : round(count);
}

static void round_push(void *state, unsigned input, const struct sample *in, const struct emitter *out)
{
	const struct round *r = state;
	double count = r->divides ? in->value / r->unit : in->value * r->unit;

	(void)input;
	if (series_is_gap(in->value) || fabs(count) >= NO_FRACTION)
		series_emit(out, in, in->value);
	else
		series_emit(out, in,
			    r->divides ? rounded(count, r->mode) * r->unit : rounded(count, r->mode) / r->unit);
}

const struct op_class op_round = {
	.name = "round",
	.family = OP_SHAPING,
	.help = "round to a number of digits or to a step",
	.formula = "y = step * round(x / step), step = 10^-digits",
	.memory = "none",
	.options = { options, ARRAY_LEN(options) },
	.state_size = sizeof(struct round),
	.min_inputs = 1,
	.max_inputs = 1,
	.setup = round_setup,
	.push = round_push,
};
