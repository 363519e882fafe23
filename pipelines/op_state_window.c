/* SPDX-License-Identifier: Apache-2.0 */
/*
 * state_window - one number for each stretch in which a state holds: the peak current of a pump's run, how long a door stood open.
 *
 * With two inputs the second one is a state, and the values of the first are counted while it is 1. With one input the state
 * is in the values: while they are above `above` or below `below`; of a state it is 1. The result is given by the first
 * sample that ends the state, dated with the last value that counted; a state that held without one gives a gap, dated with its end.
 * The end of the input ends the state. Gaps of either input change nothing: no news is not the end.
 *
 * What counts is the order of arrival. Of samples of one time the value comes before the state: one that comes with the rise of the
 * state is not counted, one that comes with its fall is. Results come at no regular pace.
 */
#include <errno.h>
#include <math.h>
#include <stdio.h>

#include "pipelines/feature.h"
#include "pipelines/op.h"
#include "pipelines/series.h"

struct state_window {
	double above, below; /* NaN: not given */
	struct feature_options what;

	struct feature feature;
	bool is_own; /* the state is in the values */
	bool holds;
	uint32_t lost;
};

static const struct opt options[] = {
	{ "above", OPT_DOUBLE, offsetof(struct state_window, above), .example = "28",
	  .help = "with one input: while the value is above this" },
	{ "below", OPT_DOUBLE, offsetof(struct state_window, below),
	  .help = "with one input: while the value is below this" },
	FEATURE_OPTIONS(struct state_window, what),
};

static int check_state(struct state_window *w, struct op_setup *s)
{
	size_t n_levels = (size_t)!isnan(w->above) + (size_t)!isnan(w->below);

	w->is_own = s->n_inputs == 1;
	if (w->is_own && n_levels == 0 && s->inputs[0].kind == SERIES_STATE) {
		w->above = 0.5;
		n_levels = 1;
	}
	if (w->is_own && n_levels != 1) {
		snprintf(s->error, sizeof(s->error), "expected one of above and below, or a state as the second input");
		return -EINVAL;
	}
	if (!w->is_own && (n_levels > 0 || s->inputs[1].kind != SERIES_STATE)) {
		snprintf(s->error, sizeof(s->error), "%s",
			 n_levels > 0 ? "above and below are for one input; here the second input is the state"
				      : "the second input must be a state, such as that of threshold");
		return -EINVAL;
	}
	return 0;
}

static int state_window_setup(void *state, struct op_setup *s)
{
	struct state_window *w = state;
	struct feature_window window = { 0 };
	int r = check_state(w, s);

	if (r < 0)
		return r;
	s->output->period_us = 0;
	return feature_setup(&w->feature, &w->what, &window, s);
}

static void end_state(struct state_window *w, int64_t at_us, const struct emitter *out)
{
	struct sample s = { .at_us = w->feature.n > 0 ? w->feature.newest_us : at_us, .lost = w->lost };
	double value = feature_value(&w->feature);

	w->holds = false;
	w->lost = 0;
	feature_clear(&w->feature);
	series_emit(out, &s, value);
}

static void set_state(struct state_window *w, bool holds, int64_t at_us, const struct emitter *out)
{
	if (w->holds && !holds)
		end_state(w, at_us, out);
	w->holds = holds;
}

static void state_window_push(void *state, unsigned input, const struct sample *in, const struct emitter *out)
{
	struct state_window *w = state;

	w->lost = series_add_lost(w->lost, in->lost);
	if (series_is_gap(in->value))
		return;
	if (input == 1) {
		set_state(w, in->value != 0.0, in->at_us, out);
		return;
	}
	if (w->is_own)
		set_state(w, isnan(w->below) ? in->value > w->above : in->value < w->below, in->at_us, out);
	if (w->holds)
		feature_add(&w->feature, in->at_us, in->value);
}

static int64_t state_window_due_us(const void *state)
{
	(void)state;
	return INT64_MAX;
}

static void state_window_advance(void *state, int64_t watermark_us, const struct emitter *out)
{
	struct state_window *w = state;

	if (watermark_us == INT64_MAX && w->feature.n > 0)
		end_state(w, w->feature.newest_us, out);
}

const struct op_class op_state_window = {
	.name = "state_window",
	.family = OP_WINDOWS,
	.help = "one number for each stretch in which a state holds, its own or that of a second input",
	.formula = "y = value of x from when the state rises to when it falls",
	.memory = FEATURE_MEMORY,
	.options = { options, ARRAY_LEN(options) },
	.state_size = sizeof(struct state_window),
	.min_inputs = 1,
	.max_inputs = 2,
	.setup = state_window_setup,
	.push = state_window_push,
	.advance = state_window_advance,
	.due_us = state_window_due_us,
};
