/* SPDX-License-Identifier: Apache-2.0 */
/*
 * offset - y = x + offset. What scale does with a factor of 1, under the name that is looked for.
 *
 * A counter is refused, because it restarts from 0 and not from the offset. A state becomes a quantity.
 */
#include <errno.h>
#include <stdio.h>

#include "base/check.h"
#include "pipelines/op.h"
#include "pipelines/series.h"

struct offset {
	double offset;
};

static const struct opt options[] = {
	{ "offset", OPT_DOUBLE, offsetof(struct offset, offset), .min = -1e100, .max = 1e100, .required = true,
	  .example = "-0.4", .help = "is added to the value" },
};

static int offset_setup(void *state, struct op_setup *s)
{
	const struct offset *o = state;

	if (s->inputs[0].kind == SERIES_COUNTER) {
		snprintf(s->error, sizeof(s->error), "a counter restarts from 0 and can have no offset");
		return -EINVAL;
	}
	if (o->offset != 0.0)
		s->output->kind = SERIES_GAUGE;
	return 0;
}

static void offset_push(void *state, unsigned input, const struct sample *in, const struct emitter *out)
{
	const struct offset *o = state;

	(void)input;
	series_emit(out, in, in->value + o->offset);
}

const struct op_class op_offset = {
	.name = "offset",
	.family = OP_SHAPING,
	.help = "add a constant",
	.formula = "y = x + offset",
	.memory = "none",
	.options = { options, ARRAY_LEN(options) },
	.state_size = sizeof(struct offset),
	.min_inputs = 1,
	.max_inputs = 1,
	.setup = offset_setup,
	.push = offset_push,
};
