/* SPDX-License-Identifier: Apache-2.0 */
/*
 * time_in_state - how long a state has lasted, in seconds; or how long it has lasted in all, as a counter (hours run).
 *
 * The time from one value to the next belongs to the earlier of them, as far as step.h lets it count. With `state: any` it is the time
 * since the last change; with 1 or 0 it is 0 while the other one is. Whole microseconds are added, so nothing drifts.
 */
#include <errno.h>
#include <math.h>
#include <stdio.h>

#include "base/check.h"
#include "base/unit.h"
#include "pipelines/op.h"
#include "pipelines/series.h"
#include "pipelines/step.h"

enum which { ANY, ON, OFF };

static const char *const whiches[] = { "any", "1", "0", NULL };

struct time_in_state {
	int which;
	bool total;

	struct step step;
	uint64_t us;
	bool is_on;
};

static const struct opt options[] = {
	{ "state", OPT_ENUM, offsetof(struct time_in_state, which), .choices = whiches, .def = "1", .example = "1",
	  .help = "whose time counts" },
	{ "total", OPT_BOOL, offsetof(struct time_in_state, total), .def = "no",
	  .help = "add up all of it since the start, as a counter" },
};

static int time_in_state_setup(void *state, struct op_setup *s)
{
	struct time_in_state *t = state;

	if (s->inputs[0].kind != SERIES_STATE) {
		snprintf(s->error, sizeof(s->error), "takes a state (0 or 1): put a threshold before it");
		return -EINVAL;
	}
	step_setup(&t->step, s->inputs[0].period_us);
	s->output->unit = unit_find("s");
	s->output->kind = t->total ? SERIES_COUNTER : SERIES_GAUGE;
	return 0;
}

static bool counts(const struct time_in_state *t, bool is_on)
{
	return t->which == ANY || is_on == (t->which == ON);
}

static void time_in_state_push(void *state, unsigned input, const struct sample *in, const struct emitter *out)
{
	struct time_in_state *t = state;
	bool is_on = in->value != 0.0, is_first = !t->step.seen;
	uint64_t step_us;

	(void)input;
	if (series_is_gap(in->value)) {
		series_emit(out, in, NAN);
		return;
	}
	step_us = step_take(&t->step, in->at_us);
	if (counts(t, t->is_on))
		t->us = step_sum(t->us, step_us);
	if (!t->total && (is_first || is_on != t->is_on || !counts(t, is_on)))
		t->us = 0;
	t->is_on = is_on;
	series_emit(out, in, (double)t->us / 1e6);
}

const struct op_class op_time_in_state = {
	.name = "time_in_state",
	.family = OP_CHANGE,
	.help = "seconds that a state has lasted, now or in all",
	.formula = "y = t - time of the last change, or the sum of these times",
	.memory = "none",
	.options = { options, ARRAY_LEN(options) },
	.state_size = sizeof(struct time_in_state),
	.min_inputs = 1,
	.max_inputs = 1,
	.setup = time_in_state_setup,
	.push = time_in_state_push,
	.example_inputs = { "shape: square" },
};
