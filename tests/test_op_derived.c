/* SPDX-License-Identifier: Apache-2.0 */
/* dew_point, absolute_humidity, heat_index and sea_level_pressure. Expected values: the saturation pressure of Hyland and Wexler (ASHRAE Handbook, Fundamentals) in python3, the NWS heat index chart, ISO 2533. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <math.h>

#include "base/unit.h"
#include "tests/op_rig.h"

static struct op_rig *rig_of(const char *name, const char *options, const char *unit1, const char *unit2)
{
	const struct series_info inputs[2] = {
		{ .kind = SERIES_GAUGE, .period_us = 1000000, .unit = unit_find(unit1) },
		{ .kind = SERIES_GAUGE, .period_us = 1000000, .unit = unit2 ? unit_find(unit2) : NULL },
	};

	return rig_new(name, options, inputs, unit2 ? 2 : 1);
}

static double result(const char *name, const char *unit1, double x1, const char *unit2, double x2)
{
	struct op_rig *rig = rig_of(name, "", unit1, unit2);
	double y;

	rig_push(rig, 0, 1, x1);
	rig_push(rig, 1, 1, x2);
	assert_int_equal(rig->n_out, 1);
	y = rig->out[0].value;
	rig_free(rig);
	return y;
}

static void assert_near(double found, double expected, double tolerance)
{
	if (!(fabs(found - expected) <= tolerance))
		fail_msg("found %.17g, expected %.17g", found, expected);
}

static void dew_points_agree_with_the_psychrometric_tables(void **state)
{
	(void)state;
	assert_near(result("dew_point", "Cel", 20, "%", 50), 9.272, 0.03);
	assert_near(result("dew_point", "Cel", 25, "%", 60), 16.701, 0.03);
	assert_near(result("dew_point", "Cel", -10, "%", 80), -12.792, 0.03);
	assert_near(result("dew_point", "Cel", 35, "%", 20), 8.707, 0.03);
	assert_near(result("dew_point", "Cel", 0, "%", 100), 0, 1e-13);
	assert_near(result("dew_point", "Cel", 33.3, "%", 100), 33.3, 1e-13);
}

static void the_inputs_may_come_in_any_order_and_unit(void **state)
{
	struct op_rig *rig = rig_of("dew_point", "", "%", "[degF]");

	(void)state;
	assert_string_equal(rig->output.unit->code, "[degF]");
	rig_push(rig, 0, 1, 50);
	rig_push(rig, 1, 1, 68);
	assert_near(rig->out[0].value, 9.272 * 1.8 + 32, 0.05);
	rig_free(rig);
	assert_near(result("dew_point", "K", 293.15, "%", 50), 282.422, 0.03);
}

static void water_in_the_air_is_weighed(void **state)
{
	struct op_rig *rig = rig_of("absolute_humidity", "", "Cel", "%");

	(void)state;
	assert_string_equal(rig->output.unit->code, "g/m3");
	rig_free(rig);
	assert_near(result("absolute_humidity", "Cel", 20, "%", 50), 8.6437, 0.003 * 8.6);
	assert_near(result("absolute_humidity", "Cel", 25, "%", 60), 13.8196, 0.003 * 13.8);
	assert_near(result("absolute_humidity", "Cel", -10, "%", 80), 1.8877, 0.005);
	assert_near(result("absolute_humidity", "Cel", 35, "%", 20), 7.9147, 0.003 * 7.9);
}

/* The regression is said to be within 1.3 degF of the table. */
static void heat_agrees_with_the_chart_of_the_weather_service(void **state)
{
	static const double chart[][3] = { { 80, 40, 80 },   { 90, 40, 91 },   { 90, 70, 105 }, { 90, 90, 122 },
					   { 100, 50, 118 }, { 104, 40, 119 }, { 84, 85, 96 },	{ 110, 40, 136 } };

	(void)state;
	for (size_t i = 0; i < sizeof(chart) / sizeof(chart[0]); i++)
		assert_near(result("heat_index", "[degF]", chart[i][0], "%", chart[i][1]), chart[i][2], 1.3);
	assert_near(result("heat_index", "Cel", 32.222222, "%", 70), (105 - 32) / 1.8, 1.3 / 1.8);
	/* 15 degC and 50 %: 0.5 (59 + 0.5 (59 + 61 - 10.8 + 4.7)) = 57.975 degF */
	assert_near(result("heat_index", "Cel", 15, "%", 50), (57.975 - 32) / 1.8, 1e-12);
}

static void what_air_can_not_be_is_a_gap(void **state)
{
	static const char *const names[] = { "dew_point", "absolute_humidity", "heat_index" };

	(void)state;
	for (int i = 0; i < 3; i++) {
		assert_true(isnan(result(names[i], "Cel", 20, "%", 0)));
		assert_true(isnan(result(names[i], "Cel", 20, "%", -5)));
		assert_true(isnan(result(names[i], "Cel", -243.12, "%", 50)));
		assert_true(isnan(result(names[i], "Cel", 1e300, "%", 50)));
		assert_true(isnan(result(names[i], "Cel", NAN, "%", 50)));
		assert_true(isnan(result(names[i], "Cel", 20, "%", INFINITY)));
		assert_true(result(names[i], "Cel", 20, "%", 103) == result(names[i], "Cel", 20, "%", 100));
		assert_false(isnan(result(names[i], "Cel", 20, "%", 1e-300)));
	}
}

static void other_quantities_are_refused(void **state)
{
	const struct series_info two[2] = { rig_gauge, rig_gauge };

	(void)state;
	assert_string_equal(rig_refusal("dew_point", "", two, 2),
			    "expected a temperature (Cel, K or [degF]) and a relative humidity (%), found Cel and Cel");
	assert_string_equal(rig_refusal("sea_level_pressure", "100", two, 2),
			    "expected a pressure, and perhaps a temperature after it, found Cel and Cel");
	assert_int_equal(rig_option_errors("sea_level_pressure", ""), 1);
}

/* ISO 2533: 954.61, 898.75 and 794.95 hPa at 500, 1000 and 2000 m. */
static void the_standard_atmosphere_has_1013_hpa_at_sea_level(void **state)
{
	static const struct {
		const char *altitude;
		double hpa;
	} rows[] = { { "500", 954.61 }, { "1000", 898.75 }, { "2000", 794.95 } };

	(void)state;
	for (size_t i = 0; i < 3; i++) {
		struct op_rig *rig = rig_of("sea_level_pressure", rows[i].altitude, "hPa", NULL);

		rig_push(rig, 0, 1, rows[i].hpa);
		assert_near(rig->out[0].value, 1013.25, 0.01);
		rig_free(rig);
	}
}

static void a_temperature_replaces_that_of_the_standard_atmosphere(void **state)
{
	struct op_rig *rig = rig_of("sea_level_pressure", "1000", "kPa", "Cel");

	(void)state;
	rig_push(rig, 0, 1, 89.875);
	rig_push(rig, 1, 1, 8.5); /* 15 - 6.5: the standard one at 1000 m */
	rig_push(rig, 0, 2, 89.875);
	rig_push(rig, 1, 2, -20); /* cold air is heavy */
	rig_push(rig, 0, 3, 89.875);
	rig_push(rig, 1, 3, 1e300);
	assert_near(rig->out[0].value, 101.325, 0.001);
	/* 89.875 (1 - 6.5 / 259.65)^-5.25588 */
	assert_near(rig->out[1].value, 102.68529, 0.0001);
	assert_true(isnan(rig->out[2].value));
	assert_string_equal(rig->output.unit->code, "kPa");
	rig_push(rig, 0, 4, 89.875);
	assert_int_equal(rig->n_out, 3);
	rig_advance(rig, 5);
	assert_int_equal(rig->n_out, 4);
	rig_free(rig);
}

static void at_sea_level_nothing_changes(void **state)
{
	struct op_rig *rig = rig_of("sea_level_pressure", "0", "hPa", NULL);

	(void)state;
	rig_push(rig, 0, 1, 1000);
	rig_push(rig, 0, 2, NAN);
	EXPECT(rig, 1000, NAN);
	rig_free(rig);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(dew_points_agree_with_the_psychrometric_tables),
		cmocka_unit_test(the_inputs_may_come_in_any_order_and_unit),
		cmocka_unit_test(water_in_the_air_is_weighed),
		cmocka_unit_test(heat_agrees_with_the_chart_of_the_weather_service),
		cmocka_unit_test(what_air_can_not_be_is_a_gap),
		cmocka_unit_test(other_quantities_are_refused),
		cmocka_unit_test(the_standard_atmosphere_has_1013_hpa_at_sea_level),
		cmocka_unit_test(a_temperature_replaces_that_of_the_standard_atmosphere),
		cmocka_unit_test(at_sea_level_nothing_changes),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
