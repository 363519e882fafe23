/* SPDX-License-Identifier: Apache-2.0 */
/*
 * debounce - a state changes once the new one has held for `for`; or only on its way to 1, or to 0, and at once the other way.
 * Different times for both ways are two in a row.
 *
 * The first state is believed at once. A value that agrees with the present state interrupts the wait. Of a state with a period only samples
 * prove that it held, as step.h says. One that tells of changes alone is believed to hold while it is silent: its result
 * changes when the watermark has passed the end of the wait, dated at that end.
 */
#include <errno.h>
#include <math.h>
#include <stdio.h>

#include "base/check.h"
#include "pipelines/op.h"
#include "pipelines/series.h"
#include "pipelines/step.h"

enum edge { BOTH, RISING, FALLING };

static const char *const edges[] = { "both", "rising", "falling", NULL };

struct debounce {
	int64_t for_us;
	int edge;

	struct step step;
	uint64_t held_us;
	int64_t wanted_us; /* since when the other state is asked for */
	bool is_irregular, is_known, is_on, waits;
};

static const struct opt options[] = {
	{ "for", OPT_DURATION, offsetof(struct debounce, for_us), .min = 0, .max = 366.0 * 86400e6, .required = true,
	  .example = "2s", .help = "how long a new state must hold" },
	{ "edge", OPT_ENUM, offsetof(struct debounce, edge), .choices = edges, .def = "both",
	  .help = "which changes wait: both, to 1 or to 0" },
};

static int debounce_setup(void *state, struct op_setup *s)
{
	struct debounce *d = state;

	if (s->inputs[0].kind != SERIES_STATE) {
		snprintf(s->error, sizeof(s->error), "takes a state (0 or 1): put a threshold before it");
		return -EINVAL;
	}
	d->is_irregular = s->inputs[0].period_us <= 0;
	step_setup(&d->step, s->inputs[0].period_us);
	return 0;
}

static int64_t wait_us(const struct debounce *d)
{
	bool is_quick = d->edge != BOTH && d->is_on == (d->edge == RISING);

	return is_quick ? 0 : d->for_us;
}

static void judge(struct debounce *d, bool is_on, const struct sample *in)
{
	uint64_t step_us = step_take(&d->step, in->at_us);

	if (!d->is_known || is_on == d->is_on) {
		d->is_known = true;
		d->is_on = is_on;
		d->waits = false;
		return;
	}
	if (!d->waits) {
		d->waits = true;
		d->wanted_us = in->at_us;
		d->held_us = 0;
	} else {
		d->held_us = step_sum(d->held_us, step_us);
	}
	if (d->held_us >= (uint64_t)wait_us(d)) {
		d->is_on = is_on;
		d->waits = false;
	}
}

static int64_t debounce_due_us(const void *state)
{
	const struct debounce *d = state;
	int64_t end_us;

	if (!d->waits || !d->is_irregular || __builtin_add_overflow(d->wanted_us, wait_us(d), &end_us))
		return INT64_MAX;
	return end_us;
}

static void debounce_advance(void *state, int64_t watermark_us, const struct emitter *out)
{
	struct debounce *d = state;
	struct sample s = { .at_us = debounce_due_us(d) };

	if (watermark_us == INT64_MAX || s.at_us > watermark_us)
		return; /* the end of the input is no silence */
	d->is_on = !d->is_on;
	d->waits = false;
	s.value = d->is_on ? 1.0 : 0.0;
	emit(out, &s);
}

static void debounce_push(void *state, unsigned input, const struct sample *in, const struct emitter *out)
{
	struct debounce *d = state;

	(void)input;
	if (series_is_gap(in->value)) {
		series_emit(out, in, NAN);
		return;
	}
	if (in->at_us > debounce_due_us(d)) /* it held until now, before the watermark said so */
		debounce_advance(d, in->at_us, out);
	judge(d, in->value != 0.0, in);
	series_emit(out, in, d->is_on ? 1.0 : 0.0);
}

const struct op_class op_debounce = {
	.name = "debounce",
	.family = OP_CHANGE,
	.help = "a state changes once the new one has held for a time",
	.formula = "y = x once x has held for `for`, else the last y",
	.memory = "none",
	.options = { options, ARRAY_LEN(options) },
	.state_size = sizeof(struct debounce),
	.min_inputs = 1,
	.max_inputs = 1,
	.setup = debounce_setup,
	.push = debounce_push,
	.advance = debounce_advance,
	.due_us = debounce_due_us,
	.example_inputs = { "shape: square" },
};
