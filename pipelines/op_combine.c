/* SPDX-License-Identifier: Apache-2.0 */
/*
 * combine - one series out of several: mean, median, min, max, sum, difference or ratio of their latest values. The
 * median of three outvotes a sensor that went astray.
 * Which samples belong together and how long one input is waited for is said in align.h.
 */
#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "base/check.h"
#include "base/unit.h"
#include "pipelines/align.h"
#include "pipelines/op.h"
#include "pipelines/series.h"

enum function { MEAN, MEDIAN, MIN, MAX, SUM, DIFFERENCE, RATIO };

static const char *const functions[] = { "mean", "median", "min", "max", "sum", "difference", "ratio", NULL };

struct combine {
	int function;
	int64_t within_us;
	const struct unit *unit;

	struct align align;
};

static const struct opt options[] = {
	{ "function", OPT_ENUM, offsetof(struct combine, function), .choices = functions, .required = true,
	  .help = "difference and ratio take two inputs: first - second, first / second" },
	ALIGN_WITHIN(struct combine, within_us),
	{ "unit", OPT_UNIT, offsetof(struct combine, unit), .help = "unit of a ratio; default: 1" },
};

/* --- setup --- */

static int check_function(const struct combine *c, struct op_setup *s)
{
	const char *name = functions[c->function];

	if ((c->function == DIFFERENCE || c->function == RATIO) && s->n_inputs != 2) {
		snprintf(s->error, sizeof(s->error), "%s takes 2 inputs, found %zu", name, s->n_inputs);
		return -EINVAL;
	}
	if (c->unit && c->function != RATIO) {
		snprintf(s->error, sizeof(s->error), "unit is for a ratio; the %s has the unit of its inputs", name);
		return -EINVAL;
	}
	return 0;
}

static int check_input(const struct combine *c, struct op_setup *s, size_t i)
{
	const struct series_info *first = &s->inputs[0], *in = &s->inputs[i];

	if (in->kind == SERIES_COUNTER) {
		snprintf(s->error, sizeof(s->error),
			 "input %zu is a counter, which may restart; combine their increase() in a KPI", i + 1);
		return -EINVAL;
	}
	if (c->function != RATIO && strcmp(in->unit->code, first->unit->code)) {
		snprintf(s->error, sizeof(s->error),
			 "the %s needs inputs of one unit, found %s (input 1) and %s (input %zu)",
			 functions[c->function], first->unit->code, in->unit->code, i + 1);
		return -EINVAL;
	}
	return 0;
}

static void describe_output(const struct combine *c, struct op_setup *s)
{
	bool all_states = true;

	for (size_t i = 0; i < s->n_inputs; i++)
		all_states = all_states && s->inputs[i].kind == SERIES_STATE;
	/* The least and the greatest of states are their AND and OR. */
	s->output->kind = all_states && (c->function == MIN || c->function == MAX) ? SERIES_STATE : SERIES_GAUGE;
	if (c->function == RATIO)
		s->output->unit = c->unit ? c->unit : unit_find("1");
	else if (c->function == DIFFERENCE)
		s->output->unit = unit_of_difference(s->inputs[0].unit);
}

static int combine_setup(void *state, struct op_setup *s)
{
	struct combine *c = state;
	int r = check_function(c, s);

	for (size_t i = 0; r == 0 && i < s->n_inputs; i++)
		r = check_input(c, s, i);
	if (r == 0)
		r = align_setup(&c->align, s, c->within_us);
	if (r == 0)
		describe_output(c, s);
	return r;
}

/* --- at run time --- */

static double apply(int function, double a, double b)
{
	switch (function) {
	case MIN:
		return b < a ? b : a;
	case MAX:
		return b > a ? b : a;
	case DIFFERENCE:
		return a - b;
	case RATIO:
		return a / b;
	default:
		return a + b;
	}
}

static double median(double *values, size_t n)
{
	for (size_t i = 1; i < n; i++) {
		double x = values[i];
		size_t at = i;

		for (; at > 0 && values[at - 1] > x; at--)
			values[at] = values[at - 1];
		values[at] = x;
	}
	return 0.5 * values[(n - 1) / 2] + 0.5 * values[n / 2]; /* halves first: the sum could overflow */
}

static double combined(const struct combine *c, double *values)
{
	double result = values[0];

	if (c->function == MEDIAN)
		return median(values, c->align.n);
	for (size_t i = 1; i < c->align.n; i++)
		result = apply(c->function, result, values[i]);
	return c->function == MEAN ? result / (double)c->align.n : result;
}

static void give(struct combine *c, const struct emitter *out)
{
	double values[OP_MAX_INPUTS];
	struct sample s;

	if (align_take(&c->align, &s, values))
		series_emit(out, &s, combined(c, values));
	else
		emit(out, &s);
}

static void combine_push(void *state, unsigned input, const struct sample *in, const struct emitter *out)
{
	struct combine *c = state;

	if (align_is_over(&c->align, in))
		give(c, out);
	if (align_add(&c->align, input, in))
		give(c, out);
}

static int64_t combine_due_us(const void *state)
{
	const struct combine *c = state;

	return align_due_us(&c->align);
}

static void combine_advance(void *state, int64_t watermark_us, const struct emitter *out)
{
	struct combine *c = state;

	if (align_has_waited(&c->align, watermark_us))
		give(c, out);
}

const struct op_class op_combine = {
	.name = "combine",
	.family = OP_JOINING,
	.help = "mean, median, min, max, sum, difference or ratio of several series, one result for readings of the "
		"same time",
	.formula =
		"y(t) = f(latest x1, latest x2, ...), none older than `within`; at the shortest period of the inputs",
	.memory = "one sample an input",
	.options = { options, ARRAY_LEN(options) },
	.state_size = sizeof(struct combine),
	.min_inputs = 2,
	.max_inputs = OP_MAX_INPUTS,
	.setup = combine_setup,
	.push = combine_push,
	.advance = combine_advance,
	.due_us = combine_due_us,
};
