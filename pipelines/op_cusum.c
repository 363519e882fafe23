/* SPDX-License-Identifier: Apache-2.0 */
/*
 * cusum - the two-sided tabular CUSUM of Page (1954): adds up what exceeds a shift that is still allowed, in either direction,
 * and raises when a sum is beyond its limit. The quickest way to find a shift of known size (NIST/SEMATECH handbook 6.3.2.3).
 *
 *     up   = max(0, up   + (x - target) / sigma - k)
 *     down = max(0, down - (x - target) / sigma - k)          y = up > h or down > h
 *
 * k and h are in standard deviations; with `sigma: 1` in the unit of the series. k is half the shift to be found. The textbook
 * restarts the sums by hand after an alarm; an agent has no hands, so the sums stop growing at `cap` and the alarm ends by
 * itself, not too long after its cause.
 */
#include <errno.h>
#include <math.h>
#include <stdio.h>

#include "base/check.h"
#include "base/unit.h"
#include "pipelines/baseline.h"
#include "pipelines/op.h"
#include "pipelines/series.h"

enum output { STATE, UP, DOWN };

static const char *const outputs[] = { "state", "up", "down", NULL };

struct cusum {
	double k, h, cap;
	struct baseline baseline;
	int direction, output;

	double quantum, up, down;
	uint32_t lost;
};

static const struct opt options[] = {
	{ "k", OPT_DOUBLE, offsetof(struct cusum, k), .min = 0, .max = 1e100, .def = "0.5", .example = "0.5",
	  .help = "shift that is still allowed, in sigma; half of the one to be found" },
	{ "h", OPT_DOUBLE, offsetof(struct cusum, h), .min = 1e-100, .max = 1e100, .def = "5",
	  .help = "raised when a sum is beyond this, in sigma" },
	{ "cap", OPT_DOUBLE, offsetof(struct cusum, cap), .min = 1e-100, .max = 1e100,
	  .help = "the sums stop growing here, in sigma; default: 2 h" },
	BASELINE_OPTIONS(struct cusum, baseline),
	{ "direction", OPT_ENUM, offsetof(struct cusum, direction), .choices = direction_names, .def = "both",
	  .help = "which shifts count" },
	{ "output", OPT_ENUM, offsetof(struct cusum, output), .choices = outputs, .def = "state",
	  .help = "state: a sum is beyond h; up, down: that sum" },
};

static int cusum_setup(void *state, struct op_setup *s)
{
	struct cusum *c = state;

	if (s->inputs[0].kind == SERIES_COUNTER) {
		snprintf(s->error, sizeof(s->error), "a counter has no target; expected a measured quantity");
		return -EINVAL;
	}
	if (isnan(c->cap))
		c->cap = 2.0 * c->h;
	if (c->cap <= c->h) {
		snprintf(s->error, sizeof(s->error), "cap must be above h: no sum could be beyond h");
		return -EINVAL;
	}
	baseline_setup(&c->baseline);
	c->quantum = s->inputs[0].unit->quantum;
	s->output->unit = unit_find("1");
	s->output->kind = c->output == STATE ? SERIES_STATE : SERIES_GAUGE;
	return 0;
}

static double add(const struct cusum *c, double sum, double excess)
{
	sum += excess - c->k;
	if (!(sum > 0.0))
		return 0.0;
	return sum < c->cap ? sum : c->cap;
}

static double accumulate(struct cusum *c, double x)
{
	double excess = (x - c->baseline.center) / c->baseline.spread;

	c->up = c->direction == DIRECTION_DOWN ? 0.0 : add(c, c->up, excess);
	c->down = c->direction == DIRECTION_UP ? 0.0 : add(c, c->down, -excess);
	if (c->output == STATE)
		return c->up > c->h || c->down > c->h ? 1.0 : 0.0;
	return c->output == UP ? c->up : c->down;
}

static void cusum_push(void *state, unsigned input, const struct sample *in, const struct emitter *out)
{
	struct cusum *c = state;

	bool is_gap = series_is_gap(in->value),
	     is_judged = !is_gap && baseline_learn(&c->baseline, in->value, c->quantum);

	(void)input;
	series_emit_if(is_gap || is_judged, out, in, is_judged ? accumulate(c, in->value) : NAN, &c->lost);
}

const struct op_class op_cusum = {
	.name = "cusum",
	.family = OP_ANOMALY,
	.help = "1 while the cumulative sum of deviations from a target is beyond a limit: lasting shifts, either way",
	.formula = "up = max(0, up + (x - target) / sigma - k), down = max(0, down - (x - target) / sigma - k); y = up "
		   "> h "
		   "or down > h",
	.memory = "none",
	.options = { options, ARRAY_LEN(options) },
	.state_size = sizeof(struct cusum),
	.min_inputs = 1,
	.max_inputs = 1,
	.setup = cusum_setup,
	.push = cusum_push,
};
