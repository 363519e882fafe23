/* SPDX-License-Identifier: Apache-2.0 */
/*
 * delta - how much the value changed since the one before. The first has none before it: a gap. So the sum of the results is the change
 * over all, whatever gaps there were.
 *
 * A counter that fell restarted from zero, so what it shows has been added since; counter_rate knows of counters that wrap.
 */
#include <math.h>

#include "base/check.h"
#include "pipelines/op.h"
#include "pipelines/series.h"

struct delta {
	double last;
	bool seen, of_counter;
};

static int delta_setup(void *state, struct op_setup *s)
{
	struct delta *d = state;

	d->of_counter = s->inputs[0].kind == SERIES_COUNTER;
	s->output->kind = SERIES_GAUGE;
	return 0;
}

static void delta_push(void *state, unsigned input, const struct sample *in, const struct emitter *out)
{
	struct delta *d = state;
	double y = NAN;

	(void)input;
	if (!series_is_gap(in->value)) {
		if (d->seen)
			y = d->of_counter && in->value < d->last ? in->value : in->value - d->last;
		d->seen = true;
		d->last = in->value;
	}
	series_emit(out, in, y);
}

const struct op_class op_delta = {
	.name = "delta",
	.help = "difference to the value before; of a counter the growth",
	.formula = "y = x - previous x",
	.memory = "none",
	.state_size = sizeof(struct delta),
	.min_inputs = 1,
	.max_inputs = 1,
	.setup = delta_setup,
	.push = delta_push,
};
