/* SPDX-License-Identifier: Apache-2.0 */
/* hopping_window: when results come, of what, and how silence ends them. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <math.h>

#include "tests/op_rig.h"

static void every_hop_gives_the_last_length(void **state)
{
	struct op_rig *rig = rig_new("hopping_window", "length=6s hop=2s value=sum", NULL, 0);
	const int64_t dates[] = { 1, 3, 5, 7, 9 };

	(void)state;
	for (int i = 0; i <= 10; i++)
		rig_push(rig, 0, i, i + 1);
	for (int i = 0; i < 5; i++)
		assert_int_equal(rig->out[i].at_us, 1000000 * dates[i]);
	/* 1+2; ..4; ..6; 3..8; 5..10 */
	EXPECT(rig, 3, 10, 21, 33, 45);
	assert_int_equal(rig->output.period_us, 2000000);
	rig_free(rig);
}

static void silence_empties_the_windows_and_ends_with_one_gap(void **state)
{
	struct op_rig *rig = rig_new("hopping_window", "length=6s hop=2s value=n", NULL, 0);

	(void)state;
	rig_push(rig, 0, 1, 5);
	rig_push(rig, 0, 3, 5);
	rig_advance(rig, 4);
	assert_int_equal(rig->class->due_us(rig->op.state), 6000000);
	rig_advance(rig, 100);
	/* ends 2, 4, 6, 8, 10: with 1, 2, 2, 1 (3 s is still in [2, 8)) and none */
	assert_int_equal(rig->n_out, 5);
	assert_int_equal(rig->out[2].at_us, 5999999);
	EXPECT(rig, 1, 2, 2, 1, NAN);
	assert_true(rig->class->due_us(rig->op.state) == INT64_MAX);
	rig_push(rig, 0, 1e6, 5);
	rig_push(rig, 0, 1e6 + 2, NAN);
	EXPECT(rig, 1);
	rig_free(rig);
}

static void late_values_count_and_a_clock_set_back_starts_anew(void **state)
{
	struct op_rig *rig = rig_new("hopping_window", "length=6s hop=2s value=n", NULL, 0);

	(void)state;
	rig_push(rig, 0, 101, 5);
	rig_push(rig, 0, 96, 5);
	rig_push(rig, 0, 102, 5);
	EXPECT(rig, 2);
	rig_push(rig, 0, 3, 5);
	rig_push(rig, 0, 4, 5);
	EXPECT(rig, 1);
	rig_free(rig);
}

static void the_end_of_the_input_gives_the_window_that_was_next(void **state)
{
	struct op_rig *rig = rig_new("hopping_window", "length=6s hop=2s value=n", NULL, 0);

	(void)state;
	rig_push(rig, 0, 1, 5);
	rig_push_lost(rig, 0, 2.5, 5, 7);
	rig_finish(rig);
	rig_finish(rig);
	assert_int_equal(rig->out[1].at_us, 2500000);
	assert_int_equal(rig->out[1].lost, 7);
	EXPECT(rig, 1, 2);
	rig_free(rig);
}

static void what_makes_no_sense_is_refused(void **state)
{
	(void)state;
	assert_string_equal(rig_refusal("hopping_window", "length=1s hop=2s", NULL, 0),
			    "hop must be at most length and at least a thousandth of it");
	assert_string_equal(rig_refusal("hopping_window", "length=1h hop=1s", NULL, 0),
			    "hop must be at most length and at least a thousandth of it");
	assert_string_equal(rig_refusal("hopping_window", "length=2s hop=2s", NULL, 0), "");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(every_hop_gives_the_last_length),
		cmocka_unit_test(silence_empties_the_windows_and_ends_with_one_gap),
		cmocka_unit_test(late_values_count_and_a_clock_set_back_starts_anew),
		cmocka_unit_test(the_end_of_the_input_gives_the_window_that_was_next),
		cmocka_unit_test(what_makes_no_sense_is_refused),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
