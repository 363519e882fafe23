/* SPDX-License-Identifier: Apache-2.0 */
/*
 * sliding_window - at every sample one number of the last N values, or of those of the last T seconds.
 *
 * A window of T holds what is younger than T at the time of the newest value, (t - T, t]; while it fills it is of what is there,
 * with no result of one value where it takes two: stddev, skewness, kurtosis, slope, r2. A value older than the one before counts as if it had come with it; one that is older by T or more means that the clock
 * was set back, and the window starts anew. When values come faster than there is room, the oldest leave early. Gaps take no
 * place in the window.
 */
#include <math.h>

#include "pipelines/feature.h"
#include "pipelines/op.h"
#include "pipelines/series.h"

struct sliding_window {
	struct opt_span length;
	struct feature_options what;

	struct feature feature;
	uint32_t lost;
};

static const struct opt options[] = {
	{ "length", OPT_SPAN, offsetof(struct sliding_window, length), .min = 1, .max = FEATURE_SAMPLES_MAX,
	  .required = true, .help = "a number of values or a duration" },
	FEATURE_OPTIONS(struct sliding_window, what),
};

static int sliding_window_setup(void *state, struct op_setup *s)
{
	struct sliding_window *w = state;
	struct feature_window window = { w->length.count, w->length.us, true };

	return feature_setup(&w->feature, &w->what, &window, s);
}

/** Let go of what is out of the window at @at_us. @return the time that the new value counts as */
static int64_t make_room(struct sliding_window *w, int64_t at_us)
{
	struct feature *f = &w->feature;
	uint64_t length_us = (uint64_t)w->length.us;

	if (f->n == 0)
		return at_us;
	if (at_us < f->newest_us) {
		if (series_distance_us(at_us, f->newest_us) < length_us)
			return f->newest_us;
		feature_clear(f);
		return at_us;
	}
	while (f->n > 0 && series_distance_us(at_us, feature_oldest_us(f)) >= length_us)
		feature_drop(f);
	return at_us;
}

static void sliding_window_push(void *state, unsigned input, const struct sample *in, const struct emitter *out)
{
	struct sliding_window *w = state;

	(void)input;
	if (series_is_gap(in->value)) {
		series_emit_if(true, out, in, NAN, &w->lost);
		return;
	}
	feature_add(&w->feature, w->length.us > 0 ? make_room(w, in->at_us) : in->at_us, in->value);
	series_emit_if(feature_has_enough(&w->feature), out, in, feature_value(&w->feature), &w->lost);
}

const struct op_class op_sliding_window = {
	.name = "sliding_window",
	.family = OP_WINDOWS,
	.help = "at every sample one number of the last values, by number or by time",
	.formula = "y(t) = value of the last N of x, or of x in (t - T, t]",
	.memory = FEATURE_MEMORY_SLIDING,
	.options = { options, ARRAY_LEN(options) },
	.state_size = sizeof(struct sliding_window),
	.min_inputs = 1,
	.max_inputs = 1,
	.setup = sliding_window_setup,
	.push = sliding_window_push,
};
