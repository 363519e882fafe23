/* SPDX-License-Identifier: Apache-2.0 */
/* A LIS3DH as st_accel shows it, with a buffer that is a file of rows: 12 bits at the top of 16, scale as for 1 mg a digit. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <errno.h>
#include <fcntl.h>
#include <math.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "drivers/sysfs.h"
#include "tests/driver_rig.h"
#include "tests/fake_sysfs.h"

#define DEVICE "/sys/bus/iio/devices/iio:device3/"
#define OPTIONS "{device: lis3dh, channels: [accel_x, accel_z], buffer: 32, rate: 100, trigger: tick}"

/* 350 and -350 mg, time 1 s */
static const uint8_t first_row[16] = { 0xE0, 0x15, 0x20, 0xEA, 0, 0, 0, 0, 0x00, 0xCA, 0x9A, 0x3B };

static void put_axis(const char *axis, const char *index)
{
	char path[200];

	snprintf(path, sizeof(path), DEVICE "in_accel_%s_raw", axis);
	fake_sysfs_put(path, "0\n");
	snprintf(path, sizeof(path), DEVICE "scan_elements/in_accel_%s_type", axis);
	fake_sysfs_put(path, "le:s12/16>>4\n");
	snprintf(path, sizeof(path), DEVICE "scan_elements/in_accel_%s_index", axis);
	fake_sysfs_put(path, index);
	snprintf(path, sizeof(path), DEVICE "scan_elements/in_accel_%s_en", axis);
	fake_sysfs_put(path, "1\n");
}

static void put_device(void)
{
	fake_sysfs_put(DEVICE "name", "lis3dh\n");
	fake_sysfs_put(DEVICE "in_accel_scale", "0.00980665\n");
	put_axis("x", "0\n");
	put_axis("y", "1\n");
	put_axis("z", "2\n");
	fake_sysfs_put(DEVICE "scan_elements/in_timestamp_type", "le:s64/64>>0\n");
	fake_sysfs_put(DEVICE "scan_elements/in_timestamp_index", "3\n");
	fake_sysfs_put(DEVICE "scan_elements/in_timestamp_en", "0\n");
	fake_sysfs_put(DEVICE "buffer/enable", "0\n");
	fake_sysfs_put(DEVICE "buffer/length", "2\n");
	fake_sysfs_put(DEVICE "trigger/current_trigger", "\n");
	fake_sysfs_put("/sys/bus/iio/devices/trigger0/name", "other\n");
	fake_sysfs_put("/sys/bus/iio/devices/trigger1/name", "tick\n");
	fake_sysfs_put("/sys/bus/iio/devices/trigger1/sampling_frequency", "50\n");
	fake_sysfs_put("/dev/iio:device3", "");
}

/* Rows at the end of the node: x, z, and a time in milliseconds. */
static void add_row(int16_t x, int16_t z, int64_t ms)
{
	uint8_t row[16] = { 0 };
	int64_t ns = ms * 1000000;
	char path[200];
	FILE *f;

	for (int i = 0; i < 2; i++) {
		row[i] = (uint8_t)((uint16_t)(x * 16) >> (8 * i));
		row[2 + i] = (uint8_t)((uint16_t)(z * 16) >> (8 * i));
	}
	for (int i = 0; i < 8; i++)
		row[8 + i] = (uint8_t)((uint64_t)ns >> (8 * i));
	snprintf(path, sizeof(path), "%s/dev/iio:device3", fake_sysfs_root());
	f = fopen(path, "ae");
	assert_non_null(f);
	assert_int_equal(fwrite(row, 1, sizeof(row), f), sizeof(row));
	assert_int_equal(fclose(f), 0);
}

static void expect_file(const char *path, const char *expected)
{
	char full[200], text[64] = "";
	FILE *f;

	snprintf(full, sizeof(full), "%s%s", fake_sysfs_root(), path);
	f = fopen(full, "re");
	assert_non_null(f);
	assert_true(fread(text, 1, sizeof(text) - 1, f) > 0);
	fclose(f);
	assert_string_equal(text, expected);
}

static int start(struct driver_rig *rig, const char *yaml)
{
	put_device();
	driver_rig_init(rig, "iio", yaml);
	sysfs_set_root(rig->state, fake_sysfs_root());
	rig->n_channels = rig->driver->describe(rig->state, &rig->arena, &rig->channels, &rig->err);
	return rig->n_channels < 0 ? rig->n_channels : driver_rig_probe(rig, 0);
}

static bool near(double a, double b)
{
	return fabs(a - b) < 1e-9;
}

static void the_buffer_is_set_up_and_started(void **state)
{
	struct burst_plan plan = { 0 };
	struct driver_rig rig;
	(void)state;

	assert_int_equal(start(&rig, OPTIONS), 0);
	assert_true(rig.driver->plan_burst(rig.state, &plan));
	assert_int_equal(plan.period_us, 10000);
	assert_int_equal(plan.capacity, 32);
	expect_file(DEVICE "scan_elements/in_accel_x_en", "1");
	expect_file(DEVICE "scan_elements/in_accel_y_en", "0"); /* not asked for, though somebody had it on */
	expect_file(DEVICE "scan_elements/in_accel_z_en", "1");
	expect_file(DEVICE "scan_elements/in_timestamp_en", "1");
	expect_file(DEVICE "trigger/current_trigger", "tick");
	expect_file("/sys/bus/iio/devices/trigger1/sampling_frequency", "100");
	expect_file(DEVICE "buffer/length", "32");
	expect_file(DEVICE "buffer/enable", "1");
	rig.driver->close(rig.state);
	expect_file(DEVICE "buffer/enable", "0");
	driver_rig_free(&rig);
}

static void rows_become_values(void **state)
{
	struct burst b = { 0 };
	struct driver_rig rig;
	uint8_t row[16];
	char path[200];
	FILE *f;
	(void)state;

	assert_int_equal(start(&rig, OPTIONS), 0);
	assert_int_equal(rig.driver->collect_burst(rig.state, 0, &b), 0);
	assert_int_equal(b.n_rows, 0);
	add_row(350, -350, 1000);
	add_row(-2048, 2047, 1010);
	snprintf(path, sizeof(path), "%s/dev/iio:device3", fake_sysfs_root());
	f = fopen(path, "re");
	assert_non_null(f);
	assert_int_equal(fread(row, 1, sizeof(row), f), sizeof(row));
	fclose(f);
	assert_memory_equal(row, first_row, sizeof(row)); /* add_row() does what was written by hand */
	assert_int_equal(rig.driver->collect_burst(rig.state, 0, &b), 0);
	assert_int_equal(b.n_rows, 2);
	assert_false(b.is_overrun);
	assert_true(near(b.values[0], 3.4323275)); /* 0.35 g */
	assert_true(near(b.values[1], -3.4323275));
	assert_true(near(b.values[2], -20.0840192)); /* 2.048 g */
	assert_true(near(b.values[3], 20.07421255));
	driver_rig_free(&rig);
}

static void a_step_in_time_tells_of_lost_rows(void **state)
{
	struct burst b = { 0 };
	struct driver_rig rig;
	(void)state;

	assert_int_equal(start(&rig, OPTIONS), 0);
	add_row(1, 1, 1000);
	assert_int_equal(rig.driver->collect_burst(rig.state, 0, &b), 0);
	assert_false(b.is_overrun); /* before the first there is none */
	b.n_rows = 0;
	add_row(1, 1, 1011);
	assert_int_equal(rig.driver->collect_burst(rig.state, 0, &b), 0);
	assert_false(b.is_overrun);
	b.n_rows = 0;
	add_row(1, 1, 1031);
	assert_int_equal(rig.driver->collect_burst(rig.state, 0, &b), 0);
	assert_int_equal(b.n_rows, 1);
	assert_true(b.is_overrun);
	driver_rig_free(&rig);
}

static void a_burst_takes_no_more_than_it_holds(void **state)
{
	struct burst b = { 0 };
	struct driver_rig rig;
	(void)state;

	assert_int_equal(start(&rig, OPTIONS), 0);
	for (int i = 0; i < 300; i++)
		add_row((int16_t)i, 0, 1000 + i * 10);
	assert_int_equal(rig.driver->collect_burst(rig.state, 0, &b), 0);
	assert_int_equal(b.n_rows, 256);
	assert_true(near(b.values[510], 255 * 0.00980665));
	b.n_rows = 0;
	assert_int_equal(rig.driver->collect_burst(rig.state, 0, &b), 0);
	assert_int_equal(b.n_rows, 44);
	assert_false(b.is_overrun);
	driver_rig_free(&rig);
}

static void who_only_looks_gets_the_newest_row(void **state)
{
	struct driver_rig rig;
	double out[2];
	(void)state;

	assert_int_equal(start(&rig, OPTIONS), 0);
	assert_int_equal(rig.driver->trigger(rig.state, 0), 0);
	assert_int_equal(rig.driver->collect(rig.state, 0, out), -EAGAIN);
	add_row(1, 2, 1000);
	add_row(100, 200, 1010);
	assert_int_equal(rig.driver->collect(rig.state, 0, out), 0);
	assert_true(near(out[0], 0.980665));
	assert_true(near(out[1], 1.96133));
	driver_rig_free(&rig);
}

static void what_cannot_be_sampled_is_told(void **state)
{
	struct driver_rig rig;
	(void)state;

	assert_int_equal(start(&rig, "{device: lis3dh, buffer: 32, trigger: tock}"), -ENODEV);
	assert_non_null(strstr(rig.err.text, "no trigger 'tock' here"));
	expect_file(DEVICE "buffer/enable", "0");
	driver_rig_free(&rig);
	assert_int_equal(start(&rig, "{device: bme280, buffer: 32}"), -ENODEV);
	assert_non_null(strstr(rig.err.text, "has no buffer"));
	driver_rig_free(&rig);
	assert_int_equal(start(&rig, "{device: lis3dh, buffer: 200}"), -EINVAL);
	assert_non_null(strstr(rig.err.text, "at most 170 rows of 3 channels"));
	driver_rig_free(&rig);
}

static void a_type_that_is_not_understood_is_told(void **state)
{
	struct driver_rig rig;
	(void)state;

	assert_int_equal(start(&rig, OPTIONS), 0);
	fake_sysfs_put(DEVICE "scan_elements/in_accel_z_type", "le:s12/16X2>>4\n");
	assert_int_equal(driver_rig_probe(&rig, 0), -ENODEV);
	assert_non_null(strstr(rig.err.text, "channel accel_z of 'lis3dh' is of a type that is not understood"));
	driver_rig_free(&rig);
}

static void without_the_option_there_is_no_buffer(void **state)
{
	struct burst_plan plan;
	struct driver_rig rig;
	int64_t now_us = 0;
	double out[3];
	(void)state;

	assert_int_equal(start(&rig, "{device: lis3dh}"), 0);
	assert_false(rig.driver->plan_burst(rig.state, &plan));
	expect_file(DEVICE "buffer/enable", "0\n");
	assert_int_equal(driver_rig_read(&rig, &now_us, out), 0);
	driver_rig_free(&rig);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_buffer_is_set_up_and_started),
		cmocka_unit_test(rows_become_values),
		cmocka_unit_test(a_step_in_time_tells_of_lost_rows),
		cmocka_unit_test(a_burst_takes_no_more_than_it_holds),
		cmocka_unit_test(who_only_looks_gets_the_newest_row),
		cmocka_unit_test(what_cannot_be_sampled_is_told),
		cmocka_unit_test(a_type_that_is_not_understood_is_told),
		cmocka_unit_test(without_the_option_there_is_no_buffer),
	};

	return cmocka_run_group_tests_name("iio_buffer", tests, NULL, NULL);
}
