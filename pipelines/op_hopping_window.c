/* SPDX-License-Identifier: Apache-2.0 */
/*
 * hopping_window - one number every `hop` of time, of the last `length` of time: windows that overlap.
 *
 * Windows end at whole multiples of `hop` since the Unix epoch and hold what is younger than `length` then: [t - length, t). A result
 * is given when the first sample at or after its end comes, a gap too, or when the watermark has passed; dated with its newest
 * value, or at the end of its window when none came within the last hop. The first window without a value gives one gap,
 * then there is silence until the next value. The end of the input gives the window that would have come next.
 *
 * A value older than the one before counts as if it had come with it. One that is older by `length` or more means that the clock
 * was set back: the windows start anew. When values come faster than there is room, the oldest leave early.
 */
#include <errno.h>
#include <math.h>
#include <stdio.h>

#include "pipelines/feature.h"
#include "pipelines/op.h"
#include "pipelines/series.h"

enum { HOPS_MAX = 1000 };

struct hopping_window {
	int64_t length_us, hop_us;
	struct feature_options what;

	struct feature feature;
	int64_t end_us; /* of the next window to give */
	bool waits;	/* there is one */
	uint32_t lost;
};

static const struct opt options[] = {
	{ "length", OPT_DURATION, offsetof(struct hopping_window, length_us), .min = 1, .max = 366.0 * 86400e6,
	  .required = true, .example = "1m", .help = "of each window" },
	{ "hop", OPT_DURATION, offsetof(struct hopping_window, hop_us), .min = 1, .max = 366.0 * 86400e6,
	  .required = true, .example = "10s",
	  .help = "from one window to the next; at most length, at least a thousandth of it" },
	FEATURE_OPTIONS(struct hopping_window, what),
};

static int hopping_window_setup(void *state, struct op_setup *s)
{
	struct hopping_window *w = state;
	struct feature_window window = { .length_us = w->length_us, .slides = true };

	if (w->hop_us > w->length_us || w->length_us / w->hop_us > HOPS_MAX) {
		snprintf(s->error, sizeof(s->error), "hop must be at most length and at least a thousandth of it");
		return -EINVAL;
	}
	s->output->period_us = w->hop_us;
	return feature_setup(&w->feature, &w->what, &window, s);
}

static void give(struct hopping_window *w, int64_t at_us, const struct emitter *out)
{
	struct sample s = { .at_us = at_us, .lost = w->lost };

	w->lost = 0;
	series_emit(out, &s, feature_value(&w->feature));
}

static void drop_old(struct hopping_window *w)
{
	struct feature *f = &w->feature;

	while (f->n > 0 && feature_oldest_us(f) < w->end_us &&
	       series_distance_us(w->end_us, feature_oldest_us(f)) > (uint64_t)w->length_us)
		feature_drop(f);
}

/** Everything before @at_us has come. Ends when all values have left, after length / hop windows at most. */
static void pass(struct hopping_window *w, int64_t at_us, const struct emitter *out)
{
	while (w->waits && at_us >= w->end_us) {
		int64_t newest_us = w->feature.newest_us;
		bool is_fresh = series_distance_us(w->end_us, newest_us) <= (uint64_t)w->hop_us;

		drop_old(w);
		w->waits = w->feature.n > 0;
		give(w, w->waits && is_fresh ? newest_us : w->end_us - 1, out);
		if (__builtin_add_overflow(w->end_us, w->hop_us, &w->end_us))
			w->waits = false;
	}
}

static void start(struct hopping_window *w, int64_t at_us)
{
	int64_t into_us = at_us % w->hop_us;

	feature_clear(&w->feature);
	if (into_us < 0)
		into_us += w->hop_us;
	if (__builtin_add_overflow(at_us, w->hop_us - into_us, &w->end_us))
		w->end_us = INT64_MAX;
	w->waits = true;
}

static void hopping_window_push(void *state, unsigned input, const struct sample *in, const struct emitter *out)
{
	struct hopping_window *w = state;
	struct feature *f = &w->feature;
	int64_t at_us = in->at_us;

	(void)input;
	pass(w, at_us, out);
	w->lost = series_add_lost(w->lost, in->lost);
	if (series_is_gap(in->value))
		return;

	if (!w->waits) {
		start(w, at_us);
	} else if (f->n > 0 && at_us < f->newest_us) {
		if (series_distance_us(at_us, f->newest_us) < (uint64_t)w->length_us)
			at_us = f->newest_us;
		else
			start(w, at_us);
	}
	feature_add(f, at_us, in->value);
}

static int64_t hopping_window_due_us(const void *state)
{
	const struct hopping_window *w = state;

	return w->waits ? w->end_us : INT64_MAX;
}

static void hopping_window_advance(void *state, int64_t watermark_us, const struct emitter *out)
{
	struct hopping_window *w = state;

	if (watermark_us != INT64_MAX) {
		pass(w, watermark_us, out);
	} else if (w->waits) {
		drop_old(w);
		if (w->feature.n > 0)
			give(w, w->feature.newest_us, out);
		w->waits = false;
	}
}

const struct op_class op_hopping_window = {
	.name = "hopping_window",
	.family = OP_WINDOWS,
	.help = "one number every `hop`, of the last `length` of time: windows that overlap",
	.formula = "y = value of x in [k H - T, k H), H = hop, T = length, since the Unix epoch",
	.memory = FEATURE_MEMORY_SLIDING,
	.options = { options, ARRAY_LEN(options) },
	.state_size = sizeof(struct hopping_window),
	.min_inputs = 1,
	.max_inputs = 1,
	.setup = hopping_window_setup,
	.push = hopping_window_push,
	.advance = hopping_window_advance,
	.due_us = hopping_window_due_us,
};
