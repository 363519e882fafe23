/* SPDX-License-Identifier: Apache-2.0 */
/* plain_math against exact values and identities. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <float.h>
#include <math.h>

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

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(quarters_of_a_turn_are_exact),
		cmocka_unit_test(known_angles_have_known_sines),
		cmocka_unit_test(the_library_agrees),
		cmocka_unit_test(the_ends_are_defined),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
