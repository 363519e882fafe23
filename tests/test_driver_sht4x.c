/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Frames recorded from a real chip (periph.io devices, sht4x/sht4xbustestrecording_test.go) and those of the tests of periph.io and of
 * Sensirion (python-i2c-sht, tests/sht4x); recorded values by the formulas of the datasheet in python3.
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

/** Probe and read a chip that answers @command with @frame. */
static int read_frame(const char *yaml, const char *command, const char *frame, double out[])
{
	struct fake_answers answers = { 0 };
	struct driver_rig rig;
	struct fake_i2c chip;
	int64_t now_us = 0;
	int r;

	fake_chip_init(&rig, &chip, "sht4x", yaml);
	fake_answers_change(&answers, &chip, command, frame);
	r = driver_rig_probe(&rig, now_us);
	if (r == 0)
		r = driver_rig_read_patiently(&rig, &now_us, out);
	driver_rig_free(&rig);
	return r;
}

static const struct {
	const char *source, *frame;
	double celsius, celsius_off, percent, percent_off;
} known[] = {
	{ "periph.io, sht4x_test.go", "80 00 A2 80 00 A2", 42.5, 0.002, 56.5, 0.002 },
	{ "Sensirion: all zeros; humidity is clipped as the datasheet says", "00 00 81 00 00 81", -45.0, 0, 0.0, 0 },
	{ "Sensirion: all ones, likewise", "FF FF AC FF FF AC", 130.0, 0, 100.0, 0 },
	{ "periph.io, recorded: -45 + 175 * 0x66EE / 65535, -6 + 125 * 0x4CBF / 65535", "66 EE 50 4C BF 2D", 25.363165,
	  1e-6, 31.474250, 1e-6 },
	{ "periph.io, recorded", "66 9E A8 4D CE 10", 25.149538, 1e-6, 31.991150, 1e-6 },
};

static void known_frames_give_known_values(void **state)
{
	(void)state;

	for (size_t i = 0; i < ARRAY_LEN(known); i++) {
		double out[2] = { 0 };

		assert_int_equal(read_frame("", "FD", known[i].frame, out), 0);
		print_message("%s\n\t%.6f degC %.6f %%\n", known[i].source, out[TEMPERATURE], out[HUMIDITY]);
		assert_true(fabs(out[TEMPERATURE] - known[i].celsius) <= known[i].celsius_off);
		assert_true(fabs(out[HUMIDITY] - known[i].percent) <= known[i].percent_off);
	}
}

static void a_wrong_crc_is_no_value(void **state)
{
	static const char *const frames[] = { "66 EE 51 4C BF 2D", "66 EE 50 4C BF 2C", "FF FF FF FF FF FF" };
	(void)state;

	for (size_t i = 0; i < ARRAY_LEN(frames); i++) {
		double out[2] = { -1e9, -1e9 };

		assert_int_equal(read_frame("", "FD", frames[i], out), -EBADMSG);
		assert_true(out[0] == -1e9 && out[1] == -1e9);
	}
}

/* Datasheet, table of timings: longest. */
static void repeatability_is_a_command_and_a_time(void **state)
{
	static const struct {
		const char *yaml, *command;
		int64_t wait_us;
	} rows[] = {
		{ "", "FD", 8300 },
		{ "repeatability: medium", "F6", 4500 },
		{ "repeatability: low", "E0", 1600 },
	};
	(void)state;

	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		struct driver_rig rig;
		struct fake_i2c chip;
		double out[2];
		int64_t now_us = 0;

		fake_chip_init(&rig, &chip, "sht4x", rows[i].yaml);
		assert_int_equal(driver_rig_probe(&rig, now_us), 0);
		assert_int_equal(driver_rig_read_patiently(&rig, &now_us, out), 0);
		now_us += 1000000;
		assert_int_equal(rig.driver->trigger(rig.state, now_us), rows[i].wait_us);
		assert_true(fake_i2c_wrote(&chip, rows[i].command));
		assert_int_equal(rig.driver->collect(rig.state, now_us + rows[i].wait_us - 1, out), -EAGAIN);
		assert_int_equal(rig.driver->collect(rig.state, now_us + rows[i].wait_us, out), 0);
		driver_rig_free(&rig);
	}
}

static void a_serial_number_without_crc_is_another_chip(void **state)
{
	double out[2];
	(void)state;

	assert_int_equal(read_frame("", "89", "FF FF FF FF FF FF", out), -ENODEV);
}

static void heater_pulses_come_when_due_and_give_no_values(void **state)
{
	static const struct {
		const char *yaml, *command;
	} rows[] = {
		{ "heater: 20mW, heater_every: 1m", "1E" },
		{ "heater: 110mW, heater_every: 1m", "2F" },
		{ "heater: 200mW, heater_every: 1m", "39" },
	};
	(void)state;

	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		struct driver_rig rig;
		struct fake_i2c chip;
		double out[2];
		int64_t now_us = 1000000000000;

		fake_chip_init(&rig, &chip, "sht4x", rows[i].yaml);
		assert_int_equal(driver_rig_probe(&rig, now_us), 0);
		now_us += 1000000;
		assert_int_equal(driver_rig_read(&rig, &now_us, out), -EAGAIN);
		for (int reading = 0; reading < 130; reading += 60) {
			int64_t begun_us = now_us;

			assert_true(fake_i2c_wrote(&chip, rows[i].command));
			now_us += 1100000;
			assert_int_equal(rig.driver->collect(rig.state, now_us, out), 0);
			assert_true(isnan(out[TEMPERATURE]) && isnan(out[HUMIDITY]));
			fake_i2c_clear_log(&chip);
			for (; now_us < begun_us + 60000000 - 1; now_us += 10000000) {
				assert_int_equal(driver_rig_read_patiently(&rig, &now_us, out), 0);
				assert_false(isnan(out[TEMPERATURE]));
				assert_false(fake_i2c_wrote(&chip, rows[i].command));
			}
			assert_int_equal(rig.driver->trigger(rig.state, now_us), 1100000);
		}
		driver_rig_free(&rig);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(known_frames_give_known_values),
		cmocka_unit_test(a_wrong_crc_is_no_value),
		cmocka_unit_test(repeatability_is_a_command_and_a_time),
		cmocka_unit_test(a_serial_number_without_crc_is_another_chip),
		cmocka_unit_test(heater_pulses_come_when_due_and_give_no_values),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
