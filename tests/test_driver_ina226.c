/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Values: the worked example of TI SBOS547B (s.6.5.1, table 6-1: 2 mOhm, 20 mV, 11.98 V, 10 A; 119.8 W by its own numbers, though it
 * prints 119.82), its example of a negative shunt voltage, and tinygo-org/drivers, ina260/ina260_test.go. Codes of settings by s.7.1.1,
 * by hand.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <errno.h>
#include <math.h>
#include <string.h>

#include "tests/fake_i2c.h"

enum { VOLTAGE, CURRENT, POWER };

static void read_values(const char *driver, const char *yaml, uint16_t current, uint16_t bus, double out[3])
{
	struct driver_rig rig;
	struct fake_i2c chip;
	int64_t now_us = 0;

	fake_chip_init(&rig, &chip, driver, yaml);
	chip.reg16[1] = current;
	chip.reg16[2] = bus;
	assert_int_equal(driver_rig_probe(&rig, now_us), 0);
	assert_int_equal(driver_rig_read(&rig, &now_us, out), 0);
	driver_rig_free(&rig);
}

static void the_examples_come_out(void **state)
{
	double out[3];
	(void)state;

	read_values("ina226", "shunt: 0.002", 0x1F40, 0x2570, out);
	assert_true(fabs(out[VOLTAGE] - 11.98) < 1e-9);
	assert_true(fabs(out[CURRENT] - 10.0) < 1e-9);
	assert_true(fabs(out[POWER] - 119.8) < 1e-9);

	read_values("ina226", "shunt: 1", 0x8300, 0x2570, out); /* -80 mV */
	assert_true(fabs(out[CURRENT] + 0.080) < 1e-9);
	assert_true(out[POWER] < 0.0);

	read_values("ina260", "", 0x2710, 0x2570, out);
	assert_true(fabs(out[VOLTAGE] - 11.98) < 1e-9);
	assert_true(fabs(out[CURRENT] - 12.5) < 1e-9);
	assert_true(fabs(out[POWER] - 149.75) < 1e-9);
}

static void options_become_settings_and_time(void **state)
{
	static const struct {
		const char *driver, *yaml, *config;
		int64_t wait_us;
	} rows[] = {
		{ "ina226", "", "00 41 23", 2 * 1210 },
		{ "ina226", "averaging: 16, conversion_time: 8.2ms", "00 45 FB", 2 * 16 * 9068 },
		{ "ina226", "averaging: 1024, conversion_time: 140us", "00 4E 03", 2 * 1024 * 154 },
		{ "ina260", "", "00 61 23", 2 * 1210 },
		{ "ina260", "averaging: 4, conversion_time: 588us", "00 62 DB", 2 * 4 * 646 },
	};
	(void)state;

	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		struct driver_rig rig;
		struct fake_i2c chip;

		fake_chip_init(&rig, &chip, rows[i].driver, rows[i].yaml);
		assert_int_equal(driver_rig_probe(&rig, 0), 0);
		assert_int_equal(rig.driver->trigger(rig.state, 0), rows[i].wait_us);
		assert_true(fake_i2c_wrote(&chip, rows[i].config));
		driver_rig_free(&rig);
	}
}

static void one_is_not_taken_for_the_other_but_any_revision_will_do(void **state)
{
	struct driver_rig rig;
	struct fake_i2c chip;
	(void)state;

	fake_chip_init(&rig, &chip, "ina226", "");
	chip.reg16[0xFF] = 0x2270;
	assert_int_equal(driver_rig_probe(&rig, 0), -ENODEV);
	assert_string_equal(rig.err.text, "another chip at 0x40: it says 5449 2270, an INA226 5449 2260");
	chip.reg16[0xFF] = 0x2261;
	assert_int_equal(driver_rig_probe(&rig, 0), 0);
	chip.reg16[0xFE] = 0;
	assert_int_equal(driver_rig_probe(&rig, 0), -ENODEV);
	driver_rig_free(&rig);
}

static void a_current_beyond_the_range_is_refused(void **state)
{
	struct driver_rig rig;
	(void)state;

	driver_rig_init(&rig, "ina226", "{bus: x, shunt: 0.01, max_current: 10}");
	assert_int_equal(rig.n_channels, -EINVAL);
	assert_string_equal(rig.err.text,
			    "max_current by shunt is 0.1 V, more than the 0.08192 V that can be measured");
	driver_rig_free(&rig);
}

static void a_conversion_that_is_not_done_is_asked_for_again(void **state)
{
	struct driver_rig rig;
	struct fake_i2c chip;
	double out[3] = { -1e9, -1e9, -1e9 };
	int64_t now_us = 0;
	(void)state;

	fake_chip_init(&rig, &chip, "ina226", "");
	chip.reg16[6] = 0;
	assert_int_equal(driver_rig_probe(&rig, now_us), 0);
	assert_int_equal(driver_rig_read(&rig, &now_us, out), -EAGAIN);
	assert_true(out[0] == -1e9);
	driver_rig_free(&rig);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_examples_come_out),
		cmocka_unit_test(options_become_settings_and_time),
		cmocka_unit_test(one_is_not_taken_for_the_other_but_any_revision_will_do),
		cmocka_unit_test(a_current_beyond_the_range_is_refused),
		cmocka_unit_test(a_conversion_that_is_not_done_is_asked_for_again),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
