/* SPDX-License-Identifier: Apache-2.0 */
/*
 * invert - a state turned round: a contact that opens on alarm, a pin that is low when on. Whatever is not 0 counts as 1.
 */
#include <errno.h>
#include <math.h>
#include <stdio.h>

#include "base/check.h"
#include "pipelines/op.h"
#include "pipelines/series.h"

struct invert {
	char nothing;
};

static int invert_setup(void *state, struct op_setup *s)
{
	(void)state;
	if (s->inputs[0].kind == SERIES_STATE)
		return 0;
	snprintf(s->error, sizeof(s->error), "takes a state (0 or 1); a quantity changes its sign by `scale: -1`");
	return -EINVAL;
}

static void invert_push(void *state, unsigned input, const struct sample *in, const struct emitter *out)
{
	(void)state;
	(void)input;
	series_emit(out, in, series_is_gap(in->value) ? NAN : in->value == 0.0);
}

const struct op_class op_invert = {
	.name = "invert",
	.family = OP_SHAPING,
	.help = "a state turned round: 0 becomes 1 and 1 becomes 0",
	.formula = "y = 1 - x",
	.memory = "none",
	.state_size = sizeof(struct invert),
	.min_inputs = 1,
	.max_inputs = 1,
	.setup = invert_setup,
	.push = invert_push,
	.example_inputs = { "shape: square" },
};
