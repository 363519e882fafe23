/* SPDX-License-Identifier: Apache-2.0 */
/* DS20005095B, figures 5-4 and 5-5; periph.io devices, mcp9808/mcp9808_test.go. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <errno.h>
#include <math.h>

#include "tests/fake_i2c.h"

/** Probe and read a chip whose register of the temperature is @raw. */
static int read_raw(const char *yaml, uint16_t raw, double *celsius)
{
	struct driver_rig rig;
	struct fake_i2c chip;
	int64_t now_us = 0;
	int r;

	fake_chip_init(&rig, &chip, "mcp9808", yaml);
	fake_i2c_set16(&chip, 0x05, raw);
	r = driver_rig_probe(&rig, now_us);
	if (r == 0)
		r = driver_rig_read(&rig, &now_us, celsius);
	driver_rig_free(&rig);
	return r;
}

static const struct {
	const char *source;
	uint16_t raw;
	double celsius;
} known[] = {
	{ "figure 5-5", 0x0194, 25.25 },
	{ "figure 5-4, a limit in the same form", 0x05A0, 90.0 },
	{ "periph.io", 0x0000, 0.0 },
	{ "periph.io", 0x1F60, -10.0 },
	{ "figure 5-5 with the flags of all limits", 0xC194, 25.25 },
	{ "figure 5-5 with the flags of all limits", 0xE194, 25.25 },
};

static void known_registers_give_known_temperatures(void **state)
{
	(void)state;

	for (size_t i = 0; i < ARRAY_LEN(known); i++) {
		double celsius = NAN;

		print_message("%s: %04X\n", known[i].source, known[i].raw);
		assert_int_equal(read_raw("", known[i].raw, &celsius), 0);
		assert_true(celsius == known[i].celsius);
	}
}

/* s.5.2.4; typical times and a quarter. */
static void the_resolution_is_a_setting_and_a_time(void **state)
{
	static const struct {
		const char *yaml, *register_8;
		int64_t wait_us;
	} rows[] = {
		{ "resolution: 0.5", "08 00", 37500 },
		{ "resolution: 0.25", "08 01", 81250 },
		{ "resolution: 0.125", "08 02", 162500 },
		{ "", "08 03", 312500 },
	};
	(void)state;

	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		struct driver_rig rig;
		struct fake_i2c chip;

		fake_chip_init(&rig, &chip, "mcp9808", rows[i].yaml);
		assert_int_equal(driver_rig_probe(&rig, 0), 0);
		assert_int_equal(rig.driver->trigger(rig.state, 0), rows[i].wait_us);
		assert_true(fake_i2c_wrote(&chip, rows[i].register_8));
		assert_true(fake_i2c_wrote(&chip, "01 01 00"));
		assert_true(fake_i2c_wrote(&chip, "01 00 00"));
		driver_rig_free(&rig);
	}
}

static void a_chip_that_does_not_convert_has_no_value(void **state)
{
	static const uint16_t configs[] = { 0x0100, 0xFFFF };
	(void)state;

	for (size_t i = 0; i < ARRAY_LEN(configs); i++) {
		struct driver_rig rig;
		struct fake_i2c chip;
		double celsius = -1e9;

		fake_chip_init(&rig, &chip, "mcp9808", "");
		assert_int_equal(driver_rig_probe(&rig, 0), 0);
		assert_true(rig.driver->trigger(rig.state, 0) > 0);
		fake_i2c_set16(&chip, 0x01, configs[i]);
		assert_int_equal(rig.driver->collect(rig.state, 0, &celsius), -EIO);
		assert_true(celsius == -1e9);
		driver_rig_free(&rig);
	}
}

static void another_maker_is_refused(void **state)
{
	struct driver_rig rig;
	struct fake_i2c chip;
	(void)state;

	fake_chip_init(&rig, &chip, "mcp9808", "");
	fake_i2c_set16(&chip, 0x06, 0x0055);
	assert_int_equal(driver_rig_probe(&rig, 0), -ENODEV);
	fake_i2c_set16(&chip, 0x06, 0x0054);
	fake_i2c_set16(&chip, 0x07, 0x04FF); /* any revision */
	assert_int_equal(driver_rig_probe(&rig, 0), 0);
	driver_rig_free(&rig);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(known_registers_give_known_temperatures),
		cmocka_unit_test(the_resolution_is_a_setting_and_a_time),
		cmocka_unit_test(a_chip_that_does_not_convert_has_no_value),
		cmocka_unit_test(another_maker_is_refused),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
