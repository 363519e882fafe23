/* SPDX-License-Identifier: Apache-2.0 */
/*
 * session_window - one number for each stretch of values without a longer pause: a drive, a visit, a burst of rain.
 *
 * A session is over when no value comes for longer than `gap`; only silence proves that, so the result is given by the watermark,
 * or by the next sample, a gap too. It is dated with the last value. With `max` a session that lasts as long gives its
 * result at the next value, which begins another. Gaps are silence. The end of the input ends the session.
 *
 * A value older than the one before counts as if it had come with it; one that is older by more than `gap` means that the clock was
 * set back, and begins a session. Results come at no regular pace.
 */
#include <math.h>

#include "pipelines/feature.h"
#include "pipelines/op.h"
#include "pipelines/series.h"

struct session_window {
	int64_t gap_us, max_us;
	struct feature_options what;

	struct feature feature;
	uint32_t lost;
};

static const struct opt options[] = {
	{ "gap", OPT_DURATION, offsetof(struct session_window, gap_us), .min = 1, .max = 366.0 * 86400e6,
	  .required = true, .example = "30s", .help = "silence for longer than this ends a session" },
	{ "max", OPT_DURATION, offsetof(struct session_window, max_us), .min = 0, .max = 366.0 * 86400e6,
	  .help = "a session that lasts so long is ended; default: never" },
	FEATURE_OPTIONS(struct session_window, what),
};

static int session_window_setup(void *state, struct op_setup *s)
{
	struct session_window *w = state;
	struct feature_window window = { .length_us = w->max_us };

	s->output->period_us = 0;
	return feature_setup(&w->feature, &w->what, &window, s);
}

static void end_session(struct session_window *w, const struct emitter *out)
{
	struct sample s = { .at_us = w->feature.newest_us, .lost = w->lost };
	double value = feature_value(&w->feature);

	w->lost = 0;
	feature_clear(&w->feature);
	series_emit(out, &s, value);
}

static bool is_over(const struct session_window *w, int64_t at_us)
{
	const struct feature *f = &w->feature;

	return f->n > 0 && series_distance_us(at_us, f->newest_us) > (uint64_t)w->gap_us;
}

static void session_window_push(void *state, unsigned input, const struct sample *in, const struct emitter *out)
{
	struct session_window *w = state;
	struct feature *f = &w->feature;
	int64_t at_us = in->at_us;

	(void)input;
	if (is_over(w, at_us))
		end_session(w, out);
	w->lost = series_add_lost(w->lost, in->lost);
	if (series_is_gap(in->value))
		return;

	if (f->n > 0 && at_us < f->newest_us)
		at_us = f->newest_us;
	if (f->n > 0 && w->max_us > 0 && series_distance_us(at_us, f->first_us) >= (uint64_t)w->max_us)
		end_session(w, out);
	feature_add(f, at_us, in->value);
}

static int64_t session_window_due_us(const void *state)
{
	const struct session_window *w = state;
	int64_t due_us;

	if (w->feature.n == 0 || __builtin_add_overflow(w->feature.newest_us, w->gap_us + 1, &due_us))
		return INT64_MAX;
	return due_us;
}

static void session_window_advance(void *state, int64_t watermark_us, const struct emitter *out)
{
	struct session_window *w = state;

	if (w->feature.n > 0 && (watermark_us == INT64_MAX || watermark_us >= session_window_due_us(w)))
		end_session(w, out);
}

const struct op_class op_session_window = {
	.name = "session_window",
	.family = OP_WINDOWS,
	.help = "one number for each stretch of values without a longer pause",
	.formula = "y = value of x from after one pause of more than `gap` to the next",
	.memory = FEATURE_MEMORY,
	.options = { options, ARRAY_LEN(options) },
	.state_size = sizeof(struct session_window),
	.min_inputs = 1,
	.max_inputs = 1,
	.setup = session_window_setup,
	.push = session_window_push,
	.advance = session_window_advance,
	.due_us = session_window_due_us,
};
