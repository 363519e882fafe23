/* SPDX-License-Identifier: Apache-2.0 */
/* combine: the seven functions, and which samples make one tick. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <math.h>
#include <stdio.h>

#include "base/prng.h"
#include "base/unit.h"
#include "tests/op_rig.h"

static const struct series_info irregular[2] = { { .kind = SERIES_GAUGE }, { .kind = SERIES_GAUGE } };
static const struct series_info doors[2] = { { .kind = SERIES_STATE }, { .kind = SERIES_STATE } };
static const struct series_info three[3] = {
	{ .kind = SERIES_GAUGE, .period_us = 1000000 },
	{ .kind = SERIES_GAUGE, .period_us = 1000000 },
	{ .kind = SERIES_GAUGE, .period_us = 1000000 },
};
static const struct series_info fast_and_slow[2] = {
	{ .kind = SERIES_GAUGE, .period_us = 1000000 },
	{ .kind = SERIES_GAUGE, .period_us = 10000000 },
};

static void assert_at(const struct op_rig *rig, size_t i, double at_s)
{
	assert_true(i < rig->n_out);
	assert_int_equal(rig->out[i].at_us, llround(at_s * 1e6));
}

static void each_function_does_what_its_name_says(void **state)
{
	static const struct {
		const char *options;
		double expected;
	} rows[] = {
		{ "mean", 5 }, { "min", 2 }, { "max", 8 }, { "sum", 10 }, { "difference", 6 }, { "ratio", 4 },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct op_rig *rig = rig_new("combine", rows[i].options, NULL, 0);

		rig_push(rig, 0, 1, 8);
		rig_push(rig, 1, 1, 2);
		EXPECT(rig, rows[i].expected);
		rig_free(rig);
	}
}

static void sensors_read_together_give_one_result_a_tick(void **state)
{
	struct op_rig *rig = rig_new("combine", "mean", three, 3);

	(void)state;
	for (int t = 1; t <= 3; t++) {
		rig_push(rig, 0, t, 10 * t);
		rig_push(rig, 1, t + 0.002, 20 * t);
		rig_push(rig, 2, t + 0.005, 60 * t);
		assert_at(rig, (size_t)t - 1, t + 0.005);
	}
	EXPECT(rig, 30, 60, 90);
	assert_int_equal(rig->output.period_us, 1000000);
	rig_free(rig);
}

static void the_order_within_a_tick_does_not_matter(void **state)
{
	struct op_rig *rig = rig_new("combine", "difference", NULL, 0);

	(void)state;
	rig_push(rig, 1, 1.01, 1);
	rig_push(rig, 0, 1.0, 5); /* stamped before the other, delivered after it */
	assert_at(rig, 0, 1.01);
	rig_push(rig, 0, 2.0, 6);
	rig_push(rig, 1, 2.0, 3);
	EXPECT(rig, 4, 3);
	rig_free(rig);
}

static void readings_out_of_phase_still_give_one_result_a_period(void **state)
{
	(void)state;
	for (int phase = 0; phase < 100; phase += 3) {
		struct op_rig *rig = rig_new("combine", "sum", NULL, 0);
		uint64_t seed = (uint64_t)phase;

		for (int t = 0; t < 200; t++) {
			rig_push(rig, 0, t + 0.02 * prng_unit(&seed), 1);
			rig_push(rig, 1, t + phase * 0.01 + 0.02 * prng_unit(&seed), 2);
		}
		if (rig->n_out < 199 || rig->n_out > 201)
			fail_msg("phase %d %%: %zu results of 200 ticks", phase, rig->n_out);
		for (size_t i = 1; i < rig->n_out; i++)
			assert_true(rig->out[i].value == 3);
		rig_free(rig);
	}
}

static void a_lost_reading_does_not_shift_the_pairs(void **state)
{
	struct op_rig *rig = rig_new("combine", "difference", NULL, 0);

	(void)state;
	/* input 0 at 1 2 _ 4 5, input 1 at 1 2 3 4 5; the value is the time */
	for (int t = 1; t <= 5; t++) {
		if (t != 3)
			rig_push(rig, 0, t, t);
		rig_push(rig, 1, t, t);
	}
	EXPECT(rig, 0, 0, -1, 0, 0); /* at 3: 2 - 3 */
	rig_free(rig);
}

static void a_slow_input_is_taken_as_of_its_last_reading(void **state)
{
	struct op_rig *rig = rig_new("combine", "sum", fast_and_slow, 2);

	(void)state;
	for (int t = 0; t <= 21; t++) {
		if (t % 10 == 0 && t != 10)
			rig_push(rig, 1, t, 1000 * t);
		rig_push(rig, 0, t, t);
		if (t == 10) /* slow one last, for once */
			rig_push(rig, 1, t, 1000 * t);
	}
	assert_int_equal(rig->n_out, 22);
	for (int t = 0; t <= 21; t++)
		assert_true(rig->out[t].value == 1000 * (t / 10 * 10) + t);
	assert_int_equal(rig->output.period_us, 1000000);
	rig_free(rig);
}

static void a_gap_of_one_input_is_a_gap_of_this_tick_alone(void **state)
{
	struct op_rig *rig = rig_new("combine", "max", NULL, 0);

	(void)state;
	rig_push(rig, 0, 1, 1);
	rig_push(rig, 1, 1, 2);
	rig_push(rig, 0, 2, NAN);
	rig_push(rig, 1, 2, 2);
	rig_push(rig, 0, 3, 1);
	rig_push(rig, 1, 3, INFINITY);
	rig_push(rig, 0, 4, 1);
	rig_push(rig, 1, 4, 4);
	EXPECT(rig, 2, NAN, NAN, 4);
	rig_free(rig);
}

static void a_silent_input_is_held_for_three_periods_and_then_a_gap(void **state)
{
	struct op_rig *rig = rig_new("combine", "sum", NULL, 0);

	(void)state;
	rig_push(rig, 0, 1, 1);
	rig_push(rig, 1, 1, 10);
	for (int t = 2; t <= 7; t++)
		rig_push(rig, 0, t, t);
	EXPECT(rig, 11, 12, 13, 14, NAN, NAN, NAN);
	rig_push(rig, 0, 8, 8);
	rig_push(rig, 1, 8, 10); /* back, too late for this tick: it was given up */
	rig_push(rig, 0, 9, 9);
	rig_push(rig, 1, 9, 20);
	EXPECT(rig, NAN, 29);
	rig_free(rig);
}

static void within_says_how_old_a_value_may_be(void **state)
{
	struct op_rig *rig = rig_new("combine", "function=sum within=1500ms", NULL, 0);

	(void)state;
	rig_push(rig, 0, 1, 1);
	rig_push(rig, 1, 1, 10);
	for (int t = 2; t <= 4; t++)
		rig_push(rig, 0, t, t);
	EXPECT(rig, 11, 12, NAN, NAN);
	rig_free(rig);
}

static void an_input_never_seen_is_a_gap(void **state)
{
	struct op_rig *rig = rig_new("combine", "sum", NULL, 0);

	(void)state;
	for (int t = 1; t <= 4; t++)
		rig_push(rig, 0, t, t);
	EXPECT(rig, NAN, NAN, NAN); /* the fourth still waits */
	rig_push(rig, 1, 4, 10);
	EXPECT(rig, 14);
	rig_free(rig);
}

static void irregular_inputs_give_a_result_at_every_sample(void **state)
{
	struct op_rig *rig = rig_new("combine", "function=sum within=1h", irregular, 2);

	(void)state;
	rig_push(rig, 0, 1, 1);
	rig_push(rig, 1, 2, 10);
	rig_push(rig, 1, 2, 20);
	rig_push(rig, 0, 2, 2);
	rig_push(rig, 0, 3602.5, 3); /* input 1 is older than an hour */
	EXPECT(rig, NAN, 11, 21, 22, NAN);
	assert_int_equal(rig->output.period_us, 0);
	rig_free(rig);
}

static void the_greatest_of_states_is_a_state_and_holds_for_a_day(void **state)
{
	struct op_rig *rig = rig_new("combine", "max", doors, 2);

	(void)state;
	rig_push(rig, 0, 0, 0);
	rig_push(rig, 1, 0, 1);
	rig_push(rig, 0, 86400, 0);
	rig_push(rig, 0, 86401, 0);
	EXPECT(rig, NAN, 1, 1, NAN);
	assert_int_equal(rig->output.kind, SERIES_STATE);
	rig_free(rig);
}

static void a_clock_set_back_costs_one_tick(void **state)
{
	struct op_rig *rig = rig_new("combine", "sum", NULL, 0);
	static const double times[] = { 1000, 1001, 10, 11, 1e9, 12, 13 };

	(void)state;
	for (size_t i = 0; i < sizeof(times) / sizeof(times[0]); i++) {
		rig_push(rig, 0, times[i], 1);
		rig_push(rig, 1, times[i], 2);
	}
	EXPECT(rig, 3, 3, NAN, 3, NAN, NAN, 3);
	rig_free(rig);
}

static void a_stamp_from_the_future_on_one_input_blocks_nothing(void **state)
{
	struct op_rig *rig = rig_new("combine", "sum", NULL, 0);

	(void)state;
	rig_push(rig, 0, 1, 1);
	rig_push(rig, 1, 1, 2);
	rig_push(rig, 0, 1e9, 1); /* and never again */
	for (int t = 2; t <= 4; t++)
		rig_push(rig, 1, t, 2);
	EXPECT(rig, 3, NAN, NAN, NAN, NAN);
	rig_push(rig, 0, 5, 1);
	rig_push(rig, 1, 5, 2);
	EXPECT(rig, 3);
	rig_free(rig);
}

static void lost_samples_wait_for_the_result(void **state)
{
	struct op_rig *rig = rig_new("combine", "sum", NULL, 0);

	(void)state;
	rig_push_lost(rig, 0, 1, 1, 5);
	EXPECT_NOTHING(rig);
	rig_push_lost(rig, 1, 1, 1, 2);
	assert_int_equal(rig->out[0].lost, 7);
	rig_push_lost(rig, 1, 1.1, 1, 4); /* the tick has given its result */
	rig_push_lost(rig, 0, 2, 1, UINT32_MAX);
	rig_push(rig, 1, 2, 1);
	assert_int_equal(rig->out[1].lost, UINT32_MAX);
	rig_push(rig, 0, 3, 1);
	rig_push(rig, 1, 3, 1);
	assert_int_equal(rig->out[2].lost, 0);
	rig_free(rig);
}

static void a_division_by_zero_is_a_gap(void **state)
{
	struct op_rig *rig = rig_new("combine", "ratio", NULL, 0);

	(void)state;
	for (int t = 0; t < 3; t++) {
		rig_push(rig, 0, t, t - 1);
		rig_push(rig, 1, t, t == 2 ? 4 : 0);
	}
	EXPECT(rig, NAN, NAN, 0.25);
	rig_free(rig);
}

static void a_ratio_has_the_unit_that_is_given_or_one(void **state)
{
	const struct series_info inputs[2] = {
		{ .unit = unit_find("V"), .kind = SERIES_GAUGE, .period_us = 1000000 },
		{ .unit = unit_find("A"), .kind = SERIES_GAUGE, .period_us = 1000000 },
	};
	struct op_rig *plain = rig_new("combine", "ratio", inputs, 2);
	struct op_rig *named = rig_new("combine", "function=ratio unit=Hz", inputs, 2);

	(void)state;
	assert_string_equal(plain->output.unit->code, "1");
	assert_string_equal(named->output.unit->code, "Hz");
	rig_free(plain);
	rig_free(named);
}

static void the_median_is_the_middle_one_or_the_mean_of_two(void **state)
{
	struct series_info inputs[4] = { three[0], three[0], three[0], three[0] };
	struct op_rig *odd = rig_new("combine", "median", three, 3), *even = rig_new("combine", "median", inputs, 4);
	static const double values[] = { 3, -100, 85, 4 };

	(void)state;
	for (unsigned i = 0; i < 3; i++)
		rig_push(odd, i, 0, values[i]);
	for (unsigned i = 0; i < 4; i++)
		rig_push(even, i, 0, values[i]);
	EXPECT(odd, 3);
	EXPECT(even, 3.5);
	rig_free(odd);
	rig_free(even);
}

static void what_does_not_fit_together_is_refused(void **state)
{
	struct series_info inputs[3] = { three[0], three[1], three[2] };

	(void)state;
	assert_string_equal(rig_refusal("combine", "ratio", three, 3), "ratio takes 2 inputs, found 3");
	assert_string_equal(rig_refusal("combine", "difference", three, 3), "difference takes 2 inputs, found 3");
	assert_string_equal(rig_refusal("combine", "function=mean unit=Cel", three, 3),
			    "unit is for a ratio; the mean has the unit of its inputs");
	assert_string_equal(rig_refusal("combine", "sum", irregular, 2),
			    "within is needed, because input 1 has no period to tell when it is too old");
	inputs[2].unit = unit_find("%");
	assert_string_equal(rig_refusal("combine", "sum", inputs, 3),
			    "the sum needs inputs of one unit, found Cel (input 1) and % (input 3)");
	inputs[1].kind = SERIES_COUNTER;
	assert_string_equal(rig_refusal("combine", "sum", inputs, 3),
			    "input 2 is a counter, which may restart; combine their increase() in a KPI");
	assert_int_equal(rig_option_errors("combine", ""), 1);
	assert_int_equal(rig_option_errors("combine", "mode"), 1);
}

static void a_watermark_ends_the_waiting(void **state)
{
	struct op_rig *rig = rig_new("combine", "sum", three, 3);

	(void)state;
	for (unsigned i = 0; i < 3; i++)
		rig_push(rig, i, 1, i);
	EXPECT(rig, 3);
	rig_push(rig, 0, 2, 10);
	rig_push(rig, 1, 2.1, 20);
	rig_advance(rig, 2.7);
	EXPECT_NOTHING(rig); /* the third may still come: 2 + 3/4 */
	rig_advance(rig, 2.75);
	assert_at(rig, 0, 2.1);
	EXPECT(rig, 32);
	rig_advance(rig, 100);
	rig_push(rig, 0, 3, 1);
	EXPECT_NOTHING(rig);
	rig_finish(rig);
	EXPECT(rig, 23);
	rig_free(rig);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_watermark_ends_the_waiting),
		cmocka_unit_test(each_function_does_what_its_name_says),
		cmocka_unit_test(sensors_read_together_give_one_result_a_tick),
		cmocka_unit_test(the_order_within_a_tick_does_not_matter),
		cmocka_unit_test(readings_out_of_phase_still_give_one_result_a_period),
		cmocka_unit_test(a_lost_reading_does_not_shift_the_pairs),
		cmocka_unit_test(a_slow_input_is_taken_as_of_its_last_reading),
		cmocka_unit_test(a_gap_of_one_input_is_a_gap_of_this_tick_alone),
		cmocka_unit_test(a_silent_input_is_held_for_three_periods_and_then_a_gap),
		cmocka_unit_test(within_says_how_old_a_value_may_be),
		cmocka_unit_test(an_input_never_seen_is_a_gap),
		cmocka_unit_test(irregular_inputs_give_a_result_at_every_sample),
		cmocka_unit_test(the_greatest_of_states_is_a_state_and_holds_for_a_day),
		cmocka_unit_test(a_clock_set_back_costs_one_tick),
		cmocka_unit_test(a_stamp_from_the_future_on_one_input_blocks_nothing),
		cmocka_unit_test(lost_samples_wait_for_the_result),
		cmocka_unit_test(a_division_by_zero_is_a_gap),
		cmocka_unit_test(a_ratio_has_the_unit_that_is_given_or_one),
		cmocka_unit_test(the_median_is_the_middle_one_or_the_mean_of_two),
		cmocka_unit_test(what_does_not_fit_together_is_refused),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
