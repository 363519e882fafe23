/* SPDX-License-Identifier: Apache-2.0 */
/*
 * absolute - the distance from zero. A state stays one; a counter is refused, because a negative one is no counter.
 */
#include <errno.h>
#include <math.h>
#include <stdio.h>

#include "base/check.h"
#include "pipelines/op.h"
#include "pipelines/series.h"

struct absolute {
	char nothing;
};

static int absolute_setup(void *state, struct op_setup *s)
{
	(void)state;
	if (s->inputs[0].kind != SERIES_COUNTER)
		return 0;
	snprintf(s->error, sizeof(s->error), "a counter is never negative; expected a measured quantity");
	return -EINVAL;
}

static void absolute_push(void *state, unsigned input, const struct sample *in, const struct emitter *out)
{
	(void)state;
	(void)input;
	series_emit(out, in, fabs(in->value));
}

const struct op_class op_absolute = {
	.name = "absolute",
	.family = OP_SHAPING,
	.help = "the value without its sign",
	.formula = "y = |x|",
	.memory = "none",
	.state_size = sizeof(struct absolute),
	.min_inputs = 1,
	.max_inputs = 1,
	.setup = absolute_setup,
	.push = absolute_push,
};
