/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What a real chip sent: TimHanewich/diagnosing-ens160, readme.md. Status bits by the datasheet: 7 running, 6 error, 3:2 validity, 1 new.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <errno.h>
#include <math.h>

#include "tests/fake_i2c.h"

enum { AQI, TVOC, ECO2 };

static int read_data(const char *data, double out[])
{
	struct driver_rig rig;
	struct fake_i2c chip;
	int64_t now_us = 0;
	int r;

	fake_chip_init(&rig, &chip, "ens160", "");
	assert_int_equal(driver_rig_probe(&rig, now_us), 0);
	fake_i2c_set(&chip, 0x20, data);
	r = driver_rig_read(&rig, &now_us, out);
	driver_rig_free(&rig);
	return r;
}

static void recorded_registers_give_their_values(void **state)
{
	static const struct {
		const char *data;
		double aqi, ppb, ppm;
	} known[] = {
		{ "83 02 AE 00 94 02", 2, 174, 660 }, /* 129,2,174,0,148,2 after a status of 131 */
		{ "83 02 B0 00 97 02", 2, 176, 663 },
	};
	(void)state;

	for (size_t i = 0; i < ARRAY_LEN(known); i++) {
		double out[3] = { 0 };

		assert_int_equal(read_data(known[i].data, out), 0);
		assert_true(out[AQI] == known[i].aqi && out[TVOC] == known[i].ppb && out[ECO2] == known[i].ppm);
	}
}

static void values_that_are_not_good_yet_are_left_out(void **state)
{
	static const char *const data[] = {
		"87 02 AE 00 94 02", /* warming up */
		"8B 02 AE 00 94 02", /* first hour */
		"01 00 00 00 00 00", /* recorded just after the start */
		"03 00 00 00 00 00",
	};
	(void)state;

	for (size_t i = 0; i < ARRAY_LEN(data); i++) {
		double out[3] = { 0 };

		assert_int_equal(read_data(data[i], out), 0);
		assert_true(isnan(out[AQI]) && isnan(out[TVOC]) && isnan(out[ECO2]));
	}
}

static void what_the_chip_disowns_is_no_value(void **state)
{
	static const struct {
		const char *data;
		int r;
	} rows[] = {
		{ "8F 02 AE 00 94 02", -EIO },					 /* invalid */
		{ "C3 02 AE 00 94 02", -EIO },					 /* error */
		{ "81 02 AE 00 94 02", -EAGAIN },				 /* nothing new */
		{ "83 00 00 00 00 00", -EIO },					 /* an index that there is not */
		{ "83 06 AE 00 94 02", -EIO },	  { "83 02 AE 00 8F 01", -EIO }, /* 399 ppm: less than it can say */
		{ "FF FF FF FF FF FF", -EIO },
	};
	(void)state;

	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		double out[3] = { -1e9, -1e9, -1e9 };

		assert_int_equal(read_data(rows[i].data, out), rows[i].r);
		assert_true(out[AQI] == -1e9 && out[ECO2] == -1e9);
	}
}

/* 25 degC = 298.15 K * 64 = 19081.6; 50 % * 512 = 0x6400. */
static void it_is_set_up_once_and_waited_for(void **state)
{
	struct driver_rig rig;
	struct fake_i2c chip;
	double out[3];
	int64_t now_us = 0;
	(void)state;

	fake_chip_init(&rig, &chip, "ens160", "");
	assert_int_equal(driver_rig_probe(&rig, now_us), 0);
	assert_true(fake_i2c_wrote(&chip, "10 02"));
	assert_true(fake_i2c_wrote(&chip, "13 8A 4A 00 64"));
	assert_int_equal(rig.driver->trigger(rig.state, 0), 1000000);
	assert_int_equal(rig.driver->collect(rig.state, 999999, out), -EAGAIN);
	assert_int_equal(rig.driver->collect(rig.state, 1000000, out), 0);
	assert_int_equal(rig.driver->trigger(rig.state, 1100000), 900000);

	/* What runs goes on: starting again would warm it up again. */
	fake_i2c_clear_log(&chip);
	assert_int_equal(driver_rig_probe(&rig, 5000000), 0);
	assert_false(fake_i2c_wrote(&chip, "10 02"));
	assert_int_equal(rig.driver->trigger(rig.state, 5000000), 0);
	driver_rig_free(&rig);
}

/* -40 degC * 64 = 233.15 * 64 = 14921.6; 100 * 512 = 0xC800. */
static void compensation_is_what_the_options_say(void **state)
{
	struct driver_rig rig;
	struct fake_i2c chip;
	(void)state;

	fake_chip_init(&rig, &chip, "ens160", "temperature: -40, humidity: 100");
	assert_int_equal(driver_rig_probe(&rig, 0), 0);
	assert_true(fake_i2c_wrote(&chip, "13 4A 3A 00 C8"));
	driver_rig_free(&rig);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(recorded_registers_give_their_values),
		cmocka_unit_test(values_that_are_not_good_yet_are_left_out),
		cmocka_unit_test(what_the_chip_disowns_is_no_value),
		cmocka_unit_test(it_is_set_up_once_and_waited_for),
		cmocka_unit_test(compensation_is_what_the_options_say),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
