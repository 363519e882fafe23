/* SPDX-License-Identifier: Apache-2.0 */
/* Tables of other projects: periph.io devices, tmp102/tmp102_test.go; eldruin/tmp1x2-rs, src/conversion.rs. */
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

	fake_chip_init(&rig, &chip, "tmp102", yaml);
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
	{ "", "periph.io", 0x6400, 100.0 },
	{ "", "periph.io", 0x5000, 80.0 },
	{ "", "periph.io", 0x3200, 50.0 },
	{ "", "periph.io", 0x0000, 0.0 },
	{ "", "periph.io", 0xE700, -25.0 },
	{ "", "periph.io", 0xC900, -55.0 },
	{ "", "tmp1x2-rs", 0x7FF0, 127.9375 },
	{ "", "tmp1x2-rs", 0x4B00, 75.0 },
	{ "", "tmp1x2-rs", 0x0040, 0.25 },
	{ "", "tmp1x2-rs", 0xC000, -64.0 },
	{ "", "tmp1x2-rs", 0x8000, -128.0 },
	{ "extended: true", "tmp1x2-rs, extended", 0x7FF1, 255.875 },
	{ "extended: true", "tmp1x2-rs, extended", 0x4001, 128.0 },
	{ "extended: true", "tmp1x2-rs, extended", 0x3FF9, 127.9375 },
	{ "extended: true", "tmp1x2-rs, extended", 0x2581, 75.0 },
	{ "extended: true", "tmp1x2-rs, extended", 0x0001, 0.0 },
	{ "extended: true", "tmp1x2-rs, extended", 0xFFE1, -0.25 },
	{ "extended: true", "tmp1x2-rs, extended", 0xF381, -25.0 },
	{ "extended: true", "tmp1x2-rs, extended", 0x8001, -256.0 },
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

/* One-shot, shut down, and the rest as after power-on: 60A0. */
static void options_become_configuration(void **state)
{
	static const struct {
		const char *yaml, *config;
	} rows[] = { { "", "01 E1 A0" }, { "extended: true", "01 E1 B0" } };
	(void)state;

	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		struct driver_rig rig;
		struct fake_i2c chip;

		fake_chip_init(&rig, &chip, "tmp102", rows[i].yaml);
		assert_int_equal(driver_rig_probe(&rig, 0), 0);
		assert_int_equal(rig.driver->trigger(rig.state, 0), 35000);
		assert_true(fake_i2c_wrote(&chip, rows[i].config));
		driver_rig_free(&rig);
	}
}

static void a_conversion_that_is_not_done_or_was_lost_gives_no_value(void **state)
{
	static const struct {
		uint16_t config, raw;
		int r;
	} rows[] = {
		{ 0x61A0, 0x3200, -EAGAIN }, /* converting */
		{ 0x60A0, 0x3200, -EIO },    /* as after power-on */
		{ 0xE1B0, 0x3200, -EIO },    /* extended, which it was not told to be */
		{ 0xFFFF, 0xFFFF, -EIO },    { 0x0000, 0x0000, -EIO },
		{ 0xE1A0, 0x3201, -EIO }, /* a value of 13 bits */
		{ 0xE1A0, 0x3200, 0 },
	};
	(void)state;

	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		struct driver_rig rig;
		struct fake_i2c chip;
		double celsius = -1e9;

		fake_chip_init(&rig, &chip, "tmp102", "");
		assert_int_equal(driver_rig_probe(&rig, 0), 0);
		assert_true(rig.driver->trigger(rig.state, 0) > 0);
		fake_i2c_set16(&chip, 0x01, rows[i].config);
		fake_i2c_set16(&chip, 0x00, rows[i].raw);
		assert_int_equal(rig.driver->collect(rig.state, 0, &celsius), rows[i].r);
		assert_true((celsius == -1e9) == (rows[i].r != 0));
		driver_rig_free(&rig);
	}
}

static void a_configuration_that_none_has_is_refused(void **state)
{
	static const uint16_t configs[] = { 0x0000, 0xFFFF, 0x40A0, 0x60A8 };
	(void)state;

	for (size_t i = 0; i < ARRAY_LEN(configs); i++) {
		struct driver_rig rig;
		struct fake_i2c chip;

		fake_chip_init(&rig, &chip, "tmp102", "");
		fake_i2c_set16(&chip, 0x01, configs[i]);
		assert_int_equal(driver_rig_probe(&rig, 0), -ENODEV);
		driver_rig_free(&rig);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(known_registers_give_known_temperatures),
		cmocka_unit_test(options_become_configuration),
		cmocka_unit_test(a_conversion_that_is_not_done_or_was_lost_gives_no_value),
		cmocka_unit_test(a_configuration_that_none_has_is_refused),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
