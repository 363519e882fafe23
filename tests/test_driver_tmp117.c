/* SPDX-License-Identifier: Apache-2.0 */
/* Table 7-1 of the datasheet (SNOSD82D). */
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

	fake_chip_init(&rig, &chip, "tmp117", yaml);
	fake_i2c_set16(&chip, 0x00, raw);
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
	{ "table 7-1", 0xF380, -25.0 },	      { "table 7-1", 0xFFF0, -0.125 },	  { "table 7-1", 0xFFFF, -0.0078125 },
	{ "table 7-1", 0x0000, 0.0 },	      { "table 7-1", 0x0001, 0.0078125 }, { "table 7-1", 0x0010, 0.125 },
	{ "table 7-1", 0x0080, 1.0 },	      { "table 7-1", 0x0C80, 25.0 },	  { "table 7-1", 0x3200, 100.0 },
	{ "table 7-1", 0x7FFF, 255.9921875 },
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

/* s.7.6.1.2: -256 degC is what reads before the first conversion. */
static void a_chip_that_never_converted_has_no_value(void **state)
{
	double celsius = -1e9;
	(void)state;

	assert_int_equal(read_raw("", 0x8000, &celsius), -EIO);
	assert_true(celsius == -1e9);
}

/* MOD 11, AVG 00 to 11; 17.5 ms at most for each conversion. */
static void averages_become_configuration_and_time(void **state)
{
	static const struct {
		const char *yaml, *config;
		int64_t wait_us;
	} rows[] = {
		{ "average: 1", "01 0C 00", 17500 },
		{ "", "01 0C 20", 140000 },
		{ "average: 32", "01 0C 40", 560000 },
		{ "average: 64", "01 0C 60", 1120000 },
	};
	(void)state;

	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		struct driver_rig rig;
		struct fake_i2c chip;

		fake_chip_init(&rig, &chip, "tmp117", rows[i].yaml);
		assert_int_equal(driver_rig_probe(&rig, 0), 0);
		assert_int_equal(rig.driver->trigger(rig.state, 0), rows[i].wait_us);
		assert_true(fake_i2c_wrote(&chip, rows[i].config));
		driver_rig_free(&rig);
	}
}

static void a_conversion_that_is_not_done_or_was_lost_gives_no_value(void **state)
{
	static const struct {
		uint16_t config;
		int r;
	} rows[] = {
		{ 0x0C20, -EAGAIN }, /* still one-shot */
		{ 0x3420, -EAGAIN }, /* loading from EEPROM */
		{ 0x2220, -EIO },    /* as after power-on */
		{ 0xFFFF, -EIO },    { 0x2420, 0 },
	};
	(void)state;

	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		struct driver_rig rig;
		struct fake_i2c chip;
		double celsius;

		fake_chip_init(&rig, &chip, "tmp117", "");
		assert_int_equal(driver_rig_probe(&rig, 0), 0);
		assert_true(rig.driver->trigger(rig.state, 0) > 0);
		fake_i2c_set16(&chip, 0x01, rows[i].config);
		assert_int_equal(rig.driver->collect(rig.state, 0, &celsius), rows[i].r);
		driver_rig_free(&rig);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(known_registers_give_known_temperatures),
		cmocka_unit_test(a_chip_that_never_converted_has_no_value),
		cmocka_unit_test(averages_become_configuration_and_time),
		cmocka_unit_test(a_conversion_that_is_not_done_or_was_lost_gives_no_value),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
