/* SPDX-License-Identifier: Apache-2.0 */
/* kalman against cases that can be worked out by hand. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <math.h>

#include "tests/op_rig.h"

static void assert_near(double found, double expected)
{
	if (!(fabs(found - expected) < 1e-12 * fmax(1, fabs(expected))))
		fail_msg("%.17g, expected %.17g", found, expected);
}

/* What does not drift is best estimated by the mean of all readings. */
static void without_drift_it_is_the_mean(void **state)
{
	struct op_rig *rig = rig_new("kalman", "noise=3 drift=0", NULL, 0);
	const double x[] = { 4, 8, 0, 2, 11 }, means[] = { 4, 6, 4, 3.5, 5 };

	(void)state;
	for (int i = 0; i < 5; i++) {
		rig_push(rig, 0, i, x[i]);
		assert_near(rig->out[i].value, means[i]);
	}
	rig_free(rig);
}

/* noise 1, drift 1: the variance before a reading is p + 1, the gain (p + 1) / (p + 2). p: 1, 2/3, 5/8 ... */
static void the_gain_follows_the_variances(void **state)
{
	struct op_rig *rig = rig_new("kalman", "noise=1 drift=1", NULL, 0);

	(void)state;
	rig_push(rig, 0, 0, 0);
	rig_push(rig, 0, 1, 3);
	rig_push(rig, 0, 2, 10);
	assert_near(rig->out[1].value, 2);		 /* 2/3 of 3 */
	assert_near(rig->out[2].value, 2 + 5.0 / 8 * 8); /* (2/3 + 1) / (2/3 + 2) */
	rig_free(rig);
}

static void after_a_long_pause_the_reading_is_believed(void **state)
{
	struct op_rig *rig = rig_new("kalman", "noise=1 drift=0.1", NULL, 0);

	(void)state;
	for (int i = 0; i < 100; i++)
		rig_push(rig, 0, i, 20);
	rig_push(rig, 0, 1e12, 30);
	assert_true(fabs(rig->out[100].value - 30) < 1e-8);
	rig_push(rig, 0, 5, 20); /* the clock was set back: no time has passed, one reading of two */
	assert_true(fabs(rig->out[101].value - 25) < 1e-6);
	rig_free(rig);
}

static void what_makes_no_sense_is_refused(void **state)
{
	static const struct series_info counter = { .kind = SERIES_COUNTER, .period_us = 1000000 };

	(void)state;
	assert_string_equal(rig_refusal("kalman", "noise=1 drift=1", &counter, 1),
			    "a counter only grows; expected a measured quantity");
	assert_int_equal(rig_option_errors("kalman", "noise=0 drift=1"), 1);
	assert_int_equal(rig_option_errors("kalman", "noise=1"), 1);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(without_drift_it_is_the_mean),
		cmocka_unit_test(the_gain_follows_the_variances),
		cmocka_unit_test(after_a_long_pause_the_reading_is_believed),
		cmocka_unit_test(what_makes_no_sense_is_refused),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
