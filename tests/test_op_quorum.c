/* SPDX-License-Identifier: Apache-2.0 */
/* quorum: who is outvoted, who is not missed, and when nobody knows. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <math.h>

#include "base/unit.h"
#include "tests/op_rig.h"

static const struct series_info states[4] = {
	{ .kind = SERIES_STATE, .period_us = 1000000 },
	{ .kind = SERIES_STATE, .period_us = 1000000 },
	{ .kind = SERIES_STATE, .period_us = 1000000 },
	{ .kind = SERIES_STATE, .period_us = 1000000 },
};
static const struct series_info gauges[4] = {
	{ .kind = SERIES_GAUGE, .period_us = 1000000 },
	{ .kind = SERIES_GAUGE, .period_us = 1000000 },
	{ .kind = SERIES_GAUGE, .period_us = 1000000 },
	{ .kind = SERIES_GAUGE, .period_us = 1000000 },
};

static void push_all(struct op_rig *rig, double at_s, const double values[])
{
	for (unsigned i = 0; i < rig->n_inputs; i++)
		rig_push(rig, i, at_s, values[i]);
}

#define PUSH(rig, at_s, ...) push_all(rig, at_s, (const double[]){ __VA_ARGS__ })

static void two_of_three_states_outvote_the_third(void **state)
{
	struct op_rig *rig = rig_new("quorum", "", states, 3);

	(void)state;
	PUSH(rig, 0, 0, 0, 1);
	PUSH(rig, 1, 0, 1, 1);
	PUSH(rig, 2, 1, 0, 1);
	PUSH(rig, 3, 1, 1, 1);
	PUSH(rig, 4, 0, 0, 0);
	EXPECT(rig, 0, 1, 1, 1, 0);
	assert_int_equal(rig->output.kind, SERIES_STATE);
	rig_free(rig);
}

static void a_missing_state_matters_only_when_it_decides(void **state)
{
	struct op_rig *rig = rig_new("quorum", "2", states, 3);

	(void)state;
	PUSH(rig, 0, 1, 1, NAN); /* enough whatever the third says */
	PUSH(rig, 1, 0, NAN, 0); /* never enough */
	PUSH(rig, 2, 1, 0, NAN); /* it hangs on the third */
	PUSH(rig, 3, NAN, NAN, NAN);
	EXPECT(rig, 1, 0, NAN, NAN);
	rig_free(rig);
}

static void one_of_n_is_or_and_n_of_n_is_and(void **state)
{
	struct op_rig *any = rig_new("quorum", "1", states, 4), *all = rig_new("quorum", "4", states, 4);

	(void)state;
	PUSH(any, 0, 0, 0, 1, 0);
	PUSH(any, 1, 0, 0, 0, 0);
	PUSH(all, 0, 1, 1, 1, 1);
	PUSH(all, 1, 1, 0, 1, 1);
	EXPECT(any, 1, 0);
	EXPECT(all, 1, 0);
	rig_free(any);
	rig_free(all);
}

static void the_median_of_three_ignores_the_one_astray(void **state)
{
	struct op_rig *rig = rig_new("quorum", "", gauges, 3);

	(void)state;
	PUSH(rig, 0, 20, 20.5, 85);
	PUSH(rig, 1, -127, 20.5, 20);
	PUSH(rig, 2, 20, NAN, 21); /* two are enough: their mean */
	PUSH(rig, 3, 20, NAN, NAN);
	EXPECT(rig, 20.5, 20, 20.5, NAN);
	assert_string_equal(rig->output.unit->code, "Cel");
	rig_free(rig);
}

static void a_silent_sensor_delays_nothing_for_longer_than_a_tick(void **state)
{
	struct op_rig *rig = rig_new("quorum", "", states, 3);

	(void)state;
	PUSH(rig, 0, 1, 1, 1);
	rig_push(rig, 0, 1, 1);
	rig_push(rig, 1, 1, 1);
	EXPECT(rig, 1);
	rig_advance(rig, 1.75);
	EXPECT(rig, 1);
	rig_free(rig);
}

static void what_cannot_be_counted_together_is_refused(void **state)
{
	struct series_info mixed[2] = { states[0], gauges[0] };

	(void)state;
	assert_string_equal(rig_refusal("quorum", "", mixed, 2),
			    "input 2: expected all inputs to be states, or quantities of one unit");
	assert_string_equal(rig_refusal("quorum", "3", states, 2),
			    "need must be at most the number of inputs (2), found 3");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(two_of_three_states_outvote_the_third),
		cmocka_unit_test(a_missing_state_matters_only_when_it_decides),
		cmocka_unit_test(one_of_n_is_or_and_n_of_n_is_and),
		cmocka_unit_test(the_median_of_three_ignores_the_one_astray),
		cmocka_unit_test(a_silent_sensor_delays_nothing_for_longer_than_a_tick),
		cmocka_unit_test(what_cannot_be_counted_together_is_refused),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
