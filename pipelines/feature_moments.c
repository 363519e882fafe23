/* SPDX-License-Identifier: Apache-2.0 */
/*
 * feature_moments.c - sum, and the central moments that stddev, rms, skewness, kurtosis and crest are made of.
 *
 * Sums of powers would lose all digits of a small deviation about a large mean. Kept are the mean and the sums of powers of
 * the distances from it, and two sets of them merge into one (P. Pebay, Sandia report SAND2008-6212).
 *
 * A window that only fills collects blocks of 64 values, computes the moments of each in two passes and merges them, which
 * takes neither a division a value nor a chain of additions that wait for each other. For one that slides see feature_sliding.c.
 */
#include <math.h>
#include <string.h>

#include "pipelines/feature_private.h"

/* --- sum, mean --- */

struct sums {
	double newer;
	size_t n_older;
	double *ring; /* older part: the sum from here on; newer: the value */
};

static void sums_setup(struct feature *f, size_t room, const struct feature_options *o, struct arena *a)
{
	struct sums *s = f->state = arena_alloc(a, sizeof(*s));

	(void)o;
	s->ring = room > 0 ? arena_alloc(a, room * sizeof(double)) : NULL;
}

static void sums_add(struct feature *f, size_t slot, double x)
{
	struct sums *s = f->state;

	s->newer += x;
	if (s->ring)
		s->ring[slot] = x;
}

static void sums_drop(struct feature *f, size_t slot)
{
	struct sums *s = f->state;

	(void)slot;
	if (s->n_older == 0) {
		double sum = 0.0;

		for (size_t i = f->n; i-- > 0;) {
			double *x = &s->ring[feature_slot(f, i)];

			sum += *x;
			*x = sum;
		}
		s->n_older = f->n;
		s->newer = 0.0;
	}
	s->n_older--;
}

static void sums_clear(struct feature *f)
{
	struct sums *s = f->state;

	s->newer = 0.0;
	s->n_older = 0;
}

static double sums_value(struct feature *f)
{
	const struct sums *s = f->state;
	double sum = s->newer + (s->n_older > 0 ? s->ring[f->head] : 0.0);

	return f->what == FEATURE_SUM ? sum : sum / (double)f->n;
}

const struct feature_machine feature_sums = {
	.setup = sums_setup,
	.add = sums_add,
	.drop = sums_drop,
	.clear = sums_clear,
	.value = sums_value,
};

/* --- moments --- */

enum { BLOCK = 64, ORDER_MAX = 4 };

struct moments {
	double n, mean, m2, m3, m4; /* m2: sum of (x - mean)^2, ... */
};

struct moment_state {
	struct moments sum; /* of the whole blocks */
	int order;	    /* the highest that is wanted, at least 2 */
	size_t n_block;
	double block[BLOCK];
};

static inline void merge(struct moments *a, const struct moments *b, int order)
{
	double n = a->n + b->n, d = b->mean - a->mean, r = d / n, product = a->n * b->n;
	double m2 = a->m2 + b->m2 + d * r * product;

	if (a->n == 0.0) {
		*a = *b;
		return;
	}
	if (order > 3)
		a->m4 += b->m4 + r * r * r * d * product * (a->n * a->n - product + b->n * b->n) +
			 6.0 * r * r * (a->n * a->n * b->m2 + b->n * b->n * a->m2) +
			 4.0 * r * (a->n * b->m3 - b->n * a->m3);
	if (order > 2)
		a->m3 += b->m3 + r * r * d * product * (a->n - b->n) + 3.0 * r * (a->n * b->m2 - b->n * a->m2);
	a->m2 = m2;
	a->mean += r * b->n;
	a->n = n;
}

static int order_of(int what)
{
	return what == FEATURE_KURTOSIS ? 4 : what == FEATURE_SKEWNESS ? 3 : 2;
}

static void moments_setup(struct feature *f, size_t room, const struct feature_options *o, struct arena *a)
{
	struct moment_state *m = f->state = arena_alloc(a, sizeof(*m));

	(void)room;
	m->order = order_of(o->what);
}

static double sum_of(const double x[], size_t n)
{
	double sums[4] = { 0 };
	size_t i = 0;

	for (; i + 4 <= n; i += 4)
		for (size_t k = 0; k < 4; k++)
			sums[k] += x[i + k];
	for (; i < n; i++)
		sums[0] += x[i];
	return (sums[0] + sums[1]) + (sums[2] + sums[3]);
}

/* Two passes; what rounding left in the mean is taken from m2 at the end (the corrected algorithm of Chan et al.). */
static void fold_block(struct moment_state *m)
{
	struct moments b = { .n = (double)m->n_block };
	double rest = 0.0;

	b.mean = sum_of(m->block, m->n_block) / b.n;
	for (size_t i = 0; i < m->n_block; i++) {
		double d = m->block[i] - b.mean, square = d * d;

		rest += d;
		b.m2 += square;
		b.m3 += square * d;
		b.m4 += square * square;
	}
	b.m2 -= rest * rest / b.n;
	merge(&m->sum, &b, m->order);
	m->n_block = 0;
}

static void moments_add(struct feature *f, size_t slot, double x)
{
	struct moment_state *m = f->state;

	(void)slot;
	m->block[m->n_block++] = x;
	if (m->n_block == BLOCK)
		fold_block(m);
}

static void moments_clear(struct feature *f)
{
	struct moment_state *m = f->state;

	m->sum = (struct moments){ 0 };
	m->n_block = 0;
}

static const struct moments *sum_up(struct moment_state *m)
{
	if (m->n_block > 0)
		fold_block(m);
	return &m->sum;
}

static double moments_value(struct feature *f)
{
	const struct moments *m = sum_up(f->state);

	if (f->what == FEATURE_STDDEV)
		return m->n > 1.0 ? sqrt(m->m2 < 0.0 ? 0.0 : m->m2 / (m->n - 1.0)) : NAN;
	return feature_shape(f->what, m->mean, m->m2 / m->n, m->m3 / m->n, m->m4 / m->n);
}

const struct feature_machine feature_moments = {
	.setup = moments_setup,
	.add = moments_add,
	.clear = moments_clear,
	.value = moments_value,
};

/* --- crest: the greatest magnitude by the rms --- */

struct crest {
	struct moment_state moments; /* first: where the functions above look for it */
	struct feature_peaks peaks;
};

static void crest_setup(struct feature *f, size_t room, const struct feature_options *o, struct arena *a)
{
	struct crest *c = f->state = arena_alloc(a, sizeof(*c));

	c->moments.order = order_of(o->what);
	feature_peaks_init(&c->peaks, room, a);
}

static void crest_add(struct feature *f, size_t slot, double x)
{
	struct crest *c = f->state;

	moments_add(f, slot, x);
	feature_peaks_add(&c->peaks, fabs(x));
}

static void crest_clear(struct feature *f)
{
	struct crest *c = f->state;

	moments_clear(f);
	feature_peaks_clear(&c->peaks);
}

static double crest_value(struct feature *f)
{
	struct crest *c = f->state;
	const struct moments *m = sum_up(&c->moments);

	return feature_peaks_greatest(&c->peaks) / feature_shape(FEATURE_RMS, m->mean, m->m2 / m->n, 0.0, 0.0);
}

const struct feature_machine feature_crest = {
	.setup = crest_setup,
	.add = crest_add,
	.clear = crest_clear,
	.value = crest_value,
};
