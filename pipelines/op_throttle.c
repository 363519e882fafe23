/* SPDX-License-Identifier: Apache-2.0 */
/*
 * throttle - at most one value in each span of `every`: the first, the last or the mean of those in it.
 *
 * Spans are multiples of `every` since 1970, the same on every device. The first is given at once; the last and the mean when
 * a sample of another span, or the watermark, shows that the span is over. The first and the last keep their time, the mean has that of the
 * newest sample in its span. Gaps are left out, but a span with nothing but gaps gives one. A sample of an earlier
 * span ends the present one, and is a span of its own until the next one comes.
 *
 * The mean is of a compensated sum (Neumaier 1974), so its error does not grow with the number of samples.
 */
#include <errno.h>
#include <math.h>
#include <stdio.h>

#include "base/check.h"
#include "pipelines/op.h"
#include "pipelines/series.h"

enum keep { FIRST, LAST, MEAN };

static const char *const keeps[] = { "first", "last", "mean", NULL };

struct throttle {
	int64_t every_us;
	int keep;

	int64_t span, newest_us;
	double last, sum, rest; /* rest: what rounding took from the sum */
	uint64_t n;		/* values in the span */
	uint32_t lost;
	bool is_open; /* there is a span, and it has not given its result */
	bool seen;
};

static const struct opt options[] = {
	{ "every", OPT_DURATION, offsetof(struct throttle, every_us), .min = 1, .max = 366.0 * 86400e6,
	  .required = true, .example = "10s", .help = "length of a span that gives one value" },
	{ "keep", OPT_ENUM, offsetof(struct throttle, keep), .choices = keeps, .def = "first",
	  .help = "which of the values" },
};

static int throttle_setup(void *state, struct op_setup *s)
{
	const struct throttle *t = state;

	if (t->keep == MEAN && s->inputs[0].kind == SERIES_COUNTER) {
		snprintf(s->error, sizeof(s->error), "a counter has no mean; keep its last value");
		return -EINVAL;
	}
	if (t->keep == MEAN)
		s->output->kind = SERIES_GAUGE;
	if (s->output->period_us > 0 && s->output->period_us < t->every_us)
		s->output->period_us = t->every_us;
	return 0;
}

static int64_t span_of(const struct throttle *t, int64_t at_us)
{
	return at_us / t->every_us - (at_us % t->every_us < 0);
}

static double result(const struct throttle *t)
{
	if (t->n == 0)
		return NAN;
	return t->keep == MEAN ? (t->sum + t->rest) / (double)t->n : t->last;
}

static void give(struct throttle *t, const struct emitter *out)
{
	struct sample s = { .at_us = t->newest_us, .lost = t->lost };

	t->is_open = false;
	t->lost = 0;
	series_emit(out, &s, result(t));
}

static void add_to_sum(struct throttle *t, double x)
{
	double sum = t->sum + x;

	t->rest += fabs(t->sum) >= fabs(x) ? t->sum - sum + x : x - sum + t->sum;
	t->sum = sum;
}

static void throttle_push(void *state, unsigned input, const struct sample *in, const struct emitter *out)
{
	struct throttle *t = state;
	int64_t span = span_of(t, in->at_us);

	(void)input;
	if (!t->seen || span != t->span) {
		if (t->is_open)
			give(t, out);
		t->seen = t->is_open = true;
		t->span = span;
		t->n = 0;
		t->sum = t->rest = 0.0;
		t->newest_us = in->at_us;
	}
	t->lost = series_add_lost(t->lost, in->lost);
	if (t->n == 0 || !series_is_gap(in->value))
		t->newest_us = t->keep == MEAN && t->n > 0 && in->at_us < t->newest_us ? t->newest_us : in->at_us;
	if (series_is_gap(in->value))
		return;
	t->n++;
	t->last = in->value;
	add_to_sum(t, in->value);
	if (t->keep == FIRST && t->is_open)
		give(t, out);
}

static int64_t throttle_due_us(const void *state)
{
	const struct throttle *t = state;
	int64_t end_us;

	if (!t->is_open || __builtin_mul_overflow(t->span + 1, t->every_us, &end_us))
		return INT64_MAX;
	return end_us;
}

static void throttle_advance(void *state, int64_t watermark_us, const struct emitter *out)
{
	struct throttle *t = state;

	if (t->is_open && watermark_us >= throttle_due_us(t))
		give(t, out);
}

const struct op_class op_throttle = {
	.name = "throttle",
	.family = OP_CHANGE,
	.help = "at most one value in a span of time: the first, the last or the mean",
	.formula = "y = first, last or mean of x in [k every, (k + 1) every)",
	.memory = "none",
	.options = { options, ARRAY_LEN(options) },
	.state_size = sizeof(struct throttle),
	.min_inputs = 1,
	.max_inputs = 1,
	.setup = throttle_setup,
	.push = throttle_push,
	.advance = throttle_advance,
	.due_us = throttle_due_us,
};
