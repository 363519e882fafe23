/* SPDX-License-Identifier: Apache-2.0 */
/* biquad: what it refuses, how it starts, and what gaps and pauses do. Its numbers are held against SciPy in tests/e2e/operators_scipy.sh. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <math.h>

#include "base/unit.h"
#include "tests/op_rig.h"

static const struct series_info irregular = { .kind = SERIES_GAUGE };
static const struct series_info counter = { .kind = SERIES_COUNTER, .period_us = 1000000 };

/* One pole: y = (x + x[-1]) k / (1 + k) + y[-1] (1 - k) / (1 + k), k = tan(pi / 4) = 1: the mean of the last two. */
static void a_first_order_at_a_quarter_of_the_rate_is_the_mean_of_two(void **state)
{
	struct op_rig *rig = rig_new("biquad", "type=low_pass frequency=0.25 order=1", NULL, 0);
	const double x[] = { 4, 8, 0, 2 }, y[] = { 4, 6, 4, 1 };

	(void)state;
	for (int i = 0; i < 4; i++) {
		rig_push(rig, 0, i, x[i]);
		assert_true(fabs(rig->out[i].value - y[i]) < 1e-15);
	}
	rig_free(rig);
}

static void it_starts_at_the_first_value_and_a_high_pass_at_zero(void **state)
{
	struct op_rig *low = rig_new("biquad", "type=low_pass frequency=0.01 order=4", NULL, 0);
	struct op_rig *high = rig_new("biquad", "type=high_pass frequency=0.01 order=4", NULL, 0);

	(void)state;
	for (int i = 0; i < 100; i++) {
		rig_push(low, 0, i, 1013);
		rig_push(high, 0, i, 1013);
		assert_true(fabs(low->out[i].value - 1013) < 1e-8);
		assert_true(fabs(high->out[i].value) < 1e-8);
	}
	rig_free(low);
	rig_free(high);
}

static void a_pause_of_more_than_ten_periods_starts_anew(void **state)
{
	struct op_rig *rig = rig_new("biquad", "type=low_pass frequency=0.01", NULL, 0);

	(void)state;
	rig_push(rig, 0, 0, 5);
	rig_push(rig, 0, 10, 7); /* ten periods: goes on */
	assert_true(rig->out[1].value < 5.1);
	rig_push(rig, 0, 20.5, 7);
	assert_true(fabs(rig->out[2].value - 7) < 1e-12);
	rig_push(rig, 0, 9, 3); /* the clock was set back */
	assert_true(fabs(rig->out[3].value - 3) < 1e-12);
	rig_free(rig);
}

static void an_overflow_is_a_gap_and_the_next_value_starts_anew(void **state)
{
	struct op_rig *rig = rig_new("biquad", "type=low_pass frequency=0.1 q=1000", NULL, 0);
	bool overflown = false;

	(void)state;
	for (int i = 0; i < 1000; i++)
		rig_push(rig, 0, i, i % 10 < 5 ? 1.7e308 : -1.7e308);
	for (int i = 0; i < 1000; i++)
		overflown = overflown || isnan(rig->out[i].value);
	assert_true(overflown);
	rig_free(rig);
}

static void what_makes_no_sense_is_refused(void **state)
{
	(void)state;
	assert_string_equal(rig_refusal("biquad", "type=low_pass frequency=0.1", &irregular, 1),
			    "needs samples at an even pace, and this input has no period; if it has one, say rate");
	assert_string_equal(rig_refusal("biquad", "type=low_pass frequency=0.1 rate=1", &irregular, 1), "");
	assert_string_equal(rig_refusal("biquad", "type=low_pass frequency=0.1", &counter, 1),
			    "a counter only grows; expected a measured quantity or a state");
	assert_string_equal(rig_refusal("biquad", "type=low_pass frequency=0.5", NULL, 0),
			    "frequency must be from 1e-05 Hz to below half the rate, 0.5 Hz; found 0.5");
	assert_string_equal(
		rig_refusal("biquad", "type=low_pass frequency=0.000001", NULL, 0),
		"frequency must be from 1e-05 Hz to below half the rate, 0.5 Hz; found 1e-06 (decimate first)");
	assert_string_equal(rig_refusal("biquad", "type=notch frequency=0.1 order=4", NULL, 0),
			    "order is for low_pass and high_pass; q sets the width of a notch");
	assert_string_equal(rig_refusal("biquad", "type=low_pass frequency=0.1 order=3 q=1", NULL, 0),
			    "q is for order 2; order 3 is a Butterworth filter");
	assert_string_equal(rig_refusal("biquad", "type=low_pass frequency=0.1 rate=2", NULL, 0),
			    "rate 2 Hz is not that of the input, which is 1 Hz");
	assert_int_equal(rig_option_errors("biquad", "type=lowpass frequency=0.1"), 1);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_first_order_at_a_quarter_of_the_rate_is_the_mean_of_two),
		cmocka_unit_test(it_starts_at_the_first_value_and_a_high_pass_at_zero),
		cmocka_unit_test(a_pause_of_more_than_ten_periods_starts_anew),
		cmocka_unit_test(an_overflow_is_a_gap_and_the_next_value_starts_anew),
		cmocka_unit_test(what_makes_no_sense_is_refused),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
