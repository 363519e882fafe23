/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Values of real sensors and of the datasheet's example, with the results other people's programs give: see `source`. Bosch's integer
 * code, which some of them use, cuts temperature to 0.01 degC, and its pressure and humidity are off by up to 0.3 Pa and 0.005 %; those
 * with floating point agree to the last digit they print.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <errno.h>
#include <math.h>
#include <stdlib.h>

#include "tests/fake_i2c.h"

enum { TEMPERATURE, PRESSURE, HUMIDITY };

static const struct {
	const char *source, *trim, *trim_h, *data;
	double celsius, celsius_off, hpa, hpa_off, percent, percent_off; /* NaN: the source does not say */
} known[] = {
	{ "periph.io devices, bmxx80: a sensor on I2C",
	  "10 6E 6C 66 32 00 5D 95 B8 D5 D0 0B 77 1E 9D FF F9 FF AC 26 0A D8 BD 10 00 4B", "6E 01 00 13 05 00 1E",
	  "4A 52 C0 80 96 C0 7A 76", 23.72, 0.01, 1009.426953125, 0.005, NAN, 0 },
	{ "periph.io devices, bmxx80: a damaged sensor on SPI, 62.68 degC; the arithmetic is right",
	  "C9 6C 63 65 32 00 77 93 98 D5 D0 0B 67 23 BA 00 F9 FF AC 26 0A D8 BD 10 00 4B", "5C 01 00 15 0F 00 1E",
	  "51 9F C0 9E 3A 50 5E 5B", 62.68, 0.01, 995.7593359375, 0.005, 9.9501, 0.005 },
	{ "periph.io devices, bmxx80: TestCalibration280Int; adc 524112 309104 30987",
	  "10 6E 6C 66 5E 01 5D 95 B8 D5 D0 0B 77 1E 9D FF F9 FF AC 26 0A D8 BD 10 00 4B", "6E 01 00 13 05 00 1E",
	  "4B 77 00 7F F5 00 79 0B", 22.93, 0.02, 25611063 / 25600.0, 0.005, 64686 / 1024.0, 0.005 },
	{ "pimoroni bme280-python: H5 is not zero; adc 529191 326816 30281",
	  "69 6D 36 64 32 00 E9 98 02 D6 D0 0B 23 16 88 FF F9 FF 8C 3C F8 C6 70 17 00 4B", "78 01 00 11 2E 03 1E",
	  "4F CA 00 81 32 70 76 49", NAN, 0, 1006.61517564, 1e-5, 68.66996648709039, 1e-5 },
	{ "gobot: a sensor's temperature and humidity, in float32",
	  "7E 6D D6 66 32 00 36 95 DC D5 D0 0B 40 1E A6 FF F9 FF AC 26 0A D8 BD 10 00 4B", "70 01 00 13 01 00 1E",
	  "4D 17 30 81 00 00 6F 53", NAN, 0, NAN, 0, 51.20179, 0.001 },
	{ "BST-BMP280-DS001-26 s.3.12: the same formulas, 25.08 degC, 100653.27 Pa",
	  "70 6B 43 67 18 FC 7D 8E 43 D6 D0 0B 27 0B 8C 00 F9 FF 8C 3C F8 C6 70 17 00 4B", "6E 01 00 13 05 00 1E",
	  "65 5A C0 7E ED 00 79 0B", 25.08, 0.005, 1006.5327, 0.0001, NAN, 0 },
};

static bool is_near(double x, double expected, double off)
{
	return isnan(expected) ? !isinf(x) : fabs(x - expected) <= off;
}

static void known_registers_give_known_values(void **state)
{
	(void)state;

	for (size_t i = 0; i < ARRAY_LEN(known); i++) {
		struct driver_rig rig;
		struct fake_i2c chip;
		double out[3] = { 0 };
		int64_t now_us = 0;

		fake_chip_init(&rig, &chip, "bme280", "");
		fake_i2c_set(&chip, 0x88, known[i].trim);
		fake_i2c_set(&chip, 0xE1, known[i].trim_h);
		fake_i2c_set(&chip, 0xF7, known[i].data);
		assert_int_equal(driver_rig_probe(&rig, now_us), 0);
		assert_int_equal(driver_rig_read(&rig, &now_us, out), 0);
		print_message("%s\n\t%.6f degC %.7f hPa %.9f %%\n", known[i].source, out[0], out[1], out[2]);
		assert_true(is_near(out[TEMPERATURE], known[i].celsius, known[i].celsius_off));
		assert_true(is_near(out[PRESSURE], known[i].hpa, known[i].hpa_off));
		assert_true(is_near(out[HUMIDITY], known[i].percent, known[i].percent_off));
		driver_rig_free(&rig);
	}
}

/* H4 = 0xFFE = -2 and H5 = 0xFFD = -3, by hand from the table of s.4.2.2: E4 = FF, E5 = DE, E6 = FF. */
static void twelve_bit_trim_values_keep_their_sign(void **state)
{
	struct driver_rig rig;
	struct fake_i2c chip;
	double out[3], x, expected;
	int64_t now_us = 0;
	(void)state;

	fake_chip_init(&rig, &chip, "bme280", "");
	fake_i2c_set(&chip, 0xA1, "00");		   /* H1 = 0 */
	fake_i2c_set(&chip, 0xE1, "00 01 00 FF DE FF 00"); /* H2 = 256; H3 and H6 = 0 */
	fake_i2c_set(&chip, 0xFD, "27 10");		   /* 10000 */
	assert_int_equal(driver_rig_probe(&rig, now_us), 0);
	assert_int_equal(driver_rig_read(&rig, &now_us, out), 0);
	x = out[TEMPERATURE] * 5120.0 - 76800.0;
	expected = (10000.0 - (-2 * 64.0 + -3 / 16384.0 * x)) / 256.0;
	assert_true(fabs(out[HUMIDITY] - expected) < 1e-9);
	driver_rig_free(&rig);
}

static void humidity_ends_at_0_and_100(void **state)
{
	static const struct {
		const char *adc;
		double percent;
	} ends[] = { { "00 00", 0.0 }, { "FF FF", 100.0 } };
	(void)state;

	for (size_t i = 0; i < ARRAY_LEN(ends); i++) {
		struct driver_rig rig;
		struct fake_i2c chip;
		double out[3];
		int64_t now_us = 0;

		fake_chip_init(&rig, &chip, "bme280", "");
		fake_i2c_set(&chip, 0xFD, ends[i].adc);
		assert_int_equal(driver_rig_probe(&rig, now_us), 0);
		assert_int_equal(driver_rig_read(&rig, &now_us, out), 0);
		assert_true(out[HUMIDITY] == ends[i].percent);
		driver_rig_free(&rig);
	}
}

/* Codes by s.5.4.3, s.5.4.5, s.5.4.6; times by s.9.1: 1.25 + 2.3 T + (2.3 P + 0.575) + (2.3 H + 0.575) ms. */
static void options_become_settings_and_time(void **state)
{
	static const struct {
		const char *yaml, *ctrl_hum, *config, *forced;
		int64_t wait_us;
	} rows[] = {
		{ "", "F2 01", "F5 00", "F4 25", 9300 },
		{ "temperature_oversampling: x16, pressure_oversampling: x16, humidity_oversampling: x16, filter: 16",
		  "F2 05", "F5 10", "F4 B5", 112800 },
		{ "pressure_oversampling: x4, humidity_oversampling: off, filter: 2", "F2 00", "F5 04", "F4 2D",
		  13325 },
		{ "temperature_oversampling: x2, pressure_oversampling: off, humidity_oversampling: x8, filter: off",
		  "F2 04", "F5 00", "F4 41", 24825 },
	};
	(void)state;

	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		struct driver_rig rig;
		struct fake_i2c chip;

		fake_chip_init(&rig, &chip, "bme280", rows[i].yaml);
		assert_int_equal(driver_rig_probe(&rig, 0), 0);
		assert_true(fake_i2c_wrote(&chip, rows[i].ctrl_hum));
		assert_true(fake_i2c_wrote(&chip, rows[i].config));
		assert_false(fake_i2c_wrote(&chip, rows[i].forced));
		assert_int_equal(rig.driver->trigger(rig.state, 0), rows[i].wait_us);
		assert_true(fake_i2c_wrote(&chip, rows[i].forced));
		driver_rig_free(&rig);
	}
}

static void what_is_not_measured_is_not_a_number(void **state)
{
	struct driver_rig rig;
	struct fake_i2c chip;
	double out[3];
	int64_t now_us = 0;
	(void)state;

	fake_chip_init(&rig, &chip, "bme280", "pressure_oversampling: off, humidity_oversampling: off");
	fake_i2c_set(&chip, 0xF7, "80 00 00 80 96 C0 80 00");
	assert_int_equal(driver_rig_probe(&rig, now_us), 0);
	assert_int_equal(driver_rig_read(&rig, &now_us, out), 0);
	assert_true(fabs(out[TEMPERATURE] - 23.72) < 0.01);
	assert_true(isnan(out[PRESSURE]) && isnan(out[HUMIDITY]));
	driver_rig_free(&rig);
}

static void a_conversion_that_is_not_done_is_asked_for_again(void **state)
{
	struct driver_rig rig;
	struct fake_i2c chip;
	double out[3] = { -1e9, -1e9, -1e9 };
	int64_t now_us = 0;
	(void)state;

	fake_chip_init(&rig, &chip, "bme280", "");
	assert_int_equal(driver_rig_probe(&rig, now_us), 0);
	chip.reg[0xF3] = 1 << 3;
	assert_int_equal(driver_rig_read(&rig, &now_us, out), -EAGAIN);
	assert_true(out[0] == -1e9 && out[2] == -1e9);
	chip.reg[0xF3] = 0;
	assert_int_equal(rig.driver->collect(rig.state, now_us, out), 0);
	driver_rig_free(&rig);
}

static void a_chip_that_never_converted_has_no_values(void **state)
{
	struct driver_rig rig;
	struct fake_i2c chip;
	double out[3] = { -1e9, -1e9, -1e9 };
	int64_t now_us = 0;
	(void)state;

	fake_chip_init(&rig, &chip, "bme280", "");
	fake_i2c_set(&chip, 0xF7, "80 00 00 80 00 00 80 00"); /* after a reset, s.5.3 */
	assert_int_equal(driver_rig_probe(&rig, now_us), 0);
	assert_int_equal(driver_rig_read(&rig, &now_us, out), -EIO);
	assert_true(out[0] == -1e9);
	driver_rig_free(&rig);
}

static void a_chip_that_is_starting_is_refused_until_it_is_ready(void **state)
{
	struct driver_rig rig;
	struct fake_i2c chip;
	(void)state;

	fake_chip_init(&rig, &chip, "bme280", "");
	chip.reg[0xF3] = 1;
	assert_int_equal(driver_rig_probe(&rig, 0), -EBUSY);
	assert_string_equal(rig.err.text, "the chip is still starting");
	chip.reg[0xF3] = 0;
	assert_int_equal(driver_rig_probe(&rig, 0), 0);
	driver_rig_free(&rig);
}

static void a_bmp280_is_named_by_its_id(void **state)
{
	struct driver_rig rig;
	struct fake_i2c chip;
	(void)state;

	fake_chip_init(&rig, &chip, "bme280", "");
	chip.reg[0xD0] = 0x58;
	assert_int_equal(driver_rig_probe(&rig, 0), -ENODEV);
	assert_string_equal(rig.err.text, "another chip at 0x76: register 0xd0 says 0x58 instead of 0x60");
	chip.is_absent = true;
	assert_int_equal(driver_rig_probe(&rig, 0), -ENXIO);
	assert_string_equal(rig.err.text, "nothing answers at 0x76 on fake: check address, wiring and power");
	driver_rig_free(&rig);
}

static void trim_of_zeros_or_ones_gives_no_infinite_value(void **state)
{
	static const int fills[] = { 0x00, 0xFF, 0x80, 0x7F };
	(void)state;

	for (size_t i = 0; i < ARRAY_LEN(fills); i++)
		for (unsigned adc = 0; adc < 0x100; adc += 51) {
			struct driver_rig rig;
			struct fake_i2c chip;
			double out[3];
			int64_t now_us = 0;

			fake_chip_init(&rig, &chip, "bme280", "");
			for (int reg = 0x88; reg <= 0xA1; reg++)
				chip.reg[reg] = (uint8_t)fills[i];
			for (int reg = 0xE1; reg <= 0xE7; reg++)
				chip.reg[reg] = (uint8_t)fills[i];
			for (int reg = 0xF7; reg <= 0xFE; reg++)
				chip.reg[reg] = (uint8_t)adc;
			assert_int_equal(driver_rig_probe(&rig, now_us), 0);
			assert_int_equal(driver_rig_read(&rig, &now_us, out), 0);
			assert_false(isinf(out[TEMPERATURE]) || isinf(out[PRESSURE]) || isinf(out[HUMIDITY]));
			driver_rig_free(&rig);
		}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(known_registers_give_known_values),
		cmocka_unit_test(twelve_bit_trim_values_keep_their_sign),
		cmocka_unit_test(humidity_ends_at_0_and_100),
		cmocka_unit_test(options_become_settings_and_time),
		cmocka_unit_test(what_is_not_measured_is_not_a_number),
		cmocka_unit_test(a_conversion_that_is_not_done_is_asked_for_again),
		cmocka_unit_test(a_chip_that_never_converted_has_no_values),
		cmocka_unit_test(a_chip_that_is_starting_is_refused_until_it_is_ready),
		cmocka_unit_test(a_bmp280_is_named_by_its_id),
		cmocka_unit_test(trim_of_zeros_or_ones_gives_no_infinite_value),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
