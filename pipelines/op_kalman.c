/* SPDX-License-Identifier: Apache-2.0 */
/*
 * kalman - the best estimate of a value that wanders, from readings that are noisy: a Kalman filter of one dimension.
 *
 * The value is taken for a random walk that in t seconds goes `drift` * sqrt(t) away (standard deviation), and a reading for the
 * value plus noise of standard deviation `noise`. The first reading is the first estimate. After a pause the estimate is
 * less certain and the next reading counts more; that is what makes it suit uneven distances. A sample of the same stamp or
 * an older one is a further reading of the same moment. An estimate that leaves the range of double starts anew.
 */
#include <errno.h>
#include <math.h>
#include <stdio.h>

#include "base/check.h"
#include "pipelines/op.h"
#include "pipelines/series.h"

struct kalman {
	double noise, drift;

	double estimate;
	double variance; /* of the estimate */
	int64_t last_us;
	bool seen;
};

static const struct opt options[] = {
	{ "noise", OPT_DOUBLE, offsetof(struct kalman, noise), .min = 1e-100, .max = 1e100, .required = true,
	  .example = "0.5", .help = "standard deviation of a reading, in the unit of the input" },
	{ "drift", OPT_DOUBLE, offsetof(struct kalman, drift), .min = 0, .max = 1e100, .required = true,
	  .example = "0.01", .help = "standard deviation of the change of the true value within a second" },
};

static int kalman_setup(void *state, struct op_setup *s)
{
	(void)state;
	if (s->inputs[0].kind == SERIES_COUNTER) {
		snprintf(s->error, sizeof(s->error), "a counter only grows; expected a measured quantity");
		return -EINVAL;
	}
	s->output->kind = SERIES_GAUGE;
	return 0;
}

static void kalman_push(void *state, unsigned input, const struct sample *in, const struct emitter *out)
{
	struct kalman *k = state;
	double noise = k->noise * k->noise;

	(void)input;
	if (series_is_gap(in->value)) {
		series_emit(out, in, NAN);
		return;
	}
	if (!k->seen) {
		k->seen = true;
		k->estimate = in->value;
		k->variance = noise;
	} else {
		double step_s = in->at_us > k->last_us ? 1e-6 * (double)series_distance_us(in->at_us, k->last_us) : 0.0;
		double predicted = k->variance + k->drift * k->drift * step_s;
		double gain = predicted / (predicted + noise);

		k->estimate += gain * (in->value - k->estimate);
		k->variance = gain * noise; /* (1 - gain) * predicted, without the difference */
		k->seen = isfinite(k->estimate);
	}
	k->last_us = in->at_us;
	series_emit(out, in, k->estimate);
}

const struct op_class op_kalman = {
	.name = "kalman",
	.family = OP_SMOOTHING,
	.help = "estimate of a wandering value from noisy readings: Kalman filter of one dimension",
	.formula = "p += drift^2 dt, g = p / (p + noise^2), y += g (x - y), p = g noise^2",
	.memory = "none",
	.options = { options, ARRAY_LEN(options) },
	.state_size = sizeof(struct kalman),
	.min_inputs = 1,
	.max_inputs = 1,
	.setup = kalman_setup,
	.push = kalman_push,
};
