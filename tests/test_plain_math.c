/* SPDX-License-Identifier: Apache-2.0 */
/* plain_math against exact values, identities, and the value of ln in 40 digits (python3, decimal). */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <float.h>
#include <math.h>

#include "base/prng.h"
#include "pipelines/plain_math.h"

static void assert_within(double found, double expected, double bound)
{
	if (fabs(found - expected) > bound * fmax(1.0, fabs(expected)))
		fail_msg("%.17g, expected %.17g", found, expected);
}

/* The last bit of the expected value, a few times. */
static void assert_close(double found, double expected)
{
	assert_within(found, expected, 4e-16);
}

/*
 * An angle of up to 4 turns, in radians, has an error of its own where a long double is no longer than a double, as on 32-bit Arm.
 */
static void assert_like_the_library(double found, double expected)
{
	assert_within(found, expected, LDBL_MANT_DIG > 53 ? 4e-16 : 8e-15);
}

static void quarters_of_a_turn_are_exact(void **state)
{
	(void)state;
	for (int i = -8; i <= 8; i++) {
		double sines[] = { 0, 1, 0, -1 };

		assert_true(plain_sin_turns(0.25 * i) == sines[(i + 8) % 4]);
		assert_true(plain_cos_turns(0.25 * i) == sines[(i + 9) % 4]);
	}
}

static void known_angles_have_known_sines(void **state)
{
	(void)state;
	assert_close(plain_sin_turns(1.0 / 12), 0.5);
	assert_close(plain_cos_turns(1.0 / 6), 0.5);
	assert_close(plain_sin_turns(0.125), 0.70710678118654752440);
	assert_close(plain_cos_turns(-0.125), 0.70710678118654752440);
	assert_close(plain_sin_turns(1e6 + 1.0 / 8), 0.70710678118654752440);
	assert_close(plain_sin_turns(1e-9) / 1e-9, 6.28318530717958647693);
}

static void the_library_agrees(void **state)
{
	(void)state;
	for (int i = -3000; i < 3000; i++) {
		double t = i / 777.0, x = i / 4.5;

		assert_like_the_library(plain_sin_turns(t),
					(double)sinl(2.0L * 3.14159265358979323846264338327950288L * (long double)t));
		assert_like_the_library(plain_cos_turns(t),
					(double)cosl(2.0L * 3.14159265358979323846264338327950288L * (long double)t));
		assert_close(plain_exp(x) / (double)expl((long double)x), 1.0);
		assert_close(plain_log2(fabs(x) + 1e-300), (double)log2l((long double)(fabs(x) + 1e-300)));
	}
	for (int i = 1; i < 3000; i++) {
		double x = ldexp(i % 2 ? 1.37 : -1.11, -i % 300);

		assert_close(plain_expm1(x) / (double)expm1l((long double)x), 1.0);
	}
}

static void the_ends_are_defined(void **state)
{
	(void)state;
	assert_true(plain_exp(-1e9) == 0.0);
	assert_true(plain_exp(-INFINITY) == 0.0);
	assert_true(plain_exp(1e9) == INFINITY);
	assert_true(isnan(plain_exp(NAN)));
	assert_true(plain_exp(0.0) == 1.0);
	assert_true(plain_expm1(0.0) == 0.0);
	assert_true(plain_expm1(-1e9) == -1.0);
	assert_true(plain_log2(1024.0) == 10.0);
	assert_true(plain_log2(4.9406564584124654e-324) == -1074.0);
}

static void logarithms_agree_with_tables_to_the_last_place(void **state)
{
	static const double rows[][2] = {
		{ 2, 0.69314718055994530942 },
		{ 3, 1.0986122886681098 },
		{ 10, 2.3025850929940457 },
		{ 0.1, -2.3025850929940457 },
		{ 1.5, 0.4054651081081644 },
		{ 0.75, -0.2876820724517809 },
		{ 1e300, 690.7755278982137 },
		{ 4.9406564584124654e-324, -744.4400719213812 },
		{ 1.0000000000000002, 2.220446049250313e-16 },
		{ 0.9999999999999999, -1.1102230246251565e-16 },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		double found = plain_log(rows[i][0]), expected = rows[i][1];

		if (!(fabs(found - expected) <= 2.3e-16 * fabs(expected)))
			fail_msg("ln %.17g is %.17g, expected %.17g", rows[i][0], found, expected);
	}
}

static void logarithms_of_random_arguments_agree_with_the_library(void **state)
{
	uint64_t seed = 1;

	(void)state;
	for (int i = 0; i < 100000; i++) {
		double x = ldexp(0.5 + prng_unit(&seed), (int)(prng_u64(&seed) % 2000) - 1000);

		assert_true(fabs(plain_log(x) - log(x)) <= 4e-16 * fabs(log(x)));
	}
}

static void one_has_no_logarithm_and_what_is_below_has_no_real_one(void **state)
{
	(void)state;
	assert_true(plain_log(1) == 0.0);
	assert_true(plain_log(0) == -INFINITY && plain_log(-0.0) == -INFINITY);
	assert_true(plain_log(INFINITY) == INFINITY);
	assert_true(isnan(plain_log(-1)) && isnan(plain_log(NAN)) && isnan(plain_log(-INFINITY)));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(logarithms_agree_with_tables_to_the_last_place),
		cmocka_unit_test(logarithms_of_random_arguments_agree_with_the_library),
		cmocka_unit_test(one_has_no_logarithm_and_what_is_below_has_no_real_one),
		cmocka_unit_test(quarters_of_a_turn_are_exact),
		cmocka_unit_test(known_angles_have_known_sines),
		cmocka_unit_test(the_library_agrees),
		cmocka_unit_test(the_ends_are_defined),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
