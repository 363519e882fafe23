/* SPDX-License-Identifier: Apache-2.0 */
/*
 * cell.h - counts the samples of one stream into the open part of one window: the code every sample passes.
 *
 * A cell holds what one part will say. A track holds what one stream remembers across windows: its newest sample,
 * and the value that still holds, for the time integral. Samples that come in order move the track; older ones are
 * counted into their window, but the integral and the increase already span them.
 */
#ifndef RUNNEL_PIPELINES_CELL_H
#define RUNNEL_PIPELINES_CELL_H

#include <math.h>
#include <stdbool.h>
#include <stdint.h>

#include "pipelines/agg.h"
#include "pipelines/sample.h"
#include "pipelines/sketch.h"

/** What is fixed for a stream. */
struct cell_spec {
	const struct metric_def *def;
	bool wants_increase;
	bool is_plain;		       /* no counter and nobody wants its increase: what cell_add_next() takes */
	int64_t hold_ms;	       /* how long a value vouches for what it measured */
	double reference, per_quantum; /* K and 1/q */
};

/*
 * k is defined by a division, which takes three times as long as a multiplication by 1/q. Below 2^23 the two differ by less than
 * 2^-28, so both round to the same integer unless the fraction is this near to one half.
 */
#define CELL_NEAR_HALF 0x1p-27
#define CELL_NO_FRACTION 0x1.8p52

struct cell_track {
	int64_t newest_us; /* newest sample, gaps included; INT64_MIN: none yet */
	int64_t done_ms;   /* the held value is integrated up to here (Unix ms) */
	int64_t until_ms;  /* and holds until here; not after done_ms: nothing is held */
	int32_t held_k;
	bool has_raw;
	int64_t raw; /* last value in quanta, not clipped, for increase */
};

struct cell {
	uint32_t n, bad, lost, flags;
	int64_t s1;
	uint64_t s2;
	int32_t min, max, first, last;
	int64_t first_at_ms, last_at_ms;
	int64_t tw;
	uint32_t tw_ms, resets;
	uint64_t increase;
	struct sketch_ring *ring; /* NULL: no sketch */
};

/** Empty it for a new part; keeps the ring's memory. */
void cell_reset(struct cell *c);

/** Integrate what the track holds, from where it stopped up to @to_ms, into @c. The caller keeps both inside the cell's window. */
static inline void cell_hold(struct cell *c, struct cell_track *t, int64_t to_ms)
{
	int64_t end_ms = to_ms < t->until_ms ? to_ms : t->until_ms;
	int64_t dt_ms = end_ms - t->done_ms;

	if (to_ms <= t->done_ms)
		return;
	if (dt_ms > 0) {
		c->tw += t->held_k * dt_ms;
		c->tw_ms += (uint32_t)dt_ms;
	}
	t->done_ms = to_ms;
}

/**
 * Count a sample. @at_ms: its time as Unix milliseconds, floored. @in_order: not older than any before; then cell_hold() up to
 * @at_ms has been called. NaN and infinities are gaps: counted as bad, and they end what is held.
 */
void cell_add(struct cell *c, const struct cell_spec *spec, struct cell_track *t, const struct sample *in,
	      int64_t at_ms, bool in_order);

/* In range and not NaN (then the comparison fails), later than all before, in a part that has samples and room. */
static inline bool cell_is_usual(const struct cell *c, const struct cell_spec *spec, const struct sample *in, double k,
				 int64_t at_ms)
{
	return fabs(k) < AGG_K_LIMIT - 1 && spec->is_plain && c->n - 1 < AGG_N_LIMIT - 3 && at_ms > c->last_at_ms &&
	       in->lost == 0;
}

/**
 * The same for the usual case, as short as can be: a value in range, later than all before, in a part that has samples and
 * room. @return false, with nothing changed: cell_hold() and cell_add() must do it
 */
static inline bool cell_add_next(struct cell *c, const struct cell_spec *spec, struct cell_track *t,
				 const struct sample *in, int64_t at_ms)
{
	double v = (in->value - spec->reference) * spec->per_quantum;
	int64_t dt_ms = at_ms - t->done_ms;
	int32_t k;

	if (!cell_is_usual(c, spec, in, v, at_ms) || dt_ms < 0)
		return false;

	/*
	 * Adding 1.5 * 2^52 leaves no bits for a fraction: a nearest integer. Whether it is the one is then looked at, so it does
	 * not matter how this target rounds; with a fraction so near to one half only the division can tell.
	 */
	k = (int32_t)(v + CELL_NO_FRACTION - CELL_NO_FRACTION);
	if (!(fabs(v - k) < 0.5 - CELL_NEAR_HALF))
		return false;

	if (at_ms > t->until_ms)
		dt_ms = t->until_ms > t->done_ms ? t->until_ms - t->done_ms : 0;
	c->tw += t->held_k * dt_ms;
	c->tw_ms += (uint32_t)dt_ms;

	t->held_k = k;
	t->done_ms = at_ms;
	t->until_ms = at_ms + spec->hold_ms;

	c->n++;
	c->s1 += k;
	c->s2 += (uint64_t)((int64_t)k * k);
	c->min = k < c->min ? k : c->min;
	c->max = k > c->max ? k : c->max;
	c->last = k;
	c->last_at_ms = at_ms;
	if (c->ring)
		sketch_ring_add(c->ring, k);
	return true;
}

/** The part as an aggregate. expected, covered and due times are the caller's. */
void cell_read(const struct cell *c, struct agg *out);

#endif
