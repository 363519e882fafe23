/* SPDX-License-Identifier: Apache-2.0 */
/* Limits of values, and two things at one place: what `runnel check` says. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <stdio.h>
#include <string.h>

#include "agent/conf.h"

/* "LINE:COL: TEXT" of the first error, "" when there is none; two are a failure. */
static const char *first_error(const char *text)
{
	static char out[400];
	struct diag d = { .file = "test" };
	struct conf c;

	out[0] = '\0';
	if (conf_parse(&c, text, strlen(text), &d) < 0) {
		snprintf(out, sizeof(out), "%u:%u: %s", d.first->at.line, d.first->at.column, d.first->text);
		if (d.n_errors > 1)
			fail_msg("%s\nand: %s", out, d.first->next->text);
	}
	conf_free(&c);
	diag_free(&d);
	return out;
}

#define TWO(a, b) "sensors:\n  one: {" a "}\n  two: {" b "}\n"
#define BME "driver: bme280, bus: "

static void two_sensors_at_one_address_are_both_named_with_their_places(void **state)
{
	static const char expected[] =
		"3:46: sensor 'two' takes address 0x76 of i2c-1, which sensor 'one' has (line 2, column 46)";

	(void)state;
	assert_string_equal(first_error(TWO(BME "i2c-1, address: 0x76", BME "i2c-1, address: 0x76")), expected);
	assert_string_equal(first_error(TWO(BME "i2c-1, address: 0x76", BME "i2c-1, address: 0x77")), "");
	assert_string_equal(first_error(TWO(BME "i2c-1, address: 0x76", BME "i2c-2, address: 0x76")), "");
}

static void spellings_of_a_bus_are_one_bus_and_default_addresses_count(void **state)
{
	(void)state;
	assert_string_equal(first_error(TWO(BME "/dev/i2c-1", BME "1, address: 0x76")),
			    "3:42: sensor 'two' takes address 0x76 of 1, which sensor 'one' has (line 2, column 3)");
	assert_string_equal(first_error(TWO(BME "i2c-1", "driver: bmp280, bus: i2c-1")),
			    "3:3: sensor 'two' takes address 0x76 of i2c-1, which sensor 'one' has (line 2, column "
			    "3)");
}

static void behind_muxes_addresses_may_repeat_but_not_those_of_the_bus(void **state)
{
	(void)state;
	assert_string_equal(first_error(TWO(BME "i2c-1/0x70.1", BME "i2c-1/0x70.2")), "");
	assert_string_not_equal(first_error(TWO(BME "i2c-1/0x70.1", BME "i2c-1/0x70.1")), "");
	assert_string_not_equal(first_error(TWO(BME "i2c-1/0x70.1", BME "i2c-1")), "");
	assert_string_not_equal(first_error(TWO(BME "i2c-1/0x70.1", "driver: shtc3, bus: i2c-1, address: 0x70")), "");
	assert_string_equal(first_error(TWO(BME "i2c-1/0x71.1", "driver: shtc3, bus: i2c-1, address: 0x70")), "");
}

static void registers_of_one_chip_may_be_several_sensors(void **state)
{
	(void)state;
	assert_string_equal(first_error(TWO("driver: i2c-register, bus: i2c-1, address: 0x48",
					    "driver: i2c-register, bus: i2c-1, address: 0x48, register: 1")),
			    "");
	assert_string_not_equal(first_error(TWO("driver: i2c-register, bus: i2c-1, address: 0x48",
						"driver: lm75, bus: i2c-1, address: 0x48")),
				"");
}

static void a_gpio_line_is_taken_once(void **state)
{
	(void)state;
	assert_string_equal(
		first_error(TWO("driver: gpio-input, chip: gpiochip0, line: 17",
				"driver: gpio-counter, chip: /dev/gpiochip0, line: 17")),
		"3:59: sensor 'two' takes line 17 of /dev/gpiochip0, which sensor 'one' has (line 2, column "
		"52)");
	assert_string_equal(first_error(TWO("driver: gpio-input, chip: gpiochip0, line: 17",
					    "driver: gpio-input, chip: gpiochip0, line: 18")),
			    "");
	assert_string_not_equal(first_error(TWO("driver: gpio-input, chip: gpiochip0, line: GPIO17",
						"driver: gpio-input, chip: gpiochip0, line: GPIO17")),
				"");
	assert_string_equal(first_error(TWO("driver: gpio-input, chip: gpiochip0, line: GPIO17",
					    "driver: gpio-input, chip: gpiochip0, line: GPIO18")),
			    "");
}

#define AIR(more) "sensors: {air: {driver: bme280, bus: i2c-1, " more "}}\n"

static void limits_are_checked_with_their_place(void **state)
{
	(void)state;
	assert_string_equal(first_error(AIR("limits: {temperature: -20..60, humidity: none}, max_step: {pressure: 2}")),
			    "");
	assert_string_equal(first_error(AIR("limits: {temprature: -20..60}")),
			    "1:66: unknown channel 'temprature', did you mean 'temperature'?");
	assert_string_equal(
		first_error(AIR("limits: {temperature: 60..-20}")),
		"1:67: '60..-20' is no range of 'temperature', expected LOW..HIGH such as -20..60, or none");
	assert_string_equal(first_error(AIR("max_step: {pressure: fast}")),
			    "1:66: 'fast' is no step of 'pressure', expected a number above 0 in hPa");
	assert_string_not_equal(first_error(AIR("max_step: {pressure: -1}")), "");
	assert_string_not_equal(first_error(AIR("max_step: {pressure: nan}")), "");
	assert_string_not_equal(first_error(AIR("limits: {temperature: nan..1}")), "");
	assert_string_not_equal(first_error("sensors: {d: {driver: gpio-input, chip: a, line: 1, limits: {state: "
					    "0..1}}}\n"),
				"");
}

static void limits_are_those_of_the_channel_unless_the_config_knows_better(void **state)
{
	static const char text[] = AIR("limits: {temperature: -20..60, humidity: none}, max_step: {pressure: 2.5}");
	struct diag d = { .file = "test" };
	const struct conf_limits *l;
	struct conf c;

	(void)state;
	assert_int_equal(conf_parse(&c, text, strlen(text), &d), 0);
	l = c.sensors[0].limits;
	assert_non_null(l);
	assert_string_equal(c.sensors[0].channels[1].name, "pressure");
	assert_true(l[0].min == -20 && l[0].max == 60 && l[0].max_step == 0);
	assert_true(l[1].min == 300 && l[1].max == 1100 && l[1].max_step == 2.5); /* the BME280's */
	assert_true(l[2].min == 0 && l[2].max == 0);
	assert_int_equal(c.sensors[0].frozen_after_us, 0);
	conf_free(&c);
	diag_free(&d);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(two_sensors_at_one_address_are_both_named_with_their_places),
		cmocka_unit_test(spellings_of_a_bus_are_one_bus_and_default_addresses_count),
		cmocka_unit_test(behind_muxes_addresses_may_repeat_but_not_those_of_the_bus),
		cmocka_unit_test(registers_of_one_chip_may_be_several_sensors),
		cmocka_unit_test(a_gpio_line_is_taken_once),
		cmocka_unit_test(limits_are_checked_with_their_place),
		cmocka_unit_test(limits_are_those_of_the_channel_unless_the_config_knows_better),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
