/* SPDX-License-Identifier: Apache-2.0 */
/*
 * tumbling_window - one number for each stretch of time: [0 s, 10 s), [10 s, 20 s) ... since the Unix epoch.
 *
 * A window gives its result when the first sample at or after its end comes, a gap too, or when the watermark has passed its
 * end; dated with its newest value. The first window without a value gives one gap, dated at its end; then there is silence until
 * the next value, however long. The end of the input ends the window that is open. What was lost is told with the result.
 *
 * A value from before the open window counts in it, as if it had just come. One from as long before as the window is long
 * means that the clock was set back: the open window gives its result and the value's own one is opened. So
 * a stamp from the future costs two windows that are cut short, and blocks nothing.
 */
#include <math.h>

#include "pipelines/feature.h"
#include "pipelines/op.h"
#include "pipelines/series.h"

enum phase {
	IDLE,  /* nothing is due until a value comes */
	EMPTY, /* a window without a value so far */
	OPEN,
};

struct tumbling_window {
	int64_t length_us;
	struct feature_options what;

	struct feature feature;
	enum phase phase;
	int64_t start_us, end_us;
	uint32_t lost;
};

static const struct opt options[] = {
	{ "length", OPT_DURATION, offsetof(struct tumbling_window, length_us), .min = 1, .max = 366.0 * 86400e6,
	  .required = true, .help = "of each window" },
	FEATURE_OPTIONS(struct tumbling_window, what),
};

static int tumbling_window_setup(void *state, struct op_setup *s)
{
	struct tumbling_window *w = state;
	struct feature_window window = { .length_us = w->length_us };

	s->output->period_us = w->length_us;
	return feature_setup(&w->feature, &w->what, &window, s);
}

static void give(struct tumbling_window *w, int64_t at_us, double value, const struct emitter *out)
{
	struct sample s = { .at_us = at_us, .lost = w->lost };

	w->lost = 0;
	series_emit(out, &s, value);
}

/** Go to the window after this one. At the end of all time there is none. */
static void go_on(struct tumbling_window *w)
{
	w->start_us = w->end_us;
	w->phase = __builtin_add_overflow(w->end_us, w->length_us, &w->end_us) ? IDLE : EMPTY;
}

static void close_window(struct tumbling_window *w, const struct emitter *out)
{
	int64_t at_us = w->feature.newest_us;
	double value = feature_value(&w->feature);

	feature_clear(&w->feature);
	go_on(w);
	give(w, at_us, value, out);
}

/** Everything before @at_us has come. */
static void pass(struct tumbling_window *w, int64_t at_us, const struct emitter *out)
{
	if (w->phase == OPEN && at_us >= w->end_us)
		close_window(w, out);
	if (w->phase == EMPTY && at_us >= w->end_us) {
		w->phase = IDLE;
		give(w, w->end_us - 1, NAN, out);
	}
}

static void open_at(struct tumbling_window *w, int64_t at_us)
{
	int64_t into_us = at_us % w->length_us;

	if (into_us < 0)
		into_us += w->length_us;
	if (__builtin_sub_overflow(at_us, into_us, &w->start_us))
		w->start_us = INT64_MIN;
	if (__builtin_add_overflow(w->start_us, w->length_us, &w->end_us))
		w->end_us = INT64_MAX;
	w->phase = OPEN;
}

/** @return the time that a value from before the window counts as */
static int64_t take_late(struct tumbling_window *w, int64_t at_us, const struct emitter *out)
{
	if (series_distance_us(at_us, w->start_us) < (uint64_t)w->length_us)
		return w->phase == OPEN ? w->feature.newest_us : w->start_us;
	if (w->phase == OPEN)
		close_window(w, out);
	w->phase = IDLE;
	return at_us;
}

static void tumbling_window_push(void *state, unsigned input, const struct sample *in, const struct emitter *out)
{
	struct tumbling_window *w = state;
	int64_t at_us = in->at_us;

	(void)input;
	if (w->phase != IDLE && at_us >= w->end_us)
		pass(w, at_us, out);
	w->lost = series_add_lost(w->lost, in->lost);
	if (series_is_gap(in->value))
		return;

	if (w->phase != IDLE && at_us < w->start_us)
		at_us = take_late(w, at_us, out);
	if (w->phase == IDLE)
		open_at(w, at_us);
	w->phase = OPEN;
	if (w->feature.n > 0 && at_us < w->feature.newest_us)
		at_us = w->feature.newest_us;
	feature_add(&w->feature, at_us, in->value);
}

static int64_t tumbling_window_due_us(const void *state)
{
	const struct tumbling_window *w = state;

	return w->phase == IDLE ? INT64_MAX : w->end_us;
}

static void tumbling_window_advance(void *state, int64_t watermark_us, const struct emitter *out)
{
	struct tumbling_window *w = state;

	if (watermark_us == INT64_MAX && w->phase == OPEN)
		close_window(w, out);
	else if (watermark_us != INT64_MAX)
		pass(w, watermark_us, out);
}

const struct op_class op_tumbling_window = {
	.name = "tumbling_window",
	.family = OP_WINDOWS,
	.help = "one number for each stretch of time: mean, stddev, a quantile, kurtosis",
	.formula = "y = value of x in [k T, (k + 1) T), T = length, since the Unix epoch",
	.memory = FEATURE_MEMORY,
	.options = { options, ARRAY_LEN(options) },
	.state_size = sizeof(struct tumbling_window),
	.min_inputs = 1,
	.max_inputs = 1,
	.setup = tumbling_window_setup,
	.push = tumbling_window_push,
	.advance = tumbling_window_advance,
	.due_us = tumbling_window_due_us,
};
