/* SPDX-License-Identifier: Apache-2.0 */
/*
 * count_window - one number of every `size` values; with `step`, every so many values one of the last `size`.
 *
 * The first result comes with the first full window, dated with its newest value, as every one. Time plays no part: values count in
 * the order in which they come, across pauses and steps of the clock. Gaps are left out; what was lost is told with the
 * next result. A window that is not full when the input ends is dropped.
 */
#include <errno.h>
#include <math.h>
#include <stdio.h>

#include "pipelines/feature.h"
#include "pipelines/op.h"
#include "pipelines/series.h"

struct count_window {
	int64_t size, step;
	struct feature_options what;

	struct feature feature;
	int64_t n_due; /* values until the next result */
	uint32_t lost;
};

static const struct opt options[] = {
	{ "size", OPT_INT, offsetof(struct count_window, size), .min = 1, .max = FEATURE_SAMPLES_MAX, .required = true,
	  .unit = "samples", .help = "values in a window" },
	{ "step", OPT_INT, offsetof(struct count_window, step), .min = 0, .max = FEATURE_SAMPLES_MAX, .unit = "samples",
	  .help = "values from one result to the next; default: size, so that windows do not overlap" },
	FEATURE_OPTIONS(struct count_window, what),
};

static int count_window_setup(void *state, struct op_setup *s)
{
	struct count_window *w = state;
	struct feature_window window = { .count = w->size };

	if (w->step == 0)
		w->step = w->size;
	if (w->step > w->size) {
		snprintf(s->error, sizeof(s->error), "step must be at most size (%lld), found %lld", (long long)w->size,
			 (long long)w->step);
		return -EINVAL;
	}
	window.slides = w->step < w->size;
	w->n_due = w->size;
	s->output->period_us = s->inputs[0].period_us * w->step;
	return feature_setup(&w->feature, &w->what, &window, s);
}

static void count_window_push(void *state, unsigned input, const struct sample *in, const struct emitter *out)
{
	struct count_window *w = state;
	struct sample result = { .at_us = in->at_us };
	double value;

	(void)input;
	w->lost = series_add_lost(w->lost, in->lost);
	if (series_is_gap(in->value))
		return;
	feature_add(&w->feature, in->at_us, in->value);
	if (--w->n_due > 0)
		return;
	value = feature_value(&w->feature);
	result.lost = w->lost;
	w->lost = 0;
	w->n_due = w->step;
	if (w->step == w->size)
		feature_clear(&w->feature);
	series_emit(out, &result, value);
}

const struct op_class op_count_window = {
	.name = "count_window",
	.family = OP_WINDOWS,
	.help = "one number of every so many values, in windows that may overlap",
	.formula = "y = value of the last `size` of x, once every `step`",
	.memory = "quantile and median 29 B a sample, the rest none; with step 8 to 56 B a sample of the window",
	.options = { options, ARRAY_LEN(options) },
	.state_size = sizeof(struct count_window),
	.min_inputs = 1,
	.max_inputs = 1,
	.setup = count_window_setup,
	.push = count_window_push,
};
