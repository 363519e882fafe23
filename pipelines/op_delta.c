/* SPDX-License-Identifier: Apache-2.0 */
/*
 * delta - how much the value changed since the one before. The first has none before it, and no result. So the sum of the results is the
 * change over all, whatever gaps there were.
 *
 * A counter that fell restarted from zero, so what it shows has been added since; counter_rate knows of counters that wrap.
 */
#include <math.h>

#include "base/check.h"
#include "base/unit.h"
#include "pipelines/op.h"
#include "pipelines/series.h"

struct delta {
	double last;
	uint32_t lost;
	bool seen, of_counter;
};

static int delta_setup(void *state, struct op_setup *s)
{
	struct delta *d = state;

	d->of_counter = s->inputs[0].kind == SERIES_COUNTER;
	s->output->unit = unit_of_difference(s->inputs[0].unit);
	s->output->kind = SERIES_GAUGE;
	return 0;
}

static void delta_push(void *state, unsigned input, const struct sample *in, const struct emitter *out)
{
	struct delta *d = state;
	bool is_gap = series_is_gap(in->value), has_restarted = d->of_counter && in->value < d->last;
	double y = is_gap ? NAN : has_restarted ? in->value : in->value - d->last;

	(void)input;
	series_emit_if(d->seen || is_gap, out, in, y, &d->lost);
	if (is_gap)
		return;
	d->seen = true;
	d->last = in->value;
}

const struct op_class op_delta = {
	.name = "delta",
	.family = OP_CHANGE,
	.help = "difference to the value before; of a counter the growth",
	.formula = "y = x - previous x",
	.memory = "none",
	.state_size = sizeof(struct delta),
	.min_inputs = 1,
	.max_inputs = 1,
	.setup = delta_setup,
	.push = delta_push,
};
