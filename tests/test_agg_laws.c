/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The laws of merging, for every field and for every row of the table of atoms, on random samples: split anywhere and
 * merged in any order and grouping gives the same bits as the whole. A new field of struct agg belongs into agg_fields.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <math.h>
#include <string.h>

#include "base/prng.h"
#include "pipelines/agg.h"
#include "pipelines/atom.h"

enum { N_SAMPLES = 400, N_PIECES = 24, N_ROUNDS = 280 };

static const struct metric_def temperature = {
	.name = "temp@1",
	.reference = 20.0,
	.quantum = 0.01,
	.has_sketch = true,
	.sketch = { SKETCH_LIN, 0.01, 20.0, 10 },
};
static const struct metric_def brightness = {
	.name = "light@1",
	.quantum = 0.01,
	.has_sketch = true,
	.sketch = { SKETCH_EXP2, 0.01, 0.0, 0 },
};
static const struct metric_def pressure = { .name = "air@1", .reference = 1000.0, .quantum = 0.01 };
static const struct metric_def state = { .name = "door@1", .kind = SERIES_STATE, .quantum = 1.0 };
static const struct metric_def counter = { .name = "water@1", .kind = SERIES_COUNTER, .quantum = 0.00225 };

struct observation {
	int64_t at_ms;
	int32_t k;
	uint32_t held_ms, increment, lost;
	bool is_gap, is_reset, is_clipped;
};

static void observe(struct observation *o, uint64_t *seed, int32_t spread)
{
	uint64_t r = prng_u64(seed);

	*o = (struct observation){
		.at_ms = 1763700000000 + (int64_t)(r % 500), /* 400 samples in 500 ms: many at the same time */
		.k = (int32_t)(prng_unit(seed) * 2 * spread) - spread,
		.held_ms = (uint32_t)(r >> 10) % 3000,
		.increment = (uint32_t)(r >> 22) % 100,
		.lost = (r >> 30) % 50 == 0,
		.is_gap = (r >> 36) % 20 == 0,
		.is_reset = (r >> 42) % 30 == 0,
		.is_clipped = (r >> 48) % 1000 == 0,
	};
	if (o->is_clipped)
		o->k = o->k < 0 ? -(AGG_K_LIMIT - 1) : AGG_K_LIMIT - 1;
}

/* (time, k) as one number: the times of these samples differ by less than 2^9 ms and |k| is below 2^23. */
static int64_t in_order(int64_t at_ms, int64_t k)
{
	return (at_ms - 1763700000000) * (1 << 25) + k;
}

static void count_extremes(struct agg *a, const struct observation *o)
{
	bool is_first = a->n == 0;

	if (is_first || in_order(o->at_ms, o->k) < in_order(a->first_at_ms, a->first)) {
		a->first = o->k;
		a->first_at_ms = o->at_ms;
	}
	if (is_first || in_order(o->at_ms, o->k) > in_order(a->last_at_ms, a->last)) {
		a->last = o->k;
		a->last_at_ms = o->at_ms;
	}
	if (is_first || o->k < a->min)
		a->min = o->k;
	if (is_first || o->k > a->max)
		a->max = o->k;
}

static void count(struct agg *a, const struct observation *o)
{
	a->expected++;
	a->lost += o->lost;
	a->due_ms += 3000;
	a->bad += o->is_gap | o->is_clipped;
	a->flags |= (unsigned)o->is_gap * METRIC_FAULT | (unsigned)o->is_clipped * METRIC_CLIPPED;
	if (o->is_gap)
		return;
	count_extremes(a, o);
	a->n++;
	a->s1 += o->k;
	a->s2.lo += (uint64_t)((int64_t)o->k * o->k);
	a->tw += (int64_t)o->k * o->held_ms;
	a->tw_ms += o->held_ms;
	a->covered_ms += o->held_ms;
	a->increase += o->increment;
	a->resets += o->is_reset;
}

/* The aggregate of those observations that are assigned to @piece (all for -1), straight from the definitions. */
static void aggregate(struct agg *a, const struct observation *o, const int *piece_of, int piece,
		      const struct metric_def *def)
{
	static struct sketch_ring ring;

	memset(a, 0, sizeof(*a));
	a->has_sketch = def->has_sketch;
	if (def->has_sketch)
		sketch_ring_init(&ring, &def->sketch);
	for (int i = 0; i < N_SAMPLES; i++) {
		if (piece >= 0 && piece_of[i] != piece)
			continue;
		count(a, &o[i]);
		if (def->has_sketch && !o[i].is_gap)
			sketch_ring_add(&ring, o[i].k);
	}
	if (def->has_sketch)
		sketch_ring_read(&ring, &a->sketch);
}

#define FIELD(type, member)                                            \
	{                                                              \
		offsetof(type, member), sizeof(((type *)NULL)->member) \
	}

static const struct field {
	size_t offset, bytes;
} agg_fields[] = {
	FIELD(struct agg, n),
	FIELD(struct agg, s1),
	FIELD(struct agg, s2),
	FIELD(struct agg, min),
	FIELD(struct agg, max),
	FIELD(struct agg, first),
	FIELD(struct agg, last),
	FIELD(struct agg, first_at_ms),
	FIELD(struct agg, last_at_ms),
	FIELD(struct agg, expected),
	FIELD(struct agg, bad),
	FIELD(struct agg, lost),
	FIELD(struct agg, tw),
	FIELD(struct agg, tw_ms),
	FIELD(struct agg, covered_ms),
	FIELD(struct agg, due_ms),
	FIELD(struct agg, increase),
	FIELD(struct agg, resets),
	FIELD(struct agg, flags),
	FIELD(struct agg, has_sketch),
	FIELD(struct agg, sketch.shift),
	FIELD(struct agg, sketch.zero),
	FIELD(struct agg, sketch.under),
	FIELD(struct agg, sketch.over),
	FIELD(struct agg, sketch.pos.n),
	FIELD(struct agg, sketch.neg.n),
};

static bool same_range(const struct sketch_range *a, const struct sketch_range *b)
{
	if (a->n == 0)
		return true;
	return a->offset == b->offset && memcmp(a->counts, b->counts, a->n * sizeof(a->counts[0])) == 0;
}

static bool same_fields(const struct agg *a, const struct agg *b)
{
	for (size_t i = 0; i < sizeof(agg_fields) / sizeof(agg_fields[0]); i++)
		if (memcmp((const char *)a + agg_fields[i].offset, (const char *)b + agg_fields[i].offset,
			   agg_fields[i].bytes) != 0)
			return false;
	return same_range(&a->sketch.pos, &b->sketch.pos) && same_range(&a->sketch.neg, &b->sketch.neg);
}

static void check_same(const struct agg *a, const struct agg *b, const struct metric_def *def)
{
	assert_true(same_fields(a, b));
	for (size_t i = 0; atom_at(i); i++) {
		for (double p = 0.0; p <= 1.0; p += 0.125) {
			double x = atom_at(i)->value(a, def, p), y = atom_at(i)->value(b, def, p);

			if (memcmp(&x, &y, sizeof(x)) != 0)
				fail_msg("%s of %s: %.17g and %.17g", atom_at(i)->name, def->name, x, y);
		}
	}
}

static const struct {
	const struct metric_def *def;
	int32_t spread;
} streams[] = { { &temperature, 300 },
		{ &temperature, AGG_K_LIMIT - 1 },
		{ &brightness, AGG_K_LIMIT - 1 },
		{ &brightness, 1000 },
		{ &pressure, 20 },
		{ &state, 1 },
		{ &counter, 1 } };

static void split_anywhere_and_merged_in_any_order_is_the_whole(void **unused)
{
	uint64_t seed = 1;

	(void)unused;
	for (int round = 0; round < N_ROUNDS; round++) {
		static struct agg pieces[N_PIECES], whole;
		size_t s = (size_t)round % (sizeof(streams) / sizeof(streams[0]));
		int n_pieces = 1 + (int)(prng_u64(&seed) % N_PIECES), piece_of[N_SAMPLES];
		struct observation o[N_SAMPLES];

		for (int i = 0; i < N_SAMPLES; i++) {
			observe(&o[i], &seed, streams[s].spread);
			piece_of[i] = (int)(prng_u64(&seed) % (uint64_t)n_pieces); /* the last ones may stay empty */
		}
		aggregate(&whole, o, piece_of, -1, streams[s].def);
		for (int i = 0; i < n_pieces; i++)
			aggregate(&pieces[i], o, piece_of, i, streams[s].def);

		/* Merge two pieces, put the result back, until one is left: every grouping and every order. */
		while (n_pieces > 1) {
			int into = (int)(prng_u64(&seed) % (uint64_t)n_pieces);
			int from = (int)(prng_u64(&seed) % (uint64_t)(n_pieces - 1));

			from += from >= into;
			agg_merge(&pieces[into], &pieces[from]);
			pieces[from] = pieces[--n_pieces];
		}
		check_same(&pieces[0], &whole, streams[s].def);
	}
}

/* What a broken device might send: any bits where a number can be. */
static void randomise(struct agg *a, uint64_t *seed)
{
	static const uint64_t edges[] = { 0, 1, INT64_MAX, (uint64_t)INT64_MIN, UINT64_MAX };
	uint64_t *const fields[] = { (uint64_t *)&a->s1,
				     &a->s2.hi,
				     &a->s2.lo,
				     (uint64_t *)&a->min,
				     (uint64_t *)&a->max,
				     (uint64_t *)&a->first,
				     (uint64_t *)&a->last,
				     (uint64_t *)&a->first_at_ms,
				     (uint64_t *)&a->last_at_ms,
				     &a->expected,
				     &a->bad,
				     &a->lost,
				     (uint64_t *)&a->tw,
				     &a->tw_ms,
				     &a->covered_ms,
				     &a->due_ms,
				     &a->increase,
				     &a->resets };

	memset(a, 0, sizeof(*a));
	a->n = 1 + prng_u64(seed) % AGG_N_LIMIT;
	for (size_t i = 0; i < sizeof(fields) / sizeof(fields[0]); i++) {
		uint64_t r = prng_u64(seed);

		*fields[i] = r % 3 == 0 ? edges[r / 3 % 5] : r;
	}
}

static void merging_commutes_and_associates_even_for_nonsense(void **unused)
{
	static struct agg a, b, c, ab, ba, bc, ab_c, a_bc;
	uint64_t seed = 2;

	(void)unused;
	for (int round = 0; round < 300; round++) {
		const struct metric_def *def = streams[round % 7].def;

		randomise(&a, &seed);
		randomise(&b, &seed);
		randomise(&c, &seed);

		ab = a;
		agg_merge(&ab, &b);
		ba = b;
		agg_merge(&ba, &a);
		check_same(&ab, &ba, def);

		ab_c = ab;
		agg_merge(&ab_c, &c);
		bc = b;
		agg_merge(&bc, &c);
		a_bc = a;
		agg_merge(&a_bc, &bc);
		check_same(&ab_c, &a_bc, def);
	}
}

static void zeroed_memory_is_the_identity(void **unused)
{
	static struct agg a, left, right;
	struct observation o[N_SAMPLES];
	uint64_t seed = 3;

	(void)unused;
	for (size_t s = 0; s < sizeof(streams) / sizeof(streams[0]); s++) {
		for (int i = 0; i < N_SAMPLES; i++)
			observe(&o[i], &seed, streams[s].spread);
		aggregate(&a, o, NULL, -1, streams[s].def);
		right = a;
		agg_merge(&right, &(struct agg){ 0 });
		check_same(&right, &a, streams[s].def);
		left = (struct agg){ 0 };
		agg_merge(&left, &a);
		check_same(&left, &a, streams[s].def);
	}
	left = (struct agg){ 0 };
	agg_merge(&left, &(struct agg){ 0 });
	check_same(&left, &(struct agg){ 0 }, &temperature);
}

/* Both devices report at the same first and last millisecond. */
static void at_equal_times_first_takes_the_smaller_and_last_the_larger(void **unused)
{
	struct agg a = { .n = 2, .min = 1, .max = 9, .first = 9, .last = 1, .first_at_ms = 100, .last_at_ms = 200 };
	struct agg b = { .n = 2, .min = 5, .max = 5, .first = 5, .last = 5, .first_at_ms = 100, .last_at_ms = 200 };
	struct agg later = { .n = 1, .min = 3, .max = 3, .first = 3, .last = 3, .first_at_ms = 201, .last_at_ms = 201 };

	(void)unused;
	agg_merge(&a, &b);
	assert_int_equal(a.first, 5);
	assert_int_equal(a.last, 5);
	agg_merge(&a, &later);
	assert_int_equal(a.first, 5);
	assert_int_equal(a.last, 3);
	assert_int_equal(a.min, 1);
	assert_int_equal(a.max, 9);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(split_anywhere_and_merged_in_any_order_is_the_whole),
		cmocka_unit_test(merging_commutes_and_associates_even_for_nonsense),
		cmocka_unit_test(zeroed_memory_is_the_identity),
		cmocka_unit_test(at_equal_times_first_takes_the_smaller_and_last_the_larger),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
