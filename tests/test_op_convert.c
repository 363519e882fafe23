/* SPDX-License-Identifier: Apache-2.0 */
/* convert: known values of the definitions, exactness, and what can not become what. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <math.h>
#include <stdio.h>

#include "base/unit.h"
#include "tests/op_rig.h"

static double converted(const char *from, const char *to, double x)
{
	struct series_info input = { .kind = SERIES_GAUGE, .unit = unit_find(from) };
	char options[40];
	struct op_rig *rig;
	double y;

	snprintf(options, sizeof(options), "to=%s", to);
	rig = rig_new("convert", options, &input, 1);
	rig_push(rig, 0, 0, x);
	assert_int_equal(rig->n_out, 1);
	assert_string_equal(rig->output.unit->code, to);
	y = rig->out[0].value;
	rig_free(rig);
	return y;
}

static void temperatures_have_zeros_of_their_own(void **state)
{
	(void)state;
	assert_true(converted("Cel", "[degF]", 100) == 212);
	assert_true(converted("Cel", "[degF]", -40) == -40);
	assert_true(converted("[degF]", "Cel", 32) == 0);
	assert_true(fabs(converted("[degF]", "Cel", 98.6) - 37) < 1e-14);
	assert_true(converted("Cel", "K", 0) == 273.15);
	assert_true(converted("K", "Cel", 273.15) == 0);
	assert_true(fabs(converted("K", "[degF]", 373.15) - 212) < 1e-13);
}

/* A factor of 10 or of 1/10 rounds once: 1013.25 hPa is the double nearest to 1.01325 bar. */
static void decimal_factors_give_the_nearest_number(void **state)
{
	(void)state;
	assert_true(converted("hPa", "bar", 1013.25) == 1.01325);
	assert_true(converted("hPa", "Pa", 1013.25) == 101325);
	assert_true(converted("Pa", "hPa", 101325) == 1013.25);
	assert_true(converted("hPa", "kPa", 1013.25) == 101.325);
	assert_true(converted("L", "m3", 0.1) == 0.0001);
	assert_true(converted("mA", "A", 20.9) == 0.0209);
	assert_true(converted("um", "km", 1e9) == 1);
	assert_true(converted("%", "1", 55) == 0.55);
	assert_true(converted("[ppm]", "[ppb]", 1.5) == 1500);
}

static void other_factors_are_those_of_the_definitions(void **state)
{
	(void)state;
	assert_true(converted("km/h", "m/s", 36) == 10);
	assert_true(converted("m/s", "km/h", 10) == 36);
	assert_true(converted("kW.h", "J", 1) == 3.6e6);
	assert_true(converted("[g]", "m/s2", 1) == 9.80665);
	assert_true(converted("Hz", "/min", 50) == 3000);
	assert_true(converted("m3/h", "L/min", 3) == 50);
	assert_true(converted("GiBy", "MiBy", 2) == 2048);
	assert_true(converted("mg/L", "ug/m3", 2) == 2e6);
	assert_true(converted("d", "h", 2) == 48);
	assert_true(converted("G", "uT", 0.5) == 50);
	assert_true(converted("lx", "lx", 7) == 7); /* alone, and still itself */
}

static void odd_values_are_gaps_or_themselves(void **state)
{
	(void)state;
	assert_true(isnan(converted("bar", "Pa", 1e304)));
	assert_true(isnan(converted("Cel", "K", NAN)));
	assert_true(isnan(converted("Cel", "K", INFINITY)));
	assert_true(converted("Cel", "K", 1e300) == 1e300);
	assert_true(converted("m", "km", 4.9e-324) == 0);
}

static void a_counter_stays_one_and_a_state_becomes_a_share(void **state)
{
	const struct series_info water = { .kind = SERIES_COUNTER, .unit = unit_find("L") };
	const struct series_info door = { .kind = SERIES_STATE, .unit = unit_find("1") };
	struct op_rig *rig = rig_new("convert", "m3", &water, 1);

	(void)state;
	assert_int_equal(rig->output.kind, SERIES_COUNTER);
	rig_free(rig);
	rig = rig_new("convert", "%", &door, 1);
	assert_int_equal(rig->output.kind, SERIES_GAUGE);
	rig_push(rig, 0, 0, 1);
	EXPECT(rig, 100);
	rig_free(rig);
	rig = rig_new("convert", "1", &door, 1);
	assert_int_equal(rig->output.kind, SERIES_STATE);
	rig_free(rig);
}

static void what_is_possible_is_listed(void **state)
{
	const struct series_info light = { .kind = SERIES_GAUGE, .unit = unit_find("lx") };

	(void)state;
	assert_string_equal(rig_refusal("convert", "hPa", NULL, 0),
			    "Cel can not become hPa, expected one of: K, [degF]");
	assert_string_equal(rig_refusal("convert", "W", &light, 1),
			    "lx can not become W, expected nothing: there is no other unit of illuminance");
	assert_int_equal(rig_option_errors("convert", "to=Celsius"), 1);
	assert_int_equal(rig_option_errors("convert", ""), 1);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(temperatures_have_zeros_of_their_own),
		cmocka_unit_test(decimal_factors_give_the_nearest_number),
		cmocka_unit_test(other_factors_are_those_of_the_definitions),
		cmocka_unit_test(odd_values_are_gaps_or_themselves),
		cmocka_unit_test(a_counter_stays_one_and_a_state_becomes_a_share),
		cmocka_unit_test(what_is_possible_is_listed),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
