/* SPDX-License-Identifier: Apache-2.0 */
#include "pipelines/sketch.h"

#include <assert.h>
#include <math.h>
#include <string.h>

#include "pipelines/quanta.h"

enum { SLOT_MASK = SKETCH_RING_SLOTS - 1, SUBBUCKETS = SKETCH_SUBBUCKETS };

int32_t sketch_exp2_index(double x)
{
	if (x < 0x1p-1022) /* subnormal: scale it into the normal range, exactly */
		return sketch_exp2_index_normal(x * 0x1p100) - 100 * SUBBUCKETS;
	return sketch_exp2_index_normal(x);
}

int32_t sketch_index(const struct sketch_mapping *m, int32_t k)
{
	if (m->kind == SKETCH_EXP2)
		return sketch_exp2_index(fabs(m->reference + (double)k * m->quantum));

	if (k >= 0)
		return (int32_t)((uint32_t)k / m->width);
	return -(int32_t)(((uint32_t)-k + m->width - 1) / m->width);
}

/* Arithmetic shift towards minus infinity, which C leaves to the compiler for negative values. */
static int32_t halve(int32_t index, int32_t times)
{
	while (times-- > 0)
		index = index >= 0 ? index / 2 : -((1 - index) / 2);
	return index;
}

/* How often both ends of [lo, hi] must be halved until the range fits. */
static int32_t halvings_to_fit(int32_t lo, int32_t hi)
{
	int32_t n = 0;

	while (halve(hi, n) - halve(lo, n) >= SKETCH_MAX_BUCKETS)
		n++;
	return n;
}

static void range_halve(struct sketch_range *r, int32_t times)
{
	struct sketch_range old;

	if (r->n == 0 || times == 0)
		return;

	old = *r;
	memset(r->counts, 0, sizeof(r->counts));
	r->offset = halve(old.offset, times);
	for (uint32_t i = 0; i < old.n; i++)
		r->counts[halve(old.offset + (int32_t)i, times) - r->offset] += old.counts[i];
	r->n = (uint32_t)(halve(old.offset + (int32_t)old.n - 1, times) - r->offset + 1);
}

/* Both have the same resolution, and together they fit. */
static void range_add(struct sketch_range *into, const struct sketch_range *from)
{
	int32_t lo, hi;

	if (from->n == 0)
		return;
	if (into->n == 0) {
		*into = *from;
		return;
	}
	lo = into->offset < from->offset ? into->offset : from->offset;
	hi = into->offset + (int32_t)into->n;
	if (from->offset + (int32_t)from->n > hi)
		hi = from->offset + (int32_t)from->n;
	assert(hi - lo <= SKETCH_MAX_BUCKETS);

	memmove(&into->counts[into->offset - lo], into->counts, into->n * sizeof(into->counts[0]));
	memset(into->counts, 0, (size_t)(into->offset - lo) * sizeof(into->counts[0]));
	for (uint32_t i = 0; i < from->n; i++)
		into->counts[from->offset - lo + (int32_t)i] += from->counts[i];
	into->offset = lo;
	into->n = (uint32_t)(hi - lo);
}

static int32_t halvings_for_union(const struct sketch_range *a, const struct sketch_range *b)
{
	int32_t lo, hi, hi_b;

	if (a->n == 0 || b->n == 0)
		return 0;
	lo = a->offset < b->offset ? a->offset : b->offset;
	hi = a->offset + (int32_t)a->n - 1;
	hi_b = b->offset + (int32_t)b->n - 1;
	return halvings_to_fit(lo, hi > hi_b ? hi : hi_b);
}

void sketch_merge(struct sketch *into, const struct sketch *from)
{
	struct sketch other = *from;
	int32_t shift = into->shift > other.shift ? into->shift : other.shift;
	int32_t more, more_neg;

	range_halve(&into->pos, shift - into->shift);
	range_halve(&into->neg, shift - into->shift);
	range_halve(&other.pos, shift - other.shift);
	range_halve(&other.neg, shift - other.shift);

	more = halvings_for_union(&into->pos, &other.pos);
	more_neg = halvings_for_union(&into->neg, &other.neg);
	if (more_neg > more)
		more = more_neg;
	range_halve(&into->pos, more);
	range_halve(&into->neg, more);
	range_halve(&other.pos, more);
	range_halve(&other.neg, more);

	range_add(&into->pos, &other.pos);
	range_add(&into->neg, &other.neg);
	into->shift = shift + more;
	into->zero += other.zero;
	into->under += other.under;
	into->over += other.over;
}

static uint64_t range_count(const struct sketch_range *r)
{
	uint64_t sum = 0;

	for (uint32_t i = 0; i < r->n; i++)
		sum += r->counts[i];
	return sum;
}

uint64_t sketch_count(const struct sketch *s)
{
	return range_count(&s->pos) + range_count(&s->neg) + s->zero;
}

/* The lower boundary of bucket @index at scale 5: 2^(index/32). */
static double exp2_boundary(int32_t index)
{
	int32_t exponent = halve(index, SKETCH_SCALE);

	return ldexp(sketch_exp2_boundary[index - exponent * SUBBUCKETS], exponent);
}

static double representative(const struct sketch_mapping *m, int32_t shift, int32_t index)
{
	if (m->kind == SKETCH_LIN) {
		double width = ldexp((double)m->width, shift);

		return quanta_to_value(m->reference, m->quantum, (double)index * width + (width - 1.0) / 2.0, 1.0);
	}
	if (shift > SKETCH_SCALE + 10) /* wider than all doubles: any value is as good */
		return 1.0;

	int32_t factor = (int32_t)1 << shift;
	double lo = exp2_boundary(index * factor), hi = exp2_boundary((index + 1) * factor);

	return 2.0 * lo * hi / (lo + hi);
}

double sketch_quantile(const struct sketch *s, const struct sketch_mapping *m, double p)
{
	uint64_t n = sketch_count(s), rank, seen = 0;

	if (n == 0 || !(p >= 0.0 && p <= 1.0))
		return NAN;
	rank = (uint64_t)ceil(p * (double)n);
	if (rank == 0)
		rank = 1;
	if (rank > n)
		rank = n;

	for (uint32_t i = s->neg.n; i-- > 0;) { /* the largest magnitude is the smallest value */
		seen += s->neg.counts[i];
		if (seen >= rank)
			return -representative(m, s->shift, s->neg.offset + (int32_t)i);
	}
	seen += s->zero;
	if (seen >= rank)
		return 0.0;
	for (uint32_t i = 0; i < s->pos.n; i++) {
		seen += s->pos.counts[i];
		if (seen >= rank)
			return representative(m, s->shift, s->pos.offset + (int32_t)i);
	}
	return NAN;
}

static void ring_range_reset(struct sketch_ring_range *r)
{
	if (r->lo <= r->hi)
		memset(r->slots, 0, sizeof(r->slots));
	r->lo = 1;
	r->hi = 0;
}

/*
 * For 0 <= x < 2^25 and s = 25 + ceil(log2 w), m = floor(2^s / w) + 1: m*w - 2^s is at most w <= 2^(s-25), so that
 * floor(x*m / 2^s) = floor(x / w) (Granlund and Montgomery 1994, theorem 4.2). x*m stays below 2^51.
 */
void sketch_ring_init(struct sketch_ring *r, const struct sketch_mapping *m)
{
	enum { LIMIT = 1 << 23 };

	r->mapping = *m;
	if (m->kind == SKETCH_LIN) {
		uint32_t bits = 0;

		while ((uint64_t)1 << bits < m->width)
			bits++;
		r->reciprocal_shift = 25 + bits;
		r->reciprocal = ((uint64_t)1 << r->reciprocal_shift) / m->width + 1;
		r->bias_index = (int32_t)((LIMIT + m->width - 1) / m->width);
		r->bias = (uint32_t)r->bias_index * m->width;
	}
	sketch_ring_reset(r);
}

void sketch_ring_reset(struct sketch_ring *r)
{
	ring_range_reset(&r->pos);
	ring_range_reset(&r->neg);
	r->shift = 0;
	r->zero = 0;
}

static void ring_range_halve(struct sketch_ring_range *r, int32_t times)
{
	struct sketch_ring_range old = *r;

	if (r->lo > r->hi || times == 0)
		return;
	memset(r->slots, 0, sizeof(r->slots));
	for (int32_t i = old.lo; i <= old.hi; i++)
		r->slots[(uint32_t)halve(i, times) & SLOT_MASK] += old.slots[(uint32_t)i & SLOT_MASK];
	r->lo = halve(old.lo, times);
	r->hi = halve(old.hi, times);
}

/* The index is outside [lo, hi]: widen the range, at a coarser resolution if need be. Returns the index at that resolution. */
static int32_t ring_widen(struct sketch_ring *r, struct sketch_ring_range *range, int32_t index)
{
	int32_t lo, hi, more;

	if (range->lo > range->hi) {
		range->lo = range->hi = index;
		return index;
	}
	lo = index < range->lo ? index : range->lo;
	hi = index > range->hi ? index : range->hi;
	more = halvings_to_fit(lo, hi);
	if (more > 0) {
		ring_range_halve(&r->pos, more);
		ring_range_halve(&r->neg, more);
		r->shift += more;
		lo = halve(lo, more);
		hi = halve(hi, more);
	}
	range->lo = lo;
	range->hi = hi;
	return halve(index, more);
}

void sketch_ring_add_any(struct sketch_ring *r, int32_t k)
{
	const struct sketch_mapping *m = &r->mapping;
	struct sketch_ring_range *range = &r->pos;
	int32_t index;

	if (m->kind == SKETCH_EXP2) {
		double x = m->reference + (double)k * m->quantum;

		if (x == 0.0) {
			r->zero++;
			return;
		}
		if (x < 0.0)
			range = &r->neg;
		index = sketch_exp2_index(fabs(x));
	} else {
		index = sketch_index(m, k);
	}
	if (r->shift > 0)
		index = halve(index, r->shift);
	if (index < range->lo || index > range->hi)
		index = ring_widen(r, range, index);
	range->slots[(uint32_t)index & SLOT_MASK]++;
}

static void ring_range_read(const struct sketch_ring_range *r, struct sketch_range *out)
{
	out->n = r->lo > r->hi ? 0 : (uint32_t)(r->hi - r->lo + 1);
	out->offset = out->n > 0 ? r->lo : 0;
	for (uint32_t i = 0; i < out->n; i++)
		out->counts[i] = r->slots[(uint32_t)(r->lo + (int32_t)i) & SLOT_MASK];
	memset(&out->counts[out->n], 0, (SKETCH_MAX_BUCKETS - out->n) * sizeof(out->counts[0]));
}

void sketch_ring_read(const struct sketch_ring *r, struct sketch *out)
{
	ring_range_read(&r->pos, &out->pos);
	ring_range_read(&r->neg, &out->neg);
	out->shift = r->shift;
	out->zero = r->zero;
	out->under = 0;
	out->over = 0;
}
