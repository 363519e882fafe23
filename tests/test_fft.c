/* SPDX-License-Identifier: Apache-2.0 */
/* fft against transforms that are known and the definition, summed directly. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <math.h>
#include <stdlib.h>

#include "base/prng.h"
#include "pipelines/fft.h"

enum { N_MAX = 1024 };

static void assert_near(double found, double expected, double scale)
{
	if (!(fabs(found - expected) <= 1e-13 * scale))
		fail_msg("%.17g, expected %.17g", found, expected);
}

static void an_impulse_has_all_frequencies_alike(void **state)
{
	(void)state;
	for (size_t n = 8; n <= N_MAX; n *= 2) {
		struct arena a = { 0 };
		struct fft *f = fft_new(n, &a);
		double x[N_MAX] = { 0 }, power[N_MAX / 2 + 1];

		x[3] = -2.0;
		fft_power(f, x, power);
		for (size_t k = 0; k <= n / 2; k++)
			assert_near(power[k], 4.0, 4.0);
		arena_free(&a);
	}
}

static void a_constant_has_none_but_zero(void **state)
{
	struct arena a = { 0 };
	struct fft *f = fft_new(64, &a);
	double x[64], power[33];

	(void)state;
	for (size_t i = 0; i < 64; i++)
		x[i] = 0.5;
	fft_power(f, x, power);
	assert_true(power[0] == 32.0 * 32.0);
	for (size_t k = 1; k <= 32; k++)
		assert_true(power[k] == 0.0);
	arena_free(&a);
}

static void random_blocks_agree_with_the_definition(void **state)
{
	uint64_t seed = 5;

	(void)state;
	for (size_t n = 8; n <= 512; n *= 2) {
		struct arena a = { 0 };
		struct fft *f = fft_new(n, &a);
		double x[N_MAX], power[N_MAX / 2 + 1];

		for (size_t i = 0; i < n; i++)
			x[i] = prng_unit(&seed) - 0.5;
		fft_power(f, x, power);
		for (size_t k = 0; k <= n / 2; k++) {
			double re = 0.0, im = 0.0;

			for (size_t i = 0; i < n; i++) {
				re += x[i] * cos(2.0 * M_PI * (double)(k * i % n) / (double)n);
				im -= x[i] * sin(2.0 * M_PI * (double)(k * i % n) / (double)n);
			}
			assert_near(power[k], re * re + im * im, (double)n);
		}
		arena_free(&a);
	}
}

/* Parseval: the power of all frequencies is n times that of the values. */
static void power_is_conserved(void **state)
{
	struct arena a = { 0 };
	struct fft *f = fft_new(N_MAX, &a);
	double x[N_MAX], power[N_MAX / 2 + 1], in_time = 0.0, in_frequency;
	uint64_t seed = 11;

	(void)state;
	for (size_t i = 0; i < N_MAX; i++) {
		x[i] = 1e100 * (prng_unit(&seed) - 0.3);
		in_time += x[i] * x[i];
	}
	fft_power(f, x, power);
	in_frequency = power[0] + power[N_MAX / 2];
	for (size_t k = 1; k < N_MAX / 2; k++)
		in_frequency += 2.0 * power[k];
	assert_near(in_frequency / N_MAX, in_time, in_time);
	arena_free(&a);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(an_impulse_has_all_frequencies_alike),
		cmocka_unit_test(a_constant_has_none_but_zero),
		cmocka_unit_test(random_blocks_agree_with_the_definition),
		cmocka_unit_test(power_is_conserved),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
