/* SPDX-License-Identifier: Apache-2.0 */
/* Counts against a list of indices, merges against the whole. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <math.h>
#include <string.h>

#include "base/prng.h"
#include "pipelines/sketch.h"

enum { K_LIMIT = 1 << 23, MAX_VALUES = 5000 };

static struct sketch_ring ring; /* 2 KiB */

static int64_t floor_div(int64_t a, int64_t b)
{
	return a / b - (a % b < 0);
}

/* The i with 2^(i/32) < x <= 2^((i+1)/32), found by looking at all boundaries of x's binade. */
static int32_t index_by_search(double x)
{
	int exponent;
	double m = frexp(x, &exponent) * 2.0;
	int32_t j = 0;

	while (j < 32 && m > sketch_exp2_boundary[j])
		j++;
	return (exponent - 1) * 32 + j - 1;
}

/* --- a list of indices instead of counts --- */

struct model {
	const struct sketch_mapping *mapping;
	size_t n;
	int32_t k[MAX_VALUES];
	int sign[MAX_VALUES]; /* 0: the zero bucket */
	int32_t index[MAX_VALUES];
};

static void model_add(struct model *m, int32_t k)
{
	double x = m->mapping->reference + m->mapping->quantum * k;
	size_t i = m->n++;

	m->k[i] = k;
	if (m->mapping->kind == SKETCH_LIN) {
		m->sign[i] = 1;
		m->index[i] = (int32_t)floor_div(k, m->mapping->width);
	} else {
		m->sign[i] = (x > 0.0) - (x < 0.0);
		m->index[i] = x == 0.0 ? 0 : index_by_search(fabs(x));
	}
}

static bool model_fits(const struct model *m, int32_t shift)
{
	for (int sign = -1; sign <= 1; sign += 2) {
		int64_t lo = INT64_MAX, hi = INT64_MIN;

		for (size_t i = 0; i < m->n; i++) {
			int64_t index = floor_div(m->index[i], (int64_t)1 << shift);

			if (m->sign[i] != sign)
				continue;
			lo = index < lo ? index : lo;
			hi = index > hi ? index : hi;
		}
		if (lo <= hi && hi - lo >= SKETCH_MAX_BUCKETS)
			return false;
	}
	return true;
}

static void check_range(const struct model *m, const struct sketch_range *r, int32_t shift, int sign)
{
	uint64_t counts[SKETCH_MAX_BUCKETS] = { 0 }, n = 0;

	for (size_t i = 0; i < m->n; i++) {
		int64_t at = floor_div(m->index[i], (int64_t)1 << shift) - r->offset;

		if (m->sign[i] != sign)
			continue;
		n++;
		assert_true(at >= 0 && at < (int64_t)r->n);
		counts[at]++;
	}
	assert_memory_equal(counts, r->counts, sizeof(counts)); /* and nothing beyond r->n */
	if (n == 0)
		assert_true(r->n == 0 && r->offset == 0);
	else
		assert_true(r->counts[0] > 0 && r->counts[r->n - 1] > 0);
}

static void check_model(const struct model *m, const struct sketch *s)
{
	int32_t shift = 0;
	uint64_t zeros = 0;

	while (!model_fits(m, shift))
		shift++;
	for (size_t i = 0; i < m->n; i++)
		zeros += m->sign[i] == 0;
	assert_int_equal(s->shift, shift);
	assert_int_equal(s->zero, zeros);
	assert_int_equal(sketch_count(s), m->n);
	check_range(m, &s->pos, shift, 1);
	check_range(m, &s->neg, shift, -1);
}

static const struct sketch_mapping lin = { SKETCH_LIN, 0.01, 20.0, 10 }, lin_fine = { SKETCH_LIN, 1.0, 0.0, 1 },
				   exp2_plain = { SKETCH_EXP2, 0.0001, 0.0, 0 },
				   exp2_shifted = { SKETCH_EXP2, 0.01, -20.0, 0 }, /* zero is k = 2000 */
	exp2_coarse = { SKETCH_EXP2, 1e12, 0.0, 0 };
static const struct sketch_mapping *const mappings[] = { &lin, &lin_fine, &exp2_plain, &exp2_shifted, &exp2_coarse };

/* Values whose spread is itself random, so that all shifts are met; one in eight is 0 or the reference's opposite. */
static int32_t any_k(uint64_t *seed, int bits)
{
	uint64_t r = prng_u64(seed);
	int32_t magnitude = (int32_t)((r >> 20) % ((uint64_t)1 << (1 + r % (unsigned)bits)));

	if (r >> 61 == 0)
		return r & 1 << 10 ? 0 : 2000;
	if (magnitude >= K_LIMIT)
		magnitude = K_LIMIT - 1;
	return r & 1 << 11 ? -magnitude : magnitude;
}

static struct model model;

static void read_of(const struct sketch_mapping *m, const int32_t *k, size_t n, struct sketch *out)
{
	sketch_ring_init(&ring, m);
	for (size_t i = 0; i < n; i++)
		sketch_ring_add(&ring, k[i]);
	sketch_ring_read(&ring, out);
}

static void rings_count_what_a_list_counts(void **state)
{
	static struct sketch s;
	uint64_t seed = 3;

	(void)state;
	for (int round = 0; round < 400; round++) {
		int n = 1 + (int)(prng_u64(&seed) % 500), bits = 1 + round % 23;

		model = (struct model){ .mapping = mappings[round % 5] };
		sketch_ring_init(&ring, model.mapping);
		for (int i = 0; i < n; i++) {
			int32_t k = any_k(&seed, bits);

			model_add(&model, k);
			if (round & 1)
				sketch_ring_add(&ring, k);
			else
				sketch_ring_add_any(&ring, k);
		}
		sketch_ring_read(&ring, &s);
		check_model(&model, &s);
	}
}

static void split_anywhere_and_merged_in_any_order_is_the_whole(void **state)
{
	enum { PIECES = 6 };
	static struct sketch piece[PIECES], from;
	uint64_t seed = 4;

	(void)state;
	for (int round = 0; round < 400; round++) {
		size_t n = 1 + prng_u64(&seed) % 300, cut[PIECES + 1] = { 0 };
		int left = PIECES;

		model = (struct model){ .mapping = mappings[round % 5] };
		for (size_t i = 0; i < n; i++)
			model_add(&model, any_k(&seed, 1 + round % 23));
		for (int p = 1; p < PIECES; p++)
			cut[p] = cut[p - 1] + prng_u64(&seed) % (n - cut[p - 1] + 1); /* some are empty */
		cut[PIECES] = n;
		for (int p = 0; p < PIECES; p++)
			read_of(model.mapping, model.k + cut[p], cut[p + 1] - cut[p], &piece[p]);
		while (left > 1) {
			int a = (int)(prng_u64(&seed) % (unsigned)left), b = (int)(prng_u64(&seed) % (unsigned)left);

			if (a == b)
				continue;
			from = piece[b];
			sketch_merge(&piece[a], &piece[b]);
			assert_memory_equal(&from, &piece[b], sizeof(from)); /* the source is left alone */
			piece[b] = piece[--left];
		}
		check_model(&model, &piece[0]);
	}
}

static void merging_with_itself_doubles_all_counts(void **state)
{
	static struct sketch s, twice;
	static const int32_t k[] = { -8000000, -5, 0, 1, 2000, 8000000 };

	(void)state;
	read_of(&exp2_plain, k, ARRAY_LEN(k), &s);
	twice = s;
	sketch_merge(&twice, &twice);
	assert_int_equal(sketch_count(&twice), 12);
	assert_int_equal(twice.shift, s.shift);
	assert_int_equal(twice.zero, 2);
}

/* A merge whose negative side alone needs halving halves the positive side too. */
static void both_signs_share_one_resolution(void **state)
{
	static const int32_t narrow[] = { 100, -1 }, wide[] = { 101, -8000000 };
	static struct sketch a, b;

	(void)state;
	read_of(&exp2_plain, narrow, 2, &a);
	read_of(&exp2_plain, wide, 2, &b);
	assert_int_equal(a.shift, 0);
	assert_int_equal(b.shift, 0);
	sketch_merge(&a, &b);
	/* log2(8e6) * 32 = 733.8 indices: halved three times they are 92 */
	assert_int_equal(a.shift, 3);
	assert_int_equal(a.pos.n, 1);
	assert_int_equal(a.pos.counts[0], 2);
}

static void exactly_160_buckets_stay_as_they_are(void **state)
{
	static int32_t k[161];
	static struct sketch s;

	(void)state;
	for (int i = 0; i < 161; i++)
		k[i] = i - 80;
	read_of(&lin_fine, k, 160, &s);
	assert_int_equal(s.shift, 0);
	assert_int_equal(s.pos.n, 160);
	assert_int_equal(s.pos.offset, -80);
	read_of(&lin_fine, k, 161, &s);
	assert_int_equal(s.shift, 1);
	assert_int_equal(s.pos.n, 81);
	assert_int_equal(s.pos.offset, -40);
	assert_int_equal(s.pos.counts[80], 1);
}

static void a_used_ring_is_as_good_as_new(void **state)
{
	static const int32_t wide[] = { -8000000, 0, 8000000 }, one[] = { 5 };
	static struct sketch s;

	(void)state;
	read_of(&exp2_plain, wide, 3, &s);
	assert_true(s.shift == 0 && s.zero == 1);
	sketch_ring_reset(&ring);
	sketch_ring_add(&ring, one[0]);
	sketch_ring_read(&ring, &s);
	model = (struct model){ .mapping = &exp2_plain };
	model_add(&model, 5);
	check_model(&model, &s);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(rings_count_what_a_list_counts),
		cmocka_unit_test(split_anywhere_and_merged_in_any_order_is_the_whole),
		cmocka_unit_test(merging_with_itself_doubles_all_counts),
		cmocka_unit_test(both_signs_share_one_resolution),
		cmocka_unit_test(exactly_160_buckets_stay_as_they_are),
		cmocka_unit_test(a_used_ring_is_as_good_as_new),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
