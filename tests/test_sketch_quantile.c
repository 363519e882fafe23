/* SPDX-License-Identifier: Apache-2.0 */
/* Quantiles of sketches against elements of a sorted array, within the promised error. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/prng.h"
#include "pipelines/sketch.h"

enum { K_LIMIT = 1 << 23, MAX_VALUES = 5000 };

static struct sketch_ring ring; /* 2 KiB */

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

static void read_of(const struct sketch_mapping *m, const int32_t *k, size_t n, struct sketch *out)
{
	sketch_ring_init(&ring, m);
	for (size_t i = 0; i < n; i++)
		sketch_ring_add(&ring, k[i]);
	sketch_ring_read(&ring, out);
}

static int by_value(const void *a, const void *b)
{
	int32_t x = *(const int32_t *)a, y = *(const int32_t *)b;

	return (x > y) - (x < y);
}

/* Half the width in value, or in proportion: (g - 1) / (g + 1) for g = 2^(2^shift / 32); 1.083 % for shift 0. */
static double promised_error(const struct sketch_mapping *m, int32_t shift, double x)
{
	double g = exp2(ldexp(1.0, shift) / 32.0);

	if (m->kind == SKETCH_LIN)
		return m->quantum * ldexp(m->width, shift) / 2.0;
	return fabs(x) * (g - 1.0) / (g + 1.0) * (1.0 + 1e-12);
}

static void check_quantiles(const struct sketch_mapping *m, int32_t *k, size_t n)
{
	static struct sketch s;

	read_of(m, k, n, &s);
	qsort(k, n, sizeof(k[0]), by_value);
	for (int i = 0; i <= 100; i++) {
		double p = i / 100.0;
		size_t rank = (size_t)ceil(p * (double)n);
		double x = m->reference + m->quantum * k[rank > 0 ? rank - 1 : 0];

		assert_true(fabs(sketch_quantile(&s, m, p) - x) <= promised_error(m, s.shift, x));
	}
}

static void quantiles_are_as_near_as_promised(void **state)
{
	static int32_t k[MAX_VALUES];
	uint64_t seed = 5;

	(void)state;
	for (int round = 0; round < 200; round++) {
		size_t n = 1 + prng_u64(&seed) % 2000;

		for (size_t i = 0; i < n; i++)
			k[i] = any_k(&seed, 1 + round % 23);
		check_quantiles(mappings[round % 5], k, n);
	}
	/* all in two buckets, as far from their middle as can be */
	for (size_t i = 0; i < 1000; i++)
		k[i] = i % 2 ? 9 : 10;
	check_quantiles(&lin, k, 1000);
	assert_true(promised_error(&exp2_plain, 0, 1.0) < 0.01084);
}

static void quantiles_by_hand(void **state)
{
	static const int32_t k[] = { -25, 0, 9, 10 }; /* buckets -3, 0, 0, 1; their middles -25.5, 4.5, 14.5 quanta */
	static const int32_t v[] = { -10000, 0, 10000 };
	static struct sketch s;

	(void)state;
	read_of(&lin, k, 4, &s);
	assert_true(fabs(sketch_quantile(&s, &lin, 0.0) - 19.745) < 1e-12);
	assert_true(fabs(sketch_quantile(&s, &lin, 0.25) - 19.745) < 1e-12);
	assert_true(fabs(sketch_quantile(&s, &lin, 0.26) - 20.045) < 1e-12);
	assert_true(fabs(sketch_quantile(&s, &lin, 0.75) - 20.045) < 1e-12);
	assert_true(fabs(sketch_quantile(&s, &lin, 1.0) - 20.145) < 1e-12);

	/* 1.0 is the upper end of its bucket: 2*lo*hi/(lo+hi) with lo = 2^(-1/32), hi = 1: 0.98917 by bc */
	read_of(&exp2_plain, v, 3, &s);
	assert_true(fabs(sketch_quantile(&s, &exp2_plain, 0.9) - 0.989170) < 1e-6);
	assert_true(fabs(sketch_quantile(&s, &exp2_plain, 0.1) + 0.989170) < 1e-6);
	assert_true(sketch_quantile(&s, &exp2_plain, 0.5) == 0.0);
}

static void no_samples_or_no_probability_have_no_quantile(void **state)
{
	static struct sketch s;
	static const int32_t k[] = { 1 };

	(void)state;
	assert_true(isnan(sketch_quantile(&s, &lin, 0.5)));
	read_of(&lin, k, 1, &s);
	assert_true(isnan(sketch_quantile(&s, &lin, -0.01)));
	assert_true(isnan(sketch_quantile(&s, &lin, 1.01)));
	assert_true(isnan(sketch_quantile(&s, &lin, NAN)));
}

/* The coarsest sketches, which no samples of ours make, give a number or none, and end. */
static void any_shift_gives_an_answer(void **state)
{
	static struct sketch s, other;

	(void)state;
	for (int32_t shift = 0; shift <= 31; shift++) {
		for (int32_t offset = -2; offset <= 1; offset++) {
			s = (struct sketch){ .shift = shift, .pos = { .offset = offset, .n = 1, .counts = { 3 } } };
			other = (struct sketch){ .shift = 31 - shift, .pos = { .n = 2, .counts = { 1, 1 } } };
			assert_false(isinf(sketch_quantile(&s, &exp2_plain, 0.5)));
			assert_true(isfinite(sketch_quantile(&s, &lin, 0.5)));
			sketch_merge(&s, &other);
			assert_int_equal(sketch_count(&s), 5);
		}
	}
}

/* Column @column of a recording, quantised for @m. @return how many */
static size_t recorded(const char *path, int column, const struct sketch_mapping *m, int32_t *k)
{
	FILE *f = fopen(path, "r");
	char line[4096];
	size_t n = 0;

	while (f && n < MAX_VALUES && fgets(line, sizeof(line), f)) {
		char *at = line, *end;
		double x;

		for (int c = 0; at && c < column; c++)
			at = strchr(at, ',') ? strchr(at, ',') + 1 : NULL;
		x = at ? strtod(at, &end) : NAN;
		if (at && end != at && fabs((x - m->reference) / m->quantum) < K_LIMIT)
			k[n++] = (int32_t)lround((x - m->reference) / m->quantum);
	}
	if (f)
		fclose(f);
	return n;
}

static void quantiles_of_recordings_are_as_near_as_promised(void **state)
{
	static const struct {
		const char *path;
		const struct sketch_mapping *mapping;
	} files[] = {
		{ "../shared/data/rpi_2x_bme280_1hz.csv", &lin },
		{ "../shared/data/nab_machine_temperature_system_failure.csv", &exp2_plain },
		{ "../shared/data/cwru_inner_race_007_0hp_drive_end_12khz.csv", &exp2_plain },
		{ "../shared/data/rpi_mpu6050_motor_on_off.csv", &exp2_plain },
	};
	static int32_t k[MAX_VALUES];
	size_t n_read = 0;

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(files); i++) {
		for (int column = 0; column < 8; column++) {
			size_t n = recorded(files[i].path, column, files[i].mapping, k);

			if (n > 0)
				check_quantiles(files[i].mapping, k, n);
			n_read += n;
		}
	}
	if (n_read == 0)
		skip();
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(quantiles_are_as_near_as_promised),
		cmocka_unit_test(quantiles_by_hand),
		cmocka_unit_test(no_samples_or_no_probability_have_no_quantile),
		cmocka_unit_test(any_shift_gives_an_answer),
		cmocka_unit_test(quantiles_of_recordings_are_as_near_as_promised),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
