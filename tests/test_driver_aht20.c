/* SPDX-License-Identifier: Apache-2.0 */
/* The frame of a real chip in anglerud/aht20-driver, src/lib.rs; its values by the formulas of the datasheet in python3. */
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

	fake_chip_init(&rig, &chip, "aht20", yaml);
	fake_answers_change(&answers, &chip, command, frame);
	r = driver_rig_probe(&rig, now_us);
	if (r == 0)
		r = driver_rig_read_patiently(&rig, &now_us, out);
	driver_rig_free(&rig);
	return r;
}

static void a_recorded_frame_gives_its_values(void **state)
{
	double out[2] = { 0 };
	(void)state;

	/* 0x5CD26 * 200 / 2^20 - 50, 0x65B42 * 100 / 2^20 */
	assert_int_equal(read_frame("", "AC 33 00", "1C 65 B4 25 CD 26 C6", out), 0);
	assert_true(fabs(out[TEMPERATURE] - 22.517013549804688) < 1e-9);
	assert_true(fabs(out[HUMIDITY] - 39.72797393798828) < 1e-9);
}

static void a_wrong_crc_is_no_value(void **state)
{
	static const char *const frames[] = { "1C 65 B4 25 CD 27 C6", "1C 65 B4 25 CD 26 C7", "FF FF FF FF FF FF FF",
					      "00 00 00 00 00 00 00" };
	(void)state;

	for (size_t i = 0; i < ARRAY_LEN(frames); i++) {
		double out[2] = { -1e9, -1e9 };

		assert_int_equal(read_frame("", "AC 33 00", frames[i], out), -EBADMSG);
		assert_true(out[0] == -1e9 && out[1] == -1e9);
	}
}

/* As the project's own test: the status says busy, and the CRC is right. */
static void a_chip_that_is_busy_is_asked_again(void **state)
{
	struct fake_answers answers = { 0 };
	double out[2] = { -1e9, -1e9 };
	struct driver_rig rig;
	struct fake_i2c chip;
	int64_t now_us = 0;
	(void)state;

	fake_chip_init(&rig, &chip, "aht20", "");
	fake_answers_change(&answers, &chip, "AC 33 00", "9C 65 B4 25 CD 26 2A");
	assert_int_equal(driver_rig_probe(&rig, now_us), 0);
	assert_int_equal(rig.driver->trigger(rig.state, now_us), 80000);
	assert_int_equal(rig.driver->collect(rig.state, 79999, out), -EAGAIN);
	assert_int_equal(chip.n_xfers, 2);
	assert_int_equal(rig.driver->collect(rig.state, 80000, out), -EAGAIN);
	assert_int_equal(chip.n_xfers, 3);
	assert_true(out[0] == -1e9);
	driver_rig_free(&rig);
}

static void a_chip_that_is_not_calibrated_is_told_to_and_waited_for(void **state)
{
	struct fake_answers answers = { 0 };
	double out[2];
	struct driver_rig rig;
	struct fake_i2c chip;
	int64_t now_us = 5000;
	(void)state;

	fake_chip_init(&rig, &chip, "aht20", "");
	fake_answers_change(&answers, &chip, "71", "00");
	assert_int_equal(driver_rig_probe(&rig, 0), 0);
	assert_true(fake_i2c_wrote(&chip, "BE 08 00"));
	assert_int_equal(rig.driver->trigger(rig.state, now_us), 5000);
	assert_false(fake_i2c_wrote(&chip, "AC 33 00"));
	assert_int_equal(driver_rig_read_patiently(&rig, &now_us, out), 0);
	driver_rig_free(&rig);

	fake_chip_init(&rig, &chip, "aht20", "");
	assert_int_equal(driver_rig_probe(&rig, 0), 0);
	assert_false(fake_i2c_wrote(&chip, "BE 08 00"));
	driver_rig_free(&rig);
}

static void a_chip_that_lost_its_calibration_has_no_values(void **state)
{
	double out[2] = { -1e9, -1e9 };
	(void)state;

	assert_int_equal(read_frame("", "AC 33 00", "14 65 B4 25 CD 26 1C", out), -EIO);
	assert_true(out[0] == -1e9);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_recorded_frame_gives_its_values),
		cmocka_unit_test(a_wrong_crc_is_no_value),
		cmocka_unit_test(a_chip_that_is_busy_is_asked_again),
		cmocka_unit_test(a_chip_that_is_not_calibrated_is_told_to_and_waited_for),
		cmocka_unit_test(a_chip_that_lost_its_calibration_has_no_values),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
