/* SPDX-License-Identifier: Apache-2.0 */
/* slew_limit, stuck, dedupe, skip, hold_last and interpolate. A sample a second unless said otherwise; expected values by hand. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <math.h>

#include "base/unit.h"
#include "tests/op_rig.h"

static void push_all(struct op_rig *rig, const double values[], size_t n)
{
	for (size_t i = 0; i < n; i++)
		rig_push(rig, 0, (double)i, values[i]);
}

#define PUSH(rig, ...) push_all(rig, (const double[]){ __VA_ARGS__ }, sizeof((const double[]){ __VA_ARGS__ }) / 8)

static const struct series_info counter = { .kind = SERIES_COUNTER, .period_us = 1000000 };
static const struct series_info door = { .kind = SERIES_STATE };
static const struct series_info irregular = { .kind = SERIES_GAUGE };

static void a_jump_is_followed_at_the_rate(void **state)
{
	struct op_rig *rig = rig_new("slew_limit", "rate=2 fall=1", NULL, 0);

	(void)state;
	PUSH(rig, 10, 20, 20, 13, NAN, 10, 10);
	/* gap of a second: the fall of two */
	EXPECT(rig, 10, 12, 14, 13, NAN, 11, 10);
	rig_push(rig, 0, 86400, 1000);
	rig_push(rig, 0, 86400, 0); /* no time, no change */
	rig_push(rig, 0, 86399, 0); /* back by a second */
	EXPECT(rig, 1000, 1000, 999);
	rig_free(rig);
}

static void a_jump_may_be_a_gap_until_it_is_believed(void **state)
{
	struct op_rig *rig = rig_new("slew_limit", "rate=1 beyond=gap give_up=3", NULL, 0);

	(void)state;
	PUSH(rig, 10, 50, 11, 1e300, 1e300, 1e300, 15, 1e300, 1e300, 1e300, 1e300, 5, 6, 7, 8);
	/* 15 came four seconds after 11; 1e300 is believed the fourth time; and so is the way back */
	EXPECT(rig, 10, NAN, 11, NAN, NAN, NAN, 15, NAN, NAN, NAN, 1e300, NAN, NAN, NAN, 8);
	rig_free(rig);
	assert_string_equal(rig_refusal("slew_limit", "1", &door, 1), "expected a measured quantity, found a state");
	assert_int_equal(rig_option_errors("slew_limit", "0"), 1);
}

static void what_stays_the_same_too_long_is_stuck(void **state)
{
	struct op_rig *rig = rig_new("stuck", "3s", NULL, 0),
		      *gap = rig_new("stuck", "for=3s tolerance=0.5 give=gap", NULL, 0);

	(void)state;
	PUSH(rig, 1, 1, 1, 1, 1, 2, NAN, 2, 2);
	EXPECT(rig, 0, 0, 0, 1, 1, 0, NAN, 0, 1);
	assert_int_equal(rig->output.kind, SERIES_STATE);
	assert_string_equal(rig->output.unit->code, "1");
	PUSH(gap, 1, 1.5, 0.5, 1.2, 1.6, 1.6);
	EXPECT(gap, 1, 1.5, 0.5, NAN, 1.6, 1.6);
	assert_string_equal(gap->output.unit->code, "Cel");
	rig_free(rig);
	rig_free(gap);
}

static void silence_is_no_proof_of_being_stuck(void **state)
{
	struct op_rig *rig = rig_new("stuck", "10s", NULL, 0), *sparse = rig_new("stuck", "10s", &irregular, 1);

	(void)state;
	for (int i = 0; i < 5; i++)
		rig_push(rig, 0, 3600 * i, 7); /* counts for 3 s each */
	EXPECT(rig, 0, 0, 0, 0, 1);
	rig_push(rig, 0, 1, 7); /* the clock was set back: nothing is added, nothing lost */
	EXPECT(rig, 1);
	rig_push(sparse, 0, 0, 7);
	rig_push(sparse, 0, 3600, 7);
	EXPECT(sparse, 0, 1);
	rig_free(rig);
	rig_free(sparse);
}

static void repeated_values_are_left_out(void **state)
{
	struct op_rig *rig = rig_new("dedupe", "", NULL, 0);

	(void)state;
	PUSH(rig, 1, 1, 2, 2, NAN, NAN, 2, 2, -0.0, 0, INFINITY);
	assert_int_equal(rig->out[1].at_us, 2000000);
	EXPECT(rig, 1, 2, NAN, NAN, 2, 0, NAN);
	assert_int_equal(rig->output.period_us, 0);
	rig_free(rig);
}

static void now_and_then_a_repeated_value_passes(void **state)
{
	struct op_rig *rig = rig_new("dedupe", "every=3s", &counter, 1);

	(void)state;
	PUSH(rig, 1, 1, 1, 1, 1, 1, 1);
	assert_int_equal(rig->out[1].at_us, 3000000);
	EXPECT(rig, 1, 1, 1);
	assert_int_equal(rig->output.kind, SERIES_COUNTER);
	rig_push_lost(rig, 0, 7, 1, 3);
	rig_push_lost(rig, 0, 8, 1, 4);
	rig_push_lost(rig, 0, 8.5, 2, 5);
	assert_int_equal(rig->out[0].lost, 12);
	EXPECT(rig, 2);
	rig_free(rig);
}

static void a_second_sample_of_one_instant_is_left_out(void **state)
{
	struct op_rig *rig = rig_new("dedupe", "stamp", NULL, 0);

	(void)state;
	rig_push(rig, 0, 1, 5);
	rig_push(rig, 0, 1, 6);
	rig_push(rig, 0, 2, NAN);
	rig_push(rig, 0, 2, 7);
	rig_push(rig, 0, 1, 8);
	EXPECT(rig, 5, NAN, 8);
	assert_int_equal(rig->output.period_us, 1000000);
	rig_free(rig);
}

static void the_first_samples_are_left_out(void **state)
{
	struct op_rig *rig = rig_new("skip", "3", NULL, 0), *seconds = rig_new("skip", "2500ms", NULL, 0);

	(void)state;
	PUSH(rig, 1, NAN, 2, 3, 4, NAN, 5);
	EXPECT(rig, NAN, 4, NAN, 5); /* a reading that failed is told of */
	PUSH(seconds, 1, 2, 3, 4, 5);
	EXPECT(seconds, 4, 5);
	rig_push(seconds, 0, 0, 6);
	EXPECT(seconds, 6);
	rig_free(rig);
	rig_free(seconds);
}

static void a_clock_set_back_does_not_make_a_skip_longer(void **state)
{
	struct op_rig *rig = rig_new("skip", "2s", NULL, 0);

	(void)state;
	rig_push(rig, 0, 1e9, 1);
	rig_push(rig, 0, 5, 2);
	rig_push(rig, 0, 6, 3);
	rig_push(rig, 0, 7, 4);
	EXPECT(rig, 4);
	rig_free(rig);
}

static void gaps_are_filled_with_the_last_value(void **state)
{
	struct op_rig *rig = rig_new("hold_last", "2", NULL, 0), *seconds = rig_new("hold_last", "2s", NULL, 0);

	(void)state;
	PUSH(rig, NAN, 1, NAN, NAN, NAN, NAN, 2, INFINITY, 3);
	EXPECT(rig, NAN, 1, 1, 1, NAN, NAN, 2, 2, 3);
	PUSH(seconds, 1, NAN, NAN, NAN, 5);
	rig_push(seconds, 0, 86400, NAN);
	rig_push(seconds, 0, 5, NAN); /* once given up, no way back */
	EXPECT(seconds, 1, 1, 1, NAN, 5, NAN, NAN);
	rig_free(rig);
	rig_free(seconds);
}

static void gaps_become_a_straight_line(void **state)
{
	struct op_rig *rig = rig_new("interpolate", "3", NULL, 0);

	(void)state;
	PUSH(rig, NAN, 1, NAN, NAN);
	EXPECT(rig, NAN, 1);
	rig_push_lost(rig, 0, 4, 4, 2);
	assert_int_equal(rig->out[0].at_us, 2000000);
	assert_int_equal(rig->out[1].at_us, 3000000);
	assert_int_equal(rig->out[2].lost, 2);
	EXPECT(rig, 2, 3, 4);
	rig_push(rig, 0, 4.5, INFINITY);
	rig_push(rig, 0, 6, 0);
	EXPECT(rig, 3, 0);
	rig_free(rig);
}

static void too_many_gaps_stay_gaps(void **state)
{
	struct op_rig *rig = rig_new("interpolate", "2", NULL, 0), *seconds = rig_new("interpolate", "3s", NULL, 0);

	(void)state;
	PUSH(rig, 1, NAN, NAN, NAN, NAN, 6, NAN, NAN, 9);
	EXPECT(rig, 1, NAN, NAN, NAN, NAN, 6, 7, 8, 9);
	PUSH(seconds, 1, NAN, NAN, 4);
	EXPECT(seconds, 1, 2, 3, 4);
	rig_push(seconds, 0, 5, NAN);
	rig_push(seconds, 0, 6.5, 5); /* 3.5 s after the last */
	rig_push(seconds, 0, 7, NAN);
	rig_push(seconds, 0, 86400, 5);
	EXPECT(seconds, NAN, 5, NAN, 5);
	rig_free(rig);
	rig_free(seconds);
}

static void a_value_from_before_the_gaps_ends_their_wait(void **state)
{
	struct op_rig *rig = rig_new("interpolate", "5", NULL, 0);

	(void)state;
	rig_push(rig, 0, 10, 1);
	rig_push(rig, 0, 11, NAN);
	rig_push(rig, 0, 5, 7);
	EXPECT(rig, 1, NAN, 7);
	rig_push(rig, 0, 6, NAN);
	rig_push(rig, 0, 4, NAN); /* the clock went back again */
	EXPECT(rig, NAN, NAN);
	rig_push(rig, 0, 7, 9);
	EXPECT(rig, 9);
	rig_free(rig);
}

static void gaps_that_wait_in_vain_are_told_in_time_and_at_the_end(void **state)
{
	struct op_rig *rig = rig_new("interpolate", "3s", NULL, 0), *end = rig_new("interpolate", "3s", NULL, 0);

	(void)state;
	PUSH(rig, 1, NAN);
	rig_advance(rig, 3);
	EXPECT(rig, 1);
	rig_advance(rig, 3.1);
	EXPECT(rig, NAN);
	rig_push(rig, 0, 2.5, 4);
	EXPECT(rig, 4);
	PUSH(end, 1, NAN, NAN);
	rig_finish(end);
	EXPECT(end, 1, NAN, NAN);
	rig_free(rig);
	rig_free(end);
	assert_string_equal(rig_refusal("interpolate", "3", &door, 1),
			    "expected a measured quantity, found a state; hold_last fills its gaps");
	assert_string_equal(rig_refusal("interpolate", "30h", NULL, 0),
			    "135016 gaps would wait, expected at most 100000");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_jump_is_followed_at_the_rate),
		cmocka_unit_test(a_jump_may_be_a_gap_until_it_is_believed),
		cmocka_unit_test(what_stays_the_same_too_long_is_stuck),
		cmocka_unit_test(silence_is_no_proof_of_being_stuck),
		cmocka_unit_test(repeated_values_are_left_out),
		cmocka_unit_test(now_and_then_a_repeated_value_passes),
		cmocka_unit_test(a_second_sample_of_one_instant_is_left_out),
		cmocka_unit_test(the_first_samples_are_left_out),
		cmocka_unit_test(a_clock_set_back_does_not_make_a_skip_longer),
		cmocka_unit_test(gaps_are_filled_with_the_last_value),
		cmocka_unit_test(gaps_become_a_straight_line),
		cmocka_unit_test(too_many_gaps_stay_gaps),
		cmocka_unit_test(a_value_from_before_the_gaps_ends_their_wait),
		cmocka_unit_test(gaps_that_wait_in_vain_are_told_in_time_and_at_the_end),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
