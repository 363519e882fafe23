/* SPDX-License-Identifier: Apache-2.0 */
/* The example of the datasheet (temperature registers): 00011001 01 is +25.25 degC; the others by its definition. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <errno.h>
#include <math.h>

#include "tests/fake_i2c.h"

/** Probe and read a clock with these registers of the temperature. */
static int read_raw(const char *yaml, const char *raw, double *celsius)
{
	struct driver_rig rig;
	struct fake_i2c chip;
	int64_t now_us = 0;
	int r;

	fake_chip_init(&rig, &chip, "ds3231", yaml);
	fake_i2c_set(&chip, 0x11, raw);
	r = driver_rig_probe(&rig, now_us);
	if (r == 0)
		r = driver_rig_read(&rig, &now_us, celsius);
	driver_rig_free(&rig);
	return r;
}

static void known_registers_give_known_temperatures(void **state)
{
	static const struct {
		const char *raw;
		double celsius;
	} known[] = {
		{ "19 40", 25.25 }, { "00 00", 0.0 }, { "FF C0", -0.25 }, { "D8 00", -40.0 }, { "54 C0", 84.75 }
	};
	(void)state;

	for (size_t i = 0; i < ARRAY_LEN(known); i++) {
		double celsius = NAN;

		assert_int_equal(read_raw("", known[i].raw, &celsius), 0);
		assert_true(celsius == known[i].celsius);
		assert_int_equal(read_raw("convert: false", known[i].raw, &celsius), 0);
		assert_true(celsius == known[i].celsius);
	}
}

static void bits_that_are_always_0_tell_nonsense(void **state)
{
	double celsius = -1e9;
	(void)state;

	assert_int_equal(read_raw("", "FF FF", &celsius), -EIO);
	assert_true(celsius == -1e9);
}

static void a_conversion_is_started_without_touching_the_clock(void **state)
{
	struct driver_rig rig;
	struct fake_i2c chip;
	double celsius;
	(void)state;

	fake_chip_init(&rig, &chip, "ds3231", "");
	chip.reg[0x0E] = 0x45; /* alarm, square wave on battery */
	assert_int_equal(driver_rig_probe(&rig, 0), 0);
	chip.written = NULL; /* it takes its time */
	assert_int_equal(rig.driver->trigger(rig.state, 0), 200000);
	assert_true(fake_i2c_wrote(&chip, "0E 65"));
	assert_int_equal(rig.driver->collect(rig.state, 200000, &celsius), -EAGAIN);
	chip.reg[0x0E] = 0x45;
	assert_int_equal(rig.driver->collect(rig.state, 200000, &celsius), 0);

	/* Its own conversion is under way. */
	chip.reg[0x0F] = 1 << 2;
	fake_i2c_clear_log(&chip);
	assert_int_equal(rig.driver->trigger(rig.state, 0), 200000);
	assert_false(fake_i2c_wrote(&chip, "0E 65"));
	driver_rig_free(&rig);
}

static void only_a_clock_is_accepted(void **state)
{
	static const struct {
		const char *time;
		int r;
	} rows[] = {
		{ "59 59 23 07 31 12 99", 0 },	     { "00 00 00 01 01 01 00", 0 },
		{ "00 00 72 01 01 81 00", 0 }, /* 12 PM, and a century */
		{ "60 00 00 01 01 01 00", -ENODEV }, { "0A 00 00 01 01 01 00", -ENODEV },
		{ "00 00 24 01 01 01 00", -ENODEV }, { "00 00 73 01 01 01 00", -ENODEV }, /* 13 PM */
		{ "00 00 00 08 01 01 00", -ENODEV }, { "00 00 00 01 00 01 00", -ENODEV },
		{ "00 00 00 01 01 13 00", -ENODEV }, { "00 00 00 01 01 01 A0", -ENODEV },
		{ "FF FF FF FF FF FF FF", -ENODEV },
	};
	(void)state;

	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		struct driver_rig rig;
		struct fake_i2c chip;

		fake_chip_init(&rig, &chip, "ds3231", "");
		fake_i2c_set(&chip, 0x00, rows[i].time);
		assert_int_equal(driver_rig_probe(&rig, 0), rows[i].r);
		driver_rig_free(&rig);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(known_registers_give_known_temperatures),
		cmocka_unit_test(bits_that_are_always_0_tell_nonsense),
		cmocka_unit_test(a_conversion_is_started_without_touching_the_clock),
		cmocka_unit_test(only_a_clock_is_accepted),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
