/* SPDX-License-Identifier: Apache-2.0 */
/* select: the value while a state holds, and the switch between inputs. */
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

static const struct series_info gated[2] = {
	{ .kind = SERIES_GAUGE, .period_us = 1000000 },
	{ .kind = SERIES_STATE },
};
static const struct series_info switched[3] = {
	{ .kind = SERIES_GAUGE, .period_us = 1000000 },
	{ .kind = SERIES_GAUGE, .period_us = 1000000 },
	{ .kind = SERIES_STATE },
};

static void the_value_passes_while_the_state_holds(void **state)
{
	struct op_rig *rig = rig_new("select", "", gated, 2), *inverse = rig_new("select", "0", gated, 2);

	(void)state;
	for (int t = 0; t < 4; t++) {
		if (t % 2 == 0) {
			rig_push(rig, 1, t, t == 2);
			rig_push(inverse, 1, t, t == 2);
		}
		rig_push(rig, 0, t + 0.1, 10 + t);
		rig_push(inverse, 0, t + 0.1, 10 + t);
	}
	EXPECT(rig, NAN, NAN, 12, 13);
	EXPECT(inverse, 10, 11, NAN, NAN);
	assert_int_equal(rig->output.kind, SERIES_GAUGE);
	assert_int_equal(rig->output.period_us, 1000000);
	rig_free(rig);
	rig_free(inverse);
}

static void the_last_input_says_which_one(void **state)
{
	struct op_rig *rig = rig_new("select", "", switched, 3);

	(void)state;
	for (int t = 0; t < 4; t++) {
		rig_push(rig, 2, t - 0.1, t > 1);
		rig_push(rig, 0, t, 10 + t);
		rig_push(rig, 1, t, t % 2 ? 20 + t : NAN); /* the one that is not selected may be missing */
	}
	EXPECT(rig, 10, 11, NAN, 23);
	rig_free(rig);
}

static void a_number_selects_among_many_and_what_names_none_is_a_gap(void **state)
{
	struct op_rig *rig = rig_new("select", "", gauges, 4);

	(void)state;
	for (int t = 0; t < 5; t++)
		PUSH(rig, t, 10, 20, 30, t - 1);
	PUSH(rig, 5, 10, 20, 30, 0.5);
	EXPECT(rig, NAN, 10, 20, 30, NAN, NAN);
	rig_free(rig);
}

static void what_cannot_select_is_refused(void **state)
{
	struct series_info mixed[3] = { gauges[0], states[0], states[1] };

	(void)state;
	assert_string_equal(rig_refusal("select", "", gauges, 2), "the last input must be a state");
	assert_string_equal(rig_refusal("select", "", mixed, 3),
			    "the inputs to select from must be of one kind and unit");
	assert_int_equal(rig_option_errors("select", "2"), 1);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_value_passes_while_the_state_holds),
		cmocka_unit_test(the_last_input_says_which_one),
		cmocka_unit_test(a_number_selects_among_many_and_what_names_none_is_a_gap),
		cmocka_unit_test(what_cannot_select_is_refused),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
