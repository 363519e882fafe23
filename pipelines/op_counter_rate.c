/* SPDX-License-Identifier: Apache-2.0 */
/*
 * counter_rate - how fast a counter grows.
 *
 * A counter that fell has restarted from zero, so what it shows has been added since; that is how increase() of a KPI counts, too.
 * With a `modulus` it has wrapped instead if that adds less than half of it. (A counter of 16 bits that goes from 65530 to 5
 * has added 11; one that goes from 20000 to 5 has restarted.) A value below 0, or not below the modulus, is no count: a gap.
 * Without time between two values there is no rate: a gap, and what follows is counted from the value that came last. The first count
 * has no rate, and no result.
 */
#include <errno.h>
#include <math.h>
#include <stdio.h>

#include "base/check.h"
#include "base/unit_time.h"
#include "pipelines/op.h"
#include "pipelines/series.h"

struct counter_rate {
	double modulus;
	int64_t per_us;
	const struct unit *unit;

	double last;
	int64_t last_us;
	uint32_t lost;
	bool seen;
};

static const struct opt options[] = {
	{ "per", OPT_DURATION, offsetof(struct counter_rate, per_us), .min = 1, .max = 366.0 * 86400e6, .def = "1s",
	  .example = "1m", .help = "the growth in such a time" },
	{ "modulus", OPT_DOUBLE, offsetof(struct counter_rate, modulus), .min = 1, .max = 0x1p64,
	  .help = "the counter goes from this less 1 to 0: 65536, 4294967296; default: never" },
	{ "unit", OPT_UNIT, offsetof(struct counter_rate, unit),
	  .help = "of the result; default: if it is known, else 1" },
};

static int counter_rate_setup(void *state, struct op_setup *s)
{
	const struct counter_rate *c = state;

	if (s->inputs[0].kind == SERIES_STATE) {
		snprintf(s->error, sizeof(s->error),
			 "expected a counter, found a state; count its changes by edge_count");
		return -EINVAL;
	}
	s->output->unit = c->unit ? c->unit : unit_per_time(s->inputs[0].unit, c->per_us);
	s->output->kind = SERIES_GAUGE;
	return 0;
}

static double growth(const struct counter_rate *c, double x)
{
	double wrapped;

	if (x >= c->last)
		return x - c->last;
	wrapped = x + (c->modulus - c->last);
	return wrapped < c->modulus / 2.0 ? wrapped : x; /* false for NaN */
}

static void counter_rate_push(void *state, unsigned input, const struct sample *in, const struct emitter *out)
{
	struct counter_rate *c = state;
	bool is_count = !series_is_gap(in->value) && in->value >= 0.0 && !(in->value >= c->modulus);
	double y = NAN;

	(void)input;
	if (is_count && in->at_us > c->last_us)
		y = growth(c, in->value) / ((double)series_distance_us(in->at_us, c->last_us) / (double)c->per_us);
	series_emit_if(c->seen || !is_count, out, in, y, &c->lost);
	if (!is_count)
		return;
	c->seen = true;
	c->last = in->value;
	c->last_us = in->at_us;
}

const struct op_class op_counter_rate = {
	.name = "counter_rate",
	.family = OP_CHANGE,
	.help = "how fast a counter grows, over restarts and wraps",
	.formula = "y = growth / (t - previous t) * per; growth = x - previous x, or x after a restart, or + modulus",
	.memory = "none",
	.options = { options, ARRAY_LEN(options) },
	.state_size = sizeof(struct counter_rate),
	.min_inputs = 1,
	.max_inputs = 1,
	.setup = counter_rate_setup,
	.push = counter_rate_push,
	.example_inputs = { "shape: counter, amplitude: 10" },
};
