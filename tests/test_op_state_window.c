/* SPDX-License-Identifier: Apache-2.0 */
/* state_window: which values belong to a state, and when the result comes. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <math.h>

#include "base/unit.h"
#include "tests/op_rig.h"

static const struct series_info with_state[] = { { .kind = SERIES_GAUGE, .period_us = 1000000 },
						 { .kind = SERIES_STATE, .period_us = 1000000 } };

static void of_a_level_the_values_beyond_it_count(void **state)
{
	struct op_rig *rig = rig_new("state_window", "above=10 value=sum", NULL, 0);

	(void)state;
	for (int i = 0; i < 9; i++)
		rig_push(rig, 0, i, (const double[]){ 5, 11, 12, NAN, 10, 3, 20, 30, 1 }[i]);
	assert_int_equal(rig->out[0].at_us, 2000000);
	EXPECT(rig, 23, 50);
	assert_int_equal(rig->output.period_us, 0);
	rig_free(rig);
}

static void of_a_state_of_its_own_it_tells_how_long(void **state)
{
	static const struct series_info door = { .kind = SERIES_STATE, .period_us = 1000000 };
	struct op_rig *rig = rig_new("state_window", "value=duration", &door, 1);

	(void)state;
	for (int i = 0; i < 8; i++)
		rig_push(rig, 0, i, (const double[]){ 0, 1, 1, 1, 0, 1, 0, 0 }[i]);
	EXPECT(rig, 2, 0);
	assert_string_equal(rig->output.unit->code, "s");
	rig_free(rig);
}

static void of_another_state_the_values_while_it_is_1_count(void **state)
{
	struct op_rig *rig = rig_new("state_window", "value=sum", with_state, 2);

	(void)state;
	rig_push(rig, 0, 0, 1);
	rig_push(rig, 1, 0, 1); /* rises: the value of the same time came before */
	rig_push(rig, 0, 1, 2);
	rig_push(rig, 1, 1, NAN); /* no news */
	rig_push(rig, 0, 2, 4);
	rig_push(rig, 1, 2, 0);
	rig_push(rig, 0, 3, 8);
	rig_push(rig, 1, 3, 0);
	EXPECT(rig, 6);
	rig_push(rig, 1, 4, 1);
	rig_push(rig, 1, 5, 0);
	assert_int_equal(rig->out[0].at_us, 5000000);
	EXPECT(rig, NAN);
	rig_free(rig);
}

static void the_end_of_the_input_ends_the_state(void **state)
{
	struct op_rig *rig = rig_new("state_window", "below=0 value=min", NULL, 0);

	(void)state;
	rig_push_lost(rig, 0, 0, -3, 2);
	rig_push(rig, 0, 1, -7);
	rig_finish(rig);
	rig_finish(rig);
	assert_int_equal(rig->out[0].lost, 2);
	EXPECT(rig, -7);
	rig_free(rig);
}

static void what_makes_no_sense_is_refused(void **state)
{
	(void)state;
	assert_string_equal(rig_refusal("state_window", "", NULL, 0),
			    "expected one of above and below, or a state as the second input");
	assert_string_equal(rig_refusal("state_window", "above=1 below=2", NULL, 0),
			    "expected one of above and below, or a state as the second input");
	assert_string_equal(rig_refusal("state_window", "above=1", with_state, 2),
			    "above and below are for one input; here the second input is the state");
	assert_string_equal(rig_refusal("state_window", "",
					(const struct series_info[]){ with_state[0], with_state[0] }, 2),
			    "the second input must be a state, such as that of threshold");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(of_a_level_the_values_beyond_it_count),
		cmocka_unit_test(of_a_state_of_its_own_it_tells_how_long),
		cmocka_unit_test(of_another_state_the_values_while_it_is_1_count),
		cmocka_unit_test(the_end_of_the_input_ends_the_state),
		cmocka_unit_test(what_makes_no_sense_is_refused),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
