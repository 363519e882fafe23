/* SPDX-License-Identifier: Apache-2.0 */
/* threshold: levels, hysteresis, hold times and what silence and disorder do to a hold. A sample a second unless said otherwise. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <math.h>

#include "base/unit.h"
#include "tests/op_rig.h"

static const struct series_info irregular = { .kind = SERIES_GAUGE };

static void push_all(struct op_rig *rig, const double values[], size_t n)
{
	for (size_t i = 0; i < n; i++)
		rig_push(rig, 0, (double)i, values[i]);
}

#define PUSH(rig, ...) push_all(rig, (const double[]){ __VA_ARGS__ }, sizeof((const double[]){ __VA_ARGS__ }) / 8)

static void one_level_switches_both_ways_and_is_itself_normal(void **state)
{
	struct op_rig *rig = rig_new("threshold", "28", NULL, 0);

	(void)state;
	PUSH(rig, 27, 28, 28.001, 29, 28, 30, 20);
	EXPECT(rig, 0, 0, 1, 1, 0, 1, 0);
	rig_free(rig);
}

static void between_clear_and_above_nothing_changes(void **state)
{
	struct op_rig *rig = rig_new("threshold", "above=28 clear=27", NULL, 0);

	(void)state;
	PUSH(rig, 27.5, 28.5, 27.5, 28.5, 27.001, 27, 27.5, 28);
	EXPECT(rig, 0, 1, 1, 1, 1, 0, 0, 0);
	rig_free(rig);
}

static void below_is_the_mirror_image(void **state)
{
	struct op_rig *rig = rig_new("threshold", "below=3 clear=5", NULL, 0);

	(void)state;
	PUSH(rig, 4, 3, 2.9, 4, 4.999, 5, 4, -100);
	EXPECT(rig, 0, 0, 1, 1, 1, 0, 0, 1);
	rig_free(rig);
}

static void zero_is_a_level_like_any_other(void **state)
{
	struct op_rig *frost = rig_new("threshold", "below=0", NULL, 0);
	struct op_rig *positive = rig_new("threshold", "above=0 clear=0", NULL, 0);
	struct op_rig *to_zero = rig_new("threshold", "above=5 clear=0", NULL, 0);

	(void)state;
	PUSH(frost, 1, 0, -0.0, -0.1, 0);
	EXPECT(frost, 0, 0, 0, 1, 0);
	PUSH(positive, -1, 0, -0.0, 0.1, 0);
	EXPECT(positive, 0, 0, 0, 1, 0);
	PUSH(to_zero, 6, 1, 0.5, 0, 1);
	EXPECT(to_zero, 1, 1, 1, 0, 0);
	rig_free(frost);
	rig_free(positive);
	rig_free(to_zero);
}

static void it_is_raised_once_it_held_long_enough(void **state)
{
	struct op_rig *rig = rig_new("threshold", "above=28 for=3s", NULL, 0);

	(void)state;
	PUSH(rig, 30, 30, 30, 30, 30, 20);
	EXPECT(rig, 0, 0, 0, 1, 1, 0);
	rig_free(rig);
}

static void a_value_that_denies_it_starts_the_hold_anew(void **state)
{
	struct op_rig *rig = rig_new("threshold", "above=28 clear=20 for=3s", NULL, 0);

	(void)state;
	/* 25 is between the levels: not above 28, so no hold goes on */
	PUSH(rig, 30, 30, 30, 25, 30, 30, 30, 30);
	EXPECT(rig, 0, 0, 0, 0, 0, 0, 0, 1);
	rig_free(rig);
}

static void it_is_cleared_once_it_was_back_long_enough(void **state)
{
	struct op_rig *rig = rig_new("threshold", "above=28 clear=25 clear_for=2s", NULL, 0);

	(void)state;
	PUSH(rig, 30, 20, 20, 26, 20, 20, 20, 20, 30);
	EXPECT(rig, 1, 1, 1, 1, 1, 1, 0, 0, 1);
	rig_free(rig);
}

static void gaps_neither_confirm_nor_interrupt(void **state)
{
	struct op_rig *rig = rig_new("threshold", "above=28 for=3s", NULL, 0);

	(void)state;
	PUSH(rig, 30, NAN, INFINITY, 30, NAN, 20, NAN);
	EXPECT(rig, 0, NAN, NAN, 1, NAN, 0, NAN);
	PUSH(rig, NAN, 30, NAN, NAN, NAN);
	EXPECT(rig, NAN, 0, NAN, NAN, NAN);
	rig_free(rig);
}

static void silence_counts_for_three_periods_at_most(void **state)
{
	struct op_rig *rig = rig_new("threshold", "above=28 for=10s", NULL, 0);

	(void)state;
	rig_push(rig, 0, 0, 30);
	rig_push(rig, 0, 3600, 30); /* 3 s held */
	rig_push(rig, 0, 7200, 30); /* 6 */
	rig_push(rig, 0, 7203, 30); /* 9 */
	rig_push(rig, 0, 7203.999999, 30);
	rig_push(rig, 0, 7204, 30);
	EXPECT(rig, 0, 0, 0, 0, 0, 1);
	rig_free(rig);
}

static void an_irregular_value_holds_until_the_next(void **state)
{
	struct op_rig *rig = rig_new("threshold", "above=28 for=10s", &irregular, 1);

	(void)state;
	rig_push(rig, 0, 0, 30);
	rig_push(rig, 0, 3600, 30);
	EXPECT(rig, 0, 1);
	rig_free(rig);
}

static void a_late_sample_is_judged_and_adds_no_time(void **state)
{
	struct op_rig *rig = rig_new("threshold", "above=28 for=3s", NULL, 0);

	(void)state;
	rig_push(rig, 0, 100, 30);
	rig_push(rig, 0, 90, 30);
	rig_push(rig, 0, 90, 30);
	rig_push(rig, 0, 92, 30);
	rig_push(rig, 0, 93, 30);
	rig_push(rig, 0, 50, 20);
	EXPECT(rig, 0, 0, 0, 0, 1, 0);
	rig_free(rig);
}

static void the_ends_of_time_do_no_harm(void **state)
{
	struct op_rig *rig = rig_new("threshold", "above=28 for=366d", &irregular, 1);
	const int64_t times[] = { INT64_MIN, INT64_MAX, INT64_MIN };

	(void)state;
	for (int i = 0; i < 3; i++) {
		struct sample s = { .at_us = times[i], .value = 30 };

		rig->op.push(rig->op.state, 0, &s, &rig->op.out);
	}
	EXPECT(rig, 0, 1, 1);
	rig_free(rig);
}

static void the_output_is_a_state_without_unit(void **state)
{
	struct op_rig *rig = rig_new("threshold", "above=28", NULL, 0);

	(void)state;
	rig_push_lost(rig, 0, 1.5, 30, 3);
	assert_int_equal(rig->out[0].at_us, 1500000);
	assert_int_equal(rig->out[0].lost, 3);
	assert_int_equal(rig->output.kind, SERIES_STATE);
	assert_string_equal(rig->output.unit->code, "1");
	assert_int_equal(rig->output.period_us, 1000000);
	rig_free(rig);
}

static void levels_that_contradict_are_refused(void **state)
{
	(void)state;
	assert_string_equal(rig_refusal("threshold", "", NULL, 0), "expected one of above and below, found neither");
	assert_string_equal(rig_refusal("threshold", "above=1 below=0", NULL, 0),
			    "expected one of above and below, found both");
	assert_string_equal(rig_refusal("threshold", "above=28 clear=30", NULL, 0),
			    "clear must be below above (28) or equal, found 30");
	assert_string_equal(rig_refusal("threshold", "below=0 clear=-1.5", NULL, 0),
			    "clear must be above below (0) or equal, found -1.5");
	assert_int_equal(rig_option_errors("threshold", "above=nan"), 1);
	assert_int_equal(rig_option_errors("threshold", "above=28 for=10"), 1);
	assert_int_equal(rig_option_errors("threshold", "above=28 for=-1s"), 1);
}

static void three_of_the_last_five_raise_it_and_clear_it(void **state)
{
	struct op_rig *rig = rig_new("threshold", "above=28 clear=27 count=3 of=5", NULL, 0);

	(void)state;
	PUSH(rig, 29, 20, 29, 20, 20, 29, 29, 29, 26, 28, 26, 29, 27, 26, 26, 29);
	/* of the last five are beyond: 1 1 2 2 2 2 3, raised; are back: 0 1 1 2 2 3, cleared */
	EXPECT(rig, 0, 0, 0, 0, 0, 0, 1, 1, 1, 1, 1, 1, 0, 0, 0, 0);
	rig_free(rig);
}

static void sixty_four_of_sixty_four_are_a_count_too(void **state)
{
	struct op_rig *rig = rig_new("threshold", "above=0 count=64", NULL, 0);

	(void)state;
	for (int t = 0; t < 64; t++)
		rig_push(rig, 0, t, 1);
	assert_true(rig->out[62].value == 0.0);
	assert_true(rig->out[63].value == 1.0);
	rig_free(rig);
}

static void gaps_take_no_place_among_the_last(void **state)
{
	struct op_rig *rig = rig_new("threshold", "above=0 count=2", NULL, 0);

	(void)state;
	PUSH(rig, 1, NAN, NAN, 1);
	EXPECT(rig, 0, NAN, NAN, 1);
	rig_free(rig);
}

static void counts_that_contradict_are_refused(void **state)
{
	(void)state;
	assert_string_equal(rig_refusal("threshold", "above=0 of=5", NULL, 0),
			    "of goes with count, such as count: 3, of: 5");
	assert_string_equal(rig_refusal("threshold", "above=0 count=6 of=5", NULL, 0),
			    "count must be at most of (5), found 6");
	assert_string_equal(rig_refusal("threshold", "above=0 count=3 for=5s", NULL, 0),
			    "expected one of count and hold times, found both");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(one_level_switches_both_ways_and_is_itself_normal),
		cmocka_unit_test(between_clear_and_above_nothing_changes),
		cmocka_unit_test(below_is_the_mirror_image),
		cmocka_unit_test(zero_is_a_level_like_any_other),
		cmocka_unit_test(it_is_raised_once_it_held_long_enough),
		cmocka_unit_test(a_value_that_denies_it_starts_the_hold_anew),
		cmocka_unit_test(it_is_cleared_once_it_was_back_long_enough),
		cmocka_unit_test(gaps_neither_confirm_nor_interrupt),
		cmocka_unit_test(silence_counts_for_three_periods_at_most),
		cmocka_unit_test(an_irregular_value_holds_until_the_next),
		cmocka_unit_test(a_late_sample_is_judged_and_adds_no_time),
		cmocka_unit_test(the_ends_of_time_do_no_harm),
		cmocka_unit_test(the_output_is_a_state_without_unit),
		cmocka_unit_test(levels_that_contradict_are_refused),
		cmocka_unit_test(three_of_the_last_five_raise_it_and_clear_it),
		cmocka_unit_test(sixty_four_of_sixty_four_are_a_count_too),
		cmocka_unit_test(gaps_take_no_place_among_the_last),
		cmocka_unit_test(counts_that_contradict_are_refused),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
