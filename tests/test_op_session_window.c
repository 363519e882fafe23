/* SPDX-License-Identifier: Apache-2.0 */
/* session_window: what is one session and what ends it. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <math.h>

#include "tests/op_rig.h"

static void a_pause_of_more_than_the_gap_ends_a_session(void **state)
{
	struct op_rig *rig = rig_new("session_window", "gap=5s value=n", NULL, 0);

	(void)state;
	rig_push(rig, 0, 0, 1);
	rig_push(rig, 0, 5, 1);
	rig_push(rig, 0, 10.000001, 1);
	rig_push(rig, 0, 100, 1);
	assert_int_equal(rig->out[0].at_us, 5000000);
	assert_int_equal(rig->out[1].at_us, 10000001);
	EXPECT(rig, 2, 1);
	assert_int_equal(rig->output.period_us, 0);
	rig_free(rig);
}

static void the_watermark_a_gap_and_the_end_of_the_input_end_it_too(void **state)
{
	struct op_rig *rig = rig_new("session_window", "gap=5s value=n", NULL, 0);

	(void)state;
	rig_push(rig, 0, 0, 1);
	assert_int_equal(rig->class->due_us(rig->op.state), 5000001);
	rig_advance(rig, 5);
	EXPECT_NOTHING(rig);
	rig_advance(rig, 5.000001);
	EXPECT(rig, 1);
	assert_true(rig->class->due_us(rig->op.state) == INT64_MAX);
	rig_advance(rig, 1000);
	rig_push(rig, 0, 2000, 1);
	rig_push(rig, 0, 2004, NAN);
	rig_push(rig, 0, 2006, NAN);
	EXPECT(rig, 1);
	rig_push(rig, 0, 3000, 1);
	rig_finish(rig);
	rig_finish(rig);
	EXPECT(rig, 1);
	rig_free(rig);
}

static void a_session_of_max_length_is_divided(void **state)
{
	struct op_rig *rig = rig_new("session_window", "gap=5s max=10s value=duration", NULL, 0);

	(void)state;
	for (int i = 0; i <= 25; i++)
		rig_push(rig, 0, i, 1);
	EXPECT(rig, 9, 9);
	rig_free(rig);
}

static void late_values_belong_to_it_and_a_clock_set_back_ends_it(void **state)
{
	struct op_rig *rig = rig_new("session_window", "gap=5s value=n", NULL, 0);

	(void)state;
	rig_push(rig, 0, 100, 1);
	rig_push(rig, 0, 96, 1);
	rig_push(rig, 0, 105, 1); /* within 5 s of 100 */
	rig_push_lost(rig, 0, 50, 1, 3);
	EXPECT(rig, 3);
	rig_finish(rig);
	assert_int_equal(rig->out[0].lost, 3);
	EXPECT(rig, 1);
	rig_free(rig);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_pause_of_more_than_the_gap_ends_a_session),
		cmocka_unit_test(the_watermark_a_gap_and_the_end_of_the_input_end_it_too),
		cmocka_unit_test(a_session_of_max_length_is_divided),
		cmocka_unit_test(late_values_belong_to_it_and_a_clock_set_back_ends_it),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
