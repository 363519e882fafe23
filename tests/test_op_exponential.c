/* SPDX-License-Identifier: Apache-2.0 */
/* exponential against series worked out by hand. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <math.h>

#include "tests/op_rig.h"

static void half_of_the_new_and_half_of_the_old(void **state)
{
	struct op_rig *rig = rig_new("exponential", "0.5", NULL, 0);

	(void)state;
	for (int i = 0; i < 4; i++)
		rig_push(rig, 0, i, (const double[]){ 8, 0, 4, NAN }[i]);
	rig_push(rig, 0, 4, 7);
	EXPECT(rig, 8, 4, 4, NAN, 5.5);
	rig_free(rig);
}

/* After one time constant the old average counts 1/e, however the way there was divided. */
static void by_time_the_distance_counts_and_not_the_number(void **state)
{
	struct op_rig *once = rig_new("exponential", "time_constant=10s", NULL, 0);
	struct op_rig *often = rig_new("exponential", "time_constant=10s", NULL, 0);

	(void)state;
	rig_push(once, 0, 0, 1);
	rig_push(once, 0, 10, 0);
	rig_push(often, 0, 0, 1);
	for (int i = 1; i <= 100; i++)
		rig_push(often, 0, 0.1 * i, 0);
	assert_true(fabs(once->out[1].value - 0.36787944117144233) < 1e-15);
	assert_true(fabs(often->out[100].value - 0.36787944117144233) < 1e-14);
	rig_free(once);
	rig_free(often);
}

static void by_time_a_second_value_of_one_moment_has_no_weight(void **state)
{
	struct op_rig *rig = rig_new("exponential", "time_constant=10s", NULL, 0);

	(void)state;
	rig_push(rig, 0, 5, 3);
	rig_push(rig, 0, 5, 100);
	rig_push(rig, 0, 4, 100);
	rig_push(rig, 0, 1e7, 50); /* months later */
	EXPECT(rig, 3, 3, 3, 50);
	rig_free(rig);
}

static void an_overflow_is_a_gap_and_the_next_value_starts_anew(void **state)
{
	struct op_rig *rig = rig_new("exponential", "1", NULL, 0);

	(void)state;
	rig_push(rig, 0, 0, 1.7e308);
	rig_push(rig, 0, 1, -1.7e308);
	rig_push(rig, 0, 2, 5);
	EXPECT(rig, 1.7e308, NAN, 5);
	rig_free(rig);
}

static void what_makes_no_sense_is_refused(void **state)
{
	static const struct series_info counter = { .kind = SERIES_COUNTER, .period_us = 1000000 };

	(void)state;
	assert_string_equal(rig_refusal("exponential", "", NULL, 0),
			    "expected one of alpha and time_constant, found neither");
	assert_string_equal(rig_refusal("exponential", "alpha=0.1 time_constant=5s", NULL, 0),
			    "expected one of alpha and time_constant, found both");
	assert_string_equal(rig_refusal("exponential", "0.1", &counter, 1),
			    "a counter has no mean; expected a measured quantity or a state");
	assert_int_equal(rig_option_errors("exponential", "0"), 1);
	assert_int_equal(rig_option_errors("exponential", "1.5"), 1);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(half_of_the_new_and_half_of_the_old),
		cmocka_unit_test(by_time_the_distance_counts_and_not_the_number),
		cmocka_unit_test(by_time_a_second_value_of_one_moment_has_no_weight),
		cmocka_unit_test(an_overflow_is_a_gap_and_the_next_value_starts_anew),
		cmocka_unit_test(what_makes_no_sense_is_refused),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
