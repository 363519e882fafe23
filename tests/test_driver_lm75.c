/* SPDX-License-Identifier: Apache-2.0 */
/* NXP LM75B rev. 6.1, table 10; eldruin/lm75-rs, src/conversion.rs, whose low seven bits are junk. */
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

	fake_chip_init(&rig, &chip, "lm75", yaml);
	fake_i2c_set16(&chip, 0x00, raw);
	r = driver_rig_probe(&rig, now_us);
	if (r == 0)
		r = driver_rig_read(&rig, &now_us, celsius);
	driver_rig_free(&rig);
	return r;
}

static const struct {
	const char *yaml; /* of options */
	const char *source;
	uint16_t raw;
	double celsius;
} known[] = {
	{ "", "LM75B, table 10", 0x7F00, 127.0 },
	{ "", "LM75B, table 10", 0x7EE0, 126.875 },
	{ "", "LM75B, table 10", 0x7E20, 126.125 },
	{ "", "LM75B, table 10", 0x1900, 25.0 },
	{ "", "LM75B, table 10", 0x0020, 0.125 },
	{ "", "LM75B, table 10", 0x0000, 0.0 },
	{ "", "LM75B, table 10", 0xE700, -25.0 },
	{ "", "LM75B, table 10", 0xC920, -54.875 },
	{ "", "LM75B, table 10", 0xC900, -55.0 },
	{ "bits: 9", "lm75-rs", 0x7D5A, 125.0 },
	{ "bits: 9", "lm75-rs", 0x195A, 25.0 },
	{ "bits: 9", "lm75-rs", 0xE75A, -25.0 },
	{ "bits: 9", "lm75-rs", 0x00DA, 0.5 },
	{ "bits: 9", "lm75-rs", 0x7FDA, 127.5 },
	{ "bits: 9", "lm75-rs", 0xFFDA, -0.5 },
	{ "bits: 10", "10 bits of table 10: 0.125 is cut off", 0x7EE0, 126.75 },
	{ "bits: 10", "10 bits of table 10: 0.125 is cut off", 0xC900, -55.0 },
};

static void known_registers_give_known_temperatures(void **state)
{
	(void)state;

	for (size_t i = 0; i < ARRAY_LEN(known); i++) {
		double celsius = NAN;

		print_message("%s: %04X\n", known[i].source, known[i].raw);
		assert_int_equal(read_raw(known[i].yaml, known[i].raw, &celsius), 0);
		assert_true(celsius == known[i].celsius);
	}
}

/* 0x8000 is -128 degC, 0xFFFF a line that nothing drives. */
static void what_no_lm75_measures_is_no_value(void **state)
{
	double celsius = -1e9;
	(void)state;

	assert_int_equal(read_raw("", 0x8000, &celsius), -EIO);
	assert_int_equal(read_raw("bits: 9", 0x805A, &celsius), -EIO);
	assert_int_equal(read_raw("", 0xFFFF, &celsius), -EIO);
	assert_int_equal(read_raw("bits: 9", 0xFFFF, &celsius), -EIO);
	assert_int_equal(read_raw("", 0xC8E0, &celsius), -EIO); /* -55.125 */
	assert_true(celsius == -1e9);
}

static void the_first_conversion_is_waited_for(void **state)
{
	struct driver_rig rig;
	struct fake_i2c chip;
	double celsius;
	(void)state;

	fake_chip_init(&rig, &chip, "lm75", "");
	assert_int_equal(driver_rig_probe(&rig, 0), 0);
	assert_true(fake_i2c_wrote(&chip, "01 00"));
	assert_int_equal(rig.driver->trigger(rig.state, 100000), 200000);
	assert_int_equal(rig.driver->collect(rig.state, 299999, &celsius), -EAGAIN);
	assert_int_equal(rig.driver->collect(rig.state, 300000, &celsius), 0);
	assert_int_equal(rig.driver->trigger(rig.state, 1000000), 0);
	driver_rig_free(&rig);
}

static void a_chip_that_was_shut_down_is_woken_with_its_settings(void **state)
{
	struct driver_rig rig;
	struct fake_i2c chip;
	(void)state;

	fake_chip_init(&rig, &chip, "lm75", "");
	fake_i2c_set16(&chip, 0x01, 0x1700); /* a byte: fault queue, polarity, interrupt, shutdown */
	assert_int_equal(driver_rig_probe(&rig, 0), 0);
	assert_true(fake_i2c_wrote(&chip, "01 16"));
	driver_rig_free(&rig);
}

static void limits_that_none_has_are_refused(void **state)
{
	static const uint16_t limits[] = { 0x0000, 0xFFFF };
	(void)state;

	for (size_t i = 0; i < ARRAY_LEN(limits); i++) {
		struct driver_rig rig;
		struct fake_i2c chip;

		fake_chip_init(&rig, &chip, "lm75", "");
		fake_i2c_set16(&chip, 0x02, limits[i]);
		fake_i2c_set16(&chip, 0x03, limits[i]);
		assert_int_equal(driver_rig_probe(&rig, 0), -ENODEV);
		driver_rig_free(&rig);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(known_registers_give_known_temperatures),
		cmocka_unit_test(what_no_lm75_measures_is_no_value),
		cmocka_unit_test(the_first_conversion_is_waited_for),
		cmocka_unit_test(a_chip_that_was_shut_down_is_woken_with_its_settings),
		cmocka_unit_test(limits_that_none_has_are_refused),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
