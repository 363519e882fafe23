/* SPDX-License-Identifier: Apache-2.0 */
/*
 * eldruin/embedded-ccs811-rs, tests/app_mode.rs: modes, compensation, order of bytes. Its concentrations, 0x1234 and 0x5678, are more
 * than the chip can say; the first is kept.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <errno.h>
#include <math.h>

#include "tests/fake_i2c.h"

enum { ECO2, TVOC };

enum { RESULT_AT = 0x80 }; /* in chip_ccs811.c */

static void start(struct driver_rig *rig, struct fake_i2c *chip, const char *yaml, int64_t *now_us)
{
	double out[2];

	fake_chip_init(rig, chip, "ccs811", yaml);
	assert_int_equal(driver_rig_probe(rig, *now_us), 0);
	assert_true(fake_i2c_wrote(chip, "F4"));
	assert_int_equal(driver_rig_read(rig, now_us, out), 0);
	assert_true(isnan(out[ECO2]) && isnan(out[TVOC]));
}

static void a_result_gives_its_concentrations(void **state)
{
	struct driver_rig rig;
	struct fake_i2c chip;
	double out[2];
	int64_t now_us = 0;
	(void)state;

	start(&rig, &chip, "", &now_us);
	assert_int_equal(driver_rig_read(&rig, &now_us, out), 0);
	assert_true(out[ECO2] == 0x1234 && out[TVOC] == 0x0178);
	driver_rig_free(&rig);
}

/* 48.25 % and 25.125 degC are 6080 and 6440 there. */
static void options_become_settings_and_time(void **state)
{
	static const struct {
		const char *yaml, *mode, *environment;
		int64_t period_us;
	} rows[] = {
		{ "humidity: 48.25, temperature: 25.125", "01 10", "05 60 80 64 40", 1000000 },
		{ "period: 10s", "01 20", "05 64 00 64 00", 10000000 },
		{ "period: 60s, humidity: 0, temperature: -25", "01 30", "05 00 00 00 00", 60000000 },
	};
	(void)state;

	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		struct driver_rig rig;
		struct fake_i2c chip;
		int64_t now_us = 0;

		start(&rig, &chip, rows[i].yaml, &now_us);
		assert_true(fake_i2c_wrote(&chip, rows[i].mode));
		assert_true(fake_i2c_wrote(&chip, rows[i].environment));
		assert_int_equal(rig.driver->trigger(rig.state, now_us), rows[i].period_us);
		driver_rig_free(&rig);
	}
}

static void what_the_chip_cannot_mean_is_no_value(void **state)
{
	static const struct {
		const char *result;
		uint8_t status;
		int r;
	} rows[] = {
		{ "12 34 01 78", 0x90, -EAGAIN }, /* not ready */
		{ "12 34 01 78", 0x99, -EIO },	  /* error */
		{ "12 34 01 78", 0x18, -EIO },	  /* boot loader: it lost its power */
		{ "72 17 01 78", 0x98, -EIO },	  /* 29207 ppm */
		{ "12 34 80 01", 0x98, -EIO },	  /* 32769 ppb */
		{ "FF FF FF FF", 0xFF, -EIO },	  { "72 16 80 00", 0x98, 0 },
	};
	(void)state;

	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		double out[2] = { -1e9, -1e9 };
		struct driver_rig rig;
		struct fake_i2c chip;
		int64_t now_us = 0;

		start(&rig, &chip, "", &now_us);
		fake_i2c_set(&chip, RESULT_AT, rows[i].result);
		chip.reg[0x00] = rows[i].status;
		assert_int_equal(driver_rig_read(&rig, &now_us, out), rows[i].r);
		assert_true((out[ECO2] == -1e9) == (rows[i].r != 0));
		driver_rig_free(&rig);
	}
}

/* Datasheet v1-06, STATUS: only reading ERROR_ID clears the error bit. */
static void an_error_is_read_so_that_it_goes_away(void **state)
{
	struct driver_rig rig;
	struct fake_i2c chip;
	double out[2] = { 0 };
	int64_t now_us = 0;
	(void)state;

	start(&rig, &chip, "", &now_us);
	chip.reg[0x00] = 0x99;
	fake_i2c_clear_log(&chip);
	assert_int_equal(driver_rig_read(&rig, &now_us, out), -EIO);
	assert_true(fake_i2c_wrote(&chip, "E0"));
	assert_int_equal(driver_rig_read(&rig, &now_us, out), 0);
	assert_true(out[ECO2] == 0x1234);
	driver_rig_free(&rig);
}

static void a_concentration_of_0_is_what_it_says_before_it_can_tell(void **state)
{
	struct driver_rig rig;
	struct fake_i2c chip;
	double out[2] = { 0 };
	int64_t now_us = 0;
	(void)state;

	start(&rig, &chip, "", &now_us);
	fake_i2c_set(&chip, RESULT_AT, "00 00 00 00");
	assert_int_equal(driver_rig_read(&rig, &now_us, out), 0);
	assert_true(isnan(out[ECO2]) && isnan(out[TVOC]));
	driver_rig_free(&rig);
}

static void a_running_chip_goes_on(void **state)
{
	struct driver_rig rig;
	struct fake_i2c chip;
	int64_t now_us = 0;
	(void)state;

	start(&rig, &chip, "", &now_us);
	fake_i2c_clear_log(&chip);
	assert_int_equal(driver_rig_probe(&rig, now_us), 0);
	assert_false(fake_i2c_wrote(&chip, "F4"));
	assert_false(fake_i2c_wrote(&chip, "01 10"));
	assert_int_equal(rig.driver->trigger(rig.state, now_us), 0);
	driver_rig_free(&rig);
}

static void a_chip_without_firmware_is_refused(void **state)
{
	struct driver_rig rig;
	struct fake_i2c chip;
	(void)state;

	fake_chip_init(&rig, &chip, "ccs811", "");
	chip.reg[0x00] = 0x00;
	assert_int_equal(driver_rig_probe(&rig, 0), -ENODEV);
	assert_string_equal(rig.err.text, "the chip has no firmware: status 0x00");
	driver_rig_free(&rig);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_result_gives_its_concentrations),
		cmocka_unit_test(options_become_settings_and_time),
		cmocka_unit_test(what_the_chip_cannot_mean_is_no_value),
		cmocka_unit_test(an_error_is_read_so_that_it_goes_away),
		cmocka_unit_test(a_concentration_of_0_is_what_it_says_before_it_can_tell),
		cmocka_unit_test(a_running_chip_goes_on),
		cmocka_unit_test(a_chip_without_firmware_is_refused),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
