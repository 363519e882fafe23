/* SPDX-License-Identifier: Apache-2.0 */
/*
 * select - the value of a series while a state holds, or of one among several as a selector says. The last input selects.
 *
 *     from: [power.watt, running]              x while running is 1, else a gap    (when: 0 turns it round)
 *     from: [probe_a.t, probe_b.t, use_b]      probe_a while use_b is 0, probe_b while it is 1, and so on
 *
 * Only the selector and the input that is selected must be there: a gap of the other one does no harm. A selector that names
 * no input gives a gap. Which readings belong together is said in align.h; an irregular state holds for 24 h.
 */
#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "base/check.h"
#include "base/unit.h"
#include "pipelines/align.h"
#include "pipelines/op.h"
#include "pipelines/series.h"

struct selection {
	int64_t when, within_us;
	struct align align;
};

static const struct opt options[] = {
	{ "when", OPT_INT, offsetof(struct selection, when), .min = 0, .max = 1, .def = "1",
	  .help = "with two inputs: the state in which the value passes" },
	ALIGN_WITHIN(struct selection, within_us),
};

static int select_setup(void *state, struct op_setup *s)
{
	struct selection *sel = state;
	size_t last = s->n_inputs - 1;
	int r;

	if (s->inputs[last].kind == SERIES_COUNTER || (s->n_inputs == 2 && s->inputs[last].kind != SERIES_STATE)) {
		snprintf(s->error, sizeof(s->error), "the last input must be a state%s",
			 last > 1 ? " or a number" : "");
		return -EINVAL;
	}
	for (size_t i = 1; i < last; i++)
		if (strcmp(s->inputs[i].unit->code, s->inputs[0].unit->code) ||
		    s->inputs[i].kind != s->inputs[0].kind) {
			snprintf(s->error, sizeof(s->error), "the inputs to select from must be of one kind and unit");
			return -EINVAL;
		}
	if (s->inputs[0].kind == SERIES_COUNTER) {
		snprintf(s->error, sizeof(s->error),
			 "a counter cannot be taken in pieces; expected a quantity or a state");
		return -EINVAL;
	}
	r = align_setup(&sel->align, s, sel->within_us);
	return r;
}

static double selected(const struct selection *sel, const double *values)
{
	double which = values[sel->align.n - 1];

	if (sel->align.n == 2)
		return which == (double)sel->when ? values[0] : NAN;
	for (size_t i = 0; i + 1 < sel->align.n; i++)
		if (which == (double)i)
			return values[i];
	return NAN;
}

static void give(struct selection *sel, const struct emitter *out)
{
	double values[OP_MAX_INPUTS];
	struct sample s;

	align_take(&sel->align, &s, values);
	series_emit(out, &s, selected(sel, values));
}

static void select_push(void *state, unsigned input, const struct sample *in, const struct emitter *out)
{
	struct selection *sel = state;

	if (align_is_over(&sel->align, in))
		give(sel, out);
	if (align_add(&sel->align, input, in))
		give(sel, out);
}

static int64_t select_due_us(const void *state)
{
	const struct selection *sel = state;

	return align_due_us(&sel->align);
}

static void select_advance(void *state, int64_t watermark_us, const struct emitter *out)
{
	struct selection *sel = state;

	if (align_has_waited(&sel->align, watermark_us))
		give(sel, out);
}

const struct op_class op_select = {
	.name = "select",
	.family = OP_JOINING,
	.help = "the value while a state holds, else a gap; or one of several series, as the last input says",
	.formula = "y = x while s == `when`; of more: y = x[s]",
	.memory = "one sample an input",
	.options = { options, ARRAY_LEN(options) },
	.state_size = sizeof(struct selection),
	.min_inputs = 2,
	.max_inputs = OP_MAX_INPUTS,
	.example_inputs = { NULL, "shape: square" },
	.setup = select_setup,
	.push = select_push,
	.advance = select_advance,
	.due_us = select_due_us,
};
