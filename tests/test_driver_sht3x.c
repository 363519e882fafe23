/* SPDX-License-Identifier: Apache-2.0 */
/* Frames of the datasheet and of the tests of gobot (drivers/i2c/sht3x_driver_test.go) and Sensirion (python-i2c-sht, tests/sht3x). */
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

	fake_chip_init(&rig, &chip, "sht3x", yaml);
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
	{ "gobot, and the CRC of the datasheet", "BE EF 92 BE EF 92", 85.523003, 1e-6, 74.5845, 1e-4 },
	{ "Sensirion: all zeros", "00 00 81 00 00 81", -45.0, 0, 0.0, 0 },
	{ "Sensirion: all ones; 100 % by the datasheet's formula", "FF FF AC FF FF AC", 130.0, 0, 100.0, 0 },
};

static void known_frames_give_known_values(void **state)
{
	(void)state;

	for (size_t i = 0; i < ARRAY_LEN(known); i++) {
		double out[2] = { 0 };

		assert_int_equal(read_frame("", "24 00", known[i].frame, out), 0);
		print_message("%s\n\t%.6f degC %.6f %%\n", known[i].source, out[TEMPERATURE], out[HUMIDITY]);
		assert_true(fabs(out[TEMPERATURE] - known[i].celsius) <= known[i].celsius_off);
		assert_true(fabs(out[HUMIDITY] - known[i].percent) <= known[i].percent_off);
	}
}

static void a_wrong_crc_is_no_value(void **state)
{
	static const char *const frames[] = { "BE EF 00 BE EF 92", "BE EF 92 BE EF 00", "FF FF FF FF FF FF" };
	(void)state;

	for (size_t i = 0; i < ARRAY_LEN(frames); i++) {
		double out[2] = { -1e9, -1e9 };

		assert_int_equal(read_frame("", "24 00", frames[i], out), -EBADMSG);
		assert_true(out[0] == -1e9 && out[1] == -1e9);
	}
}

/* Datasheet v5, s.4.3 and the table of timings. */
static void repeatability_is_a_command_and_a_time(void **state)
{
	static const struct {
		const char *yaml, *command;
		int64_t wait_us;
	} rows[] = {
		{ "", "24 00", 15500 },
		{ "repeatability: medium", "24 0B", 6500 },
		{ "repeatability: low", "24 16", 4500 },
	};
	(void)state;

	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		struct driver_rig rig;
		struct fake_i2c chip;
		double out[2];
		int64_t now_us = 0;

		fake_chip_init(&rig, &chip, "sht3x", rows[i].yaml);
		assert_int_equal(driver_rig_probe(&rig, now_us), 0);
		assert_int_equal(driver_rig_read_patiently(&rig, &now_us, out), 0);
		assert_true(fake_i2c_wrote(&chip, rows[i].command));
		now_us += 1000000;
		assert_int_equal(rig.driver->trigger(rig.state, now_us), rows[i].wait_us);
		assert_int_equal(rig.driver->collect(rig.state, now_us + rows[i].wait_us - 1, out), -EAGAIN);
		assert_int_equal(rig.driver->collect(rig.state, now_us + rows[i].wait_us, out), 0);
		driver_rig_free(&rig);
	}
}

static void the_heater_is_turned_off_once_and_on_for_each_reading(void **state)
{
	struct driver_rig rig;
	struct fake_i2c chip;
	double out[2];
	int64_t now_us = 0;
	(void)state;

	fake_chip_init(&rig, &chip, "sht3x", "");
	assert_int_equal(driver_rig_probe(&rig, now_us), 0);
	assert_int_equal(driver_rig_read_patiently(&rig, &now_us, out), 0);
	assert_true(fake_i2c_wrote(&chip, "30 66"));
	fake_i2c_clear_log(&chip);
	now_us += 1000000;
	assert_int_equal(driver_rig_read_patiently(&rig, &now_us, out), 0);
	assert_false(fake_i2c_wrote(&chip, "30 66"));
	driver_rig_free(&rig);

	fake_chip_init(&rig, &chip, "sht3x", "heater: true");
	assert_int_equal(driver_rig_probe(&rig, now_us), 0);
	for (int i = 0; i < 2; i++) {
		fake_i2c_clear_log(&chip);
		now_us += 1000000;
		assert_int_equal(driver_rig_read_patiently(&rig, &now_us, out), 0);
		assert_true(fake_i2c_wrote(&chip, "30 6D"));
	}
	driver_rig_free(&rig);
}

/* s.4.3: 1 ms between two commands; the status of the probe was one. */
static void commands_keep_their_distance(void **state)
{
	struct driver_rig rig;
	struct fake_i2c chip;
	double out[2];
	(void)state;

	fake_chip_init(&rig, &chip, "sht3x", "");
	assert_int_equal(driver_rig_probe(&rig, 0), 0);
	assert_int_equal(rig.driver->trigger(rig.state, 100), 900);
	assert_int_equal(rig.driver->collect(rig.state, 999, out), -EAGAIN);
	assert_int_equal(chip.n_xfers, 1);
	assert_int_equal(rig.driver->collect(rig.state, 1000, out), -EAGAIN);
	assert_int_equal(chip.n_xfers, 2);
	assert_int_equal(rig.driver->collect(rig.state, 1999, out), -EAGAIN);
	assert_int_equal(chip.n_xfers, 2);
	assert_int_equal(rig.driver->collect(rig.state, 2000, out), -EAGAIN);
	assert_int_equal(chip.n_xfers, 3);
	driver_rig_free(&rig);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(known_frames_give_known_values),
		cmocka_unit_test(a_wrong_crc_is_no_value),
		cmocka_unit_test(repeatability_is_a_command_and_a_time),
		cmocka_unit_test(the_heater_is_turned_off_once_and_on_for_each_reading),
		cmocka_unit_test(commands_keep_their_distance),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
