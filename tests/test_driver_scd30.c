/* SPDX-License-Identifier: Apache-2.0 */
/* Frames and commands as the interface description (v1.0) prints them; its values with more digits from antonfisher/scd30 and others. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <errno.h>
#include <math.h>

#include "tests/fake_answers.h"

enum { CO2, TEMPERATURE, HUMIDITY };

/** Probe and read a chip that answers @command with @frame. */
static int read_frame(const char *command, const char *frame, double out[])
{
	struct fake_answers answers = { 0 };
	struct driver_rig rig;
	struct fake_i2c chip;
	int64_t now_us = 0;
	int r;

	fake_chip_init(&rig, &chip, "scd30", "");
	fake_answers_change(&answers, &chip, command, frame);
	r = driver_rig_probe(&rig, now_us);
	if (r == 0)
		r = driver_rig_read_patiently(&rig, &now_us, out);
	driver_rig_free(&rig);
	return r;
}

static void the_worked_example_gives_its_values(void **state)
{
	double out[3] = { 0 };
	(void)state;

	assert_int_equal(read_frame("03 00", "43 DB CB 8C 2E 8F 41 D9 70 E7 FF F5 42 43 BF 3A 1B 74", out), 0);
	assert_true(fabs(out[CO2] - 439.09515) < 1e-5);
	assert_true(fabs(out[TEMPERATURE] - 27.23828) < 1e-5);
	assert_true(fabs(out[HUMIDITY] - 48.806744) < 1e-5);
}

static void wrong_crcs_and_what_is_no_number_are_no_value(void **state)
{
	static const struct {
		const char *command, *answer;
		int r;
	} rows[] = {
		{ "03 00", "43 DB CA 8C 2E 8F 41 D9 70 E7 FF F5 42 43 BF 3A 1B 74", -EBADMSG },
		{ "03 00", "43 DB CB 8C 2E 8F 41 D9 70 E7 FF F5 42 43 BF 3A 1B 75", -EBADMSG },
		{ "03 00", "43 DB CB 8C 2E 8F 7F C0 64 00 00 81 42 43 BF 3A 1B 74", -EIO }, /* NaN */
		{ "03 00", "43 DB CB 8C 2E 8F 41 D9 70 E7 FF F5 FF 80 7A 00 00 81", -EIO }, /* -infinity */
		{ "02 02", "00 01 B1", -EBADMSG },
		{ "D1 00", "03 42 F2", -ENODEV },
	};
	(void)state;

	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		double out[3] = { -1e9, -1e9, -1e9 };

		assert_int_equal(read_frame(rows[i].command, rows[i].answer, out), rows[i].r);
		assert_true(out[CO2] == -1e9 && out[HUMIDITY] == -1e9);
	}
}

static void no_concentration_is_not_0(void **state)
{
	double out[3] = { 0 };
	(void)state;

	assert_int_equal(read_frame("03 00", "00 00 81 00 00 81 41 D9 70 E7 FF F5 42 43 BF 3A 1B 74", out), 0);
	assert_true(isnan(out[CO2]));
	assert_true(fabs(out[TEMPERATURE] - 27.23828) < 1e-5);
}

/* The settings live in flash: 5 degC and 1000 m are examples of the interface description. */
static void only_settings_that_differ_are_written(void **state)
{
	static const char *const writes[] = { "46 00 00 0A 5A", "53 06 00 01 B0", "54 03 01 F4 33", "51 02 03 E8 D4" };
	struct driver_rig rig;
	struct fake_i2c chip;
	double out[3];
	int64_t now_us = 0;
	(void)state;

	fake_chip_init(&rig, &chip, "scd30", "");
	assert_int_equal(driver_rig_probe(&rig, now_us), 0);
	assert_int_equal(driver_rig_read_patiently(&rig, &now_us, out), 0);
	for (size_t i = 0; i < ARRAY_LEN(writes); i++)
		assert_false(fake_i2c_wrote(&chip, writes[i]));
	assert_true(fake_i2c_wrote(&chip, "00 10 00 00 81"));
	driver_rig_free(&rig);

	fake_chip_init(&rig, &chip, "scd30",
		       "interval: 10s, self_calibration: true, temperature_offset: 5, altitude: 1000, pressure: 1013");
	assert_int_equal(driver_rig_probe(&rig, now_us), 0);
	assert_int_equal(driver_rig_read_patiently(&rig, &now_us, out), 0);
	for (size_t i = 0; i < ARRAY_LEN(writes); i++)
		assert_true(fake_i2c_wrote(&chip, writes[i]));
	assert_true(fake_i2c_wrote(&chip, "00 10 03 F5 DB"));
	driver_rig_free(&rig);
}

static void the_interval_is_waited_for(void **state)
{
	struct driver_rig rig;
	struct fake_i2c chip;
	double out[3];
	int64_t now_us = 0;
	(void)state;

	fake_chip_init(&rig, &chip, "scd30", "interval: 10s");
	assert_int_equal(driver_rig_probe(&rig, now_us), 0);
	assert_int_equal(driver_rig_read_patiently(&rig, &now_us, out), 0);
	assert_true(now_us > 10000000 && now_us < 10200000);
	assert_int_equal(rig.driver->trigger(rig.state, now_us), 10000000);
	assert_int_equal(rig.driver->trigger(rig.state, now_us + 12000000), 0);
	driver_rig_free(&rig);
}

/* No repeated start: a command, 3 ms, and the answer. */
static void a_command_and_its_answer_are_two_transfers(void **state)
{
	struct driver_rig rig;
	struct fake_i2c chip;
	double out[3];
	(void)state;

	fake_chip_init(&rig, &chip, "scd30", "");
	assert_int_equal(driver_rig_probe(&rig, 0), 0);
	assert_int_equal(chip.n_xfers, 1);
	assert_int_equal(rig.driver->trigger(rig.state, 0), 3000);
	assert_int_equal(rig.driver->collect(rig.state, 2999, out), -EAGAIN);
	assert_int_equal(chip.n_xfers, 1);
	assert_int_equal(rig.driver->collect(rig.state, 3000, out), -EAGAIN);
	assert_int_equal(chip.n_xfers, 2);
	driver_rig_free(&rig);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_worked_example_gives_its_values),
		cmocka_unit_test(wrong_crcs_and_what_is_no_number_are_no_value),
		cmocka_unit_test(no_concentration_is_not_0),
		cmocka_unit_test(only_settings_that_differ_are_written),
		cmocka_unit_test(the_interval_is_waited_for),
		cmocka_unit_test(a_command_and_its_answer_are_two_transfers),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
