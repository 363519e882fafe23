/* SPDX-License-Identifier: Apache-2.0 */
/* Commands of the datasheet (v1.1, tables 9 and 10); answers of mjaakkol/sgp40-rs, src/lib.rs. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <errno.h>
#include <math.h>

#include "tests/fake_answers.h"

/** Probe and read a chip that answers @command with @frame. */
static int read_frame(const char *command, const char *frame, double out[])
{
	struct fake_answers answers = { 0 };
	struct driver_rig rig;
	struct fake_i2c chip;
	int64_t now_us = 0;
	int r;

	fake_chip_init(&rig, &chip, "sgp40", "");
	fake_answers_change(&answers, &chip, command, frame);
	r = driver_rig_probe(&rig, now_us);
	if (r == 0)
		r = driver_rig_read_patiently(&rig, &now_us, out);
	driver_rig_free(&rig);
	return r;
}

static void a_known_frame_gives_its_ticks(void **state)
{
	double raw = NAN;
	(void)state;

	assert_int_equal(read_frame("26 0F 80 00 A2 66 66 93", "12 34 37", &raw), 0);
	assert_true(raw == 0x1234);
}

static void wrong_crcs_and_ends_of_the_range_are_no_value(void **state)
{
	static const struct {
		const char *command, *frame;
		int r;
	} rows[] = {
		{ "26 0F 80 00 A2 66 66 93", "12 34 36", -EBADMSG },
		{ "26 0F 80 00 A2 66 66 93", "FF FF FF", -EBADMSG },
		{ "26 0F 80 00 A2 66 66 93", "FF FF AC", -EIO },
		{ "26 0F 80 00 A2 66 66 93", "00 00 81", -EIO },
		{ "36 82", "DE AD 98 BE EF 92 DE AD 99", -ENODEV },
	};
	(void)state;

	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		double raw = -1e9;

		assert_int_equal(read_frame(rows[i].command, rows[i].frame, &raw), rows[i].r);
		assert_true(raw == -1e9);
	}
}

static void temperature_and_humidity_are_sent_as_the_datasheet_says(void **state)
{
	static const struct {
		const char *yaml, *command;
	} rows[] = {
		{ "", "26 0F 80 00 A2 66 66 93" },
		{ "temperature: -45, humidity: 0", "26 0F 00 00 81 00 00 81" },
		{ "temperature: 130, humidity: 100", "26 0F FF FF AC FF FF AC" },
	};
	(void)state;

	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		struct driver_rig rig;
		struct fake_i2c chip;
		double raw;
		int64_t now_us = 0;

		fake_chip_init(&rig, &chip, "sgp40", rows[i].yaml);
		assert_int_equal(driver_rig_probe(&rig, now_us), 0);
		assert_int_equal(driver_rig_read_patiently(&rig, &now_us, &raw), 0);
		assert_true(fake_i2c_wrote(&chip, rows[i].command));
		now_us += 1000000;
		assert_int_equal(rig.driver->trigger(rig.state, now_us), 30000); /* table 8 */
		assert_int_equal(rig.driver->collect(rig.state, now_us + 29999, &raw), -EAGAIN);
		assert_int_equal(rig.driver->collect(rig.state, now_us + 30000, &raw), 0);
		driver_rig_free(&rig);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_known_frame_gives_its_ticks),
		cmocka_unit_test(wrong_crcs_and_ends_of_the_range_are_no_value),
		cmocka_unit_test(temperature_and_humidity_are_sent_as_the_datasheet_says),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
