/* SPDX-License-Identifier: Apache-2.0 */
/*
 * interpolate - gaps become the straight line between the values around them, if they are not too many or too long.
 *
 * Gaps wait until the next value comes; values never wait. What is filled in is dated as the gap was, which is in the past by
 * then: keep `longest` below the time that windows stay open, or it makes late parts. Gaps that are too many or too long are
 * told as gaps at once; so are those before the first value, and those that wait when the watermark shows that no value
 * can come in time, or at the end of the input. A value older than the gaps before it ends their wait as well.
 */
#include <errno.h>
#include <math.h>
#include <stdio.h>

#include "base/check.h"
#include "pipelines/op.h"
#include "pipelines/series.h"

enum { WAITING_MAX = 100000, WAITING_IRREGULAR = 1024, WAITING_SPARE = 16 };

struct waiting {
	int64_t at_us;
	uint32_t lost;
};

struct interpolate {
	struct opt_span longest;

	struct waiting *waiting;
	size_t n, capacity;
	uint64_t longest_us;
	double left;
	int64_t left_us;
	bool has_left;
};

static const struct opt options[] = {
	{ "longest", OPT_SPAN, offsetof(struct interpolate, longest), .min = 1, .max = WAITING_MAX, .required = true,
	  .example = "5s",
	  .help = "how many gaps in a row are filled, or how far the values around them may be apart" },
};

static int interpolate_setup(void *state, struct op_setup *s)
{
	struct interpolate *p = state;
	int64_t period_us = s->inputs[0].period_us, n = WAITING_IRREGULAR;

	if (s->inputs[0].kind != SERIES_GAUGE) {
		snprintf(s->error, sizeof(s->error),
			 "expected a measured quantity, found a %s; hold_last fills its gaps",
			 s->inputs[0].kind == SERIES_STATE ? "state" : "counter");
		return -EINVAL;
	}
	p->longest_us = UINT64_MAX;
	if (p->longest.us > 0) {
		p->longest_us = (uint64_t)p->longest.us;
		if (period_us > 0)
			n = p->longest.us / period_us + p->longest.us / period_us / 4 + WAITING_SPARE;
	} else {
		n = p->longest.count;
		if (period_us > 0)
			p->longest_us = (uint64_t)(n + 2) * (uint64_t)period_us;
	}
	if (n > WAITING_MAX) {
		snprintf(s->error, sizeof(s->error), "%lld gaps would wait, expected at most %d", (long long)n,
			 WAITING_MAX);
		return -EINVAL;
	}
	p->capacity = (size_t)n;
	p->waiting = arena_alloc(s->arena, p->capacity * sizeof(*p->waiting));
	return 0;
}

/** Tell what waits: a straight line to @right, or gaps when there is none. */
static void tell(struct interpolate *p, const struct sample *right, const struct emitter *out)
{
	for (size_t i = 0; i < p->n; i++) {
		struct sample s = { .at_us = p->waiting[i].at_us, .lost = p->waiting[i].lost };
		double y = NAN;

		if (right) {
			double t = (double)series_distance_us(s.at_us, p->left_us) /
				   (double)series_distance_us(right->at_us, p->left_us);

			y = (1.0 - t) * p->left + t * right->value;
		}
		series_emit(out, &s, y);
	}
	p->n = 0;
}

static bool is_in_time(const struct interpolate *p, int64_t at_us)
{
	int64_t newest_us = p->n > 0 ? p->waiting[p->n - 1].at_us : p->left_us;

	return at_us >= newest_us && at_us > p->left_us && series_distance_us(at_us, p->left_us) <= p->longest_us;
}

static void push_gap(struct interpolate *p, const struct sample *in, const struct emitter *out)
{
	if (p->has_left && p->n < p->capacity && is_in_time(p, in->at_us)) {
		p->waiting[p->n++] = (struct waiting){ in->at_us, in->lost };
		return;
	}
	tell(p, NULL, out);
	p->has_left = false;
	series_emit(out, in, NAN);
}

static void interpolate_push(void *state, unsigned input, const struct sample *in, const struct emitter *out)
{
	struct interpolate *p = state;

	(void)input;
	if (series_is_gap(in->value)) {
		push_gap(p, in, out);
		return;
	}
	tell(p, p->n > 0 && is_in_time(p, in->at_us) ? in : NULL, out);
	p->left = in->value;
	p->left_us = in->at_us;
	p->has_left = true;
	series_emit(out, in, in->value);
}

static int64_t interpolate_due_us(const void *state)
{
	const struct interpolate *p = state;

	if (p->n == 0 || p->longest_us > (uint64_t)INT64_MAX || p->left_us > INT64_MAX - (int64_t)p->longest_us - 1)
		return INT64_MAX;
	return p->left_us + (int64_t)p->longest_us + 1;
}

static void interpolate_advance(void *state, int64_t watermark_us, const struct emitter *out)
{
	struct interpolate *p = state;

	if (p->n == 0 || watermark_us < interpolate_due_us(p))
		return;
	tell(p, NULL, out);
	p->has_left = false;
}

const struct op_class op_interpolate = {
	.name = "interpolate",
	.family = OP_CLEANING,
	.help = "fill short gaps with the straight line between the values around them",
	.formula = "y(t) = (1 - w) x(t1) + w x(t2), w = (t - t1) / (t2 - t1), in a gap between t1 and t2",
	.memory = "16 B a gap that can wait",
	.options = { options, ARRAY_LEN(options) },
	.state_size = sizeof(struct interpolate),
	.min_inputs = 1,
	.max_inputs = 1,
	.setup = interpolate_setup,
	.push = interpolate_push,
	.advance = interpolate_advance,
	.due_us = interpolate_due_us,
};
