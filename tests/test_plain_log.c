/* SPDX-License-Identifier: Apache-2.0 */
/* plain_log against the value of ln in 40 digits (python3, decimal) and against the C library. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <math.h>

#include "base/prng.h"
#include "pipelines/plain_log.h"

static void tables_agree_to_the_last_place(void **state)
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

static void random_arguments_agree_with_the_library(void **state)
{
	uint64_t seed = 1;

	(void)state;
	for (int i = 0; i < 100000; i++) {
		double x = ldexp(0.5 + prng_unit(&seed), (int)(prng_u64(&seed) % 2000) - 1000);

		assert_true(fabs(plain_log(x) - log(x)) <= 4e-16 * fabs(log(x)));
	}
}

static void one_has_none_and_what_is_below_has_no_real_one(void **state)
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
		cmocka_unit_test(tables_agree_to_the_last_place),
		cmocka_unit_test(random_arguments_agree_with_the_library),
		cmocka_unit_test(one_has_none_and_what_is_below_has_no_real_one),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
