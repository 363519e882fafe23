/* SPDX-License-Identifier: Apache-2.0 */
/*
 * clamp - what is beyond a bound becomes the bound. For values that are wrong beyond it, `range` makes gaps instead.
 *
 * A state stays one when the bounds leave both 0 and 1 alone. A counter is refused: one that stands still at a bound
 * would look like one that counts nothing.
 */
#include <errno.h>
#include <math.h>
#include <stdio.h>

#include "base/check.h"
#include "pipelines/op.h"
#include "pipelines/series.h"

struct clamp {
	double min, max; /* NaN: not given, then infinite */
};

static const struct opt options[] = {
	{ "min", OPT_DOUBLE, offsetof(struct clamp, min), .example = "0", .help = "the least value; default: none" },
	{ "max", OPT_DOUBLE, offsetof(struct clamp, max), .example = "100",
	  .help = "the greatest value; default: none" },
};

static int clamp_setup(void *state, struct op_setup *s)
{
	struct clamp *c = state;

	if (s->inputs[0].kind == SERIES_COUNTER) {
		snprintf(s->error, sizeof(s->error), "a counter can not be clamped: it would seem to stand still");
		return -EINVAL;
	}
	if (isnan(c->min) && isnan(c->max)) {
		snprintf(s->error, sizeof(s->error), "expected min, max or both, found neither");
		return -EINVAL;
	}
	if (c->min > c->max) {
		snprintf(s->error, sizeof(s->error), "min must not be above max");
		return -EINVAL;
	}
	if (isnan(c->min))
		c->min = -INFINITY;
	if (isnan(c->max))
		c->max = INFINITY;
	if (c->min > 0.0 || c->max < 1.0)
		s->output->kind = SERIES_GAUGE;
	return 0;
}

static void clamp_push(void *state, unsigned input, const struct sample *in, const struct emitter *out)
{
	const struct clamp *c = state;
	double y = in->value;

	(void)input;
	if (series_is_gap(y))
		y = NAN;
	else if (y < c->min)
		y = c->min;
	else if (y > c->max)
		y = c->max;
	series_emit(out, in, y);
}

const struct op_class op_clamp = {
	.name = "clamp",
	.family = OP_SHAPING,
	.help = "keep the value between two bounds",
	.formula = "y = min if x < min, max if x > max, else x",
	.memory = "none",
	.options = { options, ARRAY_LEN(options) },
	.state_size = sizeof(struct clamp),
	.min_inputs = 1,
	.max_inputs = 1,
	.setup = clamp_setup,
	.push = clamp_push,
};
