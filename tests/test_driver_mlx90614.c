/* SPDX-License-Identifier: Apache-2.0 */
/* Words with their PECs of eldruin/mlx9061x-rs, tests/mlx90614.rs; PECs of other words by a CRC in python3. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <errno.h>
#include <math.h>

#include "tests/fake_answers.h"

enum { AMBIENT, OBJECT, OBJECT_2 };

/** Probe and read a chip that answers @command with @frame. */
static int read_frame(const char *command, const char *frame, double out[])
{
	struct fake_answers answers = { 0 };
	struct driver_rig rig;
	struct fake_i2c chip;
	int64_t now_us = 0;
	int r;

	fake_chip_init(&rig, &chip, "mlx90614", "");
	fake_answers_change(&answers, &chip, command, frame);
	r = driver_rig_probe(&rig, now_us);
	if (r == 0)
		r = driver_rig_read_patiently(&rig, &now_us, out);
	driver_rig_free(&rig);
	return r;
}

static void known_words_give_known_temperatures(void **state)
{
	static const struct {
		const char *frame;
		double celsius;
	} known[] = { { "E1 39 E9", 23.19 }, { "61 3A 56", 25.75 }, { "6B 3A D4", 25.95 }, { "26 3A 66", 24.57 } };
	(void)state;

	for (size_t i = 0; i < ARRAY_LEN(known); i++) {
		double out[3] = { 0 };

		assert_int_equal(read_frame("06", known[i].frame, out), 0);
		assert_true(fabs(out[AMBIENT] - known[i].celsius) < 1e-9);
		assert_true(fabs(out[OBJECT] - 24.57) < 1e-9);
		assert_true(isnan(out[OBJECT_2]));
	}
}

/* 0x3AD2 with PEC 0x30 is the example of the datasheet's figure of a read: 15058 * 0.02 K. */
static void the_datasheets_frame_is_accepted(void **state)
{
	double out[3] = { 0 };
	(void)state;

	assert_int_equal(read_frame("07", "D2 3A 30", out), 0);
	assert_true(fabs(out[OBJECT] - (301.16 - 273.15)) < 1e-9);
}

static void a_chip_with_two_zones_gives_both(void **state)
{
	double out[3] = { 0 };
	(void)state;

	assert_int_equal(read_frame("25", "F4 9F 70", out), 0);
	assert_true(fabs(out[OBJECT_2] - 24.57) < 1e-9);
}

static void a_wrong_pec_is_no_value(void **state)
{
	double out[3] = { -1e9, -1e9, -1e9 };
	(void)state;

	assert_int_equal(read_frame("06", "E1 39 E8", out), -EBADMSG);
	assert_int_equal(read_frame("07", "26 3A A2", out), -EBADMSG); /* that of another register */
	assert_int_equal(read_frame("07", "FF FF FF", out), -EBADMSG);
	assert_int_equal(read_frame("07", "00 00 00", out), -EBADMSG);
	assert_true(out[0] == -1e9 && out[1] == -1e9 && out[2] == -1e9);
}

static void the_error_flag_is_no_value(void **state)
{
	double out[3] = { -1e9, -1e9, -1e9 };
	(void)state;

	assert_int_equal(read_frame("07", "26 BA F9", out), -EIO);
	assert_true(out[0] == -1e9);
}

static void the_first_value_is_waited_for(void **state)
{
	struct driver_rig rig;
	struct fake_i2c chip;
	double out[3];
	(void)state;

	fake_chip_init(&rig, &chip, "mlx90614", "");
	assert_int_equal(driver_rig_probe(&rig, 0), 0);
	assert_int_equal(rig.driver->trigger(rig.state, 0), 250000);
	assert_int_equal(rig.driver->collect(rig.state, 249999, out), -EAGAIN);
	assert_int_equal(rig.driver->collect(rig.state, 250000, out), 0);
	assert_int_equal(rig.driver->trigger(rig.state, 1000000), 0);
	driver_rig_free(&rig);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(known_words_give_known_temperatures),
		cmocka_unit_test(the_datasheets_frame_is_accepted),
		cmocka_unit_test(a_chip_with_two_zones_gives_both),
		cmocka_unit_test(a_wrong_pec_is_no_value),
		cmocka_unit_test(the_error_flag_is_no_value),
		cmocka_unit_test(the_first_value_is_waited_for),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
