/* SPDX-License-Identifier: Apache-2.0 */
/*
 * range - what can not be is a gap, and so counted as bad. min and max themselves are good.
 *
 * With two limits on each side (WMO-No. 8 calls it the gross error limit) one range follows the other.
 */
#include <errno.h>
#include <math.h>
#include <stdio.h>

#include "base/check.h"
#include "pipelines/op.h"
#include "pipelines/series.h"

struct range {
	double min, max; /* NaN: not given, then infinite */
};

static const struct opt options[] = {
	{ "min", OPT_DOUBLE, offsetof(struct range, min), .example = "-40",
	  .help = "the least value that can be; default: none" },
	{ "max", OPT_DOUBLE, offsetof(struct range, max), .example = "85",
	  .help = "the greatest value that can be; default: none" },
};

static int range_setup(void *state, struct op_setup *s)
{
	struct range *r = state;

	if (isnan(r->min) && isnan(r->max)) {
		snprintf(s->error, sizeof(s->error), "expected min, max or both, found neither");
		return -EINVAL;
	}
	if (r->min > r->max) {
		snprintf(s->error, sizeof(s->error), "min must not be above max");
		return -EINVAL;
	}
	if (isnan(r->min))
		r->min = -INFINITY;
	if (isnan(r->max))
		r->max = INFINITY;
	return 0;
}

static void range_push(void *state, unsigned input, const struct sample *in, const struct emitter *out)
{
	const struct range *r = state;

	(void)input;
	series_emit(out, in, in->value >= r->min && in->value <= r->max ? in->value : NAN);
}

const struct op_class op_range = {
	.name = "range",
	.family = OP_CLEANING,
	.help = "a gap, counted as bad, for what is outside of a range",
	.formula = "y = x if min <= x <= max, else a gap",
	.memory = "none",
	.options = { options, ARRAY_LEN(options) },
	.state_size = sizeof(struct range),
	.min_inputs = 1,
	.max_inputs = 1,
	.setup = range_setup,
	.push = range_push,
};
