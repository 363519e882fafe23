/* SPDX-License-Identifier: Apache-2.0 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <errno.h>
#include <math.h>

#include "tests/fake_i2c.h"

enum { TEMPERATURE, PRESSURE };

/* elixir-sensors/bmp3xx, test/bmp3xx/bmp388/calibration_test.exs, in integers of any size and double at the end. */
static void a_sensor_another_project_read_gives_what_that_made_of_it(void **state)
{
	static const uint8_t ids[] = { 0x50, 0x60 };
	(void)state;

	for (size_t i = 0; i < ARRAY_LEN(ids); i++) {
		struct driver_rig rig;
		struct fake_i2c chip;
		double out[2];
		int64_t now_us = 0;

		fake_chip_init(&rig, &chip, "bmp388", "");
		chip.reg[0x00] = ids[i];
		assert_int_equal(driver_rig_probe(&rig, now_us), 0);
		assert_int_equal(driver_rig_read(&rig, &now_us, out), 0);
		assert_true(fabs(out[TEMPERATURE] - 30.499314453874284) < 1e-9);
		assert_true(fabs(out[PRESSURE] - 1008.7600634692199) < 1e-7);
		driver_rig_free(&rig);
	}
}

/* The same sensor, but with P4 = 5, through Bosch's integer formulas (BMP3 API, the int64 ones) in python3. */
static void other_values_are_as_boschs_integers_have_them(void **state)
{
	static const struct {
		const char *data;
		double celsius, hpa;
	} rows[] = {
		{ "80 8D 5B C0 CF 6A", -0.372695923, 1116.9804327 },
		{ "00 12 7A 60 F5 90", 43.125320435, 902.5723989 },
		{ "97 9F 6D 00 23 6B", 0.000000000, 938.1927661 },
	};
	(void)state;

	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		struct driver_rig rig;
		struct fake_i2c chip;
		double out[2];
		int64_t now_us = 0;

		fake_chip_init(&rig, &chip, "bmp388", "");
		chip.reg[0x3B] = 5;
		fake_i2c_set(&chip, 0x04, rows[i].data);
		assert_int_equal(driver_rig_probe(&rig, now_us), 0);
		assert_int_equal(driver_rig_read(&rig, &now_us, out), 0);
		assert_true(fabs(out[TEMPERATURE] - rows[i].celsius) < 0.00002);
		assert_true(fabs(out[PRESSURE] - rows[i].hpa) < 0.0001);
		driver_rig_free(&rig);
	}
}

/* Codes by s.4.3.18 and s.4.3.21; times by s.3.9.2: 234 + 392 + 163 + 2020 (2^osr_p + 2^osr_t) us. */
static void options_become_settings_and_time(void **state)
{
	static const struct {
		const char *yaml, *oversampling, *config;
		int64_t wait_us;
	} rows[] = {
		{ "", "1C 02", "1F 00", 10889 },
		{ "temperature_oversampling: x2, pressure_oversampling: x32, filter: 3", "1C 0D", "1F 04", 69469 },
		{ "temperature_oversampling: x32, pressure_oversampling: x1, filter: 127", "1C 28", "1F 0E", 67449 },
	};
	(void)state;

	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		struct driver_rig rig;
		struct fake_i2c chip;

		fake_chip_init(&rig, &chip, "bmp388", rows[i].yaml);
		assert_int_equal(driver_rig_probe(&rig, 0), 0);
		assert_true(fake_i2c_wrote(&chip, rows[i].oversampling));
		assert_true(fake_i2c_wrote(&chip, rows[i].config));
		assert_int_equal(rig.driver->trigger(rig.state, 0), rows[i].wait_us);
		assert_true(fake_i2c_wrote(&chip, "1B 13"));
		driver_rig_free(&rig);
	}
}

static void data_of_the_conversion_before_are_not_taken_twice(void **state)
{
	struct driver_rig rig;
	struct fake_i2c chip;
	double out[2];
	int64_t now_us = 0;
	(void)state;

	fake_chip_init(&rig, &chip, "bmp388", "");
	assert_int_equal(driver_rig_probe(&rig, now_us), 0);
	assert_int_equal(driver_rig_read(&rig, &now_us, out), 0);
	assert_int_equal(rig.driver->collect(rig.state, now_us, out), -EAGAIN);
	assert_int_equal(driver_rig_read(&rig, &now_us, out), 0);
	driver_rig_free(&rig);
}

/* The event says it once: no reading is good until the next probe. */
static void after_a_loss_of_power_nothing_is_read_until_it_is_set_up_again(void **state)
{
	struct driver_rig rig;
	struct fake_i2c chip;
	double out[2];
	int64_t now_us = 0;
	(void)state;

	fake_chip_init(&rig, &chip, "bmp388", "");
	assert_int_equal(driver_rig_probe(&rig, now_us), 0);
	chip.reg[0x10] = 1;
	assert_int_equal(driver_rig_read(&rig, &now_us, out), -EIO);
	assert_int_equal(chip.reg[0x10], 0);
	assert_int_equal(driver_rig_read(&rig, &now_us, out), -EIO);
	assert_int_equal(driver_rig_probe(&rig, now_us), 0);
	assert_int_equal(driver_rig_read(&rig, &now_us, out), 0);
	driver_rig_free(&rig);
}

static void a_refused_configuration_is_an_error(void **state)
{
	struct driver_rig rig;
	struct fake_i2c chip;
	double out[2];
	int64_t now_us = 0;
	(void)state;

	fake_chip_init(&rig, &chip, "bmp388", "");
	assert_int_equal(driver_rig_probe(&rig, now_us), 0);
	chip.reg[0x02] = 1 << 2;
	assert_int_equal(driver_rig_read(&rig, &now_us, out), -EIO);
	driver_rig_free(&rig);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_sensor_another_project_read_gives_what_that_made_of_it),
		cmocka_unit_test(other_values_are_as_boschs_integers_have_them),
		cmocka_unit_test(options_become_settings_and_time),
		cmocka_unit_test(data_of_the_conversion_before_are_not_taken_twice),
		cmocka_unit_test(after_a_loss_of_power_nothing_is_read_until_it_is_set_up_again),
		cmocka_unit_test(a_refused_configuration_is_an_error),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
