/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Examples of the HTU21D datasheet (HPC199_3, p. 15 and CRC examples), and the dump of a real SHT2x in gobot,
 * drivers/i2c/sht2x_driver_test.go.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <errno.h>
#include <math.h>

#include "tests/fake_answers.h"

enum { TEMPERATURE, HUMIDITY };

static const struct {
	const char *source, *temperature, *humidity;
	double celsius, celsius_off, percent, percent_off;
} known[] = {
	{ "datasheet, CRC examples", "68 3A 7C", "4E 85 6B", 24.7, 0.05, 32.3, 0.05 },
	{ "datasheet, p. 15: 54.8 %", "68 3A 7C", "7C 80 F5", 24.7, 0.05, 54.8, 0.05 },
	{ "gobot, dump of a real sensor", "5F A8 3B", "5E CA 16", 18.809052, 1e-5, 40.279907, 1e-5 },
	{ "all zeros: -46.85, and -6 %, clipped", "00 00 00", "00 00 00", -46.85, 1e-9, 0.0, 0 },
};

static int read_frames(const char *serial, const char *temperature, const char *humidity, double out[])
{
	struct fake_answers answers = { 0 };
	struct driver_rig rig;
	struct fake_i2c chip;
	int64_t now_us = 0;
	int r;

	fake_chip_init(&rig, &chip, "htu21d", "");
	if (serial)
		fake_answers_change(&answers, &chip, "FA 0F", serial);
	fake_answers_change(&answers, &chip, "F3", temperature);
	fake_answers_change(&answers, &chip, "F5", humidity);
	r = driver_rig_probe(&rig, now_us);
	if (r == 0)
		r = driver_rig_read_patiently(&rig, &now_us, out);
	driver_rig_free(&rig);
	return r;
}

static void known_frames_give_known_values(void **state)
{
	(void)state;

	for (size_t i = 0; i < ARRAY_LEN(known); i++) {
		double out[2] = { 0 };

		assert_int_equal(read_frames(NULL, known[i].temperature, known[i].humidity, out), 0);
		print_message("%s\n\t%.6f degC %.6f %%\n", known[i].source, out[TEMPERATURE], out[HUMIDITY]);
		assert_true(fabs(out[TEMPERATURE] - known[i].celsius) <= known[i].celsius_off);
		assert_true(fabs(out[HUMIDITY] - known[i].percent) <= known[i].percent_off);
	}
}

static void a_wrong_crc_is_no_value(void **state)
{
	double out[2] = { -1e9, -1e9 };
	(void)state;

	assert_int_equal(read_frames(NULL, "68 3A 7D", "4E 85 6B", out), -EBADMSG);
	assert_int_equal(read_frames(NULL, "68 3A 7C", "4E 84 6B", out), -EBADMSG);
	assert_int_equal(read_frames(NULL, "FF FF FF", "FF FF FF", out), -EBADMSG);
	assert_true(out[0] == -1e9 && out[1] == -1e9);
}

/* The user register of power-on is 02 (HTU21D) or 3A (Si7021, SHT2x); bits by the HTU21D datasheet, times by that of SHT21,
 * but those of humidity with 8 and 10 bits by table 2 of the Si7021: 3.1 + 3.8 and 4.5 + 6.2 ms. */
static void options_become_settings_and_times(void **state)
{
	static const struct {
		const char *yaml, *user;
		int64_t temperature_us, humidity_us;
	} rows[] = {
		{ "", "E6 02", 85000, 29000 },
		{ "resolution: 12/8", "E6 03", 22000, 6900 },
		{ "resolution: 13/10", "E6 82", 43000, 10700 },
		{ "resolution: 11/11, heater: true", "E6 87", 11000, 15000 },
	};
	(void)state;

	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		struct driver_rig rig;
		struct fake_i2c chip;
		double out[2];
		int64_t now_us;

		fake_chip_init(&rig, &chip, "htu21d", rows[i].yaml);
		assert_int_equal(driver_rig_probe(&rig, 0), 0);
		assert_int_equal(rig.driver->trigger(rig.state, 0), rows[i].temperature_us);
		assert_true(fake_i2c_wrote(&chip, rows[i].user));
		now_us = rows[i].temperature_us;
		assert_int_equal(rig.driver->collect(rig.state, now_us - 1, out), -EAGAIN);
		assert_int_equal(rig.driver->collect(rig.state, now_us, out), -EAGAIN);
		assert_int_equal(rig.driver->collect(rig.state, now_us + rows[i].humidity_us - 1, out), -EAGAIN);
		assert_int_equal(rig.driver->collect(rig.state, now_us + rows[i].humidity_us, out), 0);
		driver_rig_free(&rig);
	}
}

static void the_serial_number_of_each_maker_is_accepted(void **state)
{
	double out[2];
	(void)state;

	/* Si7021: the first byte and its CRC; those of later bytes differ between makers, so that any is accepted. */
	assert_int_equal(read_frames("15 B6 FF FF 00 00 00 00", "68 3A 7C", "4E 85 6B", out), 0);
	assert_int_equal(read_frames("00 00 00 00 00 00 00 00", "68 3A 7C", "4E 85 6B", out), -ENODEV);
	assert_int_equal(read_frames("FF FF FF FF FF FF FF FF", "68 3A 7C", "4E 85 6B", out), -ENODEV);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(known_frames_give_known_values),
		cmocka_unit_test(a_wrong_crc_is_no_value),
		cmocka_unit_test(options_become_settings_and_times),
		cmocka_unit_test(the_serial_number_of_each_maker_is_accepted),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
