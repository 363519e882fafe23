/* SPDX-License-Identifier: Apache-2.0 */
/*
 * zscore - how many standard deviations a value lies from those before it; with `limit`, the state "that is too far".
 *
 * A value is compared with what came before and only then joins it, so a spike does not widen the very range it is judged
 * by. Before is either a trailing window, or all of the past with a weight that fades by 1 - alpha a value:
 *
 *     d = x - mean;  mean += alpha * d;  variance = (1 - alpha) * (variance + alpha * d^2)        (West 1979, Finch 2009)
 *
 * which needs no memory and fades by count, not by time: an exponential of a time would differ in its last bit from
 * target to target. A signal that stood still has no deviation, and after that any change would be infinitely far: the
 * deviation counts as at least `min_stddev`, by default the quantum of the unit.
 */
#include <errno.h>
#include <math.h>
#include <stdio.h>

#include "base/check.h"
#include "base/unit.h"
#include "pipelines/baseline.h"
#include "pipelines/op.h"
#include "pipelines/series.h"
#include "pipelines/trailing.h"

struct zscore {
	struct opt_span window;
	double alpha, limit, min_stddev;
	int64_t after;
	int direction;

	struct trailing trailing;
	double mean, variance, n; /* of a fading past */
	uint32_t lost;
};

static const struct opt options[] = {
	{ "window", OPT_SPAN, offsetof(struct zscore, window), .min = 2, .max = TRAILING_MAX, .example = "1h",
	  .help = "what a value is compared with: a number of samples or a duration before it" },
	{ "alpha", OPT_DOUBLE, offsetof(struct zscore, alpha), .min = 1e-9, .max = 0.9999,
	  .help = "instead of a window: weight of the newest value in a mean that fades" },
	{ "limit", OPT_DOUBLE, offsetof(struct zscore, limit), .min = 0, .max = 1e9, .example = "4",
	  .help = "gives a state: 1 while the score is beyond this; default: the score itself" },
	{ "direction", OPT_ENUM, offsetof(struct zscore, direction), .choices = direction_names, .def = "both",
	  .help = "which values are too far; goes with limit" },
	{ "after", OPT_INT, offsetof(struct zscore, after), .min = 2, .max = TRAILING_MAX, .def = "10",
	  .unit = "samples", .help = "so many values must have come before; no result until then" },
	{ "min_stddev", OPT_DOUBLE, offsetof(struct zscore, min_stddev), .min = BASELINE_SIGMA_MIN, .max = 1e100,
	  .help = "the deviation counts as at least this; default: the quantum of the unit" },
};

static int zscore_setup(void *state, struct op_setup *s)
{
	struct zscore *z = state;
	bool has_window = z->window.us > 0 || z->window.count > 0;

	if (has_window == !isnan(z->alpha)) {
		snprintf(s->error, sizeof(s->error), "expected one of window and alpha, found %s",
			 has_window ? "both" : "neither");
		return -EINVAL;
	}
	if (z->window.count > 0 && z->after > z->window.count) {
		snprintf(s->error, sizeof(s->error), "after must be at most the window (%lld samples), found %lld",
			 (long long)z->window.count, (long long)z->after);
		return -EINVAL;
	}
	if (s->inputs[0].kind == SERIES_COUNTER) {
		snprintf(s->error, sizeof(s->error), "a counter has no mean; expected a measured quantity or a state");
		return -EINVAL;
	}
	if (isnan(z->min_stddev))
		z->min_stddev = s->inputs[0].unit->quantum;
	s->output->unit = unit_find("1");
	s->output->kind = isnan(z->limit) ? SERIES_GAUGE : SERIES_STATE;
	return has_window ? trailing_setup(&z->trailing, &z->window, s) : 0;
}

static double score(const struct zscore *z, double x, double mean, double stddev)
{
	double result = (x - mean) / (stddev > z->min_stddev ? stddev : z->min_stddev);

	if (isnan(z->limit) || isnan(result))
		return result;
	return direction_measure(z->direction, result) > z->limit ? 1.0 : 0.0;
}

/* Both: @return enough values came before, and the score is in @result. */
static bool against_window(struct zscore *z, const struct sample *in, double *result)
{
	bool is_ready;

	trailing_expire(&z->trailing, in->at_us);
	is_ready = trailing_n(&z->trailing) >= (size_t)z->after;
	if (is_ready) {
		struct power_moments m;

		power_sums_moments(&z->trailing.sums, &m);
		*result = score(z, in->value, power_moments_mean(&m), power_moments_stddev(&m));
	}
	trailing_add(&z->trailing, in->at_us, in->value);
	return is_ready;
}

static bool against_the_past(struct zscore *z, double x, double *result)
{
	bool is_ready = z->n >= (double)z->after;
	double d = x - z->mean;

	if (is_ready)
		*result = score(z, x, z->mean, sqrt(z->variance));
	else
		z->n += 1.0;
	if (z->n == 1.0)
		z->mean = x;
	else
		z->mean += z->alpha * d;
	z->variance = z->n == 1.0 ? 0.0 : (1.0 - z->alpha) * (z->variance + z->alpha * d * d);
	if (!isfinite(z->variance) || !isfinite(z->mean))
		z->n = z->mean = z->variance = 0.0; /* beyond all measure: begin anew */
	return is_ready;
}

static void zscore_push(void *state, unsigned input, const struct sample *in, const struct emitter *out)
{
	struct zscore *z = state;

	bool is_ready = true;
	double result = NAN;

	(void)input;
	if (!series_is_gap(in->value))
		is_ready = z->trailing.times ? against_window(z, in, &result) : against_the_past(z, in->value, &result);
	series_emit_if(is_ready, out, in, result, &z->lost);
}

const struct op_class op_zscore = {
	.name = "zscore",
	.family = OP_ANOMALY,
	.help = "how many standard deviations a value is from those before it, or with limit the state \"too far\"",
	.formula = "y = (x - mean) / stddev of the window before x, or of a past that fades by 1 - alpha",
	.memory = "32 B a sample of the window (of T: room for T / period and a quarter more); none with alpha",
	.options = { options, ARRAY_LEN(options) },
	.state_size = sizeof(struct zscore),
	.min_inputs = 1,
	.max_inputs = 1,
	.setup = zscore_setup,
	.push = zscore_push,
};
