/* SPDX-License-Identifier: Apache-2.0 */
/*
 * deadband - a value passes when it moved far enough from the last one that passed: by more than `band`, or by more than `percent` of that
 * one, whichever is given (both: either is enough).
 *
 * All gaps pass, because each is counted, and so does the first value after a gap, because a gap ends the time that a
 * value stands for. What was lost before a value left out is told with the next that passes. The result is irregular: the stream's `hold`
 * says how long a value stands; `every` lets one pass at least so often, as long as values come.
 */
#include <errno.h>
#include <math.h>
#include <stdio.h>

#include "base/check.h"
#include "pipelines/op.h"
#include "pipelines/series.h"

struct deadband {
	double band, percent;
	int64_t every_us;

	double last;
	int64_t last_us;
	uint32_t lost;
	bool has_last;
};

static const struct opt options[] = {
	{ "band", OPT_DOUBLE, offsetof(struct deadband, band), .min = 0, .max = INFINITY, .example = "0.2",
	  .help = "in the unit of the input" },
	{ "percent", OPT_DOUBLE, offsetof(struct deadband, percent), .min = 0, .max = 1e6, .unit = "%",
	  .help = "of the last value that passed" },
	{ "every", OPT_DURATION, offsetof(struct deadband, every_us), .min = 0, .max = 366.0 * 86400e6, .def = "0",
	  .help = "let a value pass that comes so long after the last that passed; 0: none" },
};

static int deadband_setup(void *state, struct op_setup *s)
{
	struct deadband *d = state;

	if (isnan(d->band) && isnan(d->percent)) {
		snprintf(s->error, sizeof(s->error), "expected band, percent or both, found neither");
		return -EINVAL;
	}
	if (isnan(d->band))
		d->band = INFINITY;
	if (isnan(d->percent))
		d->percent = INFINITY;
	s->output->period_us = 0;
	return 0;
}

static bool has_moved(const struct deadband *d, const struct sample *in)
{
	double distance = fabs(in->value - d->last);

	if (!d->has_last || distance > d->band)
		return true;
	if (isfinite(d->percent) && distance > d->percent / 100.0 * fabs(d->last))
		return true;
	return d->every_us > 0 && series_distance_us(in->at_us, d->last_us) >= (uint64_t)d->every_us;
}

static void deadband_push(void *state, unsigned input, const struct sample *in, const struct emitter *out)
{
	struct deadband *d = state;
	struct sample s = { .at_us = in->at_us, .lost = series_add_lost(d->lost, in->lost) };
	bool is_gap = series_is_gap(in->value);

	(void)input;
	if (!is_gap && !has_moved(d, in)) {
		d->lost = s.lost;
		return;
	}
	d->lost = 0;
	d->has_last = !is_gap;
	d->last = in->value;
	d->last_us = in->at_us;
	series_emit(out, &s, in->value);
}

const struct op_class op_deadband = {
	.name = "deadband",
	.family = OP_CHANGE,
	.help = "let a value pass when it moved by more than a band, or by more than a share",
	.formula = "y = x if |x - y0| > band or |x - y0| > percent / 100 * |y0|, y0 = the last y",
	.memory = "none",
	.options = { options, ARRAY_LEN(options) },
	.state_size = sizeof(struct deadband),
	.min_inputs = 1,
	.max_inputs = 1,
	.setup = deadband_setup,
	.push = deadband_push,
};
