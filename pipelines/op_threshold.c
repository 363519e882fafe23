/* SPDX-License-Identifier: Apache-2.0 */
/*
 * threshold - a state from a quantity: 1 (raised) or 0, with hysteresis and hold times.
 *
 * {above: 28, clear: 27, for: 10s} is raised once x > 28 has held for 10 s of event time, and cleared by the first x
 * that is not above 27. `below` is the mirror image: {below: 3, clear: 5}. Without `clear` one level serves both.
 * The level itself is normal: above: 0 is quiet at 0.
 *
 * A hold is interrupted by a value that denies it and by nothing else. Gaps neither confirm nor interrupt. Yet an
 * hour of silence is no proof that it stayed hot: the time from one value to the next counts for at most three
 * periods of the input (in full when the input is irregular: such a value holds until the next). A sample older than
 * the one before is judged like any other and adds no time to a hold. Once raised, values clear it, silence never.
 *
 * {above: 28, count: 3, of: 5} counts instead: raised when 3 of the last 5 values were beyond the level, in any order,
 * and cleared when 3 of the last 5 since then were back. One bit a value remembers them.
 */
#include <errno.h>
#include <math.h>
#include <stdio.h>

#include "base/check.h"
#include "base/text.h"
#include "base/unit.h"
#include "pipelines/op.h"
#include "pipelines/series.h"

enum { HOLD_PERIODS = 3, OF_MAX = 64 };

struct threshold {
	double above, below, clear; /* NaN: not given */
	int64_t for_us, clear_for_us;
	int64_t count, of;

	double sign;			 /* -1 turns `below` into `above` */
	double raise_level, clear_level; /* of sign * x */
	uint64_t step_max_us;		 /* what one step adds to a hold */
	uint64_t held_us;
	int64_t last_us;
	bool raised;
	bool holding;	  /* the last value asked for a change */
	uint64_t demands; /* one bit for each of the last values: it asked for a change; the newest is lowest */
};

#define HOLD_MAX_US (366.0 * 86400e6)

static const struct opt options[] = {
	{ "above", OPT_DOUBLE, offsetof(struct threshold, above), .example = "28",
	  .help = "raised when the value is above this" },
	{ "below", OPT_DOUBLE, offsetof(struct threshold, below),
	  .help = "raised when the value is below this; instead of above" },
	{ "clear", OPT_DOUBLE, offsetof(struct threshold, clear), .example = "27",
	  .help = "cleared when the value is back at this level or past it; default: the level itself" },
	{ "for", OPT_DURATION, offsetof(struct threshold, for_us), .min = 0, .max = HOLD_MAX_US, .def = "0",
	  .example = "10s", .help = "how long it must hold before it is raised; a pause counts for at most 3 periods" },
	{ "clear_for", OPT_DURATION, offsetof(struct threshold, clear_for_us), .min = 0, .max = HOLD_MAX_US, .def = "0",
	  .help = "how long the value must be back before it is cleared" },
	{ "count", OPT_INT, offsetof(struct threshold, count), .min = 1, .max = OF_MAX, .unit = "samples",
	  .help = "instead of for: how many of the last values must be beyond the level, and back to clear it" },
	{ "of", OPT_INT, offsetof(struct threshold, of), .min = 1, .max = OF_MAX, .unit = "samples",
	  .help = "goes with count: how many last values are looked at; default: count" },
};

static int check_levels(const struct threshold *t, struct op_setup *s)
{
	bool is_above = !isnan(t->above);
	double level = is_above ? t->above : t->below;
	char found[32], wanted[32];

	if (is_above == !isnan(t->below)) {
		snprintf(s->error, sizeof(s->error), "expected one of above and below, found %s",
			 is_above ? "both" : "neither");
		return -EINVAL;
	}
	if (!isnan(t->clear) && (is_above ? t->clear > level : t->clear < level)) {
		snprintf(s->error, sizeof(s->error), "clear must be %s (%s) or equal, found %s",
			 is_above ? "below above" : "above below", text_from_double(level, wanted, sizeof(wanted)),
			 text_from_double(t->clear, found, sizeof(found)));
		return -EINVAL;
	}
	return 0;
}

static int check_count(struct threshold *t, struct op_setup *s)
{
	if (t->count == 0 && t->of > 0) {
		snprintf(s->error, sizeof(s->error), "of goes with count, such as count: 3, of: 5");
		return -EINVAL;
	}
	if (t->count > 0 && (t->for_us > 0 || t->clear_for_us > 0)) {
		snprintf(s->error, sizeof(s->error), "expected one of count and hold times, found both");
		return -EINVAL;
	}
	if (t->of == 0)
		t->of = t->count;
	if (t->count > t->of) {
		snprintf(s->error, sizeof(s->error), "count must be at most of (%lld), found %lld", (long long)t->of,
			 (long long)t->count);
		return -EINVAL;
	}
	return 0;
}

static int threshold_setup(void *state, struct op_setup *s)
{
	struct threshold *t = state;
	int64_t period_us = s->inputs[0].period_us;
	double level;
	int r;

	r = check_levels(t, s);
	if (r == 0)
		r = check_count(t, s);
	if (r < 0)
		return r;

	t->sign = isnan(t->below) ? 1.0 : -1.0;
	level = isnan(t->below) ? t->above : t->below;
	t->raise_level = t->sign * level;
	t->clear_level = t->sign * (isnan(t->clear) ? level : t->clear);
	t->step_max_us = period_us > 0 ? HOLD_PERIODS * (uint64_t)period_us : UINT64_MAX;
	s->output->unit = unit_find("1");
	s->output->kind = SERIES_STATE;
	return 0;
}

/** The value asks for a change. @return it has done so for @needed_us */
static bool has_held(struct threshold *t, int64_t at_us, uint64_t needed_us)
{
	uint64_t step_us;

	if (!t->holding) {
		t->holding = true;
		t->held_us = 0;
		return needed_us == 0;
	}
	step_us = at_us > t->last_us ? series_distance_us(at_us, t->last_us) : 0;
	if (step_us > t->step_max_us)
		step_us = t->step_max_us;
	if (step_us >= needed_us - t->held_us)
		return true;
	t->held_us += step_us;
	return false;
}

/** @return enough of the last values ask for a change */
static bool has_count(struct threshold *t, bool wants_change)
{
	uint64_t all = t->of == OF_MAX ? UINT64_MAX : (UINT64_C(1) << t->of) - 1;

	t->demands = (t->demands << 1 | wants_change) & all;
	if (__builtin_popcountll(t->demands) < t->count)
		return false;
	t->demands = 0;
	return true;
}

static void threshold_push(void *state, unsigned input, const struct sample *in, const struct emitter *out)
{
	struct threshold *t = state;
	double x = t->sign * in->value;
	bool wants_change;

	(void)input;
	if (series_is_gap(in->value)) {
		series_emit(out, in, NAN);
		return;
	}

	wants_change = t->raised ? x <= t->clear_level : x > t->raise_level;
	if (t->count > 0) {
		t->raised ^= has_count(t, wants_change);
	} else if (!wants_change) {
		t->holding = false;
	} else if (has_held(t, in->at_us, (uint64_t)(t->raised ? t->clear_for_us : t->for_us))) {
		t->raised = !t->raised;
		t->holding = false;
	}
	t->last_us = in->at_us;
	series_emit(out, in, t->raised ? 1.0 : 0.0);
}

const struct op_class op_threshold = {
	.name = "threshold",
	.family = OP_ANOMALY,
	.help = "1 while the value is beyond a level, else 0, with hysteresis and hold times",
	.formula = "y = 1 once x > above (x < below) for `for`, 0 once x <= clear (x >= clear) for `clear_for`; "
		   "or `count` of the last `of` values instead",
	.memory = "none",
	.options = { options, ARRAY_LEN(options) },
	.state_size = sizeof(struct threshold),
	.min_inputs = 1,
	.max_inputs = 1,
	.setup = threshold_setup,
	.push = threshold_push,
};
