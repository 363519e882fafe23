/* SPDX-License-Identifier: Apache-2.0 */
/*
 * stuck - a sensor that says the same for too long is broken, or its wire is: real signals have noise.
 *
 * 1, or a gap in place of the value, once all values of `for` lay within `tolerance` of the first of them. How time
 * counts from sample to sample is said in step.h. The state turns to 0, and values flow again, with the first value that differs.
 */
#include <math.h>

#include "base/check.h"
#include "base/unit.h"
#include "pipelines/op.h"
#include "pipelines/series.h"
#include "pipelines/step.h"

enum result { STATE, GAP };

static const char *const results[] = { "state", "gap", NULL };

struct stuck {
	int64_t for_us;
	double tolerance;
	int result;

	struct step step;
	double first;
	uint64_t held_us;
};

static const struct opt options[] = {
	{ "for", OPT_DURATION, offsetof(struct stuck, for_us), .min = 1, .max = 366.0 * 86400e6, .required = true,
	  .example = "10m", .help = "how long the value must stay the same" },
	{ "tolerance", OPT_DOUBLE, offsetof(struct stuck, tolerance), .min = 0, .max = INFINITY, .def = "0",
	  .help = "changes up to this are none" },
	{ "give", OPT_ENUM, offsetof(struct stuck, result), .choices = results, .def = "state",
	  .help = "1 while it is stuck and else 0, or the value with gaps, counted as bad, while it is stuck" },
};

static int stuck_setup(void *state, struct op_setup *s)
{
	struct stuck *k = state;

	step_setup(&k->step, s->inputs[0].period_us);
	if (k->result == STATE) {
		s->output->unit = unit_find("1");
		s->output->kind = SERIES_STATE;
	}
	return 0;
}

static void stuck_push(void *state, unsigned input, const struct sample *in, const struct emitter *out)
{
	struct stuck *k = state;
	bool is_new, is_stuck;

	(void)input;
	if (series_is_gap(in->value)) {
		series_emit(out, in, NAN);
		return;
	}
	is_new = !k->step.seen || !(fabs(in->value - k->first) <= k->tolerance);
	k->held_us = step_sum(k->held_us, step_take(&k->step, in->at_us));
	if (is_new) {
		k->first = in->value;
		k->held_us = 0;
	}
	is_stuck = k->held_us >= (uint64_t)k->for_us;
	if (k->result == STATE)
		series_emit(out, in, is_stuck ? 1.0 : 0.0);
	else
		series_emit(out, in, is_stuck ? NAN : in->value);
}

const struct op_class op_stuck = {
	.name = "stuck",
	.family = OP_CLEANING,
	.help = "tell when the value has not changed for too long, or make gaps of it",
	.formula = "y = 1 once |x - x0| <= tolerance has held for `for`",
	.memory = "none",
	.options = { options, ARRAY_LEN(options) },
	.state_size = sizeof(struct stuck),
	.min_inputs = 1,
	.max_inputs = 1,
	.setup = stuck_setup,
	.push = stuck_push,
};
