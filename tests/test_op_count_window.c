/* SPDX-License-Identifier: Apache-2.0 */
/* count_window: which values are in a window, and when the result comes. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <math.h>

#include "tests/op_rig.h"

static void every_so_many_values_give_a_result(void **state)
{
	struct op_rig *rig = rig_new("count_window", "size=3 value=sum", NULL, 0);

	(void)state;
	for (int i = 0; i < 8; i++)
		rig_push(rig, 0, i, i == 4 ? NAN : 1 << i);
	assert_int_equal(rig->out[1].at_us, 6000000);
	EXPECT(rig, 7, 104); /* 1+2+4; 8+32+64 */
	rig_finish(rig);
	EXPECT_NOTHING(rig);
	assert_int_equal(rig->output.period_us, 3000000);
	rig_free(rig);
}

static void with_a_step_windows_overlap(void **state)
{
	struct op_rig *rig = rig_new("count_window", "size=4 step=2 value=sum", NULL, 0);

	(void)state;
	for (int i = 0; i < 9; i++)
		rig_push(rig, 0, i, 1 << i);
	EXPECT(rig, 15, 60, 240);
	assert_int_equal(rig->output.period_us, 2000000);
	rig_free(rig);
}

static void losses_are_told_with_the_next_result(void **state)
{
	struct op_rig *rig = rig_new("count_window", "2", NULL, 0);

	(void)state;
	rig_push_lost(rig, 0, 0, 1, 1);
	rig_push_lost(rig, 0, 0, NAN, 2);
	rig_push_lost(rig, 0, -5, 1, 4);
	rig_push_lost(rig, 0, 9, 1, 8);
	assert_int_equal(rig->n_out, 1);
	assert_int_equal(rig->out[0].lost, 7);
	rig_free(rig);
}

static void what_makes_no_sense_is_refused(void **state)
{
	(void)state;
	assert_string_equal(rig_refusal("count_window", "size=3 step=4", NULL, 0),
			    "step must be at most size (3), found 4");
	assert_int_equal(rig_option_errors("count_window", "0"), 1);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(every_so_many_values_give_a_result),
		cmocka_unit_test(with_a_step_windows_overlap),
		cmocka_unit_test(losses_are_told_with_the_next_result),
		cmocka_unit_test(what_makes_no_sense_is_refused),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
