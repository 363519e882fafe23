/* SPDX-License-Identifier: Apache-2.0 */
#include "pipelines/cell.h"

#include <string.h>

void cell_reset(struct cell *c)
{
	struct sketch_ring *ring = c->ring;

	*c = (struct cell){ .ring = ring };
	if (ring)
		sketch_ring_reset(ring);
}

/*
 * llround() without the call: the fraction v - trunc(v) is exact, so halves go away from zero as C says, whatever
 * the rounding mode. |v| must be below 2^62.
 */
static inline int64_t round_half_away(double v)
{
	int64_t whole = (int64_t)v; /* cppcheck-suppress floatConversionOverflow ; callers keep to the bound */
	double fraction = v - (double)whole;

	return whole + (fraction >= 0.5) - (fraction <= -0.5);
}

/* A counter that fell has restarted from zero, so what it shows now has been added since. */
static void add_increase(struct cell *c, const struct metric_def *def, struct cell_track *t, int64_t raw)
{
	if (t->has_raw && raw >= t->raw) {
		c->increase += (uint64_t)(raw - t->raw);
	} else if (t->has_raw) {
		double zero = def->reference / def->quantum;
		int64_t since_zero = raw + (fabs(zero) < 0x1p61 ? round_half_away(zero) : 0);

		c->resets++;
		if (since_zero > 0)
			c->increase += (uint64_t)since_zero;
	}
	t->raw = raw;
	t->has_raw = true;
}

static void add_gap(struct cell *c, struct cell_track *t, bool in_order)
{
	c->bad++;
	c->flags |= METRIC_FAULT;
	if (in_order)
		t->until_ms = t->done_ms;
}

static inline void add_moments(struct cell *c, int32_t k, int64_t at_ms)
{
	c->s1 += k;
	c->s2 += (uint64_t)((int64_t)k * k);
	if (c->n == 0) {
		c->min = c->max = c->first = c->last = k;
		c->first_at_ms = c->last_at_ms = at_ms;
	} else {
		c->min = k < c->min ? k : c->min;
		c->max = k > c->max ? k : c->max;
		if (at_ms > c->last_at_ms || (at_ms == c->last_at_ms && k > c->last)) {
			c->last = k;
			c->last_at_ms = at_ms;
		}
		if (at_ms < c->first_at_ms || (at_ms == c->first_at_ms && k < c->first)) {
			c->first = k;
			c->first_at_ms = at_ms;
		}
	}
	if (c->ring)
		sketch_ring_add(c->ring, k);
}

void cell_add(struct cell *c, const struct cell_spec *spec, struct cell_track *t, const struct sample *in,
	      int64_t at_ms, bool in_order)
{
	const struct metric_def *def = spec->def;
	double v = (in->value - def->reference) / def->quantum;
	int64_t raw;
	int32_t k;

	c->lost += in->lost;
	if (!(fabs(v) < 0x1p62)) {
		if (isfinite(in->value)) { /* far outside any range: clipped below */
			v = v > 0 ? 0x1p61 : -0x1p61;
		} else {
			add_gap(c, t, in_order);
			return;
		}
	}

	raw = round_half_away(v);
	if (def->kind == SERIES_COUNTER) {
		k = 0;
	} else if (raw >= AGG_K_LIMIT || raw <= -AGG_K_LIMIT) {
		k = raw > 0 ? AGG_K_LIMIT - 1 : -(AGG_K_LIMIT - 1);
		c->bad++;
		c->flags |= METRIC_CLIPPED;
	} else {
		k = (int32_t)raw;
	}

	if (in_order) {
		if (spec->wants_increase)
			add_increase(c, def, t, raw);
		t->held_k = k;
		t->until_ms = at_ms + spec->hold_ms;
	}
	if (def->kind != SERIES_COUNTER)
		add_moments(c, k, at_ms);
	c->n++;
}

void cell_read(const struct cell *c, struct agg *out)
{
	if (c->ring) {
		out->has_sketch = true;
		sketch_ring_read(c->ring, &out->sketch);
	} else {
		out->has_sketch = false;
		out->sketch = (struct sketch){ 0 };
	}
	out->n = c->n;
	out->s1 = c->s1;
	out->s2 = (struct u128){ 0, c->s2 };
	out->min = c->min;
	out->max = c->max;
	out->first = c->first;
	out->last = c->last;
	out->first_at_ms = c->first_at_ms;
	out->last_at_ms = c->last_at_ms;
	out->expected = 0;
	out->bad = c->bad;
	out->lost = c->lost;
	out->tw = c->tw;
	out->tw_ms = c->tw_ms;
	out->covered_ms = c->tw_ms;
	out->due_ms = 0;
	out->increase = c->increase;
	out->resets = c->resets;
	out->flags = c->flags | (out->sketch.shift > 0 ? METRIC_SKETCH_SHIFTED : 0);
}
