/* SPDX-License-Identifier: Apache-2.0 */
/*
 * log - logarithm to the base 10, 2 or e. Of what is not above 0 there is none: a gap. A level in decibel is {log, scale: 10}.
 *
 * Powers of two and of ten give whole numbers exactly: the quotient of two rounded logarithms would miss some by a bit. All of
 * it is computed without the C library, so that every board gives the same bits.
 */
#include <errno.h>
#include <math.h>
#include <stdio.h>

#include "base/check.h"
#include "base/unit.h"
#include "pipelines/op.h"
#include "pipelines/plain_math.h"
#include "pipelines/series.h"

enum base { BASE_10, BASE_2, BASE_E };

static const char *const bases[] = { "10", "2", "e", NULL };

#define LN_2 0.69314718055994530942
#define LN_10 2.30258509299404568402

struct log {
	int base;
	const struct unit *unit;
};

static const struct opt options[] = {
	{ "base", OPT_ENUM, offsetof(struct log, base), .choices = bases, .def = "10", .example = "10",
	  .help = "of the logarithm" },
	{ "unit", OPT_UNIT, offsetof(struct log, unit), .def = "1", .help = "unit of the result" },
};

static int log_setup(void *state, struct op_setup *s)
{
	const struct log *l = state;

	if (s->inputs[0].kind != SERIES_GAUGE) {
		snprintf(s->error, sizeof(s->error), "a logarithm is of a measured quantity, not of a %s",
			 s->inputs[0].kind == SERIES_STATE ? "state" : "counter");
		return -EINVAL;
	}
	s->output->unit = l->unit;
	return 0;
}

static double log_base_2(double x)
{
	int exponent;
	double fraction = frexp(x, &exponent); /* 1/2 to 1 */

	return fraction == 0.5 ? (double)(exponent - 1) : plain_log(x) / LN_2;
}

static double log_base_10(double x)
{
	double y = plain_log(x) / LN_10, whole = floor(y + 0.5), power = 1.0;

	if (fabs(y - whole) > 1e-12 || fabs(whole) > 22.0)
		return y;
	for (double i = 0.0; i < fabs(whole); i += 1.0)
		power *= 10.0; /* exact up to 10^22 */
	return x == (whole < 0.0 ? 1.0 / power : power) ? whole : y;
}

static void log_push(void *state, unsigned input, const struct sample *in, const struct emitter *out)
{
	const struct log *l = state;
	double y = NAN;

	(void)input;
	if (in->value > 0.0 && !series_is_gap(in->value)) {
		if (l->base == BASE_10)
			y = log_base_10(in->value);
		else
			y = l->base == BASE_2 ? log_base_2(in->value) : plain_log(in->value);
	}
	series_emit(out, in, y);
}

const struct op_class op_log = {
	.name = "log",
	.family = OP_SHAPING,
	.help = "logarithm to the base 10, 2 or e; a gap for what is not above 0",
	.formula = "y = log(x) / log(base)",
	.memory = "none",
	.options = { options, ARRAY_LEN(options) },
	.state_size = sizeof(struct log),
	.min_inputs = 1,
	.max_inputs = 1,
	.setup = log_setup,
	.push = log_push,
};
