/* SPDX-License-Identifier: Apache-2.0 */
/* Which bucket a value belongs to, against slow and obvious arithmetic: big integers, search, integer division. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <math.h>
#include <string.h>

#include "base/prng.h"
#include "pipelines/sketch.h"

enum { K_LIMIT = 1 << 23 };

/* --- the table of boundaries --- */

enum { LIMBS = 56 }; /* of 32 bits: 32 times 53 bits and the carry */

static void big_multiply(uint32_t *a, uint64_t by)
{
	uint32_t low[LIMBS], high[LIMBS];
	uint64_t carry = 0;

	for (int i = 0; i < LIMBS; i++) {
		carry += (uint64_t)a[i] * (uint32_t)by;
		low[i] = (uint32_t)carry;
		carry >>= 32;
	}
	carry = 0;
	high[0] = 0;
	for (int i = 0; i + 1 < LIMBS; i++) {
		carry += (uint64_t)a[i] * (by >> 32);
		high[i + 1] = (uint32_t)carry;
		carry >>= 32;
	}
	carry = 0;
	for (int i = 0; i < LIMBS; i++) {
		carry += (uint64_t)low[i] + high[i];
		a[i] = (uint32_t)carry;
		carry >>= 32;
	}
}

/* Sign of m^32 - 2^@exponent. */
static int compare_power_32(uint64_t m, int exponent)
{
	uint32_t power[LIMBS] = { 1 }, two[LIMBS] = { 0 };

	for (int i = 0; i < 32; i++)
		big_multiply(power, m);
	two[exponent / 32] = 1u << exponent % 32;
	for (int i = LIMBS; i-- > 0;)
		if (power[i] != two[i])
			return power[i] > two[i] ? 1 : -1;
	return 0;
}

/* b = m / 2^52 is 2^(j/32) rounded down: m^32 <= 2^(j + 32*52) < (m + 1)^32. */
static void boundaries_are_powers_of_two_rounded_down(void **state)
{
	(void)state;
	for (int j = 0; j <= 32; j++) {
		uint64_t m = (uint64_t)ldexp(sketch_exp2_boundary[j], 52);

		assert_true(ldexp((double)m, -52) == sketch_exp2_boundary[j]);
		assert_true(compare_power_32(m, j + 32 * 52) <= 0);
		if (j < 32)
			assert_true(compare_power_32(m + 1, j + 32 * 52) > 0);
	}
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

static void each_boundary_belongs_to_the_bucket_below_it(void **state)
{
	(void)state;
	for (int e = -1022; e <= 1023; e++) {
		for (int32_t j = 0; j < 32; j++) {
			double b = ldexp(sketch_exp2_boundary[j], e);

			assert_int_equal(sketch_exp2_index(b), e * 32 + j - 1);
			assert_int_equal(sketch_exp2_index(nextafter(b, INFINITY)), e * 32 + j);
			assert_int_equal(sketch_exp2_index(nextafter(b, 0.0)), e * 32 + j - 1);
		}
	}
}

static void subnormals_and_extremes_have_their_bucket(void **state)
{
	(void)state;
	assert_int_equal(sketch_exp2_index(0x1p-1074), -1074 * 32 - 1); /* the smallest */
	assert_int_equal(sketch_exp2_index(0x3p-1074), index_by_search(0x3p-1074));
	assert_int_equal(sketch_exp2_index(nextafter(0x1p-1022, 0.0)), -1022 * 32 - 1);
	assert_int_equal(sketch_exp2_index(0x1.fffffffffffffp1023), 1024 * 32 - 1);
	/* python3 -c 'from math import *; print(floor(300*log2(10)*32))': 31890, the 31890.51 is far from a boundary */
	assert_int_equal(sketch_exp2_index(1e300), 31890);
	assert_int_equal(sketch_exp2_index(1e-300), -31891);
	assert_int_equal(sketch_exp2_index(1.0), -1);
	assert_int_equal(sketch_exp2_index(2.0), 31);
	for (int e = -1074; e < 1024; e++)
		assert_int_equal(sketch_exp2_index(ldexp(1.0, e)), e * 32 - 1);
}

static void any_double_is_where_a_search_finds_it(void **state)
{
	uint64_t seed = 1;

	(void)state;
	for (int i = 0; i < 300000; i++) {
		uint64_t bits = prng_u64(&seed) >> 1;
		double x;

		memcpy(&x, &bits, sizeof(x));
		if (isfinite(x) && x > 0.0)
			assert_int_equal(sketch_exp2_index(x), index_by_search(x));
	}
}

/* --- linear indices --- */

static int64_t floor_div(int64_t a, int64_t b)
{
	return a / b - (a % b < 0);
}

static struct sketch_ring ring; /* 2 KiB */

/* The path by reciprocal: open the ring for every index, and see which slot counts. */
static void check_lin(const struct sketch_mapping *m, int64_t k)
{
	int32_t expected = (int32_t)floor_div(k, m->width);
	uint32_t *slot = &ring.pos.slots[(uint32_t)expected % SKETCH_RING_SLOTS];
	uint32_t before = *slot;

	if (k <= -K_LIMIT || k >= K_LIMIT)
		return;
	sketch_ring_add(&ring, (int32_t)k);
	if (*slot != before + 1 || sketch_index(m, (int32_t)k) != expected)
		fail_msg("k %lld, width %u", (long long)k, m->width);
}

static void open_ring(const struct sketch_mapping *m)
{
	ring.pos.lo = 0; /* reset it even if it was never used */
	ring.pos.hi = 0;
	sketch_ring_init(&ring, m);
	ring.pos.lo = INT32_MIN;
	ring.pos.hi = INT32_MAX;
}

static void check_width(uint32_t width, int64_t stride)
{
	struct sketch_mapping m = { .kind = SKETCH_LIN, .quantum = 1.0, .width = width };

	open_ring(&m);
	for (int64_t i = -K_LIMIT / (int64_t)width - 1; i <= K_LIMIT / (int64_t)width + 1; i += stride)
		for (int64_t d = -1; d <= 1; d++)
			check_lin(&m, i * width + d);
	for (int64_t d = 1; d < 1000; d++) {
		check_lin(&m, K_LIMIT - d);
		check_lin(&m, d - K_LIMIT);
		check_lin(&m, d - 500);
	}
}

static void linear_buckets_are_floors(void **state)
{
	uint64_t seed = 2;

	(void)state;
	for (uint32_t w = 1; w <= 200; w++)
		check_width(w, 1 + K_LIMIT / w / 4000);
	for (int i = 0; i < 300; i++)
		check_width(1 + (uint32_t)(prng_u64(&seed) % (K_LIMIT >> i % 23)), 1 + i % 997);
	check_width(K_LIMIT - 1, 1);
	check_width(K_LIMIT, 1);
}

static void linear_buckets_are_floors_over_the_whole_range(void **state)
{
	static const uint32_t widths[] = { 3, 10 };

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(widths); i++) {
		struct sketch_mapping m = { .kind = SKETCH_LIN, .quantum = 1.0, .width = widths[i] };

		open_ring(&m);
		for (int64_t k = 1 - K_LIMIT; k < K_LIMIT; k++)
			check_lin(&m, k);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(boundaries_are_powers_of_two_rounded_down),
		cmocka_unit_test(each_boundary_belongs_to_the_bucket_below_it),
		cmocka_unit_test(subnormals_and_extremes_have_their_bucket),
		cmocka_unit_test(any_double_is_where_a_search_finds_it),
		cmocka_unit_test(linear_buckets_are_floors),
		cmocka_unit_test(linear_buckets_are_floors_over_the_whole_range),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
