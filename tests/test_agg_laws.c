/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The laws of merging, for every field and for every row of the table of atoms, on random samples: split anywhere and
 * merged in any order and grouping gives the same bits as the whole. A new field of struct agg belongs into same_fields().
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

/* The aggregate of those observations that are assigned to @piece (all for -1), straight from the definitions. */
static void aggregate(struct agg *a, const struct observation *o, const int *piece_of, int piece,
		      const struct metric_def *def)
{
	struct sketch_ring ring = { 0 };
	int64_t squares = 0;

	memset(a, 0, sizeof(*a));
	sketch_ring_reset(&ring);
	for (int i = 0; i < N_SAMPLES; i++, o++) {
		if (piece >= 0 && piece_of[i] != piece)
			continue;
		a->expected++;
		a->lost += o->lost;
		a->due_ms += 3000;
		a->bad += o->is_gap || o->is_clipped;
		a->flags |= (o->is_gap ? METRIC_FAULT : 0) | (o->is_clipped ? METRIC_CLIPPED : 0);
		if (o->is_gap)
			continue;
		if (a->n == 0 || o->at_ms < a->first_at_ms || (o->at_ms == a->first_at_ms && o->k < a->first)) {
			a->first = o->k;
			a->first_at_ms = o->at_ms;
		}
		if (a->n == 0 || o->at_ms > a->last_at_ms || (o->at_ms == a->last_at_ms && o->k > a->last)) {
			a->last = o->k;
			a->last_at_ms = o->at_ms;
		}
		a->min = a->n == 0 || o->k < a->min ? o->k : a->min;
		a->max = a->n == 0 || o->k > a->max ? o->k : a->max;
		a->n++;
		a->s1 += o->k;
		squares += (int64_t)o->k * o->k;
		a->tw += (int64_t)o->k * o->held_ms;
		a->tw_ms += o->held_ms;
		a->covered_ms += o->held_ms;
		a->increase += o->increment;
		a->resets += o->is_reset;
		if (def->has_sketch)
			sketch_ring_add(&ring, &def->sketch, o->k);
	}
	a->s2.lo = (uint64_t)squares;
	a->has_sketch = def->has_sketch;
	if (def->has_sketch)
		sketch_ring_read(&ring, &a->sketch);
}

#define SAME(field) (memcmp(&a->field, &b->field, sizeof(a->field)) == 0)

static bool same_range(const struct sketch_range *a, const struct sketch_range *b)
{
	return SAME(n) &&
	       (a->n == 0 || (SAME(offset) && memcmp(a->counts, b->counts, a->n * sizeof(a->counts[0])) == 0));
}

static bool same_sketch(const struct sketch *a, const struct sketch *b)
{
	return SAME(shift) && SAME(zero) && SAME(under) && SAME(over) && same_range(&a->pos, &b->pos) &&
	       same_range(&a->neg, &b->neg);
}

static bool same_fields(const struct agg *a, const struct agg *b)
{
	return SAME(n) && SAME(s1) && SAME(s2) && SAME(min) && SAME(max) && SAME(first) && SAME(last) &&
	       SAME(first_at_ms) && SAME(last_at_ms) && SAME(expected) && SAME(bad) && SAME(lost) && SAME(tw) &&
	       SAME(tw_ms) && SAME(covered_ms) && SAME(due_ms) && SAME(increase) && SAME(resets) && SAME(flags) &&
	       SAME(has_sketch) && same_sketch(&a->sketch, &b->sketch);
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
