/* SPDX-License-Identifier: Apache-2.0 */
/*
 * run_length - how many values in a row were the same, this one included. Of a quantity: within `tolerance` of the first of them.
 * Gaps neither count nor interrupt.
 */
#include <math.h>

#include "base/check.h"
#include "base/unit.h"
#include "pipelines/op.h"
#include "pipelines/series.h"

struct run_length {
	double tolerance;

	double first;
	uint64_t n;
};

static const struct opt options[] = {
	{ "tolerance", OPT_DOUBLE, offsetof(struct run_length, tolerance), .min = 0, .max = INFINITY, .def = "0",
	  .help = "changes up to this are none" },
};

static int run_length_setup(void *state, struct op_setup *s)
{
	(void)state;
	s->output->unit = unit_find("{count}");
	s->output->kind = SERIES_GAUGE;
	return 0;
}

static void run_length_push(void *state, unsigned input, const struct sample *in, const struct emitter *out)
{
	struct run_length *r = state;

	(void)input;
	if (series_is_gap(in->value)) {
		series_emit(out, in, NAN);
		return;
	}
	if (r->n == 0 || !(fabs(in->value - r->first) <= r->tolerance)) {
		r->first = in->value;
		r->n = 0;
	}
	r->n++;
	series_emit(out, in, (double)r->n);
}

const struct op_class op_run_length = {
	.name = "run_length",
	.family = OP_CHANGE,
	.help = "how many values in a row were the same",
	.formula = "y = number of values since the last that differed",
	.memory = "none",
	.options = { options, ARRAY_LEN(options) },
	.state_size = sizeof(struct run_length),
	.min_inputs = 1,
	.max_inputs = 1,
	.setup = run_length_setup,
	.push = run_length_push,
};
