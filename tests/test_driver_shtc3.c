/* SPDX-License-Identifier: Apache-2.0 */
/* The example of the datasheet (measuring and reading the signals), with the digits dbrgn/shtcx-rs, src/lib.rs gives it. */
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

	fake_chip_init(&rig, &chip, "shtc3", yaml);
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
	{ "datasheet: 23.7 degC, 63 %; shtcx-rs: 23.730, 62.968", "64 8B C7 A1 33 1C", 23.730, 0.001, 62.968, 0.001 },
	{ "all zeros, by the formula", "00 00 81 00 00 81", -45.0, 0, 0.0, 0 },
};

static void known_frames_give_known_values(void **state)
{
	(void)state;

	for (size_t i = 0; i < ARRAY_LEN(known); i++) {
		double out[2] = { 0 };

		assert_int_equal(read_frame("", "78 66", known[i].frame, out), 0);
		print_message("%s\n\t%.6f degC %.6f %%\n", known[i].source, out[TEMPERATURE], out[HUMIDITY]);
		assert_true(fabs(out[TEMPERATURE] - known[i].celsius) <= known[i].celsius_off);
		assert_true(fabs(out[HUMIDITY] - known[i].percent) <= known[i].percent_off);
	}
}

static void a_wrong_crc_is_no_value(void **state)
{
	static const char *const frames[] = { "64 8B C8 A1 33 1C", "64 8B C7 A1 33 1D", "FF FF FF FF FF FF" };
	(void)state;

	for (size_t i = 0; i < ARRAY_LEN(frames); i++) {
		double out[2] = { -1e9, -1e9 };

		assert_int_equal(read_frame("", "78 66", frames[i], out), -EBADMSG);
		assert_true(out[0] == -1e9 && out[1] == -1e9);
	}
}

static void the_mode_is_a_command_and_a_time(void **state)
{
	static const struct {
		const char *yaml, *command;
		int64_t wait_us;
	} rows[] = { { "", "78 66", 12100 }, { "mode: low_power", "60 9C", 800 } };
	(void)state;

	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		struct driver_rig rig;
		struct fake_i2c chip;

		fake_chip_init(&rig, &chip, "shtc3", rows[i].yaml);
		assert_int_equal(driver_rig_probe(&rig, 0), 0);
		assert_int_equal(rig.driver->trigger(rig.state, 0), rows[i].wait_us);
		assert_true(fake_i2c_wrote(&chip, rows[i].command));
		driver_rig_free(&rig);
	}
}

/* xxxx 1xxx xx00 0111; 08 47 is the id of shtcx-rs' tests, without the 8 it is an SHTC1. */
static void the_bits_that_are_the_same_in_every_chip_are_compared(void **state)
{
	double out[2];
	(void)state;

	assert_int_equal(read_frame("", "EF C8", "08 87 5B", out), 0);
	assert_int_equal(read_frame("", "EF C8", "00 07 16", out), -ENODEV);
	assert_int_equal(read_frame("", "EF C8", "08 87 5A", out), -ENODEV);
	assert_int_equal(read_frame("", "EF C8", "FF FF FF", out), -ENODEV);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(known_frames_give_known_values),
		cmocka_unit_test(a_wrong_crc_is_no_value),
		cmocka_unit_test(the_mode_is_a_command_and_a_time),
		cmocka_unit_test(the_bits_that_are_the_same_in_every_chip_are_compared),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
