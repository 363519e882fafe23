/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Values: hybridgroup/gobot, drivers/i2c/mpu6050_driver_test.go, which has the formulas of InvenSense RM-MPU-6000A in its own code
 * (float32, so to seven digits); temperature by s.4.18: 3264h = 12900, 12900 / 340 + 36.53. Codes of settings by s.4, by hand.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <errno.h>
#include <math.h>
#include <string.h>

#include "tests/fifo_rig.h"

#define G 9.80665

enum { X, Y, Z, TEMPERATURE, ROTATION_X, ROTATION_Y, ROTATION_Z };

static void values_of_another_project_come_out(void **state)
{
	struct driver_rig rig;
	struct fake_i2c chip;
	double out[7];
	int64_t now_us = 0;
	(void)state;

	fake_chip_init(&rig, &chip, "mpu6050", "");
	assert_int_equal(rig.n_channels, 7);
	assert_int_equal(driver_rig_probe(&rig, now_us), 0);
	assert_int_equal(driver_rig_read(&rig, &now_us, out), 0);
	assert_int_equal(now_us, 60000); /* the gyroscopes start up */
	assert_true(fabs(out[X] - 0.000598550415) < 1e-9);
	assert_true(fabs(out[Y] - 0.308852014) < 1e-7);
	assert_true(fabs(out[Z] - 1.23899936) < 1e-6);
	assert_true(fabs(out[TEMPERATURE] - 74.4711764705882) < 1e-9);
	assert_true(fabs(out[ROTATION_X] - 43.0534351) < 1e-5);
	assert_true(fabs(out[ROTATION_Y] - 7.83206107) < 1e-6);
	assert_true(fabs(out[ROTATION_Z] - 1.95419847) < 1e-6);
	assert_int_equal(rig.driver->trigger(rig.state, now_us), 0); /* from then on at once */
	driver_rig_free(&rig);
}

static void ranges_scale(void **state)
{
	struct driver_rig rig;
	struct fake_i2c chip;
	double out[7];
	int64_t now_us = 0;
	(void)state;

	fake_chip_init(&rig, &chip, "mpu6050", "acceleration_range: 16g, rotation_range: 2000");
	fake_i2c_set(&chip, 0x3B,
		     "08 00 F8 00 80 00 00 00 40 10 80 00 00 A4"); /* 2048, -2048, -32768; 16400, -32768, 164 */
	assert_int_equal(driver_rig_probe(&rig, now_us), 0);
	assert_int_equal(driver_rig_read(&rig, &now_us, out), 0);
	assert_true(fabs(out[X] - G) < 1e-12 && fabs(out[Y] + G) < 1e-12 && fabs(out[Z] + 16 * G) < 1e-9);
	assert_true(fabs(out[ROTATION_X] - 1000.0) < 1e-9);
	assert_true(fabs(out[ROTATION_Z] - 10.0) < 1e-9);
	driver_rig_free(&rig);
}

static void options_become_settings(void **state)
{
	static const struct {
		const char *yaml, *written[6];
	} rows[] = {
		{ "", { "6B 01", "19 09", "1A 03", "23 00", "6A 04", "6A 00" } },
		{ "rate: 1000, acceleration_range: 8g, rotation_range: 500",
		  { "6B 01", "19 00", "1B 08", "1C 10", "23 F8", "6A 40" } },
		{ "rate: 50, rotation: false", { "6B 00", "6C 07", "19 13", "1A 04", "23 08", "6A 40" } },
	};
	(void)state;

	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		struct driver_rig rig;
		struct fake_i2c chip;

		fake_chip_init(&rig, &chip, "mpu6050", rows[i].yaml);
		assert_int_equal(driver_rig_probe(&rig, 0), 0);
		for (size_t k = 0; k < 6; k++)
			if (!fake_i2c_wrote(&chip, rows[i].written[k]))
				fail_msg("%s: %s not written", rows[i].yaml, rows[i].written[k]);
		driver_rig_free(&rig);
	}
}

static size_t row_bytes(const struct fake_i2c *f)
{
	return f->reg[0x23] == 0xF8 ? 14 : 6;
}

static int respond(struct fake_i2c *f, const uint8_t *out, size_t n_out, uint8_t *in, size_t n_in)
{
	struct fifo *m = f->model;
	size_t bytes = row_bytes(f), filled = fifo_length(m) * bytes;

	if (n_out == 2 && out[0] == 0x6A && out[1] == 0x04)
		fifo_clear(m);
	if (m->is_overrun)
		filled = 1024;
	f->reg[0x3A] = m->is_overrun ? 0x11 : 0x01;
	f->reg[0x72] = (uint8_t)(filled >> 8);
	f->reg[0x73] = (uint8_t)filled;
	if (n_out != 1 || out[0] != 0x74)
		return fifo_registers(f, 0xFF, out, n_out, in, n_in);
	assert_int_equal(n_in % bytes, 0);
	for (size_t i = 0; i < n_in; i += bytes) {
		int number = fifo_pop(m);

		memset(in + i, 0, bytes);
		in[i] = (uint8_t)(number >> 8);
		in[i + 1] = (uint8_t)number;
	}
	return 0;
}

static void begin(struct driver_rig *rig, struct fake_i2c *chip, struct fifo *m, const char *yaml)
{
	fake_chip_init(rig, chip, "mpu6050", yaml);
	chip->respond = respond;
	chip->model = m;
	assert_int_equal(driver_rig_probe(rig, 0), 0);
}

static void bursts_bring_every_row(void **state)
{
	struct fifo all = { .period_us = 990, .capacity = 73 }, acceleration = { .period_us = 990, .capacity = 170 };
	struct driver_rig rig;
	struct fake_i2c chip;
	(void)state;

	begin(&rig, &chip, &all, "rate: 1000");
	assert_true(fifo_run(&rig, &all, 10, G / 16384) > 1005.0);
	driver_rig_free(&rig);
	begin(&rig, &chip, &acceleration, "rate: 1000, rotation: false");
	assert_int_equal(rig.n_channels, 3);
	assert_true(fifo_run(&rig, &acceleration, 10, G / 16384) > 1005.0);
	driver_rig_free(&rig);
}

static void an_overflow_empties_the_fifo_and_is_told(void **state)
{
	struct fifo m = { .period_us = 1000, .capacity = 73 };
	struct burst burst = { 0 };
	struct driver_rig rig;
	struct fake_i2c chip;
	(void)state;

	begin(&rig, &chip, &m, "rate: 1000");
	fifo_advance(&m, 200000);
	fake_i2c_clear_log(&chip);
	assert_int_equal(rig.driver->collect_burst(rig.state, m.now_us, &burst), 0);
	assert_true(burst.is_overrun);
	assert_int_equal(burst.n_rows, 0);
	assert_true(fake_i2c_wrote(&chip, "6A 00") && fake_i2c_wrote(&chip, "6A 04") && fake_i2c_wrote(&chip, "6A 40"));
	fifo_advance(&m, 10000);
	assert_int_equal(rig.driver->collect_burst(rig.state, m.now_us, &burst), 0);
	assert_false(burst.is_overrun);
	assert_int_equal(burst.n_rows, 10);
	assert_true(fabs(burst.values[0] - 200 * G / 16384) < 1e-9);
	driver_rig_free(&rig);
}

static void lost_settings_and_failing_transfers_are_errors_of_a_burst(void **state)
{
	struct fifo m = { .period_us = 1000, .capacity = 73 };
	struct burst burst = { 0 };
	struct driver_rig rig;
	struct fake_i2c chip;
	(void)state;

	begin(&rig, &chip, &m, "rate: 1000");
	for (int n = 1; n <= 5; n++) {
		fifo_advance(&m, 40000);
		chip.fail_at = n;
		chip.error = -EREMOTEIO;
		assert_int_equal(rig.driver->collect_burst(rig.state, m.now_us, &burst), -EREMOTEIO);
		fifo_clear(&m);
	}
	chip.reg[0x6B] = 0x40;
	assert_int_equal(rig.driver->collect_burst(rig.state, m.now_us, &burst), -EIO);
	driver_rig_free(&rig);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(values_of_another_project_come_out),
		cmocka_unit_test(ranges_scale),
		cmocka_unit_test(options_become_settings),
		cmocka_unit_test(bursts_bring_every_row),
		cmocka_unit_test(an_overflow_empties_the_fifo_and_is_told),
		cmocka_unit_test(lost_settings_and_failing_transfers_are_errors_of_a_burst),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
