/* SPDX-License-Identifier: Apache-2.0 */
/* holt against series worked out by hand. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <math.h>

#include "tests/op_rig.h"

static void assert_near(double found, double expected)
{
	if (!(fabs(found - expected) < 1e-12))
		fail_msg("%.17g, expected %.17g", found, expected);
}

static void a_ramp_is_followed_without_lag_at_any_pace(void **state)
{
	struct op_rig *rig = rig_new("holt", "level=0.3 trend=0.2 ahead=10s", NULL, 0);
	const double times[] = { 0, 1, 3, 3.5, 7, 8, 9.25 };

	(void)state;
	for (int i = 0; i < 7; i++)
		rig_push(rig, 0, times[i], 5 + 2 * times[i]);
	assert_near(rig->out[0].value, 5);
	for (int i = 1; i < 7; i++)
		assert_near(rig->out[i].value, 5 + 2 * (times[i] + 10));
	rig_free(rig);
}

/* 1, 2: level 2, trend 1. 5: expected 3, level 3 + 0.5 * 2 = 4, trend 1 + 0.5 * (2 - 1) = 1.5. 4: expected 5.5, level 4.75. */
static void a_bend_moves_level_and_trend(void **state)
{
	struct op_rig *rig = rig_new("holt", "level=0.5 trend=0.5", NULL, 0);

	(void)state;
	for (int i = 0; i < 4; i++)
		rig_push(rig, 0, i, (const double[]){ 1, 2, 5, 4 }[i]);
	EXPECT(rig, 1, 2, 4, 4.75);
	rig_free(rig);
}

static void a_value_of_the_same_moment_corrects_the_level_alone(void **state)
{
	struct op_rig *rig = rig_new("holt", "level=0.5 trend=0.5", NULL, 0);

	(void)state;
	rig_push(rig, 0, 0, 1);
	rig_push(rig, 0, 0, 3); /* still no trend to be had */
	rig_push(rig, 0, 1, 4); /* from 2 to 4 */
	rig_push(rig, 0, 1, 6);
	EXPECT(rig, 1, 2, 4, 5);
	rig_free(rig);
}

static void a_long_pause_and_a_clock_set_back_start_anew(void **state)
{
	struct op_rig *rig = rig_new("holt", "level=0.5 trend=0.5", NULL, 0);

	(void)state;
	rig_push(rig, 0, 0, 1);
	rig_push(rig, 0, 1, 2);
	rig_push(rig, 0, 86401, 7);
	rig_push(rig, 0, 86402, NAN);
	rig_push(rig, 0, 5, 3);
	EXPECT(rig, 1, 2, 7, NAN, 3);
	rig_free(rig);
}

static void what_makes_no_sense_is_refused(void **state)
{
	static const struct series_info counter = { .kind = SERIES_COUNTER, .period_us = 1000000 };

	(void)state;
	assert_string_equal(rig_refusal("holt", "level=0.5 trend=0.5", &counter, 1),
			    "a counter may restart; expected a measured quantity");
	assert_int_equal(rig_option_errors("holt", "level=0.5"), 1);
	assert_int_equal(rig_option_errors("holt", "level=0 trend=0.1"), 1);
	assert_int_equal(rig_option_errors("holt", "level=0.5 trend=1.1"), 1);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_ramp_is_followed_without_lag_at_any_pace),
		cmocka_unit_test(a_bend_moves_level_and_trend),
		cmocka_unit_test(a_value_of_the_same_moment_corrects_the_level_alone),
		cmocka_unit_test(a_long_pause_and_a_clock_set_back_start_anew),
		cmocka_unit_test(what_makes_no_sense_is_refused),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
