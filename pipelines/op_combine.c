/* SPDX-License-Identifier: Apache-2.0 */
/*
 * combine - one series out of several: mean, min, max, sum, difference or ratio of their latest values.
 *
 * Sensors that are read together carry nearly the same time stamp and must give one result, not one each, and a
 * result must not mix this reading of one with the last reading of another. So samples are gathered in ticks. A tick
 * starts with the first sample that lies 3/4 of a period or more away from the start of the tick before; the period
 * is the shortest of the inputs and becomes that of the output. Every sample nearer than that belongs to the same
 * tick. The tick gives its result as soon as nobody is waited for:
 *
 *     an input has come in this tick, or its next sample is not due yet (3/4 of its own period has not passed:
 *     a slow input beside a fast one), or it has been silent for so long that it is given up.
 *
 * A tick that is still waiting when the next one starts, or when the watermark has passed it, gives its result then, with the previous value of the
 * missing input if that is young enough. `within` says how young: by default three periods of the input; 24 h for an
 * irregular state; other irregular inputs need it said. With an input missing, too old or at a gap, the result is a
 * gap. Irregular inputs are never waited for, once seen. When all are irregular, every sample is a tick.
 *
 * The result is dated with the newest sample of its tick. A later sample of a tick that has given its result only
 * renews the value of its input. Distances are taken in both directions, so when the clock is set back ticks go on
 * from there, and values from the future are as invalid as those that are too old.
 */
#include <errno.h>
#include <math.h>
#include <stdio.h>
#include <string.h>

#include "base/check.h"
#include "base/unit.h"
#include "pipelines/op.h"
#include "pipelines/series.h"

enum function { MEAN, MIN, MAX, SUM, DIFFERENCE, RATIO };

static const char *const functions[] = { "mean", "min", "max", "sum", "difference", "ratio", NULL };

#define STATE_HOLDS_US (INT64_C(86400) * 1000000)
#define WITHIN_MAX_US (366.0 * 86400e6)

struct slot {
	int64_t at_us;
	double value;
	uint64_t due_us;    /* older than this: a new sample is due */
	uint64_t within_us; /* older than this: of no use */
	bool seen;	    /* ever */
	bool in_tick;
};

struct combine {
	int function;
	int64_t within_us;
	const struct unit *unit;

	struct slot slots[OP_MAX_INPUTS];
	size_t n;
	uint64_t tick_us;	     /* what lies nearer to the start is the same tick */
	int64_t start_us, newest_us; /* of the tick */
	bool started;		     /* there has been one */
	bool waiting;		     /* it has not given its result */
	uint32_t lost;		     /* not handed on yet */
};

static const struct opt options[] = {
	{ "function", OPT_ENUM, offsetof(struct combine, function), .choices = functions, .required = true,
	  .help = "difference and ratio take two inputs: first - second, first / second" },
	{ "within", OPT_DURATION, offsetof(struct combine, within_us), .min = 0, .max = WITHIN_MAX_US,
	  .help = "how old a value may be; default: 3 periods of its input" },
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
	if (in->period_us <= 0 && in->kind != SERIES_STATE && c->within_us == 0) {
		snprintf(s->error, sizeof(s->error),
			 "within is needed, because input %zu has no period to tell when it is too old", i + 1);
		return -EINVAL;
	}
	return 0;
}

static uint64_t input_within_us(const struct combine *c, const struct series_info *in)
{
	if (c->within_us > 0)
		return (uint64_t)c->within_us;
	return in->period_us > 0 ? 3 * (uint64_t)in->period_us : STATE_HOLDS_US;
}

static void describe_output(const struct combine *c, struct op_setup *s)
{
	bool all_states = true;

	s->output->period_us = 0;
	for (size_t i = 0; i < s->n_inputs; i++) {
		int64_t period_us = s->inputs[i].period_us;

		all_states = all_states && s->inputs[i].kind == SERIES_STATE;
		if (period_us > 0 && (s->output->period_us == 0 || period_us < s->output->period_us))
			s->output->period_us = period_us;
	}
	/* The least and the greatest of states are their AND and OR. */
	s->output->kind = all_states && (c->function == MIN || c->function == MAX) ? SERIES_STATE : SERIES_GAUGE;
	if (c->function == RATIO)
		s->output->unit = c->unit ? c->unit : unit_find("1");
}

static uint64_t three_quarters(int64_t period_us)
{
	return (uint64_t)(period_us - period_us / 4);
}

static int combine_setup(void *state, struct op_setup *s)
{
	struct combine *c = state;
	int r = check_function(c, s);

	for (size_t i = 0; r == 0 && i < s->n_inputs; i++)
		r = check_input(c, s, i);
	if (r < 0)
		return r;

	describe_output(c, s);
	c->n = s->n_inputs;
	c->tick_us = three_quarters(s->output->period_us);
	for (size_t i = 0; i < c->n; i++) {
		int64_t period_us = s->inputs[i].period_us;

		c->slots[i].within_us = input_within_us(c, &s->inputs[i]);
		c->slots[i].due_us = period_us > 0 ? three_quarters(period_us) : UINT64_MAX;
	}
	return 0;
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

/** The result of the tick; NaN when an input has nothing usable. */
static double combined(const struct combine *c)
{
	double result = c->slots[0].value;

	for (size_t i = 0; i < c->n; i++) {
		const struct slot *slot = &c->slots[i];

		if (!slot->seen || series_distance_us(c->newest_us, slot->at_us) > slot->within_us)
			return NAN;
		if (isnan(slot->value))
			return NAN;
		if (i > 0)
			result = apply(c->function, result, slot->value);
	}
	return c->function == MEAN ? result / (double)c->n : result;
}

/** Nobody is waited for. */
static bool is_complete(const struct combine *c)
{
	for (size_t i = 0; i < c->n; i++) {
		const struct slot *slot = &c->slots[i];
		uint64_t age_us = series_distance_us(c->newest_us, slot->at_us);

		if (!slot->in_tick && (!slot->seen || (age_us >= slot->due_us && age_us <= slot->within_us)))
			return false;
	}
	return true;
}

static void finish_tick(struct combine *c, const struct emitter *out)
{
	struct sample s = { .at_us = c->newest_us, .lost = c->lost };

	c->waiting = false;
	c->lost = 0;
	series_emit(out, &s, combined(c));
}

static void start_tick(struct combine *c, int64_t at_us)
{
	c->started = c->waiting = true;
	c->start_us = c->newest_us = at_us;
	for (size_t i = 0; i < c->n; i++)
		c->slots[i].in_tick = false;
}

static void combine_push(void *state, unsigned input, const struct sample *in, const struct emitter *out)
{
	struct combine *c = state;
	struct slot *slot = &c->slots[input];

	if (!c->started || series_distance_us(in->at_us, c->start_us) >= c->tick_us) {
		if (c->waiting)
			finish_tick(c, out);
		start_tick(c, in->at_us);
	}

	slot->at_us = in->at_us;
	slot->value = series_is_gap(in->value) ? NAN : in->value;
	slot->seen = slot->in_tick = true;
	c->lost = in->lost > UINT32_MAX - c->lost ? UINT32_MAX : c->lost + in->lost;
	if (in->at_us > c->newest_us)
		c->newest_us = in->at_us;

	if (c->waiting && is_complete(c))
		finish_tick(c, out);
}

/* From below the watermark no more samples of this tick can come. */
static int64_t combine_due_us(const void *state)
{
	const struct combine *c = state;

	return c->waiting && c->start_us <= INT64_MAX - (int64_t)c->tick_us ? c->start_us + (int64_t)c->tick_us
									    : INT64_MAX;
}

static void combine_advance(void *state, int64_t watermark_us, const struct emitter *out)
{
	struct combine *c = state;

	if (c->waiting && watermark_us >= combine_due_us(c))
		finish_tick(c, out);
}

const struct op_class op_combine = {
	.name = "combine",
	.help = "mean, min, max, sum, difference or ratio of several series, one result for readings of the same time",
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
