/* SPDX-License-Identifier: Apache-2.0 */
/*
 * sketch.h - mergeable bucket counts for quantiles, exact in any order of merging (contract section 3.2).
 *
 *   exp2  idx of x > 0 is the i with 2^(i/32) < x <= 2^((i+1)/32): OpenTelemetry base-2 exponential histogram, scale 5;
 *         negatives mirrored, zero counted apart. x is K + q*k, the quantised sample.
 *   lin   idx = floor(k / w), w the bucket width in quanta.
 *
 * Halving the resolution is idx >> 1 in both; `shift` counts the halvings. At most SKETCH_MAX_BUCKETS per sign.
 */
#ifndef RUNNEL_PIPELINES_SKETCH_H
#define RUNNEL_PIPELINES_SKETCH_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include "base/check.h"
#include "base/unit.h"

enum { SKETCH_MAX_BUCKETS = 160, SKETCH_SCALE = 5, SKETCH_SUBBUCKETS = 1 << SKETCH_SCALE };

/** Which bucket a sample belongs to; fleet-wide constant per stream name@version. */
struct sketch_mapping {
	enum sketch_kind kind;
	double quantum;	  /* q, the value of one k */
	double reference; /* K */
	uint32_t width;	  /* lin: w in quanta, 1 to 2^23; exp2: 0 */
};

/** Bucket counts of one sign: counts[i] belongs to index offset + i; n is 0 when there are none; first and last count are not 0. */
struct sketch_range {
	int32_t offset;
	uint32_t n;
	uint64_t counts[SKETCH_MAX_BUCKETS];
};

/** A merged or transported sketch. All-zero is empty, the identity of merging. */
struct sketch {
	int32_t shift;		      /* >= 0 */
	uint64_t zero;		      /* exp2: samples that are exactly 0 */
	uint64_t under, over;	      /* reserved by the wire format; summed, never produced here */
	struct sketch_range pos, neg; /* lin uses pos alone, with signed indices */
};

/** Index of k at full resolution; exp2: of the magnitude of K + q*k, which must not be 0. */
int32_t sketch_index(const struct sketch_mapping *m, int32_t k);

/** Index of a positive finite double in the exp2 mapping at scale 5. */
int32_t sketch_exp2_index(double x);

/** Add the counts of @from to @into; the coarser resolution wins. Commutative and associative, bit for bit. */
void sketch_merge(struct sketch *into, const struct sketch *from);

/** Samples in the sketch. */
uint64_t sketch_count(const struct sketch *s);

/**
 * The p-quantile, 0 <= p <= 1: the representative of the bucket that holds rank ceil(p*n) (rank 1 for p = 0).
 * 2*lo*hi/(lo+hi) for exp2, the middle for lin; in the unit of the stream; not clipped. NaN when empty.
 */
double sketch_quantile(const struct sketch *s, const struct sketch_mapping *m, double p);

/**
 * The form samples are counted in: one slot per index in a ring, so that adding is one increment.
 * Owned by a window; all-zero is not ready: sketch_ring_reset() first.
 */
enum { SKETCH_RING_SLOTS = 256 };

struct sketch_ring_range {
	int32_t lo, hi;			   /* occupied indices; lo > hi: none */
	uint32_t slots[SKETCH_RING_SLOTS]; /* index i in slot i & 255 */
};

struct sketch_ring {
	int32_t shift;
	uint32_t zero;
	struct sketch_mapping mapping;
	/* lin: floor((k + bias) / w) by multiplication, exact for all |k| < 2^23, see sketch_ring_init() */
	uint64_t reciprocal;
	uint32_t reciprocal_shift, bias;
	int32_t bias_index;
	struct sketch_ring_range pos, neg;
};

/** Before first use. */
void sketch_ring_init(struct sketch_ring *r, const struct sketch_mapping *m);

/** Empty it. */
void sketch_ring_reset(struct sketch_ring *r);
void sketch_ring_read(const struct sketch_ring *r, struct sketch *out);

/** The general way to add: exp2, coarser resolutions, new buckets. */
void sketch_ring_add_any(struct sketch_ring *r, int32_t k);

/** 2^(j/32) rounded down, and how many of them are below 1 + s/64; see sketch_table.c. */
extern const double sketch_exp2_boundary[SKETCH_SUBBUCKETS + 1];
extern const uint8_t sketch_exp2_first[64];

/** sketch_exp2_index() of a normal number: exponent and mantissa from the bits, one look-up, one comparison, no libm. */
static inline int32_t sketch_exp2_index_normal(double x)
{
	uint64_t bits;
	int32_t exponent;
	double mantissa;
	unsigned below;

	memcpy(&bits, &x, sizeof(bits));
	exponent = (int32_t)(bits >> 52) - 1023;
	bits = (bits & 0xFFFFFFFFFFFFFu) | 0x3FF0000000000000u;
	memcpy(&mantissa, &bits, sizeof(mantissa));

	below = sketch_exp2_first[(bits >> 46) & 63];
	below += mantissa > sketch_exp2_boundary[below];
	return exponent * SKETCH_SUBBUCKETS + (int32_t)below - 1;
}

/** Count k, |k| < 2^23. */
static inline void sketch_ring_add(struct sketch_ring *r, int32_t k)
{
	int32_t index;

	if (r->mapping.kind == SKETCH_LIN) {
		index = (int32_t)((uint64_t)((uint32_t)k + r->bias) * r->reciprocal >> r->reciprocal_shift) -
			r->bias_index;
	} else {
		double x = r->mapping.reference + (double)k * r->mapping.quantum;

		if (x < 0x1p-1022) {
			sketch_ring_add_any(r, k);
			return;
		}
		index = sketch_exp2_index_normal(x);
	}
	if (r->shift == 0 && index >= r->pos.lo && index <= r->pos.hi)
		r->pos.slots[(uint32_t)index & (SKETCH_RING_SLOTS - 1)]++;
	else
		sketch_ring_add_any(r, k);
}

#endif
