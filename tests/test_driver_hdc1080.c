/* SPDX-License-Identifier: Apache-2.0 */
/* Values of another project: LawrenceStanton/HDC1080, Test/HDC1080.test.cpp, in float. */
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
static int read_frame(const char *command, const char *frame, double out[])
{
	struct fake_answers answers = { 0 };
	struct driver_rig rig;
	struct fake_i2c chip;
	int64_t now_us = 0;
	int r;

	fake_chip_init(&rig, &chip, "hdc1080", "");
	fake_answers_change(&answers, &chip, command, frame);
	r = driver_rig_probe(&rig, now_us);
	if (r == 0)
		r = driver_rig_read_patiently(&rig, &now_us, out);
	driver_rig_free(&rig);
	return r;
}

static void known_frames_give_known_values(void **state)
{
	static const struct {
		const char *frame;
		double celsius, percent;
	} known[] = {
		{ "00 00 00 00", -40.0, 0.0 },
		{ "12 34 12 34", -28.26751, 7.1105957 },
		{ "FF FF 00 00", 124.99748, 0.0 },
		{ "00 00 FF FF", -40.0, 99.99847 },
	};
	(void)state;

	for (size_t i = 0; i < ARRAY_LEN(known); i++) {
		double out[2] = { 0 };

		assert_int_equal(read_frame("00", known[i].frame, out), 0);
		assert_true(fabs(out[TEMPERATURE] - known[i].celsius) < 1e-5);
		assert_true(fabs(out[HUMIDITY] - known[i].percent) < 1e-5);
	}
}

static void a_line_that_nothing_drives_is_no_value(void **state)
{
	double out[2] = { -1e9, -1e9 };
	(void)state;

	assert_int_equal(read_frame("00", "FF FF FF FF", out), -EIO);
	assert_true(out[0] == -1e9 && out[1] == -1e9);
}

/* Words of the configuration as that project's constructConfigRegister makes them; typical times of s.7.5 and a quarter. */
static void options_become_configuration_and_time(void **state)
{
	static const struct {
		const char *yaml, *config;
		int64_t wait_us;
	} rows[] = {
		{ "", "02 10 00", 16062 },
		{ "temperature_bits: 11, humidity_bits: 11, heater: true", "02 35 00", 9375 },
		{ "humidity_bits: 8", "02 12 00", 11062 },
	};
	(void)state;

	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		struct driver_rig rig;
		struct fake_i2c chip;

		fake_chip_init(&rig, &chip, "hdc1080", rows[i].yaml);
		assert_int_equal(driver_rig_probe(&rig, 0), 0);
		assert_int_equal(rig.driver->trigger(rig.state, 0), rows[i].wait_us);
		assert_true(fake_i2c_wrote(&chip, rows[i].config));
		driver_rig_free(&rig);
	}
}

static void another_maker_is_refused(void **state)
{
	double out[2];
	(void)state;

	assert_int_equal(read_frame("FE", "54 48", out), -ENODEV);
	assert_int_equal(read_frame("FF", "FF FF", out), -ENODEV);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(known_frames_give_known_values),
		cmocka_unit_test(a_line_that_nothing_drives_is_no_value),
		cmocka_unit_test(options_become_configuration_and_time),
		cmocka_unit_test(another_maker_is_refused),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
