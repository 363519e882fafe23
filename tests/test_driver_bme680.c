/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Sensors that other projects read, with what they made of them: elixir-sensors/bmp280, test/bmp280/sensor/bme680_sensor_test.exs (floating point),
 * and pimoroni/bme680-python, library/tests/test_compensation.py (Bosch's integers). Heater codes: Bosch's integer formula in python3.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <errno.h>
#include <math.h>
#include <stdlib.h>

#include "drivers/bme680.h"
#include "tests/fake_i2c.h"

enum { TEMPERATURE, PRESSURE, HUMIDITY, GAS };

static void begin(struct driver_rig *rig, struct fake_i2c *chip, const char *yaml)
{
	fake_chip_init(rig, chip, "bme680", yaml);
}

static void read_once(struct driver_rig *rig, double out[4])
{
	int64_t now_us = 0;

	assert_int_equal(driver_rig_probe(rig, now_us), 0);
	assert_int_equal(driver_rig_read(rig, &now_us, out), 0);
}

static void a_sensor_elixir_read_gives_what_elixir_made_of_it(void **state)
{
	struct driver_rig rig;
	struct fake_i2c chip;
	double out[4];
	(void)state;

	begin(&rig, &chip, "");
	read_once(&rig, out);
	assert_true(fabs(out[TEMPERATURE] - 19.3113) < 0.0001);
	assert_true(fabs(out[PRESSURE] - 1009.7752) < 0.0001);
	assert_true(fabs(out[HUMIDITY] - 25.2) < 0.1);
	assert_true(fabs(out[GAS] - 3.5036322) < 0.001); /* elixir's formula is its own; Bosch's integers give 3503 */
	driver_rig_free(&rig);
}

/* adc 501240, 353485 and 19019: 26.69 degC, 987.12 hPa, 42.402 %; and with adc 0 in range 0 12946860 Ohm. */
static void a_sensor_pimoroni_read_gives_what_pimoroni_made_of_it(void **state)
{
	struct driver_rig rig;
	struct fake_i2c chip;
	double out[4];
	(void)state;

	begin(&rig, &chip, "");
	fake_i2c_set(&chip, 0x00, "30 00 10 00 00");
	fake_i2c_set(&chip, 0x8A, "65 67 03 00 41 8F ED D6 58 00 8E 1C 7F FF 2E 1E 00 00 97 F3 B5 F6 1E");
	fake_i2c_set(&chip, 0xE1, "40 54 2A 00 2D 14 78 9C B9 65 4E 9F E2 12");
	fake_i2c_set(&chip, 0x1F, "56 4C D0 7A 5F 80 4A 4B");
	fake_i2c_set(&chip, 0x2A, "00 30");
	read_once(&rig, out);
	print_message("%.4f degC %.4f hPa %.4f %% %.4f kOhm\n", out[0], out[1], out[2], out[3]);
	assert_true(fabs(out[TEMPERATURE] - 26.69) < 0.01);
	assert_true(fabs(out[PRESSURE] - 987.12) < 0.06); /* the 32-bit integers cut more than a few Pa */
	assert_true(fabs(out[HUMIDITY] - 42.402) < 0.05);
	assert_true(fabs(out[GAS] - 12946.860) < 0.01);
	driver_rig_free(&rig);
}

/* Bosch's integer formula with its tables, in python3; Ohm. */
static void gas_is_as_boschs_integers_have_it(void **state)
{
	static const struct {
		unsigned adc, range;
		int error;
		double ohm;
	} rows[] = {
		{ 0, 0, 0, 12946860 }, { 195, 9, 0, 20467 },  { 666, 11, 1, 3503 }, { 1023, 4, -3, 360478 },
		{ 300, 5, 7, 294059 }, { 512, 7, -8, 63004 }, { 800, 8, 2, 25781 }, { 900, 10, 0, 6056 },
		{ 100, 13, 1, 1414 },  { 1000, 15, -1, 179 },
	};
	(void)state;

	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		struct bme680_trim trim = { .range_error = (int8_t)rows[i].error };
		double ohm = 1000.0 * bme680_gas_kohm(&trim, rows[i].adc, rows[i].range);

		assert_true(fabs(ohm - rows[i].ohm) < 0.6 + 1e-6 * ohm);
	}
}

/* Bosch's integers against the same trim values; they leave out what the air adds when it is below a step. */
static void the_heater_is_told_what_boschs_integers_tell_it(void **state)
{
	static const struct {
		int celsius, code;
	} rows[] = { { 200, 84 }, { 320, 116 }, { 400, 137 } };
	static const uint8_t heater[5] = { 0x32, 0xAA, 0x16, 0x4A, 0x13 }, first[23] = { 0 };
	static const uint8_t second[14] = { 0x3F, 0xDD, 0x2C, 0x00, 0x2D, 0x14, 0x78,
					    0x9C, 0x53, 0x66, 0xAF, 0xE8, 0xE2, 0x12 };
	struct bme680_trim trim;
	(void)state;

	bme680_unpack_trim(&trim, heater, first, second);
	assert_int_equal(trim.heater_value, 50);
	assert_int_equal(trim.heater_range, 1);
	assert_int_equal(trim.range_error, 1);
	for (size_t i = 0; i < ARRAY_LEN(rows); i++)
		assert_true(abs(bme680_heater_code(&trim, rows[i].celsius, 25) - rows[i].code) <= 1);
	assert_true(bme680_heater_code(&trim, 320, 60) > bme680_heater_code(&trim, 320, -10)); /* gh3 is positive */
}

static void a_range_error_has_four_bits_and_a_sign(void **state)
{
	static const uint8_t heater[5] = { 0xFF, 0, 0x30, 0, 0xF0 }, first[23] = { 0 }, second[14] = { 0 };
	struct bme680_trim trim;
	(void)state;

	bme680_unpack_trim(&trim, heater, first, second);
	assert_int_equal(trim.range_error, -1);
	assert_int_equal(trim.heater_range, 3);
	assert_int_equal(trim.heater_value, -1);
}

/* By hand from Bosch's formula: 262144 >> range, times 10^6 Ohm, over 4096 + 3 (adc - 512). */
static void a_bme688_has_another_formula_for_gas(void **state)
{
	struct driver_rig rig;
	struct fake_i2c chip;
	double out[4];
	(void)state;

	assert_true(fabs(bme688_gas_kohm(512, 0) - 64000.0) < 1e-9);
	assert_true(fabs(bme688_gas_kohm(512, 10) - 62.5) < 1e-9);
	assert_true(fabs(bme688_gas_kohm(1023, 15) - 8000.0 / 5629.0) < 1e-9);

	begin(&rig, &chip, "");
	chip.reg[0xF0] = 1;
	fake_i2c_set(&chip, 0x2A, "FF FF 80 3A"); /* 512 in range 10 */
	read_once(&rig, out);
	assert_true(fabs(out[GAS] - 62.5) < 1e-9);
	assert_int_equal(chip.reg[0x71], 0x20);
	driver_rig_free(&rig);
}

static void gas_that_was_not_hot_or_not_valid_is_not_a_number(void **state)
{
	static const char *const bad[] = { "A6 8B", "A6 9B", "A6 AB" };
	(void)state;

	for (size_t i = 0; i < ARRAY_LEN(bad); i++) {
		struct driver_rig rig;
		struct fake_i2c chip;
		double out[4];

		begin(&rig, &chip, "");
		fake_i2c_set(&chip, 0x2A, bad[i]);
		read_once(&rig, out);
		assert_true(isnan(out[GAS]) && !isnan(out[TEMPERATURE]));
		driver_rig_free(&rig);
	}
}

/* 1 ms + 1963 us a sample + 4 x 477 us, and 5 x 477 us and the heating for gas. Waits: 63 = 3F; 150 = 38 x 4; 4032 = 63 x 64. */
static void options_become_settings_and_time(void **state)
{
	static const struct {
		const char *yaml;
		uint8_t hum, meas, config, wait, gas;
		int64_t wait_us;
	} rows[] = {
		{ "", 1, 0x4C, 0x00, 0x66, 0x10, 1000 + 7 * 1963 + 9 * 477 + 150000 },
		{ "heater_duration: 63ms, filter: 3", 1, 0x4C, 0x08, 0x3F, 0x10, 1000 + 7 * 1963 + 9 * 477 + 63000 },
		{ "heater_duration: 4032ms, filter: 127", 1, 0x4C, 0x1C, 0xFF, 0x10,
		  1000 + 7 * 1963 + 9 * 477 + 4032000 },
		{ "heater_duration: 0, temperature_oversampling: x1, pressure_oversampling: off, "
		  "humidity_oversampling: x16",
		  5, 0x20, 0x00, 0x00, 0x00, 1000 + 17 * 1963 + 4 * 477 },
	};
	(void)state;

	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		struct driver_rig rig;
		struct fake_i2c chip;
		double out[4];

		begin(&rig, &chip, rows[i].yaml);
		assert_int_equal(driver_rig_probe(&rig, 0), 0);
		assert_int_equal(rig.driver->trigger(rig.state, 0), rows[i].wait_us);
		assert_int_equal(chip.reg[0x72], rows[i].hum);
		assert_int_equal(chip.reg[0x74], rows[i].meas);
		assert_int_equal(chip.reg[0x75], rows[i].config);
		assert_int_equal(chip.reg[0x64], rows[i].wait);
		assert_int_equal(chip.reg[0x71], rows[i].gas);
		assert_int_equal(rig.driver->collect(rig.state, 0, out), 0);
		assert_true(isnan(out[GAS]) == (rows[i].gas == 0));
		driver_rig_free(&rig);
	}
}

static void data_of_the_conversion_before_are_not_taken_twice(void **state)
{
	struct driver_rig rig;
	struct fake_i2c chip;
	double out[4];
	(void)state;

	begin(&rig, &chip, "");
	read_once(&rig, out);
	assert_int_equal(rig.driver->collect(rig.state, 0, out), -EAGAIN);
	driver_rig_free(&rig);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_sensor_elixir_read_gives_what_elixir_made_of_it),
		cmocka_unit_test(a_sensor_pimoroni_read_gives_what_pimoroni_made_of_it),
		cmocka_unit_test(gas_is_as_boschs_integers_have_it),
		cmocka_unit_test(the_heater_is_told_what_boschs_integers_tell_it),
		cmocka_unit_test(a_range_error_has_four_bits_and_a_sign),
		cmocka_unit_test(a_bme688_has_another_formula_for_gas),
		cmocka_unit_test(gas_that_was_not_hot_or_not_valid_is_not_a_number),
		cmocka_unit_test(options_become_settings_and_time),
		cmocka_unit_test(data_of_the_conversion_before_are_not_taken_twice),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
