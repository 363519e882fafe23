/* SPDX-License-Identifier: Apache-2.0 */
/* tumbling_window: when a window ends, what it holds, and what late values, silence and clocks do. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <math.h>

#include "base/unit.h"
#include "tests/op_rig.h"

static void assert_result(const struct op_rig *rig, size_t i, double at_s, double value)
{
	assert_true(i < rig->n_out);
	assert_int_equal(rig->out[i].at_us, llround(at_s * 1e6));
	if (rig->out[i].value != value && !(isnan(value) && isnan(rig->out[i].value)))
		fail_msg("result %zu is %g, expected %g", i, rig->out[i].value, value);
}

static void windows_begin_at_whole_multiples_and_end_before_the_next(void **state)
{
	struct op_rig *rig = rig_new("tumbling_window", "length=10s value=sum", NULL, 0);

	(void)state;
	rig_push(rig, 0, 1007, 1);
	rig_push(rig, 0, 1009.999999, 2);
	rig_push(rig, 0, 1010, 4);
	rig_push(rig, 0, 1015, 8);
	rig_push(rig, 0, 1023, 16);
	assert_int_equal(rig->n_out, 2);
	assert_result(rig, 0, 1009.999999, 3);
	assert_result(rig, 1, 1015, 12);
	assert_int_equal(rig->output.period_us, 10000000);
	rig_free(rig);
}

static void the_watermark_ends_a_window_and_the_first_empty_one_is_a_gap(void **state)
{
	struct op_rig *rig = rig_new("tumbling_window", "length=10s value=n", NULL, 0);

	(void)state;
	assert_true(rig->class->due_us(rig->op.state) == INT64_MAX);
	rig_advance(rig, 5000);
	rig_push(rig, 0, 3, 1);
	assert_int_equal(rig->class->due_us(rig->op.state), 10000000);
	rig_advance(rig, 9.9);
	assert_int_equal(rig->n_out, 0);
	rig_advance(rig, 10);
	assert_int_equal(rig->n_out, 1);
	rig_advance(rig, 20);
	rig_advance(rig, 5000);
	assert_int_equal(rig->n_out, 2);
	assert_result(rig, 0, 3, 1);
	assert_result(rig, 1, 19.999999, NAN);
	assert_true(rig->class->due_us(rig->op.state) == INT64_MAX);
	rig_push(rig, 0, 5003, 1);
	rig_push(rig, 0, 5010, 1);
	assert_result(rig, 2, 5003, 1);
	rig_free(rig);
}

static void days_of_silence_give_one_gap(void **state)
{
	struct op_rig *rig = rig_new("tumbling_window", "length=1s value=n", NULL, 0);

	(void)state;
	rig_push(rig, 0, 0.5, 1);
	rig_push(rig, 0, 864000, 1);
	rig_push(rig, 0, 864001, 1);
	EXPECT(rig, 1, NAN, 1);
	rig_free(rig);
}

static void a_gap_ends_a_window_and_is_not_counted(void **state)
{
	struct op_rig *rig = rig_new("tumbling_window", "length=10s value=n", NULL, 0);

	(void)state;
	rig_push(rig, 0, 1, 5);
	rig_push(rig, 0, 2, NAN);
	rig_push(rig, 0, 3, INFINITY);
	rig_push(rig, 0, 11, NAN);
	EXPECT(rig, 1);
	rig_push(rig, 0, 12, NAN);
	rig_push(rig, 0, 21, NAN);
	EXPECT(rig, NAN);
	rig_free(rig);
}

static void a_late_value_counts_in_the_open_window_and_a_clock_set_back_opens_its_own(void **state)
{
	struct op_rig *rig = rig_new("tumbling_window", "length=10s value=n", NULL, 0);

	(void)state;
	rig_push(rig, 0, 25, 1);
	rig_push(rig, 0, 19, 1); /* late: 1 s before the window */
	rig_push(rig, 0, 24, 1);
	rig_push(rig, 0, 10, 1); /* 10 s before: the clock was set back */
	rig_push(rig, 0, 11, 1);
	rig_push(rig, 0, 20, 1);
	assert_int_equal(rig->n_out, 2);
	assert_result(rig, 0, 25, 3);
	assert_result(rig, 1, 11, 2);
	rig_free(rig);
}

static void a_stamp_from_the_future_blocks_nothing(void **state)
{
	struct op_rig *rig = rig_new("tumbling_window", "length=10s value=n", NULL, 0);

	(void)state;
	for (int i = 0; i < 40; i++)
		rig_push(rig, 0, i == 13 ? 1e9 : i, 1);
	rig_finish(rig);
	/* 0..9; 10..12; a gap; the one from the future; 14..19; 20..29; 30..39 */
	EXPECT(rig, 10, 3, NAN, 1, 6, 10, 10);
	rig_free(rig);
}

static void the_end_of_the_input_ends_the_window(void **state)
{
	struct op_rig *rig = rig_new("tumbling_window", "length=10s value=n", NULL, 0);

	(void)state;
	rig_finish(rig);
	EXPECT_NOTHING(rig);
	rig_push(rig, 0, 3, 1);
	rig_finish(rig);
	rig_finish(rig);
	assert_int_equal(rig->n_out, 1);
	assert_result(rig, 0, 3, 1);
	rig_free(rig);
}

static void losses_are_told_with_the_window_they_fall_into(void **state)
{
	struct op_rig *rig = rig_new("tumbling_window", "10s", NULL, 0);

	(void)state;
	rig_push_lost(rig, 0, 1, 1, 1);
	rig_push_lost(rig, 0, 2, NAN, 2);
	rig_push_lost(rig, 0, 12, 1, 4);
	rig_push_lost(rig, 0, 22, 1, UINT32_MAX);
	rig_push_lost(rig, 0, 23, 1, 9);
	rig_finish(rig);
	assert_int_equal(rig->out[0].lost, 3);
	assert_int_equal(rig->out[1].lost, 4);
	assert_true(rig->out[2].lost == UINT32_MAX);
	rig_free(rig);
}

static void windows_before_1970_begin_at_whole_multiples_too(void **state)
{
	struct op_rig *rig = rig_new("tumbling_window", "length=10s value=n", NULL, 0);

	(void)state;
	rig_push(rig, 0, -11, 1);
	rig_push(rig, 0, -10, 1);
	rig_push(rig, 0, -0.000001, 1);
	rig_push(rig, 0, 0, 1);
	EXPECT(rig, 1, 2);
	rig_free(rig);
}

static void without_room_the_oldest_values_leave_early(void **state)
{
	struct op_rig *rig = rig_new("tumbling_window", "length=100s value=median max_samples=3", NULL, 0);

	(void)state;
	for (int i = 0; i < 9; i++)
		rig_push(rig, 0, i, i);
	rig_finish(rig);
	EXPECT(rig, 7);
	rig_free(rig);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(windows_begin_at_whole_multiples_and_end_before_the_next),
		cmocka_unit_test(the_watermark_ends_a_window_and_the_first_empty_one_is_a_gap),
		cmocka_unit_test(days_of_silence_give_one_gap),
		cmocka_unit_test(a_gap_ends_a_window_and_is_not_counted),
		cmocka_unit_test(a_late_value_counts_in_the_open_window_and_a_clock_set_back_opens_its_own),
		cmocka_unit_test(a_stamp_from_the_future_blocks_nothing),
		cmocka_unit_test(the_end_of_the_input_ends_the_window),
		cmocka_unit_test(losses_are_told_with_the_window_they_fall_into),
		cmocka_unit_test(windows_before_1970_begin_at_whole_multiples_too),
		cmocka_unit_test(without_room_the_oldest_values_leave_early),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
