/* SPDX-License-Identifier: Apache-2.0 */
/*
 * feature_trend.c - the straight line that is nearest to a window's values: its slope, and the share of the variance
 * that it explains (r2).
 *
 * Means and sums of products of distances from them, merged like the moments of feature_moments.c, in a queue of two parts
 * likewise. Times are counted from a time within the window, so that no digits are spent on the years before.
 */
#include <math.h>

#include "pipelines/feature_private.h"
#include "pipelines/series.h"

struct line {
	double n, t, x;	   /* means */
	double tt, tx, xx; /* sums of products of the distances from them */
};

struct trend {
	double per_s;
	struct line sum; /* of all, or of the newer part */
	int64_t origin_us;
	size_t n_older;
	struct line *ring; /* older part: from here on; newer: t and x */
};

static void trend_setup(struct feature *f, size_t room, const struct feature_options *o, struct arena *a)
{
	struct trend *r = f->state = arena_alloc(a, sizeof(*r));

	r->per_s = 1e-6 * (double)o->per_us;
	r->ring = room > 0 ? arena_alloc(a, room * sizeof(*r->ring)) : NULL;
}

static double seconds_since(int64_t origin_us, int64_t at_us)
{
	double distance_s = 1e-6 * (double)series_distance_us(at_us, origin_us);

	return at_us < origin_us ? -distance_s : distance_s;
}

static void include(struct line *l, double t, double x)
{
	double dt = t - l->t, dx = x - l->x;

	l->n += 1.0;
	l->t += dt / l->n;
	l->x += dx / l->n;
	l->tt += dt * (t - l->t);
	l->tx += dt * (x - l->x);
	l->xx += dx * (x - l->x);
}

static void merge(struct line *a, const struct line *b)
{
	double n = a->n + b->n, dt = b->t - a->t, dx = b->x - a->x, weight = a->n * b->n / n;

	a->tt += b->tt + dt * dt * weight;
	a->tx += b->tx + dt * dx * weight;
	a->xx += b->xx + dx * dx * weight;
	a->t += dt * b->n / n;
	a->x += dx * b->n / n;
	a->n = n;
}

static void trend_add(struct feature *f, size_t slot, double x)
{
	struct trend *r = f->state;
	double t;

	if (f->n == 0)
		r->origin_us = f->newest_us;
	t = seconds_since(r->origin_us, f->newest_us);
	if (r->ring)
		r->ring[slot].x = x;
	include(&r->sum, t, x);
}

static void turn_over(struct feature *f, struct trend *r)
{
	struct line sum = { 0 };

	r->origin_us = f->newest_us;
	for (size_t i = f->n; i-- > 0;) {
		size_t slot = feature_slot(f, i);

		include(&sum, seconds_since(r->origin_us, f->times[slot]), r->ring[slot].x);
		r->ring[slot] = sum;
	}
	r->n_older = f->n;
	r->sum = (struct line){ 0 };
}

static void trend_drop(struct feature *f, size_t slot)
{
	struct trend *r = f->state;

	(void)slot;
	if (r->n_older == 0)
		turn_over(f, r);
	r->n_older--;
}

static void trend_clear(struct feature *f)
{
	struct trend *r = f->state;

	r->sum = (struct line){ 0 };
	r->n_older = 0;
}

static double trend_value(struct feature *f)
{
	const struct trend *r = f->state;
	struct line all = r->sum;

	if (r->n_older > 0) {
		all = r->ring[f->head];
		if (r->sum.n > 0.0)
			merge(&all, &r->sum);
	}
	if (!(all.tt > 0.0))
		return NAN;
	if (f->what == FEATURE_SLOPE)
		return all.tx / all.tt * r->per_s;
	if (!(all.xx > 0x1p-104 * all.n * all.x * all.x))
		return NAN; /* nothing but rounding */
	return all.tx / all.tt * (all.tx / all.xx);
}

const struct feature_machine feature_trend = {
	.setup = trend_setup,
	.add = trend_add,
	.drop = trend_drop,
	.clear = trend_clear,
	.value = trend_value,
};
