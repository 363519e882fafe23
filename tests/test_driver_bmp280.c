/* SPDX-License-Identifier: Apache-2.0 */
/* The formulas are tested more with the BME280, which has the same. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <errno.h>
#include <math.h>

#include "tests/fake_i2c.h"

enum { TEMPERATURE, PRESSURE };

static void read_once(const char *yaml, const char *trim, const char *data, double out[2])
{
	struct driver_rig rig;
	struct fake_i2c chip;
	int64_t now_us = 0;

	fake_chip_init(&rig, &chip, "bmp280", yaml);
	fake_i2c_set(&chip, 0x88, trim);
	fake_i2c_set(&chip, 0xF7, data);
	assert_int_equal(driver_rig_probe(&rig, now_us), 0);
	assert_int_equal(driver_rig_read(&rig, &now_us, out), 0);
	driver_rig_free(&rig);
}

/* BST-BMP280-DS001-26 s.3.12: 25.08 degC and 100653.27 Pa with double. */
static void the_datasheets_example_gives_the_datasheets_values(void **state)
{
	double out[2];
	(void)state;

	read_once("", "70 6B 43 67 18 FC 7D 8E 43 D6 D0 0B 27 0B 8C 00 F9 FF 8C 3C F8 C6 70 17", "65 5A C0 7E ED 00",
		  out);
	assert_true(fabs(out[TEMPERATURE] - 25.08) < 0.005);
	assert_true(fabs(out[PRESSURE] - 1006.5327) < 0.00005);
}

/* gobot, bmp280_driver_test.go: a dump of a sensor, computed in float32. */
static void a_sensor_that_gobot_read_gives_what_gobot_made_of_it(void **state)
{
	double out[2];
	(void)state;

	read_once("", "7E 6D D6 66 32 00 36 95 DC D5 D0 0B 40 1E A6 FF F9 FF AC 26 0A D8 BD 10", "4D 17 30 80 F3 00",
		  out);
	assert_true(fabs(out[TEMPERATURE] - 25.014637) < 0.0005);
	assert_true(fabs(out[PRESSURE] - 995.45414) < 0.0005);
}

/* Codes by s.4.3.4 and s.4.3.5. Times: s.3.8.1, table 13, 6.4 ms for x1 and x1, 13.3 for x1 and x4, 43.2 for x2 and x16. */
static void options_become_settings_and_time(void **state)
{
	static const struct {
		const char *yaml, *config, *forced;
		int64_t longest_us;
	} rows[] = {
		{ "", "F5 00", "F4 25", 6400 },
		{ "pressure_oversampling: x4, filter: 4", "F5 08", "F4 2D", 13300 },
		{ "temperature_oversampling: x2, pressure_oversampling: x16, filter: 16", "F5 10", "F4 55", 43200 },
	};
	(void)state;

	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		struct driver_rig rig;
		struct fake_i2c chip;
		int64_t wait_us;

		fake_chip_init(&rig, &chip, "bmp280", rows[i].yaml);
		assert_int_equal(driver_rig_probe(&rig, 0), 0);
		assert_true(fake_i2c_wrote(&chip, rows[i].config));
		wait_us = rig.driver->trigger(rig.state, 0);
		assert_true(wait_us >= rows[i].longest_us && wait_us < rows[i].longest_us + 100);
		assert_true(fake_i2c_wrote(&chip, rows[i].forced));
		driver_rig_free(&rig);
	}
}

static void pressure_may_be_left_out(void **state)
{
	double out[2];
	(void)state;

	read_once("pressure_oversampling: off",
		  "70 6B 43 67 18 FC 7D 8E 43 D6 D0 0B 27 0B 8C 00 F9 FF 8C 3C F8 C6 70 17", "80 00 00 7E ED 00", out);
	assert_true(fabs(out[TEMPERATURE] - 25.08) < 0.005);
	assert_true(isnan(out[PRESSURE]));
}

static void a_chip_that_lost_its_filter_is_noticed(void **state)
{
	struct driver_rig rig;
	struct fake_i2c chip;
	double out[2];
	int64_t now_us = 0;
	(void)state;

	fake_chip_init(&rig, &chip, "bmp280", "filter: 8");
	assert_int_equal(driver_rig_probe(&rig, now_us), 0);
	assert_int_equal(driver_rig_read(&rig, &now_us, out), 0);
	chip.reg[0xF5] = 0;
	assert_int_equal(driver_rig_read(&rig, &now_us, out), -EIO);
	assert_int_equal(driver_rig_probe(&rig, now_us), 0);
	assert_int_equal(driver_rig_read(&rig, &now_us, out), 0);
	driver_rig_free(&rig);
}

static void a_conversion_that_is_not_done_or_never_was_has_no_values(void **state)
{
	struct driver_rig rig;
	struct fake_i2c chip;
	double out[2];
	int64_t now_us = 0;
	(void)state;

	fake_chip_init(&rig, &chip, "bmp280", "");
	assert_int_equal(driver_rig_probe(&rig, now_us), 0);
	chip.reg[0xF3] = 1 << 3;
	assert_int_equal(driver_rig_read(&rig, &now_us, out), -EAGAIN);
	chip.reg[0xF3] = 0;
	fake_i2c_set(&chip, 0xFA, "80 00 00");
	assert_int_equal(driver_rig_read(&rig, &now_us, out), -EIO);
	driver_rig_free(&rig);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_datasheets_example_gives_the_datasheets_values),
		cmocka_unit_test(a_sensor_that_gobot_read_gives_what_gobot_made_of_it),
		cmocka_unit_test(options_become_settings_and_time),
		cmocka_unit_test(pressure_may_be_left_out),
		cmocka_unit_test(a_chip_that_lost_its_filter_is_noticed),
		cmocka_unit_test(a_conversion_that_is_not_done_or_never_was_has_no_values),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
