/* SPDX-License-Identifier: Apache-2.0 */
/* Files as Documentation/hwmon/sysfs-interface has them; expected values are its units, worked out beside them. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <errno.h>
#include <math.h>
#include <stdio.h>
#include <string.h>

#include "base/fileio.h"
#include "drivers/sysfs.h"
#include "tests/driver_rig.h"
#include "tests/fake_sysfs.h"

#define BOARD "/sys/devices/platform/nct6775.656/hwmon/hwmon7/"

/* Described and probed below the fake root. @return of the first step that failed */
static int start(struct driver_rig *rig, const char *yaml)
{
	driver_rig_init(rig, "hwmon", yaml);
	sysfs_set_root(rig->state, fake_sysfs_root());
	rig->n_channels = rig->driver->describe(rig->state, &rig->arena, &rig->channels, &rig->err);
	return rig->n_channels < 0 ? rig->n_channels : driver_rig_probe(rig, 0);
}

static int read_now(struct driver_rig *rig, double out[])
{
	int64_t now_us = 0;

	return driver_rig_read(rig, &now_us, out);
}

static int make_board(void **state)
{
	(void)state;
	fake_sysfs_put(BOARD "name", "nct6775\n");
	fake_sysfs_put(BOARD "temp1_input", "-12345\n");
	fake_sysfs_put(BOARD "temp2_input", "41000\n");
	fake_sysfs_put(BOARD "temp2_fault", "0\n");
	fake_sysfs_put(BOARD "temp10_input", "1\n");
	fake_sysfs_put(BOARD "temp1_max", "80000\n");
	fake_sysfs_put(BOARD "temp1_label", "SYSTIN\n");
	fake_sysfs_put(BOARD "in0_input", "3312\n");
	fake_sysfs_put(BOARD "curr1_input", "1500\n");
	fake_sysfs_put(BOARD "power1_input", "4975000\n");
	fake_sysfs_put(BOARD "energy1_input", "3600000000\n");
	fake_sysfs_put(BOARD "humidity1_input", "45250\n");
	fake_sysfs_put(BOARD "fan1_input", "1196\n");
	fake_sysfs_put(BOARD "pwm1", "127\n");
	fake_sysfs_put(BOARD "freq1_input", "100\n");
	fake_sysfs_link("/sys/class/hwmon/hwmon7", "../../devices/platform/nct6775.656/hwmon/hwmon7");
	return 0;
}

static void all_channels_are_found_in_the_documented_units(void **state)
{
	static const struct {
		const char *name, *unit;
		double value;
	} expected[] = {
		{ "curr1", "A", 1.5 },	     { "energy1", "J", 3600.0 }, { "fan1", "/min", 1196.0 },
		{ "humidity1", "%", 45.25 }, { "in0", "V", 3.312 },	 { "power1", "W", 4.975 },
		{ "temp1", "Cel", -12.345 }, { "temp2", "Cel", 41.0 },	 { "temp10", "Cel", 0.001 },
	};
	double out[SENSOR_MAX_CHANNELS];
	struct driver_rig rig;
	(void)state;

	assert_int_equal(start(&rig, "{device: nct6775}"), 0);
	assert_int_equal(rig.n_channels, 9);
	assert_int_equal(read_now(&rig, out), 0);
	for (size_t i = 0; i < 9; i++) {
		assert_string_equal(rig.channels[i].name, expected[i].name);
		assert_string_equal(rig.channels[i].unit, expected[i].unit);
		assert_true(fabs(out[i] - expected[i].value) < 1e-9);
	}
	assert_int_equal(rig.channels[1].kind, CHANNEL_COUNTER);
	driver_rig_free(&rig);
}

static void values_are_read_anew_each_time(void **state)
{
	double out[1];
	struct driver_rig rig;
	(void)state;

	assert_int_equal(start(&rig, "{device: hwmon7, channels: [temp2]}"), 0);
	assert_int_equal(read_now(&rig, out), 0);
	assert_true(out[0] == 41.0);
	fake_sysfs_put(BOARD "temp2_input", "42500\n");
	assert_int_equal(read_now(&rig, out), 0);
	assert_true(out[0] == 42.5);
	driver_rig_free(&rig);
}

static void a_channel_that_the_kernel_calls_faulty_has_no_value(void **state)
{
	double out[2];
	struct driver_rig rig;
	(void)state;

	assert_int_equal(start(&rig, "{device: nct6775, channels: [temp2, in0]}"), 0);
	fake_sysfs_put(BOARD "temp2_fault", "1\n");
	assert_int_equal(read_now(&rig, out), 0);
	assert_true(isnan(out[0]) && out[1] == 3.312);
	fake_sysfs_put(BOARD "temp2_fault", "0\n");
	assert_int_equal(read_now(&rig, out), 0);
	assert_false(isnan(out[0]));
	driver_rig_free(&rig);
}

static int say_nodata(void *arg)
{
	int *n = arg;

	return (*n)-- == 0 ? -ENODATA : 0;
}

static int say_again(void *arg)
{
	int *n = arg;

	return (*n)-- == 0 ? -EAGAIN : 0;
}

static void a_disabled_channel_has_no_value_and_the_others_have(void **state)
{
	int (*const hooks[])(void *) = { say_nodata, say_again };
	struct driver_rig rig;
	(void)state;

	assert_int_equal(start(&rig, "{device: nct6775, channels: [in0, curr1]}"), 0);
	for (size_t i = 0; i < 2; i++) {
		double out[2];
		int n = 0, r;

		fileio_set_hook(hooks[i], &n);
		r = read_now(&rig, out);
		fileio_set_hook(NULL, NULL);
		assert_int_equal(r, 0);
		assert_true(isnan(out[0]) && out[1] == 1.5);
	}
	driver_rig_free(&rig);
}

static void texts_that_are_no_numbers_are_refused(void **state)
{
	static const char *const texts[] = { "warm\n", "\n", "12x\n", "0x10\n", "nan\n" };
	double out[1] = { -1.0 };
	struct driver_rig rig;
	(void)state;

	assert_int_equal(start(&rig, "{device: nct6775, channels: [fan1]}"), 0);
	for (size_t i = 0; i < 5; i++) {
		fake_sysfs_put(BOARD "fan1_input", texts[i]);
		assert_int_equal(read_now(&rig, out), -EBADMSG);
	}
	fake_sysfs_put(BOARD "fan1_input", "");
	assert_int_equal(read_now(&rig, out), -EIO);
	assert_true(out[0] == -1.0);
	fake_sysfs_put(BOARD "fan1_input", "1196\n");
	driver_rig_free(&rig);
}

static void a_chip_is_found_by_what_it_sits_on(void **state)
{
	double out[1];
	struct driver_rig rig;
	(void)state;

	assert_int_equal(start(&rig, "{device: 1-0048}"), 0);
	assert_int_equal(read_now(&rig, out), 0);
	assert_true(out[0] == 23.5);
	driver_rig_free(&rig);
}

static void two_chips_of_one_name_are_not_mixed_up(void **state)
{
	struct driver_rig rig;
	double out[1];
	(void)state;

	fake_sysfs_put("/sys/devices/i2c-1/1-0049/hwmon/hwmon3/name", "lm75\n");
	fake_sysfs_put("/sys/devices/i2c-1/1-0049/hwmon/hwmon3/temp1_input", "1000\n");
	fake_sysfs_link("/sys/class/hwmon/hwmon3", "../../devices/i2c-1/1-0049/hwmon/hwmon3");
	assert_int_equal(start(&rig, "{device: lm75, channels: [temp1]}"), -ENODEV);
	assert_non_null(strstr(rig.err.text, "1-0048"));
	assert_non_null(strstr(rig.err.text, "1-0049"));
	driver_rig_free(&rig);

	assert_int_equal(start(&rig, "{device: 1-0049, channels: [temp1]}"), 0);
	assert_int_equal(read_now(&rig, out), 0);
	assert_true(out[0] == 1.0);
	driver_rig_free(&rig);
	fake_sysfs_remove("/sys/class/hwmon/hwmon3");
}

static void what_is_absent_is_told_with_what_is_there(void **state)
{
	struct driver_rig rig;
	(void)state;

	assert_int_equal(start(&rig, "{device: tmp102}"), -ENODEV);
	assert_non_null(strstr(rig.err.text, "lm75 (1-0048)"));
	driver_rig_free(&rig);
	assert_int_equal(start(&rig, "{device: lm75, channels: [temp1, temp2]}"), -ENODEV);
	assert_non_null(strstr(rig.err.text, "temp2"));
	driver_rig_free(&rig);
}

static void channels_without_a_known_unit_are_refused_without_the_chip(void **state)
{
	static const char *const wrong[] = { "freq1", "temp", "temp1_input", "in0x", "../x", "a b", "in0, in0" };
	char yaml[100];
	struct driver_rig rig;
	(void)state;

	for (size_t i = 0; i < 7; i++) {
		snprintf(yaml, sizeof(yaml), "{device: none, channels: [%s]}", wrong[i]);
		driver_rig_init(&rig, "hwmon", yaml);
		assert_int_equal(rig.n_channels, -EINVAL);
		assert_true(rig.err.text[0] != '\0');
		driver_rig_free(&rig);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(all_channels_are_found_in_the_documented_units),
		cmocka_unit_test(values_are_read_anew_each_time),
		cmocka_unit_test(a_channel_that_the_kernel_calls_faulty_has_no_value),
		cmocka_unit_test(a_disabled_channel_has_no_value_and_the_others_have),
		cmocka_unit_test(texts_that_are_no_numbers_are_refused),
		cmocka_unit_test(a_chip_is_found_by_what_it_sits_on),
		cmocka_unit_test(two_chips_of_one_name_are_not_mixed_up),
		cmocka_unit_test(what_is_absent_is_told_with_what_is_there),
		cmocka_unit_test(channels_without_a_known_unit_are_refused_without_the_chip),
	};

	return cmocka_run_group_tests(tests, make_board, NULL);
}
