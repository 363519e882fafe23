/* SPDX-License-Identifier: Apache-2.0 */
/*
 * slew_limit - no faster than the thing can change. A value that moved too far in its time is brought back to what is possible, or is a gap.
 *
 * With `beyond: limit` the result runs after the value at the highest rate, and the first value is believed: put `range` or
 * `hampel` before it. With `beyond: gap` a value too far from the last good one is refused; the further back that one is, the
 * more is allowed, and after `give_up` refusals in a row the new level is believed, so one wrong value can not lock the
 * stream out. Time counts in both directions, so a clock set back does no harm.
 */
#include <errno.h>
#include <math.h>
#include <stdio.h>

#include "base/check.h"
#include "pipelines/op.h"
#include "pipelines/series.h"

enum beyond { LIMIT, GAP };

static const char *const beyonds[] = { "limit", "gap", NULL };

struct slew_limit {
	double rate, fall;
	int beyond;
	int64_t give_up;

	double last; /* result */
	int64_t last_us, n_refused;
	bool seen;
};

static const struct opt options[] = {
	{ "rate", OPT_DOUBLE, offsetof(struct slew_limit, rate), .min = 1e-12, .max = 1e12, .required = true,
	  .example = "0.5", .help = "how much the value can rise in a second" },
	{ "fall", OPT_DOUBLE, offsetof(struct slew_limit, fall), .min = 1e-12, .max = 1e12,
	  .help = "how much it can fall in a second; default: as it can rise" },
	{ "beyond", OPT_ENUM, offsetof(struct slew_limit, beyond), .choices = beyonds, .def = "limit",
	  .help = "follow at this rate, or a gap, counted as bad" },
	{ "give_up", OPT_INT, offsetof(struct slew_limit, give_up), .min = 1, .max = 1e9, .def = "5", .unit = "samples",
	  .help = "after so many refused in a row the next one is believed" },
};

static int slew_limit_setup(void *state, struct op_setup *s)
{
	struct slew_limit *l = state;

	if (s->inputs[0].kind != SERIES_GAUGE) {
		snprintf(s->error, sizeof(s->error), "expected a measured quantity, found a %s",
			 s->inputs[0].kind == SERIES_STATE ? "state" : "counter");
		return -EINVAL;
	}
	if (isnan(l->fall))
		l->fall = l->rate;
	return 0;
}

static void slew_limit_push(void *state, unsigned input, const struct sample *in, const struct emitter *out)
{
	struct slew_limit *l = state;
	double seconds = (double)series_distance_us(in->at_us, l->last_us) / 1e6;
	double y = in->value;

	(void)input;
	if (series_is_gap(y)) {
		series_emit(out, in, NAN);
		return;
	}
	if (l->seen) {
		y = fmin(fmax(y, l->last - l->fall * seconds), l->last + l->rate * seconds);
		if (y != in->value && l->beyond == GAP) {
			if (l->n_refused < l->give_up) {
				l->n_refused++;
				series_emit(out, in, NAN);
				return;
			}
			y = in->value;
		}
	}
	l->n_refused = 0;
	l->seen = true;
	l->last = y;
	l->last_us = in->at_us;
	series_emit(out, in, y);
}

const struct op_class op_slew_limit = {
	.name = "slew_limit",
	.family = OP_CLEANING,
	.help = "limit how fast the value changes, or refuse what changed faster",
	.formula = "|y(t) - y(t0)| <= rate * (t - t0)",
	.memory = "none",
	.options = { options, ARRAY_LEN(options) },
	.state_size = sizeof(struct slew_limit),
	.min_inputs = 1,
	.max_inputs = 1,
	.setup = slew_limit_setup,
	.push = slew_limit_push,
};
