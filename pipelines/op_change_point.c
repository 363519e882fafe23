/* SPDX-License-Identifier: Apache-2.0 */
/*
 * change_point - compares the last `window` values with as many before them, by the statistic of Welch (1947):
 *
 *     t = (mean_new - mean_old) / sqrt(var_new / N + var_old / N)
 *
 * Two adjacent windows that slide along are the scheme of Kifer, Ben-David & Gehrke (2004); with Welch's t it takes constant
 * time a value, where the Bayesian online methods keep a distribution over all run lengths. It needs no target, forgets what
 * is older than two windows, and a level that has lasted for one window is normal again. Neighbouring readings of a sensor
 * are rarely independent, so the limit has to be wider than a table of Student's t says. Values that stand still count
 * as spread by at least `min_stddev`.
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

enum { WINDOW_MAX = TRAILING_MAX / 2 };
enum output { STATE, SCORE };

static const char *const outputs[] = { "state", "score", NULL };

struct change_point {
	int64_t window;
	double limit, min_stddev;
	int direction, output;

	struct trailing recent, before;
	uint32_t lost;
};

static const struct opt options[] = {
	{ "window", OPT_INT, offsetof(struct change_point, window), .min = 2, .max = WINDOW_MAX, .required = true,
	  .example = "60", .unit = "samples",
	  .help = "length of each of the two windows; no result until both are full" },
	{ "limit", OPT_DOUBLE, offsetof(struct change_point, limit), .min = 0.1, .max = 1e9, .def = "10",
	  .help = "raised while |t| is beyond this" },
	{ "direction", OPT_ENUM, offsetof(struct change_point, direction), .choices = direction_names, .def = "both",
	  .help = "which changes count" },
	{ "min_stddev", OPT_DOUBLE, offsetof(struct change_point, min_stddev), .min = BASELINE_SIGMA_MIN, .max = 1e100,
	  .help = "the deviation counts as at least this; default: the quantum of the unit" },
	{ "output", OPT_ENUM, offsetof(struct change_point, output), .choices = outputs, .def = "state",
	  .help = "state: beyond the limit; score: t" },
};

static int change_point_setup(void *state, struct op_setup *s)
{
	struct change_point *c = state;
	struct opt_span window = { .count = c->window };
	int r;

	if (s->inputs[0].kind == SERIES_COUNTER) {
		snprintf(s->error, sizeof(s->error), "a counter has no mean; expected a measured quantity");
		return -EINVAL;
	}
	if (isnan(c->min_stddev))
		c->min_stddev = s->inputs[0].unit->quantum;
	s->output->unit = unit_find("1");
	s->output->kind = c->output == STATE ? SERIES_STATE : SERIES_GAUGE;
	r = trailing_setup(&c->recent, &window, s);
	return r < 0 ? r : trailing_setup(&c->before, &window, s);
}

static double stddev(const struct change_point *c, const struct power_moments *m)
{
	double s = power_moments_stddev(m);

	return isnan(s) || s > c->min_stddev ? s : c->min_stddev;
}

static double compare(struct change_point *c)
{
	struct power_moments recent, before;
	double a, b, t;

	power_sums_moments(&c->recent.sums, &recent);
	power_sums_moments(&c->before.sums, &before);
	a = stddev(c, &recent);
	b = stddev(c, &before);
	t = (power_moments_mean(&recent) - power_moments_mean(&before)) / sqrt((a * a + b * b) / (double)c->window);

	if (c->output == SCORE || isnan(t))
		return t;
	return direction_measure(c->direction, t) > c->limit ? 1.0 : 0.0;
}

static void change_point_push(void *state, unsigned input, const struct sample *in, const struct emitter *out)
{
	struct change_point *c = state;

	bool is_ready;

	(void)input;
	if (series_is_gap(in->value)) {
		series_emit_if(true, out, in, NAN, &c->lost);
		return;
	}
	if (trailing_is_full(&c->recent))
		trailing_add(&c->before, in->at_us, power_sums_oldest(&c->recent.sums));
	trailing_add(&c->recent, in->at_us, in->value);
	is_ready = trailing_is_full(&c->before);
	series_emit_if(is_ready, out, in, is_ready ? compare(c) : NAN, &c->lost);
}

const struct op_class op_change_point = {
	.name = "change_point",
	.family = OP_ANOMALY,
	.help = "1 while the last values differ from as many before them (Welch's t of two adjacent windows)",
	.formula = "t = (mean_new - mean_old) / sqrt((var_new + var_old) / N); y = |t| > limit",
	.memory = "64 B a sample of the window",
	.options = { options, ARRAY_LEN(options) },
	.state_size = sizeof(struct change_point),
	.min_inputs = 1,
	.max_inputs = 1,
	.setup = change_point_setup,
	.push = change_point_push,
};
