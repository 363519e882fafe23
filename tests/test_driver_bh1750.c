/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Values: the examples on page 7 of ROHM's BH1750FVI datasheet (2011.11 rev D), 28067 lx and 227 lx, and hybridgroup/gobot,
 * drivers/i2c/bh1750_driver_test.go, 1213 lx, cut to a whole number. Other windows and H-resolution 2 by the formulas of pages 11 and 12.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <errno.h>
#include <math.h>

#include "tests/fake_i2c.h"

static double read_lux(const char *yaml, const char *raw)
{
	const struct fake_exchange exchanges[] = { { "01", "" }, { "20", raw }, { "21", raw }, { "23", raw },
						   { "47", "" }, { "7E", "" },	{ "40", "" },  { "7F", "" } };
	struct driver_rig rig;
	struct fake_i2c chip;
	double out[1] = { -1e9 };
	int64_t now_us = 0;

	fake_chip_init(&rig, &chip, "bh1750", yaml);
	chip.exchanges = exchanges;
	chip.n_exchanges = ARRAY_LEN(exchanges);
	assert_int_equal(driver_rig_probe(&rig, now_us), 0);
	assert_int_equal(driver_rig_read(&rig, &now_us, out), 0);
	driver_rig_free(&rig);
	return out[0];
}

static void examples_of_the_datasheet_come_out(void **state)
{
	(void)state;

	assert_true(round(read_lux("", "83 90")) == 28067.0);
	assert_true(round(read_lux("mode: low", "01 10")) == 227.0);
	assert_true(floor(read_lux("", "05 B0")) == 1213.0);
	assert_true(read_lux("", "00 00") == 0.0);
}

static void window_and_half_steps_scale(void **state)
{
	(void)state;

	assert_true(fabs(read_lux("mode: high2", "83 90") - 33680 / 1.2 / 2) < 1e-9);
	assert_true(fabs(read_lux("window: 254", "83 90") - 33680 / 1.2 * 69 / 254) < 1e-9);
	assert_true(fabs(read_lux("window: 31", "83 90") - 33680 / 1.2 * 69 / 31) < 1e-9);
}

static void a_full_counter_is_a_gap(void **state)
{
	(void)state;

	assert_true(isnan(read_lux("", "FF FF")));
	assert_false(isnan(read_lux("", "FF FE")));
}

static void options_become_commands_and_time(void **state)
{
	static const struct {
		const char *yaml, *command, *window_high, *window_low;
		int64_t wait_us;
	} rows[] = {
		{ "", "20", NULL, NULL, 180001 },
		{ "mode: low", "23", NULL, NULL, 24001 },
		{ "mode: high2, window: 254", "21", "47", "7E", 662609 },
		{ "window: 31", "20", "40", "7F", 80870 },
	};
	(void)state;

	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		struct driver_rig rig;
		struct fake_i2c chip;

		fake_chip_init(&rig, &chip, "bh1750", rows[i].yaml);
		assert_int_equal(driver_rig_probe(&rig, 0), 0);
		assert_true(fake_i2c_wrote(&chip, "01"));
		assert_int_equal(rig.driver->trigger(rig.state, 0), rows[i].wait_us);
		assert_true(fake_i2c_wrote(&chip, rows[i].command));
		if (rows[i].window_high)
			assert_true(fake_i2c_wrote(&chip, rows[i].window_high) &&
				    fake_i2c_wrote(&chip, rows[i].window_low));
		driver_rig_free(&rig);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(examples_of_the_datasheet_come_out),
		cmocka_unit_test(window_and_half_steps_scale),
		cmocka_unit_test(a_full_counter_is_a_gap),
		cmocka_unit_test(options_become_commands_and_time),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
