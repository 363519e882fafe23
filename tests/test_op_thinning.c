/* SPDX-License-Identifier: Apache-2.0 */
/* deadband, heartbeat and throttle: which samples pass, and with which time. A sample a second unless said otherwise; expected values by hand. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <math.h>

#include "tests/op_rig.h"

static void push_all(struct op_rig *rig, const double values[], size_t n)
{
	for (size_t i = 0; i < n; i++)
		rig_push(rig, 0, (double)i, values[i]);
}

#define PUSH(rig, ...) push_all(rig, (const double[]){ __VA_ARGS__ }, sizeof((const double[]){ __VA_ARGS__ }) / 8)

static const struct series_info counter = { .kind = SERIES_COUNTER, .period_us = 1000000 };
static const struct series_info door = { .kind = SERIES_STATE };

static void assert_at(const struct op_rig *rig, size_t i, double at_s)
{
	assert_true(i < rig->n_out);
	assert_int_equal(rig->out[i].at_us, llround(at_s * 1e6));
}

static void a_value_passes_when_it_left_the_band(void **state)
{
	struct op_rig *rig = rig_new("deadband", "0.5", NULL, 0);

	(void)state;
	PUSH(rig, 10, 10.5, 9.5, 10.51, 10.02, 10, NAN, 10, 10.1, 1e300);
	EXPECT(rig, 10, 10.51, 10, NAN, 10, 1e300);
	assert_int_equal(rig->output.period_us, 0);
	assert_int_equal(rig->output.kind, SERIES_GAUGE);
	rig_free(rig);
}

static void a_band_may_be_a_share_and_either_is_enough(void **state)
{
	struct op_rig *share = rig_new("deadband", "percent=10", NULL, 0);
	struct op_rig *both = rig_new("deadband", "band=5 percent=10", NULL, 0);

	(void)state;
	PUSH(share, 100, 109, 111, 122, 123, -100, -91, -89, 0, 0, 4.9e-324);
	EXPECT(share, 100, 111, 123, -100, -89, 0, 4.9e-324);
	PUSH(both, 10, 10.5, 11.5, 1000, 1004, 1006);
	EXPECT(both, 10, 11.5, 1000, 1006);
	rig_free(share);
	rig_free(both);
	assert_string_equal(rig_refusal("deadband", "", NULL, 0), "expected band, percent or both, found neither");
}

static void what_does_not_pass_passes_its_losses_on(void **state)
{
	struct op_rig *rig = rig_new("deadband", "band=0.5 every=3s", NULL, 0);

	(void)state;
	rig_push_lost(rig, 0, 0, 1, 1);
	rig_push_lost(rig, 0, 1, 1, 2);
	rig_push_lost(rig, 0, 2, 1, UINT32_MAX);
	rig_push_lost(rig, 0, 3, 1, 4);
	assert_int_equal(rig->out[0].lost, 1);
	assert_int_equal(rig->out[1].lost, UINT32_MAX);
	assert_at(rig, 1, 3);
	EXPECT(rig, 1, 1);
	rig_free(rig);
}

static void silence_is_filled_with_the_last_value_for_a_time(void **state)
{
	struct op_rig *rig = rig_new("heartbeat", "every=10s for=30s", &door, 1);

	(void)state;
	rig_push_lost(rig, 0, 5, 1, 2);
	rig_advance(rig, 14.9);
	EXPECT(rig, 1);
	assert_true(rig->class->due_us(rig->op.state) == 15000000);
	rig_advance(rig, 26);
	assert_at(rig, 0, 15);
	assert_at(rig, 1, 25);
	assert_int_equal(rig->out[0].lost, 0);
	EXPECT(rig, 1, 1);
	rig_advance(rig, 1e9);
	assert_at(rig, 0, 35); /* 30 s after it came */
	EXPECT(rig, 1);
	assert_true(rig->class->due_us(rig->op.state) == INT64_MAX);
	rig_push(rig, 0, 50, 0);
	rig_advance(rig, 59);
	EXPECT(rig, 0);
	rig_advance(rig, 60);
	EXPECT(rig, 0);
	rig_finish(rig); /* the end of the input is no silence */
	EXPECT_NOTHING(rig);
	rig_free(rig);
}

static void a_sample_shows_that_nothing_came_before_it(void **state)
{
	struct op_rig *rig = rig_new("heartbeat", "10s", &door, 1);

	(void)state;
	rig_push(rig, 0, 0, 1);
	rig_push(rig, 0, 25, 0);
	assert_at(rig, 1, 10);
	assert_at(rig, 2, 20);
	assert_at(rig, 3, 25);
	EXPECT(rig, 1, 1, 1, 0);
	rig_push(rig, 0, 35, 0); /* in time */
	EXPECT(rig, 0);
	rig_push(rig, 0, 34, 1); /* a little late */
	rig_advance(rig, 44);
	EXPECT(rig, 1);
	rig_advance(rig, 45);
	EXPECT(rig, 1);
	rig_push(rig, 0, 3, 0); /* the clock was set back */
	rig_advance(rig, 13);
	assert_at(rig, 1, 13);
	EXPECT(rig, 0, 0);
	rig_free(rig);
}

static void a_gap_ends_the_repetitions(void **state)
{
	struct op_rig *rig = rig_new("heartbeat", "10s", &door, 1);

	(void)state;
	rig_push(rig, 0, 0, 1);
	rig_push(rig, 0, 1, NAN);
	rig_advance(rig, 100);
	EXPECT(rig, 1, NAN);
	rig_free(rig);
	assert_string_equal(
		rig_refusal("heartbeat", "1s", NULL, 0),
		"for is 86400 times every, expected at most 20000: one late sample would bring them all at once");
}

static void the_period_is_that_of_the_repetitions_if_they_are_faster(void **state)
{
	static const struct series_info slow = { .kind = SERIES_GAUGE, .period_us = 60000000 };
	struct op_rig *rig = rig_new("heartbeat", "10s", &slow, 1);

	(void)state;
	assert_int_equal(rig->output.period_us, 10000000);
	rig_free(rig);
	rig = rig_new("heartbeat", "10s", NULL, 0);
	assert_int_equal(rig->output.period_us, 1000000);
	rig_free(rig);
}

static void the_first_of_a_span_is_given_at_once(void **state)
{
	struct op_rig *rig = rig_new("throttle", "3s", NULL, 0);

	(void)state;
	PUSH(rig, 0, 1, 2, 3, 4, 5, NAN, 7);
	assert_at(rig, 1, 3);
	assert_at(rig, 2, 7);
	EXPECT(rig, 0, 3, 7);
	assert_int_equal(rig->output.period_us, 3000000);
	rig_free(rig);
}

static void the_last_of_a_span_waits_for_its_end(void **state)
{
	struct op_rig *rig = rig_new("throttle", "every=3s keep=last", &counter, 1);

	(void)state;
	PUSH(rig, 0, 1, 2);
	EXPECT_NOTHING(rig);
	rig_push_lost(rig, 0, 3, 3, 7);
	assert_at(rig, 0, 2);
	EXPECT(rig, 2);
	rig_push(rig, 0, 4, NAN);
	rig_advance(rig, 5.9);
	EXPECT_NOTHING(rig);
	rig_advance(rig, 6);
	assert_at(rig, 0, 3);
	assert_int_equal(rig->out[0].lost, 7);
	EXPECT(rig, 3);
	rig_push(rig, 0, 5, 8); /* too late for its span, which has given its result */
	EXPECT_NOTHING(rig);
	rig_push(rig, 0, 6, 9);
	rig_finish(rig);
	EXPECT(rig, 9);
	assert_int_equal(rig->output.kind, SERIES_COUNTER);
	rig_free(rig);
}

static void the_mean_of_a_span_loses_nothing_to_rounding(void **state)
{
	struct op_rig *rig = rig_new("throttle", "every=4s keep=mean", NULL, 0);

	(void)state;
	PUSH(rig, 1, 1e16, 1, -1e16, NAN, 2, INFINITY, 4, 1e308, 1e308, 1e308);
	assert_at(rig, 0, 3);
	assert_at(rig, 1, 7);
	EXPECT(rig, 0.5, 3);
	rig_push(rig, 0, 12, 5); /* the sum of the last span left the range of double */
	EXPECT(rig, NAN);
	rig_finish(rig);
	EXPECT(rig, 5);
	rig_free(rig);
	assert_string_equal(rig_refusal("throttle", "every=4s keep=mean", &counter, 1),
			    "a counter has no mean; keep its last value");
}

static void a_span_of_gaps_is_a_gap(void **state)
{
	struct op_rig *rig = rig_new("throttle", "2s", NULL, 0);

	(void)state;
	PUSH(rig, 1, 1, NAN, NAN, 5);
	assert_at(rig, 1, 3);
	EXPECT(rig, 1, NAN, 5);
	rig_push(rig, 0, -0.5, 6); /* before 1970 are spans as well */
	rig_push(rig, 0, -1.5, 7);
	rig_push(rig, 0, -2.5, 8);
	EXPECT(rig, 6, 8);
	rig_free(rig);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_value_passes_when_it_left_the_band),
		cmocka_unit_test(a_band_may_be_a_share_and_either_is_enough),
		cmocka_unit_test(what_does_not_pass_passes_its_losses_on),
		cmocka_unit_test(silence_is_filled_with_the_last_value_for_a_time),
		cmocka_unit_test(a_sample_shows_that_nothing_came_before_it),
		cmocka_unit_test(a_gap_ends_the_repetitions),
		cmocka_unit_test(the_period_is_that_of_the_repetitions_if_they_are_faster),
		cmocka_unit_test(the_first_of_a_span_is_given_at_once),
		cmocka_unit_test(the_last_of_a_span_waits_for_its_end),
		cmocka_unit_test(the_mean_of_a_span_loses_nothing_to_rounding),
		cmocka_unit_test(a_span_of_gaps_is_a_gap),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
