/* SPDX-License-Identifier: Apache-2.0 */
/*
 * moving_average - mean of the last N values, or of those of the last T seconds, at every sample.
 *
 * Nothing is ever subtracted: a running sum would keep the rounding errors of an outlier long after it has left.
 * The window is a queue made of two parts instead. Of the newer part there is one running sum. Of the older part
 * there is a sum from each sample to the end of that part, so dropping the oldest sample means looking at the next
 * sum. When the older part is used up, the newer one becomes the older one and its sums are computed, in place and
 * from the newest backwards. Each sample is added twice in its life, and what has left can not be in any sum.
 *
 *     sums   [ s3+s4+s5 | s4+s5 | s5 ]   [ x6 | x7 ]   newer = x6 + x7     mean = (s3+s4+s5 + newer) / 5
 *              older part, oldest first    newer part
 *
 * A window of N values is an array of that length: `next` separates newer (left) from older (right), and where
 * nothing has come yet there are zeros, which do no harm to a sum.
 *
 * A window of T holds what is younger than T at the time of the newest sample: (t - T, t]. A sample older than the
 * one before counts as if it had come with it. One that is older by T or more means that the clock was set back:
 * the window starts anew. A timestamp from the future thus costs the window once and blocks nothing. When samples
 * come faster than the ring was made for, the oldest leave early and the window is shorter than asked.
 *
 * A sum that leaves the range of double is a gap until the culprit has left.
 */
#include <errno.h>
#include <math.h>
#include <stdio.h>

#include "base/check.h"
#include "pipelines/op.h"
#include "pipelines/series.h"

enum {
	SAMPLES_MAX = 1000000,	  /* 8 or 16 MB */
	SAMPLES_IRREGULAR = 4096, /* nobody said how often samples come */
	SAMPLES_SPARE = 16,	  /* on top of a quarter: jitter, reads on demand */
};

struct timed {
	int64_t at_us;
	double sum; /* of the older part: from here on; of the newer part: the value */
};

struct moving_average {
	struct opt_span window;
	int64_t max_samples;
	double newer; /* sum of the newer part */

	double *sums, *end; /* window of N: that many, and a 0 at @end */
	double *next;	    /* the newer part is to the left, the older to the right */
	double n, n_full;   /* values in it, and when it is full */

	struct timed *ring; /* window of T */
	size_t capacity, head, n_older, n_newer;
	int64_t newest_us;
};

static const struct opt options[] = {
	{ "window", OPT_SPAN, offsetof(struct moving_average, window), .min = 1, .max = SAMPLES_MAX, .required = true,
	  .help = "a number of samples or a duration; while it fills: the mean of what is there" },
	{ "max_samples", OPT_INT, offsetof(struct moving_average, max_samples), .min = 0, .max = SAMPLES_MAX,
	  .unit = "samples",
	  .help = "room of a window of time, then the oldest leave early; default: by the period of the input, 4096 "
		  "without" },
};

/* --- a window of N values --- */

static void turn_over(struct moving_average *m)
{
	for (double *sum = m->end - 1; sum > m->sums; sum--)
		sum[-1] += sum[0];
	m->next = m->sums;
	m->newer = 0.0;
}

static void push_counted(struct moving_average *m, const struct sample *in, const struct emitter *out)
{
	if (m->next == m->end)
		turn_over(m);
	*m->next++ = in->value;
	m->newer += in->value;
	if (m->n < m->n_full)
		m->n += 1.0;
	series_emit(out, in, (*m->next + m->newer) / m->n);
}

/* --- a window of T --- */

static size_t ring_index(const struct moving_average *m, size_t i)
{
	size_t at = m->head + i;

	return at < m->capacity ? at : at - m->capacity;
}

static void drop_oldest(struct moving_average *m)
{
	if (m->n_older == 0) {
		double sum = 0.0;

		for (size_t i = m->n_newer; i-- > 0;) {
			struct timed *t = &m->ring[ring_index(m, i)];

			sum += t->sum;
			t->sum = sum;
		}
		m->n_older = m->n_newer;
		m->n_newer = 0;
		m->newer = 0.0;
	}
	m->head = ring_index(m, 1);
	m->n_older--;
}

/** Let go of what is out of the window at the time of a new sample. @return the time that the new one counts as */
static int64_t advance(struct moving_average *m, int64_t at_us)
{
	uint64_t window_us = (uint64_t)m->window.us;

	if (m->n_older + m->n_newer == 0)
		return at_us;
	if (at_us < m->newest_us) {
		if (series_distance_us(at_us, m->newest_us) < window_us)
			return m->newest_us;
		m->n_older = m->n_newer = 0;
		m->newer = 0.0;
		return at_us;
	}
	while (m->n_older + m->n_newer > 0 && series_distance_us(at_us, m->ring[m->head].at_us) >= window_us)
		drop_oldest(m);
	return at_us;
}

/* Out of line, so that the shorter way above needs no registers saved for this one. */
static __attribute__((noinline)) void push_timed(struct moving_average *m, const struct sample *in,
						 const struct emitter *out)
{
	double older;

	m->newest_us = advance(m, in->at_us);
	if (m->n_older + m->n_newer == m->capacity)
		drop_oldest(m);
	m->ring[ring_index(m, m->n_older + m->n_newer)] = (struct timed){ m->newest_us, in->value };
	m->n_newer++;
	m->newer += in->value;

	older = m->n_older > 0 ? m->ring[m->head].sum : 0.0;
	series_emit(out, in, (older + m->newer) / (double)(m->n_older + m->n_newer));
}

/* --- both --- */

static int setup_timed(struct moving_average *m, struct op_setup *s)
{
	int64_t n = SAMPLES_IRREGULAR, period_us = s->inputs[0].period_us;

	if (m->max_samples > 0) {
		n = m->max_samples;
	} else if (period_us > 0) {
		n = m->window.us / period_us;
		n += n / 4 + SAMPLES_SPARE;
	}
	if (n > SAMPLES_MAX) {
		snprintf(s->error, sizeof(s->error),
			 "window would hold %lld samples, expected at most %d; limit it by max_samples", (long long)n,
			 SAMPLES_MAX);
		return -EINVAL;
	}
	m->capacity = (size_t)n;
	m->ring = arena_alloc(s->arena, m->capacity * sizeof(*m->ring));
	return 0;
}

static int setup_counted(struct moving_average *m, struct op_setup *s)
{
	if (m->max_samples > 0) {
		snprintf(s->error, sizeof(s->error), "max_samples is for a window of time; this one is %lld samples",
			 (long long)m->window.count);
		return -EINVAL;
	}
	m->sums = arena_alloc(s->arena, ((size_t)m->window.count + 1) * sizeof(*m->sums));
	m->end = m->sums + m->window.count;
	m->next = m->sums;
	m->n_full = (double)m->window.count;
	return 0;
}

static int moving_average_setup(void *state, struct op_setup *s)
{
	struct moving_average *m = state;

	if (s->inputs[0].kind == SERIES_COUNTER) {
		snprintf(s->error, sizeof(s->error), "a counter has no mean; expected a measured quantity or a state");
		return -EINVAL;
	}
	s->output->kind = SERIES_GAUGE;
	return m->window.us > 0 ? setup_timed(m, s) : setup_counted(m, s);
}

static void moving_average_push(void *state, unsigned input, const struct sample *in, const struct emitter *out)
{
	struct moving_average *m = state;

	(void)input;
	if (series_is_gap(in->value))
		series_emit(out, in, NAN);
	else if (m->end)
		push_counted(m, in, out);
	else
		push_timed(m, in, out);
}

const struct op_class op_moving_average = {
	.name = "moving_average",
	.family = OP_SMOOTHING,
	.help = "mean of the last values, by number or by time, also while the window fills",
	.formula = "y(t) = mean of the last N values, or of x in (t - T, t]",
	.memory = "8 B a sample of a window of N, 16 B a sample of a window of T (room for T / period and a quarter "
		  "more)",
	.options = { options, ARRAY_LEN(options) },
	.state_size = sizeof(struct moving_average),
	.min_inputs = 1,
	.max_inputs = 1,
	.setup = moving_average_setup,
	.push = moving_average_push,
};
