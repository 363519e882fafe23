/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Texts of the form that w1_therm prints. Scratchpads and temperatures are those of table 1 of the DS18B20's datasheet
 * (0x0550 +85, 0x0191 +25.0625, 0xFF5E -10.125), with the CRC worked out by python3 (X^8 + X^5 + X^4 + 1).
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "drivers/sysfs.h"
#include "tests/driver_rig.h"
#include "tests/fake_sysfs.h"

#define SLAVE "/sys/bus/w1/devices/28-000005e2fdc3/w1_slave"

static int start(struct driver_rig *rig, const char *yaml)
{
	driver_rig_init(rig, "w1", yaml);
	sysfs_set_root(rig->state, fake_sysfs_root());
	return driver_rig_probe(rig, 0);
}

static int read_text(const char *text, double *out)
{
	struct driver_rig rig;
	int64_t now_us = 0;
	int r;

	fake_sysfs_put(SLAVE, text);
	assert_int_equal(start(&rig, "{device: 28-000005e2fdc3}"), 0);
	r = driver_rig_read(&rig, &now_us, out);
	driver_rig_free(&rig);
	return r;
}

static void temperatures_of_the_datasheet_are_read(void **state)
{
	double out[1];
	(void)state;

	assert_int_equal(
		read_text("91 01 4b 46 7f ff 0f 10 25 : crc=25 YES\n91 01 4b 46 7f ff 0f 10 25 t=25062\n", out), 0);
	assert_true(out[0] == 25.062);
	assert_int_equal(
		read_text("5e ff 4b 46 7f ff 02 10 b6 : crc=b6 YES\n5e ff 4b 46 7f ff 02 10 b6 t=-10125\n", out), 0);
	assert_true(out[0] == -10.125);
}

static void eighty_five_degrees_count_only_when_they_were_measured(void **state)
{
	double out[1] = { -1.0 };
	(void)state;

	assert_int_equal(
		read_text("50 05 4b 46 7f ff 0c 10 1c : crc=1c YES\n50 05 4b 46 7f ff 0c 10 1c t=85000\n", out), -EIO);
	assert_int_equal(
		read_text("ff 07 4b 46 7f ff 0c 10 a6 : crc=a6 YES\nff 07 4b 46 7f ff 0c 10 a6 t=127937\n", out), -EIO);
	assert_true(out[0] == -1.0);
	assert_int_equal(
		read_text("50 05 4b 46 7f ff 10 10 bd : crc=bd YES\n50 05 4b 46 7f ff 10 10 bd t=85000\n", out), 0);
	assert_true(out[0] == 85.0);
}

static void a_wrong_crc_is_refused(void **state)
{
	double out[1] = { -1.0 };
	(void)state;

	assert_int_equal(read_text("91 01 4b 46 7f ff 0f 10 24 : crc=25 NO\n91 01 4b 46 7f ff 0f 10 25 t=25062\n", out),
			 -EBADMSG);
	assert_true(out[0] == -1.0);
}

static void a_bus_that_is_shorted_is_not_zero_degrees(void **state)
{
	double out[1] = { -1.0 };
	(void)state;

	assert_int_equal(read_text("00 00 00 00 00 00 00 00 00 : crc=00 YES\n00 00 00 00 00 00 00 00 00 t=0\n", out),
			 -EIO);
	assert_true(out[0] == -1.0);
}

static void no_answer_and_odd_texts_are_refused(void **state)
{
	static const char *const texts[] = { "\n",
					     "YES\nt=1\n",
					     "91 01 4b 46 7f ff 0f 10 25 : crc=25 YES\n",
					     "91 01 4b 46 7f ff 0f 10 25 : crc=25 YES\nt=\n",
					     "91 01 4b 46 7f ff 0f 10 25 : crc=25 YES\nt=warm\n",
					     "91 01 4b 46 t=1 7f : crc=25 YES\n91 01 4b 46\n",
					     "9 : YES\nt=1\n",
					     "91 01 4b 46 7f ff 0f 10 25 : crc=25 YES" };
	double out[1] = { -1.0 };
	(void)state;

	assert_int_equal(read_text("", out), -EIO);
	for (size_t i = 0; i < 8; i++)
		assert_int_equal(read_text(texts[i], out), -EBADMSG);
	assert_true(out[0] == -1.0);
}

static void what_is_absent_is_told_with_what_is_there(void **state)
{
	static const char *const names[] = { "28-000000000000", "../devices/28-000005e2fdc3", ".", "w1_bus_master1" };
	char yaml[100];
	struct driver_rig rig;
	(void)state;

	fake_sysfs_put("/sys/bus/w1/devices/w1_bus_master1/w1_master_slave_count", "1\n");
	for (size_t i = 0; i < 4; i++) {
		snprintf(yaml, sizeof(yaml), "{device: %s}", names[i]);
		assert_int_equal(start(&rig, yaml), -ENODEV);
		assert_non_null(strstr(rig.err.text, "there are 28-000005e2fdc3"));
		driver_rig_free(&rig);
	}
	driver_rig_init(&rig, "w1", "{device: 28-000005e2fdc3}");
	sysfs_set_root(rig.state, "/nonexistent");
	assert_int_equal(driver_rig_probe(&rig, 0), -ENODEV);
	assert_non_null(strstr(rig.err.text, "w1-gpio"));
	driver_rig_free(&rig);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(temperatures_of_the_datasheet_are_read),
		cmocka_unit_test(eighty_five_degrees_count_only_when_they_were_measured),
		cmocka_unit_test(a_wrong_crc_is_refused),
		cmocka_unit_test(a_bus_that_is_shorted_is_not_zero_degrees),
		cmocka_unit_test(no_answer_and_odd_texts_are_refused),
		cmocka_unit_test(what_is_absent_is_told_with_what_is_there),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
