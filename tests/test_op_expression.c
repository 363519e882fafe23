/* SPDX-License-Identifier: Apache-2.0 */
/* expression: the language of KPIs over readings of the same time. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <math.h>

#include "base/unit.h"
#include "tests/op_rig.h"

static struct series_info gauge_in(const char *code)
{
	return (struct series_info){ .unit = unit_find(code), .kind = SERIES_GAUGE, .period_us = 1000000 };
}

static void two_resistors_in_parallel(void **state)
{
	struct series_info inputs[2] = { gauge_in("Ohm"), gauge_in("Ohm") };
	struct op_rig *rig = rig_new("expression", "expression=a*b/(a+b) unit=Ohm", inputs, 2);

	(void)state;
	rig_push(rig, 0, 0, 6);
	rig_push(rig, 1, 0.01, 3);
	rig_push(rig, 1, 1, 0);
	rig_push(rig, 0, 1, 0); /* 0 / 0 */
	EXPECT(rig, 2, NAN);
	assert_string_equal(rig->output.unit->code, "Ohm");
	rig_free(rig);
}

static void one_input_is_enough(void **state)
{
	struct op_rig *rig = rig_new("expression", "expression=1.8*a+32 unit=K", NULL, 0);

	(void)state;
	rig_push(rig, 0, 0, -40);
	rig_push(rig, 0, 1, 100);
	rig_push(rig, 0, 2, NAN);
	EXPECT(rig, -40, 212, NAN); /* degrees Fahrenheit, whatever the unit says */
	rig_free(rig);
}

static void the_unit_follows_from_the_arithmetic(void **state)
{
	struct series_info inputs[2] = { gauge_in("V"), gauge_in("V") };
	struct op_rig *difference = rig_new("expression", "a-b", inputs, 2);
	struct op_rig *share = rig_new("expression", "a/b", inputs, 2);

	(void)state;
	assert_string_equal(difference->output.unit->code, "V");
	assert_string_equal(share->output.unit->code, "1");
	rig_free(difference);
	rig_free(share);
}

static void a_condition_makes_a_state(void **state)
{
	struct series_info inputs[2] = { rig_gauge, rig_gauge };
	struct op_rig *rig = rig_new("expression", "expression=(a>28)-(b>5) state=yes", inputs, 2);

	(void)state;
	for (int t = 0; t < 4; t++) {
		rig_push(rig, 0, t, t & 1 ? 30 : 20);
		rig_push(rig, 1, t, t & 2 ? 10 : 0);
	}
	EXPECT(rig, 0, 1, 1, 0); /* any number but 0 is true */
	assert_int_equal(rig->output.kind, SERIES_STATE);
	rig_free(rig);
}

static void only_the_branch_that_is_taken_must_be_there(void **state)
{
	struct series_info inputs[3] = { rig_gauge, rig_gauge, rig_gauge };
	struct op_rig *rig = rig_new("expression", "if(a>0,b,c)", inputs, 3);

	(void)state;
	for (int t = 0; t < 2; t++) {
		rig_push(rig, 0, t, t ? 1 : -1);
		rig_push(rig, 1, t, t ? 5 : NAN);
		rig_push(rig, 2, t, t ? NAN : 7);
	}
	EXPECT(rig, 7, 5);
	rig_free(rig);
}

static void names_and_numbers_that_do_not_fit_are_refused(void **state)
{
	(void)state;
	assert_string_equal(rig_refusal("expression", "a+b", NULL, 0), "column 3: no variable 'b', expected one of a");
	assert_string_equal(rig_refusal("expression", "mean(a)", NULL, 0),
			    "column 1: mean() is of a window and for KPIs, expected a variable or a function");
	assert_string_equal(rig_refusal("expression", "expression=t names=t", NULL, 0), "");
	assert_string_equal(rig_refusal("expression", "expression=t names=1t", NULL, 0),
			    "name '1t' must be letters, digits and _ behind a letter");
	assert_string_equal(rig_refusal("expression", "exp(a)", NULL, 0),
			    "unit is needed: it does not follow from those of the inputs");
	assert_int_equal(rig_option_errors("expression", ""), 1);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(two_resistors_in_parallel),
		cmocka_unit_test(one_input_is_enough),
		cmocka_unit_test(the_unit_follows_from_the_arithmetic),
		cmocka_unit_test(a_condition_makes_a_state),
		cmocka_unit_test(only_the_branch_that_is_taken_must_be_there),
		cmocka_unit_test(names_and_numbers_that_do_not_fit_are_refused),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
