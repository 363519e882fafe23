/* SPDX-License-Identifier: Apache-2.0 */
/* offset, absolute, invert, clamp, range, round, log and map: operators that look at one value alone. Expected values by hand or by python3. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <math.h>

#include "base/unit.h"
#include "tests/op_rig.h"

static const struct series_info counter = { .kind = SERIES_COUNTER };
static const struct series_info door = { .kind = SERIES_STATE };

static void push_all(struct op_rig *rig, const double values[], size_t n)
{
	for (size_t i = 0; i < n; i++)
		rig_push(rig, 0, (double)i, values[i]);
}

#define PUSH(rig, ...) push_all(rig, (const double[]){ __VA_ARGS__ }, sizeof((const double[]){ __VA_ARGS__ }) / 8)

static enum series_kind kind_of(const char *name, const char *options, const struct series_info *input)
{
	struct op_rig *rig = rig_new(name, options, input, 1);
	enum series_kind kind = rig->output.kind;

	rig_free(rig);
	return kind;
}

static void an_offset_is_added(void **state)
{
	struct op_rig *rig = rig_new("offset", "-0.5", NULL, 0);

	(void)state;
	PUSH(rig, 1, NAN, -1e300, INFINITY);
	EXPECT(rig, 0.5, NAN, -1e300, NAN);
	assert_string_equal(rig->output.unit->code, "Cel");
	rig_free(rig);
	rig = rig_new("offset", "1e100", NULL, 0);
	PUSH(rig, 1.7976931348623157e308);
	EXPECT(rig, 1.7976931348623157e308);
	rig_free(rig);
	assert_int_equal(kind_of("offset", "0", &door), SERIES_STATE);
	assert_int_equal(kind_of("offset", "1", &door), SERIES_GAUGE);
	assert_string_equal(rig_refusal("offset", "1", &counter, 1),
			    "a counter restarts from 0 and can have no offset");
	assert_int_equal(rig_option_errors("offset", ""), 1);
}

static void absolute_takes_the_sign_away(void **state)
{
	struct op_rig *rig = rig_new("absolute", "", NULL, 0);

	(void)state;
	PUSH(rig, -3, 3, -0.0, -4.9e-324, -INFINITY);
	assert_false(signbit(rig->out[2].value));
	EXPECT(rig, 3, 3, 0, 4.9e-324, NAN);
	rig_free(rig);
	assert_int_equal(kind_of("absolute", "", &door), SERIES_STATE);
	assert_string_equal(rig_refusal("absolute", "", &counter, 1),
			    "a counter is never negative; expected a measured quantity");
}

static void invert_turns_a_state_round(void **state)
{
	struct op_rig *rig = rig_new("invert", "", &door, 1);

	(void)state;
	PUSH(rig, 0, 1, -0.0, 2, NAN, INFINITY);
	EXPECT(rig, 1, 0, 1, 0, NAN, NAN);
	assert_int_equal(rig->output.kind, SERIES_STATE);
	rig_free(rig);
	assert_string_equal(rig_refusal("invert", "", NULL, 0),
			    "takes a state (0 or 1); a quantity changes its sign by `scale: -1`");
}

static void clamp_keeps_between_the_bounds(void **state)
{
	struct op_rig *rig = rig_new("clamp", "min=0 max=100", NULL, 0);

	(void)state;
	PUSH(rig, -1, 0, 50, 100, 100.5, 1e300, -1e300, INFINITY, NAN);
	EXPECT(rig, 0, 0, 50, 100, 100, 100, 0, NAN, NAN);
	rig_free(rig);
	rig = rig_new("clamp", "max=10", NULL, 0);
	PUSH(rig, -1e300, 11);
	EXPECT(rig, -1e300, 10);
	rig_free(rig);
	assert_int_equal(kind_of("clamp", "min=0 max=1", &door), SERIES_STATE);
	assert_int_equal(kind_of("clamp", "min=0.1", &door), SERIES_GAUGE);
	assert_string_equal(rig_refusal("clamp", "", NULL, 0), "expected min, max or both, found neither");
	assert_string_equal(rig_refusal("clamp", "min=2 max=1", NULL, 0), "min must not be above max");
	assert_string_equal(rig_refusal("clamp", "max=1", &counter, 1),
			    "a counter can not be clamped: it would seem to stand still");
}

static void outside_of_the_range_is_a_gap(void **state)
{
	struct op_rig *rig = rig_new("range", "min=-40 max=85", NULL, 0);

	(void)state;
	PUSH(rig, -40, 85, -40.001, 85.001, 20, 1e300, NAN, -INFINITY);
	EXPECT(rig, -40, 85, NAN, NAN, 20, NAN, NAN, NAN);
	rig_push_lost(rig, 0, 9, 100, 4);
	assert_int_equal(rig->out[0].lost, 4);
	rig_free(rig);
	assert_int_equal(kind_of("range", "min=0", &counter), SERIES_COUNTER);
	assert_string_equal(rig_refusal("range", "", NULL, 0), "expected min, max or both, found neither");
	assert_string_equal(rig_refusal("range", "min=2 max=1", NULL, 0), "min must not be above max");
}

static void digits_are_counted_from_the_point(void **state)
{
	struct op_rig *rig = rig_new("round", "1", NULL, 0);

	(void)state;
	PUSH(rig, 21.449, 21.45, 21.25, -21.25, 1e300, 4.9e-324, NAN, INFINITY);
	EXPECT(rig, 21.4, 21.5, 21.3, -21.3, 1e300, 0, NAN, NAN);
	rig_free(rig);
	rig = rig_new("round", "-2", NULL, 0);
	PUSH(rig, 149, 150, -150, 12345);
	EXPECT(rig, 100, 200, -200, 12300);
	rig_free(rig);
	rig = rig_new("round", "", NULL, 0);
	PUSH(rig, 0.5, -0.5, 1.4, 4503599627370497);
	EXPECT(rig, 1, -1, 1, 4503599627370497);
	rig_free(rig);
	rig = rig_new("round", "15", NULL, 0);
	PUSH(rig, 1.0000000000000002, 1e300); /* 1e315 overflows: it has no such digits */
	EXPECT(rig, 1, 1e300);
	rig_free(rig);
}

static void a_step_is_counted_down_up_or_to_the_nearest(void **state)
{
	struct op_rig *nearest = rig_new("round", "step=0.25", NULL, 0);
	struct op_rig *down = rig_new("round", "step=5 mode=down", NULL, 0);
	struct op_rig *up = rig_new("round", "step=5 mode=up", NULL, 0);

	(void)state;
	PUSH(nearest, 1.1, 1.125, 1.374, -1.125);
	EXPECT(nearest, 1, 1.25, 1.25, -1.25);
	PUSH(down, 9.99, 10, -0.1);
	EXPECT(down, 5, 10, -5);
	PUSH(up, 9.99, 10, -0.1);
	EXPECT(up, 10, 10, 0);
	rig_free(nearest);
	rig_free(down);
	rig_free(up);
	assert_int_equal(kind_of("round", "step=10", &counter), SERIES_COUNTER);
	assert_int_equal(kind_of("round", "step=10", &door), SERIES_GAUGE);
	assert_int_equal(kind_of("round", "2", &door), SERIES_STATE);
	assert_string_equal(rig_refusal("round", "digits=1 step=2", NULL, 0), "expected digits or step, found both");
	assert_int_equal(rig_option_errors("round", "step=0"), 1);
}

static void whole_powers_have_whole_logarithms(void **state)
{
	struct op_rig *ten = rig_new("log", "10", NULL, 0), *two = rig_new("log", "2", NULL, 0);

	(void)state;
	PUSH(ten, 1, 10, 1000, 1e22, 0.001, 1e-9);
	EXPECT(ten, 0, 1, 3, 22, -3, -9);
	PUSH(two, 1, 8, 0.125, 4.9406564584124654e-324);
	EXPECT(two, 0, 3, -3, -1074);
	rig_free(ten);
	rig_free(two);
}

static void logarithms_agree_with_tables(void **state)
{
	struct op_rig *rig = rig_new("log", "e", NULL, 0);

	(void)state;
	PUSH(rig, 2, 10, 0.5, 1e300);
	/* Abramowitz & Stegun, table 4.2 and 300 * ln 10 */
	assert_true(fabs(rig->out[0].value - 0.6931471805599453) < 1e-15);
	assert_true(fabs(rig->out[1].value - 2.302585092994046) < 4e-15);
	assert_true(fabs(rig->out[2].value + 0.6931471805599453) < 1e-15);
	assert_true(fabs(rig->out[3].value - 690.7755278982137) < 2e-13);
	assert_string_equal(rig->output.unit->code, "1");
	rig_free(rig);
}

static void what_is_not_above_zero_has_no_logarithm(void **state)
{
	struct op_rig *rig = rig_new("log", "base=10 unit=dB", NULL, 0);

	(void)state;
	PUSH(rig, 0, -0.0, -1, NAN, INFINITY, 1);
	EXPECT(rig, NAN, NAN, NAN, NAN, NAN, 0);
	assert_string_equal(rig->output.unit->code, "dB");
	rig_free(rig);
	assert_string_equal(rig_refusal("log", "", &door, 1), "a logarithm is of a measured quantity, not of a state");
	assert_int_equal(rig_option_errors("log", "3"), 1);
}

static void a_map_finds_its_numbers_and_no_others(void **state)
{
	struct op_rig *rig = rig_new("map", "[[2,50],[0,10],[1,25]]", NULL, 0);

	(void)state;
	PUSH(rig, 0, 1, 2, 3, 0.5, NAN, -0.0);
	EXPECT(rig, 10, 25, 50, NAN, NAN, NAN, 10);
	assert_string_equal(rig->output.unit->code, "1");
	rig_free(rig);
	rig = rig_new("map", "pairs=[[0,10]] otherwise=-1 unit=L", NULL, 0);
	PUSH(rig, 0, 7, NAN);
	EXPECT(rig, 10, -1, NAN);
	assert_string_equal(rig->output.unit->code, "L");
	rig_free(rig);
}

static void a_map_to_0_and_1_is_a_state(void **state)
{
	(void)state;
	assert_int_equal(kind_of("map", "[[3,1],[4,0]]", NULL), SERIES_STATE);
	assert_int_equal(kind_of("map", "pairs=[[3,1]] otherwise=0", NULL), SERIES_STATE);
	assert_int_equal(kind_of("map", "pairs=[[3,1]] otherwise=2", NULL), SERIES_GAUGE);
	assert_int_equal(kind_of("map", "[[3,1],[4,2]]", &counter), SERIES_GAUGE);
	assert_string_equal(rig_refusal("map", "[[3,1],[4,0],[3,2]]", NULL, 0), "3 is in the table twice");
	assert_int_equal(rig_option_errors("map", "5"), 1);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(an_offset_is_added),
		cmocka_unit_test(absolute_takes_the_sign_away),
		cmocka_unit_test(invert_turns_a_state_round),
		cmocka_unit_test(clamp_keeps_between_the_bounds),
		cmocka_unit_test(outside_of_the_range_is_a_gap),
		cmocka_unit_test(digits_are_counted_from_the_point),
		cmocka_unit_test(a_step_is_counted_down_up_or_to_the_nearest),
		cmocka_unit_test(whole_powers_have_whole_logarithms),
		cmocka_unit_test(logarithms_agree_with_tables),
		cmocka_unit_test(what_is_not_above_zero_has_no_logarithm),
		cmocka_unit_test(a_map_finds_its_numbers_and_no_others),
		cmocka_unit_test(a_map_to_0_and_1_is_a_state),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
