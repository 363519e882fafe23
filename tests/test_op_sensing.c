/* SPDX-License-Identifier: Apache-2.0 */
/* calibrate, ntc and loop_4_20ma: from what an input reads to what was measured. Expected values by hand or by python3 in 40 digits. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <math.h>

#include "base/unit.h"
#include "tests/op_rig.h"

static const struct series_info counter = { .kind = SERIES_COUNTER };

static void push_all(struct op_rig *rig, const double values[], size_t n)
{
	for (size_t i = 0; i < n; i++)
		rig_push(rig, 0, (double)i, values[i]);
}

#define PUSH(rig, ...) push_all(rig, (const double[]){ __VA_ARGS__ }, sizeof((const double[]){ __VA_ARGS__ }) / 8)

static void assert_near(double found, double expected, double tolerance)
{
	if (!(fabs(found - expected) <= tolerance))
		fail_msg("found %.17g, expected %.17g", found, expected);
}

static void two_points_are_met_exactly(void **state)
{
	struct op_rig *rig = rig_new("calibrate", "[[98.7,100],[0.3,0]]", NULL, 0);

	(void)state;
	PUSH(rig, 0.3, 98.7, 49.5, NAN, -INFINITY);
	assert_near(rig->out[2].value, 50, 1e-13);
	rig->out[2].value = 50;
	EXPECT(rig, 0, 100, 50, NAN, NAN);
	rig_free(rig);
}

/* Ordinary least squares by python3: statistics.linear_regression gives 1.99 x + 1.04. */
static void more_points_give_the_line_of_least_squares(void **state)
{
	struct op_rig *rig = rig_new("calibrate", "points=[[0,1.1],[1,2.9],[2,5.2],[3,6.8],[4,9.1]] unit=bar", NULL, 0);

	(void)state;
	PUSH(rig, 0, 10, -1);
	assert_near(rig->out[0].value, 1.04, 1e-14);
	assert_near(rig->out[1].value, 20.94, 1e-13);
	assert_near(rig->out[2].value, -0.95, 1e-14);
	assert_string_equal(rig->output.unit->code, "bar");
	rig_free(rig);
}

static void a_large_offset_does_not_blur_the_line(void **state)
{
	struct op_rig *rig = rig_new("calibrate", "[[1e9,1],[1000000001,2],[1000000002,3]]", NULL, 0);

	(void)state;
	PUSH(rig, 1000000003);
	EXPECT(rig, 4);
	rig_free(rig);
}

/* y = 2 - x + 3 x^2 at four points; a parabola through them is that one. */
static void a_polynomial_is_found_again(void **state)
{
	struct op_rig *rig = rig_new("calibrate", "points=[[-1,6],[0,2],[1,4],[2,12]] method=polynomial", NULL, 0);
	struct op_rig *cubic =
		rig_new("calibrate", "points=[[1,1],[2,8],[3,27],[4,64],[5,125]] method=polynomial degree=3", NULL, 0);

	(void)state;
	PUSH(rig, 3, 0.5, 10);
	assert_near(rig->out[0].value, 26, 1e-13);
	assert_near(rig->out[1].value, 2.25, 1e-13);
	assert_near(rig->out[2].value, 292, 1e-11);
	rig_free(rig);
	PUSH(cubic, 6, 0);
	assert_near(cubic->out[0].value, 216, 1e-11);
	assert_near(cubic->out[1].value, 0, 1e-11);
	rig_free(cubic);
}

static void pieces_go_from_point_to_point(void **state)
{
	struct op_rig *rig = rig_new("calibrate", "points=[[0,0],[10,100],[20,100],[30,0]] method=piecewise", NULL, 0);

	(void)state;
	PUSH(rig, 0, 5, 10, 15, 20, 25, 30, 40, -1);
	EXPECT(rig, 0, 50, 100, 100, 100, 50, 0, -100, -10);
	rig_free(rig);
}

static void beyond_the_points_the_value_holds_or_is_a_gap(void **state)
{
	struct op_rig *hold = rig_new("calibrate", "points=[[0,0],[10,100]] beyond=clamp", NULL, 0);
	struct op_rig *gap =
		rig_new("calibrate", "points=[[0,0],[10,100],[20,150]] method=piecewise beyond=gap", NULL, 0);

	(void)state;
	PUSH(hold, -1e300, 5, 11);
	EXPECT(hold, 0, 50, 100);
	PUSH(gap, -0.001, 0, 20, 20.001);
	EXPECT(gap, NAN, 0, 150, NAN);
	rig_free(hold);
	rig_free(gap);
}

static void coefficients_start_with_the_constant(void **state)
{
	struct op_rig *rig = rig_new("calibrate", "coefficients=[1,-2,0.5]", NULL, 0);

	(void)state;
	PUSH(rig, 0, 2, 10, 1e200);
	EXPECT(rig, 1, -1, 31, NAN);
	rig_free(rig);
}

static void calibrations_that_make_no_sense_are_refused(void **state)
{
	(void)state;
	assert_string_equal(rig_refusal("calibrate", "", NULL, 0),
			    "expected one of points and coefficients, found neither");
	assert_string_equal(rig_refusal("calibrate", "points=[[0,1],[1,2]] coefficients=[1]", NULL, 0),
			    "expected one of points and coefficients, found both");
	assert_string_equal(rig_refusal("calibrate", "[[0,1],[1,2],[0,3]]", NULL, 0),
			    "two points say what is read as 0");
	assert_string_equal(rig_refusal("calibrate", "points=[[0,1],[1,2],[2,3]] method=polynomial degree=3", NULL, 0),
			    "a polynomial of degree 3 needs 4 points, found 3");
	assert_string_equal(rig_refusal("calibrate", "coefficients=[1] beyond=gap", NULL, 0),
			    "method and beyond go with points, not with coefficients");
	assert_string_equal(rig_refusal("calibrate", "[[0,0],[1,2]]", &counter, 1),
			    "a counter restarts from 0, which must stay 0; use scale with a factor");
	assert_int_equal(rig_option_errors("calibrate", "[[0,1]]"), 1);
}

static struct op_rig *thermistor(const char *options, const char *unit)
{
	const struct series_info input = { .kind = SERIES_GAUGE, .unit = unit_find(unit) };

	return rig_new("ntc", options, &input, 1);
}

/* The three points solved by Cramer's rule in 40 digits: 44.60332468757934 and 7.3196046868832953. */
static void three_points_make_the_curve_of_a_thermistor(void **state)
{
	struct op_rig *rig = thermistor("points=[[25,10000],[0,27219],[15,14674]]", "Ohm");

	(void)state;
	PUSH(rig, 10000, 27219, 14674, 5000, 20000);
	assert_near(rig->out[0].value, 25, 1e-10);
	assert_near(rig->out[1].value, 0, 1e-10);
	assert_near(rig->out[2].value, 15, 1e-10);
	assert_near(rig->out[3].value, 44.60332468757934, 1e-10);
	assert_near(rig->out[4].value, 7.3196046868832953, 1e-10);
	assert_string_equal(rig->output.unit->code, "Cel");
	rig_free(rig);
}

static void beta_is_the_curve_without_its_third_term(void **state)
{
	struct op_rig *rig = thermistor("3950", "kOhm");

	(void)state;
	PUSH(rig, 10, 1, 32.65, 0, -1, NAN, 1e300, 4.9e-324);
	assert_near(rig->out[0].value, 25, 1e-12);
	assert_near(rig->out[1].value, 87.71967429595793, 1e-11);
	assert_near(rig->out[2].value, 0.5544572363143061, 1e-11);
	for (int i = 3; i < 6; i++)
		assert_true(isnan(rig->out[i].value));
	rig_free(rig);
}

static void coefficients_of_a_thermistor_are_taken_as_they_are(void **state)
{
	struct op_rig *rig =
		thermistor("coefficients=[0.0008407919494249988,0.0002584565344993961,1.6990786404368705e-07]", "Ohm");

	(void)state;
	PUSH(rig, 5000);
	assert_near(rig->out[0].value, 44.60332468757934, 1e-9);
	rig_free(rig);
}

static void a_thermistor_needs_ohms_and_one_curve(void **state)
{
	const struct series_info ohm = { .kind = SERIES_GAUGE, .unit = unit_find("Ohm") };

	(void)state;
	assert_string_equal(rig_refusal("ntc", "3950", NULL, 0), "expected a resistance in Ohm or kOhm, found Cel");
	assert_string_equal(rig_refusal("ntc", "", &ohm, 1), "expected one of beta, points and coefficients");
	assert_string_equal(rig_refusal("ntc", "points=[[0,1],[1,2],[2,2]]", &ohm, 1),
			    "the resistances of the three points must differ");
	assert_string_equal(rig_refusal("ntc", "points=[[0,1],[1,-2],[2,2]]", &ohm, 1),
			    "point 2: expected [Cel, Ohm] with a temperature above -273.15 and a resistance above 0");
	assert_int_equal(rig_option_errors("ntc", "points=[[0,1],[1,2]]"), 1);
}

static struct op_rig *loop(const char *options, const char *unit)
{
	const struct series_info input = { .kind = SERIES_GAUGE, .unit = unit_find(unit) };

	return rig_new("loop_4_20ma", options, &input, 1);
}

static void four_and_twenty_milliamperes_are_the_ends(void **state)
{
	struct op_rig *rig = loop("low=-50 high=150 unit=Cel", "mA"), *ampere = loop("low=0 high=10 unit=bar", "A");

	(void)state;
	PUSH(rig, 4, 20, 12, 3.8, 20.5);
	assert_near(rig->out[3].value, -52.5, 1e-12);
	rig->out[3].value = -52.5;
	EXPECT(rig, -50, 150, 50, -52.5, 156.25);
	assert_string_equal(rig->output.unit->code, "Cel");
	PUSH(ampere, 0.012);
	EXPECT(ampere, 5);
	rig_free(rig);
	rig_free(ampere);
}

static void a_fault_of_the_loop_is_a_gap(void **state)
{
	struct op_rig *rig = loop("low=0 high=16 unit=bar", "mA");

	(void)state;
	PUSH(rig, 3.6, 0, -1, 21, 1e300, NAN, 8);
	EXPECT(rig, NAN, NAN, NAN, NAN, NAN, NAN, 4);
	rig_free(rig);
	assert_string_equal(rig_refusal("loop_4_20ma", "low=0 high=16 unit=bar", NULL, 0),
			    "expected a current in mA or A, found Cel");
	assert_int_equal(rig_option_errors("loop_4_20ma", ""), 3);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(two_points_are_met_exactly),
		cmocka_unit_test(more_points_give_the_line_of_least_squares),
		cmocka_unit_test(a_large_offset_does_not_blur_the_line),
		cmocka_unit_test(a_polynomial_is_found_again),
		cmocka_unit_test(pieces_go_from_point_to_point),
		cmocka_unit_test(beyond_the_points_the_value_holds_or_is_a_gap),
		cmocka_unit_test(coefficients_start_with_the_constant),
		cmocka_unit_test(calibrations_that_make_no_sense_are_refused),
		cmocka_unit_test(three_points_make_the_curve_of_a_thermistor),
		cmocka_unit_test(beta_is_the_curve_without_its_third_term),
		cmocka_unit_test(coefficients_of_a_thermistor_are_taken_as_they_are),
		cmocka_unit_test(a_thermistor_needs_ohms_and_one_curve),
		cmocka_unit_test(four_and_twenty_milliamperes_are_the_ends),
		cmocka_unit_test(a_fault_of_the_loop_is_a_gap),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
