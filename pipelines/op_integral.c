/* SPDX-License-Identifier: Apache-2.0 */
/*
 * integral - the value summed over time: energy from power, volume from flow.
 *
 * By the trapezoid between two values, or the earlier of them held. How much time two values are answerable for is
 * said in step.h: at most three periods, so an outage adds little and an hour of silence is not taken for an hour of power.
 * A value without time after the one before (a repeated or earlier time stamp) replaces it and adds nothing.
 *
 * The sum is compensated (Neumaier 1974): what rounding takes from it is kept aside and added to the result, so a sum of years
 * takes up increments as small as at the start. What would leave the range of double is not added, and the result is a gap.
 * The sum starts from 0 with the program. With `only: positive` it is a counter, whose increase() survives that.
 */
#include <errno.h>
#include <math.h>
#include <stdio.h>

#include "base/check.h"
#include "base/unit_time.h"
#include "pipelines/op.h"
#include "pipelines/series.h"
#include "pipelines/step.h"

enum method { TRAPEZOID, HELD };
enum only { BOTH, POSITIVE, NEGATIVE };

static const char *const methods[] = { "trapezoid", "held", NULL };
static const char *const onlys[] = { "both", "positive", "negative", NULL };

struct integral {
	int64_t per_us;
	int method, only;
	const struct unit *unit;

	struct step step;
	double last, sum, rest; /* rest: what rounding took from the sum */
};

static const struct opt options[] = {
	{ "per", OPT_DURATION, offsetof(struct integral, per_us), .min = 1, .max = 366.0 * 86400e6, .def = "1s",
	  .example = "1h", .help = "the time in which a value of 1 adds 1: 1h makes W.h of W" },
	{ "unit", OPT_UNIT, offsetof(struct integral, unit), .help = "of the result; default: if it is known, else 1" },
	{ "method", OPT_ENUM, offsetof(struct integral, method), .choices = methods, .def = "trapezoid",
	  .help = "the mean of two values, or the earlier one, for the time between them" },
	{ "only", OPT_ENUM, offsetof(struct integral, only), .choices = onlys, .def = "both",
	  .help = "positive or negative values alone, as a counter: power drawn and power fed in" },
};

static int integral_setup(void *state, struct op_setup *s)
{
	struct integral *g = state;

	if (s->inputs[0].kind == SERIES_COUNTER) {
		snprintf(s->error, sizeof(s->error),
			 "a counter is a sum already; expected a measured quantity or a state");
		return -EINVAL;
	}
	step_setup(&g->step, s->inputs[0].period_us);
	s->output->unit = g->unit ? g->unit : unit_times_time(s->inputs[0].unit, g->per_us);
	s->output->kind = g->only == BOTH ? SERIES_GAUGE : SERIES_COUNTER;
	return 0;
}

/** What counts of a value. */
static double part(const struct integral *g, double x)
{
	if (g->only == BOTH)
		return x;
	if (g->only == NEGATIVE)
		x = -x;
	return x > 0.0 ? x : 0.0;
}

/** @return it fits */
static bool add(struct integral *g, double x)
{
	double sum = g->sum + x, rest = fabs(g->sum) >= fabs(x) ? g->sum - sum + x : x - sum + g->sum;

	if (!isfinite(sum) || !isfinite(g->rest + rest) || !isfinite(sum + (g->rest + rest)))
		return false;
	g->sum = sum;
	g->rest += rest;
	return true;
}

static void integral_push(void *state, unsigned input, const struct sample *in, const struct emitter *out)
{
	struct integral *g = state;
	double x, spans, mean;
	bool fits;

	(void)input;
	if (series_is_gap(in->value)) {
		series_emit(out, in, NAN);
		return;
	}
	x = part(g, in->value);
	spans = (double)step_take(&g->step, in->at_us) / (double)g->per_us;
	mean = g->method == HELD ? g->last : 0.5 * g->last + 0.5 * x;
	fits = add(g, spans > 0.0 ? mean * spans : 0.0);
	g->last = x;
	series_emit(out, in, fits ? g->sum + g->rest : NAN);
}

const struct op_class op_integral = {
	.name = "integral",
	.family = OP_CHANGE,
	.help = "sum over time: energy from power, volume from flow",
	.formula = "y = sum of (x + previous x) / 2 * (t - previous t) / per",
	.memory = "none",
	.options = { options, ARRAY_LEN(options) },
	.state_size = sizeof(struct integral),
	.min_inputs = 1,
	.max_inputs = 1,
	.setup = integral_setup,
	.push = integral_push,
};
