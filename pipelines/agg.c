/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Merging, and reading the merged integers as a quantity.
 *
 * Everything that is merged is an integer. Sums wrap around instead of overflowing: a partial from a broken or
 * hostile device can carry any s1, and addition modulo 2^64 stays commutative and associative where saturation
 * would not. The reading functions turn integers into a double once, at the end, so equal integers give equal
 * bits.
 */
#include "pipelines/agg.h"

#include <math.h>

#include "pipelines/quanta.h"

static int64_t wrapping_add(int64_t a, int64_t b)
{
	return (int64_t)((uint64_t)a + (uint64_t)b);
}

/* min, max, first and last mean nothing on a side without values, so such a side is left out. */
static void merge_extremes(struct agg *into, const struct agg *from)
{
	if (from->n == 0)
		return;
	if (into->n == 0) {
		into->min = from->min;
		into->max = from->max;
		into->first = from->first;
		into->last = from->last;
		into->first_at_ms = from->first_at_ms;
		into->last_at_ms = from->last_at_ms;
		return;
	}

	if (from->min < into->min)
		into->min = from->min;
	if (from->max > into->max)
		into->max = from->max;

	/* Ordered by (time, k), so that no order of merging shows where two devices report at the same millisecond. */
	if (from->first_at_ms < into->first_at_ms ||
	    (from->first_at_ms == into->first_at_ms && from->first < into->first)) {
		into->first = from->first;
		into->first_at_ms = from->first_at_ms;
	}
	if (from->last_at_ms > into->last_at_ms || (from->last_at_ms == into->last_at_ms && from->last > into->last)) {
		into->last = from->last;
		into->last_at_ms = from->last_at_ms;
	}
}

void agg_merge(struct agg *into, const struct agg *from)
{
	merge_extremes(into, from); /* looks at n, so before the sums */
	into->n += from->n;
	into->s1 = wrapping_add(into->s1, from->s1);
	into->s2 = u128_add(into->s2, from->s2);
	into->expected += from->expected;
	into->bad += from->bad;
	into->lost += from->lost;
	into->tw = wrapping_add(into->tw, from->tw);
	into->tw_ms += from->tw_ms;
	into->covered_ms += from->covered_ms;
	into->due_ms += from->due_ms;
	into->increase += from->increase;
	into->resets += from->resets;
	into->flags |= from->flags;
	if (from->has_sketch) {
		into->has_sketch = true;
		sketch_merge(&into->sketch, &from->sketch);
	}
}

/* A counter has no moments: its level says when it was switched on, not what was measured. */
static bool has_moments(const struct agg *a, const struct metric_def *def)
{
	return a->n > 0 && def->kind != SERIES_COUNTER;
}

static double quantity(const struct metric_def *def, int64_t k)
{
	return quanta_to_value(def->reference, def->quantum, (double)k, 1.0);
}

double agg_mean(const struct agg *a, const struct metric_def *def)
{
	if (!has_moments(a, def))
		return NAN;
	return quanta_to_value(def->reference, def->quantum, (double)a->s1, (double)a->n);
}

double agg_sum(const struct agg *a, const struct metric_def *def)
{
	if (!has_moments(a, def))
		return NAN;
	return quanta_to_value((double)a->n * def->reference, def->quantum, (double)a->s1, 1.0);
}

/*
 * With |k| < 2^23: |s1| < n * 2^23 and s2 < n * 2^46. The numerator of the variance, n * s2 - s1^2, is a difference of
 * two products below n^2 * 2^46, which fit into 128 bits while n <= 2^41; s1 itself fits into 63 bits while n <= 2^40,
 * which is 2^23 full partials, in one window. It is not negative (Cauchy-Schwarz), and it is exact: readings around
 * 1013 hPa that differ by a hundredth lose nothing to cancellation. Integers that contradict each other, from a broken
 * device, have no deviation.
 */
double agg_stddev(const struct agg *a, const struct metric_def *def)
{
	uint64_t magnitude = a->s1 < 0 ? -(uint64_t)a->s1 : (uint64_t)a->s1;
	struct u128 s1_squared = u128_mul64(magnitude, magnitude);
	struct u128 n_s2 = u128_mul(a->s2, a->n);

	if (!has_moments(a, def) || a->n < 2 || u128_less(n_s2, s1_squared))
		return NAN;
	return def->quantum *
	       sqrt(u128_to_double(u128_sub(n_s2, s1_squared)) / u128_to_double(u128_mul64(a->n, a->n - 1)));
}

double agg_min(const struct agg *a, const struct metric_def *def)
{
	return has_moments(a, def) ? quantity(def, a->min) : NAN;
}

double agg_max(const struct agg *a, const struct metric_def *def)
{
	return has_moments(a, def) ? quantity(def, a->max) : NAN;
}

double agg_first(const struct agg *a, const struct metric_def *def)
{
	return has_moments(a, def) ? quantity(def, a->first) : NAN;
}

double agg_last(const struct agg *a, const struct metric_def *def)
{
	return has_moments(a, def) ? quantity(def, a->last) : NAN;
}

/* Not a question of n: a state that changed yesterday has a time mean today without any sample. */
double agg_time_mean(const struct agg *a, const struct metric_def *def)
{
	if (a->tw_ms == 0 || def->kind == SERIES_COUNTER)
		return NAN;
	return quanta_to_value(def->reference, def->quantum, (double)a->tw, (double)a->tw_ms);
}

double agg_integral(const struct agg *a, const struct metric_def *def)
{
	if (a->tw_ms == 0 || def->kind == SERIES_COUNTER)
		return NAN;
	return quanta_to_value(def->reference * (double)a->tw_ms, def->quantum, (double)a->tw, 1.0) / 1000.0;
}

double agg_increase(const struct agg *a, const struct metric_def *def)
{
	return a->n > 0 ? quanta_to_value(0.0, def->quantum, (double)a->increase, 1.0) : NAN;
}

double agg_rate(const struct agg *a, const struct metric_def *def)
{
	if (a->covered_ms == 0)
		return NAN;
	return agg_increase(a, def) * 1000.0 / (double)a->covered_ms;
}

/* Windows of parts can overlap after a restart by less than a sample's time: no more than all is covered. */
double agg_coverage(const struct agg *a, const struct metric_def *def)
{
	(void)def;
	if (a->due_ms == 0)
		return NAN;
	return a->covered_ms < a->due_ms ? (double)a->covered_ms / (double)a->due_ms : 1.0;
}

/* The representative of a bucket can lie outside of what was measured; the extremes are known exactly. */
double agg_quantile(const struct agg *a, const struct metric_def *def, double p)
{
	double x, lo = agg_min(a, def), hi = agg_max(a, def);

	if (!has_moments(a, def))
		return NAN;
	x = sketch_quantile(&a->sketch, &def->sketch, p);
	if (x < lo)
		return lo;
	return x > hi ? hi : x;
}
