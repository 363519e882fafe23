/* SPDX-License-Identifier: Apache-2.0 */
/*
 * derivative - how fast the value changes, from one value to the next.
 *
 * The first value has no slope, and no result. The slope over a pause is the mean slope, so nothing is missed. Without time between two values (a repeated or earlier time
 * stamp) there is no slope: a gap, and what follows is measured from the value that came last. The unit of the result is that of `unit`, or
 * follows where the table of units has it: L per minute, kW.h per hour, m/s per second; else it is 1.
 */
#include <errno.h>
#include <math.h>
#include <stdio.h>

#include "base/check.h"
#include "base/unit_time.h"
#include "pipelines/op.h"
#include "pipelines/series.h"

struct derivative {
	int64_t per_us;
	const struct unit *unit;

	double last;
	int64_t last_us;
	uint32_t lost;
	bool seen;
};

static const struct opt options[] = {
	{ "per", OPT_DURATION, offsetof(struct derivative, per_us), .min = 1, .max = 366.0 * 86400e6, .def = "1s",
	  .example = "1h", .help = "the change in such a time" },
	{ "unit", OPT_UNIT, offsetof(struct derivative, unit),
	  .help = "of the result; default: if it is known, else 1" },
};

static int derivative_setup(void *state, struct op_setup *s)
{
	const struct derivative *d = state;

	if (s->inputs[0].kind != SERIES_GAUGE) {
		snprintf(s->error, sizeof(s->error), "expected a measured quantity, found a %s",
			 s->inputs[0].kind == SERIES_STATE ? "state" : "counter; take counter_rate");
		return -EINVAL;
	}
	s->output->unit = d->unit ? d->unit : unit_per_time(s->inputs[0].unit, d->per_us);
	return 0;
}

static void derivative_push(void *state, unsigned input, const struct sample *in, const struct emitter *out)
{
	struct derivative *d = state;
	bool is_gap = series_is_gap(in->value);
	double y = NAN;

	(void)input;
	if (!is_gap && in->at_us > d->last_us)
		y = (in->value - d->last) / ((double)series_distance_us(in->at_us, d->last_us) / (double)d->per_us);
	series_emit_if(d->seen || is_gap, out, in, y, &d->lost);
	if (is_gap)
		return;
	d->seen = true;
	d->last = in->value;
	d->last_us = in->at_us;
}

const struct op_class op_derivative = {
	.name = "derivative",
	.family = OP_CHANGE,
	.help = "how fast the value changes",
	.formula = "y = (x - previous x) / (t - previous t) * per",
	.memory = "none",
	.options = { options, ARRAY_LEN(options) },
	.state_size = sizeof(struct derivative),
	.min_inputs = 1,
	.max_inputs = 1,
	.setup = derivative_setup,
	.push = derivative_push,
};
