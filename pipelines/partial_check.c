/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A broken or hostile device must not be able to poison a fleet. Its values may be wrong, but they are values that some
 * set of samples could have given: then merging stays within its types, and means stay between the extremes.
 * The checks stand in the order in which each makes the next one safe to compute.
 */
#include "pipelines/partial_check.h"

#include "base/text.h"
#include "pipelines/wire.h"

enum {
	MAX_SHIFT = 31,
	INDEX_LIMIT = AGG_K_LIMIT, /* lin with width 1 reaches it; exp2 stays within 2^16 */
};

static const uint64_t END_OF_TIME_S = 253402300800; /* 10000-01-01, the first instant without an RFC 3339 date */

static const char *check_clock(const struct partial *p)
{
	const struct partial_clock *c = &p->clock;
	const int64_t most_us = (int64_t)END_OF_TIME_S * 1000000;

	if (c->last == 0)
		return NULL;
	if (c->first == 0 || c->first > c->last)
		return "a clock of no messages";
	if (c->boot > p->boot || (c->boot == p->boot && c->last >= p->seq))
		return "a clock of messages that are still to come";
	if (c->offset_us > most_us || c->offset_us < -most_us)
		return "a clock that is off by more than all time";
	return p->flags & PARTIAL_UNSYNCED ? NULL : "a clock in a message without the flag UNSYNCED";
}

static bool is_dated_day(const struct partial *p)
{
	const uint32_t flags = PARTIAL_UNSYNCED | PARTIAL_RETIMED;

	return p->wl == PARTIAL_DAY_S && p->part >= PARTIAL_MERGED && (p->flags & flags) == flags;
}

const char *partial_check_envelope(const struct partial *p)
{
	if (!text_is_device_name(p->device))
		return "the device has no valid name";
	if (!text_is_device_name(p->site))
		return "the site has no valid name";
	if (!wire_is_window_length(p->wl) && !is_dated_day(p))
		return "wl is not a window length";
	if (p->w0 >= END_OF_TIME_S)
		return "w0 is after the year 9999";
	if (p->w0 % p->wl != 0)
		return "w0 is not a multiple of wl";
	if (p->wm > END_OF_TIME_S)
		return "wm is after the year 9999";
	if (p->span > 0 && (p->span >= p->seq || p->part < PARTIAL_MERGED))
		return "span is not of a merged message";
	return check_clock(p);
}

static bool k_is_valid(int64_t k)
{
	return k > -AGG_K_LIMIT && k < AGG_K_LIMIT;
}

static uint64_t magnitude(int64_t x)
{
	return x < 0 ? -(uint64_t)x : (uint64_t)x;
}

static const char *check_order(const struct agg *a)
{
	if (!k_is_valid(a->min) || !k_is_valid(a->max))
		return "a value is outside the range of k";
	if (a->min > a->max)
		return "min is above max";
	if (a->first < a->min || a->first > a->max || a->last < a->min || a->last > a->max)
		return "first or last is not between min and max";
	if (a->first_at_ms > a->last_at_ms)
		return "t_first is after t_last";
	return NULL;
}

static const char *check_times(const struct partial *p, const struct agg *a)
{
	int64_t begin_ms = (int64_t)(p->w0 * 1000), end_ms = begin_ms + (int64_t)p->wl * 1000;

	if (a->first_at_ms < begin_ms || a->first_at_ms >= end_ms || a->last_at_ms < begin_ms ||
	    a->last_at_ms >= end_ms)
		return "a time is outside the window";
	return NULL;
}

/* For counters all of it is 0, which passes. */
static const char *check_sums(const struct agg *a)
{
	uint64_t peak = magnitude(a->min) > magnitude(a->max) ? magnitude(a->min) : magnitude(a->max);
	int64_t n = (int64_t)a->n;

	if (a->s1 < n * a->min || a->s1 > n * a->max)
		return "s1 is not a sum of n values from min to max";
	if (a->s2.hi != 0 || a->s2.lo > a->n * peak * peak)
		return "s2 is not a sum of n squares from min to max";
	if (u128_less(u128_mul64(a->n, a->s2.lo), u128_mul64(magnitude(a->s1), magnitude(a->s1))))
		return "s2 is too small for s1"; /* Cauchy and Schwarz: s1^2 <= n * s2 */
	return NULL;
}

static bool range_is_valid(const struct sketch_range *r, uint64_t n)
{
	if (r->n > SKETCH_MAX_BUCKETS)
		return false;
	if (r->n > 0 && (r->offset < -INDEX_LIMIT || r->offset > INDEX_LIMIT - (int32_t)r->n))
		return false;
	for (uint32_t i = 0; i < r->n; i++)
		if (r->counts[i] > n)
			return false;
	return true;
}

static const char *check_sketch(const struct sketch *s, uint64_t n)
{
	if (s->shift < 0 || s->shift > MAX_SHIFT)
		return "the shift of a sketch is not 0 to 31";
	if (!range_is_valid(&s->pos, n) || !range_is_valid(&s->neg, n))
		return "a bucket of a sketch is out of range";
	if (s->zero > n || s->under > n || s->over > n || sketch_count(s) + s->under + s->over != n)
		return "the counts of a sketch are not n";
	return NULL;
}

static const char *check_time_integral(const struct partial *p, const struct agg *a)
{
	uint64_t window_ms = (uint64_t)p->wl * 1000;

	if (a->tw_ms > window_ms || a->covered_ms > window_ms)
		return "more time than the window has";
	if (magnitude(a->tw) > a->tw_ms * (AGG_K_LIMIT - 1))
		return "tw is outside the range of k";
	return NULL;
}

static const char *check_values(const struct partial *p, const struct agg *a)
{
	const char *why;

	if (a->n == 0)
		return a->s1 != 0 || a->s2.hi != 0 || a->s2.lo != 0 ? "sums of no values" : NULL;
	why = check_times(p, a);
	if (!why)
		why = check_order(a);
	if (!why)
		why = check_sums(a);
	return why;
}

const char *partial_check_metric(const struct partial *p, const struct partial_metric *m)
{
	const struct agg *a = &m->agg;
	const char *why;

	if (a->n >= AGG_N_LIMIT)
		return "n is not below 2^17";
	why = check_time_integral(p, a);
	if (!why)
		why = check_values(p, a);
	if (!why && a->has_sketch)
		why = check_sketch(&a->sketch, a->n);
	return why;
}
