/* SPDX-License-Identifier: Apache-2.0 */
/*
 * exponential - an average that forgets: each value counts less, the older it is, and only one number is kept.
 *
 * By samples (`alpha`) or by time (`time_constant`: what is older by that counts 1/e as much), which also suits samples at uneven
 * distances. By time, a sample of the same stamp as the one before or an older one has no time to count for, and leaves the average
 * as it was; after a long pause the new value counts nearly alone. The first value is the first average. An average that
 * leaves the range of double starts anew.
 */
#include <errno.h>
#include <math.h>
#include <stdio.h>

#include "base/check.h"
#include "pipelines/filter.h"
#include "pipelines/op.h"
#include "pipelines/plain_math.h"
#include "pipelines/series.h"

#define TIME_CONSTANT_MAX_US (366.0 * 86400e6)

struct exponential {
	double alpha;
	int64_t time_constant_us;

	double average;
	double share; /* of a new value after @step_us */
	int64_t step_us, last_us;
	bool seen;
};

static const struct opt options[] = {
	{ "alpha", OPT_DOUBLE, offsetof(struct exponential, alpha), .min = 1e-9, .max = 1, .example = "0.1",
	  .help = "share of the newest value" },
	{ "time_constant", OPT_DURATION, offsetof(struct exponential, time_constant_us), .min = 0,
	  .max = TIME_CONSTANT_MAX_US,
	  .help = "instead of alpha: what is older by this counts 1/e as much, however many samples there are" },
};

static int exponential_setup(void *state, struct op_setup *s)
{
	struct exponential *e = state;

	if (isnan(e->alpha) == (e->time_constant_us == 0)) {
		snprintf(s->error, sizeof(s->error), "expected one of alpha and time_constant, found %s",
			 isnan(e->alpha) ? "neither" : "both");
		return -EINVAL;
	}
	if (s->inputs[0].kind == SERIES_COUNTER) {
		snprintf(s->error, sizeof(s->error), "a counter has no mean; expected a measured quantity or a state");
		return -EINVAL;
	}
	s->output->kind = SERIES_GAUGE;
	e->share = e->alpha;
	return 0;
}

/* Steps are nearly always the same, so the exponential is rarely computed. */
static double share_of(struct exponential *e, int64_t at_us)
{
	uint64_t step_us = at_us > e->last_us ? series_distance_us(at_us, e->last_us) : 0;

	if (step_us > INT64_MAX)
		step_us = INT64_MAX;
	if ((int64_t)step_us != e->step_us || isnan(e->share)) {
		e->step_us = (int64_t)step_us;
		e->share = -plain_expm1(-(double)step_us / (double)e->time_constant_us);
	}
	return e->share;
}

static void exponential_push(void *state, unsigned input, const struct sample *in, const struct emitter *out)
{
	struct exponential *e = state;

	(void)input;
	if (series_is_gap(in->value)) {
		series_emit(out, in, NAN);
		return;
	}
	if (!e->seen) {
		e->seen = true;
		e->average = in->value;
	} else {
		double share = e->time_constant_us > 0 ? share_of(e, in->at_us) : e->alpha;

		e->average = filter_flush(e->average + share * (in->value - e->average));
		e->seen = isfinite(e->average);
	}
	e->last_us = in->at_us;
	series_emit(out, in, e->average);
}

const struct op_class op_exponential = {
	.name = "exponential",
	.family = OP_SMOOTHING,
	.help = "exponentially weighted average, by samples or by time",
	.formula = "y += a (x - y), a = alpha or 1 - exp(-dt / time_constant)",
	.memory = "none",
	.options = { options, ARRAY_LEN(options) },
	.state_size = sizeof(struct exponential),
	.min_inputs = 1,
	.max_inputs = 1,
	.setup = exponential_setup,
	.push = exponential_push,
};
