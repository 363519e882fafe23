/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Values: the worked example of TI SBOS448G (s.9.2.2, table 8: 2 mOhm, 20 mV, 11.98 V, 10 A, 119.8 W), its table 7 of shunt voltages,
 * and chrisb2/pi_ina219, tests/test_read.py. Codes of settings by s.8.6.2.1, by hand.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <errno.h>
#include <math.h>

#include "tests/fake_i2c.h"

enum { VOLTAGE, CURRENT, POWER };

static void read_values(const char *yaml, uint16_t shunt, uint16_t bus, double out[3])
{
	struct driver_rig rig;
	struct fake_i2c chip;
	int64_t now_us = 0;

	fake_chip_init(&rig, &chip, "ina219", yaml);
	chip.reg16[1] = shunt;
	chip.reg16[2] = bus | 2; /* ready */
	assert_int_equal(driver_rig_probe(&rig, now_us), 0);
	assert_int_equal(driver_rig_read(&rig, &now_us, out), 0);
	driver_rig_free(&rig);
}

static void the_example_of_the_datasheet_comes_out(void **state)
{
	double out[3];
	(void)state;

	read_values("shunt: 0.002", 0x07D0, 0x5D98, out);
	assert_true(fabs(out[VOLTAGE] - 11.98) < 1e-9);
	assert_true(fabs(out[CURRENT] - 10.0) < 1e-9);
	assert_true(fabs(out[POWER] - 119.8) < 1e-9);
}

/* With 1 Ohm volts are amperes. */
static void registers_of_other_tables_give_their_voltages(void **state)
{
	static const struct {
		uint16_t shunt;
		double mv;
	} shunts[] = { { 0x7D00, 320.0 }, { 0x8300, -320.0 }, { 0x3E80, 160.0 }, { 0xC180, -160.0 }, { 0xE0C0, -80.0 },
		       { 0x0FA0, 40.0 },  { 0xF060, -40.0 },  { 0xFFFF, -0.01 }, { 0x07D0, 20.0 },   { 0x0000, 0.0 } };
	static const struct {
		uint16_t bus;
		double v;
	} buses[] = { { 0xFA00, 32.0 }, { 0x7D00, 16.0 }, { 0x0008, 0.004 }, { 0x0000, 0.0 } };
	double out[3];
	(void)state;

	for (size_t i = 0; i < ARRAY_LEN(shunts); i++) {
		read_values("shunt: 1", shunts[i].shunt, 0x5D98, out);
		assert_true(fabs(out[CURRENT] * 1000.0 - shunts[i].mv) < 1e-9);
	}
	for (size_t i = 0; i < ARRAY_LEN(buses); i++) {
		read_values("shunt: 1", 0x07D0, buses[i].bus, out);
		assert_true(fabs(out[VOLTAGE] - buses[i].v) < 1e-9);
	}
}

static void an_overflow_takes_current_and_power_away(void **state)
{
	double out[3];
	(void)state;

	read_values("shunt: 1", 0x7D00, 0x0FA1, out);
	assert_true(fabs(out[VOLTAGE] - 2.0) < 1e-9);
	assert_true(isnan(out[CURRENT]) && isnan(out[POWER]));
}

static void options_become_settings_and_time(void **state)
{
	static const struct {
		const char *yaml, *config;
		int64_t wait_us; /* 2 x 586 us x averaging + 40 us */
		double max_a;
	} rows[] = {
		{ "", "00 39 9B", 1212, 3.2 },
		{ "shunt: 0.1, max_current: 0.4, bus_range: 16V", "00 01 9B", 1212, 0.4 },
		{ "shunt: 0.1, max_current: 0.41, averaging: 2", "00 2C CB", 2384, 0.8 },
		{ "shunt: 0.01, max_current: 16, averaging: 128", "00 37 FB", 150056, 16.0 },
	};
	(void)state;

	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		struct driver_rig rig;
		struct fake_i2c chip;

		fake_chip_init(&rig, &chip, "ina219", rows[i].yaml);
		assert_true(fabs(rig.channels[CURRENT].max - rows[i].max_a) < 1e-9);
		assert_int_equal(driver_rig_probe(&rig, 0), 0);
		fake_i2c_clear_log(&chip);
		assert_int_equal(rig.driver->trigger(rig.state, 0), rows[i].wait_us);
		assert_true(fake_i2c_wrote(&chip, rows[i].config));
		driver_rig_free(&rig);
	}
}

static void a_current_beyond_the_range_is_refused(void **state)
{
	struct driver_rig rig;
	(void)state;

	driver_rig_init(&rig, "ina219", "{bus: x, shunt: 0.1, max_current: 3.3}");
	assert_int_equal(rig.n_channels, -EINVAL);
	assert_string_equal(rig.err.text, "max_current by shunt is 0.33 V, more than the 0.32 V that can be measured");
	driver_rig_free(&rig);
}

static void a_conversion_that_is_not_done_is_asked_for_again(void **state)
{
	struct driver_rig rig;
	struct fake_i2c chip;
	double out[3] = { -1e9, -1e9, -1e9 };
	int64_t now_us = 0;
	(void)state;

	fake_chip_init(&rig, &chip, "ina219", "");
	chip.reg16[2] = 0x5D98;
	assert_int_equal(driver_rig_probe(&rig, now_us), 0);
	assert_int_equal(driver_rig_read(&rig, &now_us, out), -EAGAIN);
	assert_true(out[0] == -1e9);
	driver_rig_free(&rig);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_example_of_the_datasheet_comes_out),
		cmocka_unit_test(registers_of_other_tables_give_their_voltages),
		cmocka_unit_test(an_overflow_takes_current_and_power_away),
		cmocka_unit_test(options_become_settings_and_time),
		cmocka_unit_test(a_current_beyond_the_range_is_refused),
		cmocka_unit_test(a_conversion_that_is_not_done_is_asked_for_again),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
