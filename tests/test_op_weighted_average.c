/* SPDX-License-Identifier: Apache-2.0 */
/* weighted_average against series worked out by hand. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <math.h>

#include "tests/op_rig.h"

static void the_newest_has_the_last_weight(void **state)
{
	struct op_rig *rig = rig_new("weighted_average", "weights=[1,2,5]", NULL, 0);

	(void)state;
	for (int i = 0; i < 5; i++)
		rig_push(rig, 0, i, (const double[]){ 7, 0, NAN, 8, 16 }[i]);
	/* 7 * 5 / 5; (7 * 2 + 0) / 7; gap; (7 + 0 + 40) / 8; (0 + 16 + 80) / 8 */
	EXPECT(rig, 7, 2, NAN, 5.875, 12);
	rig_free(rig);
}

static void weights_of_zero_alone_give_a_gap(void **state)
{
	struct op_rig *rig = rig_new("weighted_average", "weights=[1,0]", NULL, 0);

	(void)state;
	rig_push(rig, 0, 0, 4);
	rig_push(rig, 0, 1, 5);
	rig_push(rig, 0, 2, 1e300);
	rig_push(rig, 0, 3, 6);
	rig_push(rig, 0, 4, 7);
	EXPECT(rig, NAN, 4, 5, 1e300, 6);
	rig_free(rig);
}

static void what_makes_no_sense_is_refused(void **state)
{
	static const struct series_info counter = { .kind = SERIES_COUNTER, .period_us = 1000000 };

	(void)state;
	assert_string_equal(rig_refusal("weighted_average", "weights=[0,0]", NULL, 0), "weights must not all be 0");
	assert_string_equal(rig_refusal("weighted_average", "weights=[1,2]", &counter, 1),
			    "a counter has no mean; expected a measured quantity or a state");
	assert_int_equal(rig_option_errors("weighted_average", "weights=[1,-2]"), 1);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_newest_has_the_last_weight),
		cmocka_unit_test(weights_of_zero_alone_give_a_gap),
		cmocka_unit_test(what_makes_no_sense_is_refused),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
