/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Scale: 256 steps a g in full resolution, Analog Devices ADXL345 rev E, table 1 (3.9 mg a step, rounded). Codes of settings by its
 * register definitions, by hand.
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

static void steps_are_a_256th_of_g(void **state)
{
	struct driver_rig rig;
	struct fake_i2c chip;
	double out[3];
	int64_t now_us = 0;
	(void)state;

	fake_chip_init(&rig, &chip, "adxl345", "range: 16g");
	fake_i2c_set(&chip, 0x32, "00 01 00 FF 00 10"); /* 256, -256, 4096 */
	assert_int_equal(driver_rig_probe(&rig, now_us), 0);
	assert_int_equal(driver_rig_read(&rig, &now_us, out), 0);
	assert_true(fabs(out[0] - G) < 1e-12);
	assert_true(fabs(out[1] + G) < 1e-12);
	assert_true(fabs(out[2] - 16 * G) < 1e-9);
	chip.reg[0x30] = 0;
	assert_int_equal(driver_rig_read(&rig, &now_us, out), -EAGAIN);
	driver_rig_free(&rig);
}

static void options_become_settings(void **state)
{
	static const struct {
		const char *yaml, *format, *rate, *fifo;
	} rows[] = {
		{ "", "31 08", "2C 0A", "38 00" },
		{ "range: 16g, rate: 3200", "31 0B", "2C 0F", "38 80" },
		{ "range: 4g, rate: 6.25", "31 09", "2C 06", "38 80" },
	};
	(void)state;

	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		struct driver_rig rig;
		struct fake_i2c chip;

		fake_chip_init(&rig, &chip, "adxl345", rows[i].yaml);
		assert_int_equal(driver_rig_probe(&rig, 0), 0);
		assert_true(fake_i2c_wrote(&chip, rows[i].format) && fake_i2c_wrote(&chip, rows[i].rate));
		assert_true(fake_i2c_wrote(&chip, rows[i].fifo) && fake_i2c_wrote(&chip, "2D 08"));
		driver_rig_free(&rig);
	}
}

static int respond(struct fake_i2c *f, const uint8_t *out, size_t n_out, uint8_t *in, size_t n_in)
{
	struct fifo *m = f->model;

	if (n_out == 2 && out[0] == 0x38 && out[1] == 0)
		fifo_clear(m);
	f->reg[0x30] = m->is_overrun ? 0x81 : 0x80;
	f->reg[0x39] = (uint8_t)fifo_length(m);
	if (n_out == 1 && out[0] == 0x32) {
		int number = fifo_pop(m);

		f->reg[0x32] = (uint8_t)number;
		f->reg[0x33] = (uint8_t)(number >> 8);
		m->is_overrun = false;
	}
	return fifo_registers(f, 0xFF, out, n_out, in, n_in);
}

static void begin(struct driver_rig *rig, struct fake_i2c *chip, struct fifo *m, const char *yaml)
{
	fake_chip_init(rig, chip, "adxl345", yaml);
	chip->respond = respond;
	chip->model = m;
	assert_int_equal(driver_rig_probe(rig, 0), 0);
}

static void bursts_bring_every_row(void **state)
{
	struct fifo m = { .period_us = 312.5 * 1.02, .capacity = 33 };
	struct driver_rig rig;
	struct fake_i2c chip;
	(void)state;

	begin(&rig, &chip, &m, "rate: 3200");
	assert_true(fifo_run(&rig, &m, 10, G / 256) > 3130.0);
	driver_rig_free(&rig);
}

static void an_overrun_is_told_and_the_newest_rows_are_kept(void **state)
{
	struct fifo m = { .period_us = 1250, .capacity = 33 };
	struct burst burst = { 0 };
	struct driver_rig rig;
	struct fake_i2c chip;
	(void)state;

	begin(&rig, &chip, &m, "rate: 800");
	fifo_advance(&m, 125000); /* 100 rows, 0 to 99 */
	assert_int_equal(rig.driver->collect_burst(rig.state, m.now_us, &burst), 0);
	assert_true(burst.is_overrun);
	assert_int_equal(burst.n_rows, 33);
	assert_true(fabs(burst.values[0] - 67 * G / 256) < 1e-9);
	assert_true(fabs(burst.values[32 * 3] - 99 * G / 256) < 1e-9);
	assert_int_equal(rig.driver->collect_burst(rig.state, m.now_us, &burst), 0);
	assert_false(burst.is_overrun);
	assert_int_equal(burst.n_rows, 0);
	driver_rig_free(&rig);
}

static void lost_settings_and_failing_transfers_are_errors_of_a_burst(void **state)
{
	struct fifo m = { .period_us = 1250, .capacity = 33 };
	struct burst burst = { 0 };
	struct driver_rig rig;
	struct fake_i2c chip;
	(void)state;

	begin(&rig, &chip, &m, "rate: 800");
	for (int n = 1; n <= 6; n++) {
		fifo_advance(&m, 20000);
		chip.fail_at = n;
		chip.error = -EREMOTEIO;
		assert_int_equal(rig.driver->collect_burst(rig.state, m.now_us, &burst), -EREMOTEIO);
	}
	chip.reg[0x2D] = 0;
	assert_int_equal(rig.driver->collect_burst(rig.state, m.now_us, &burst), -EIO);
	chip.reg[0x2D] = 0x08;
	chip.respond = NULL;
	chip.reg[0x39] = 0xFF; /* more than it can have */
	assert_int_equal(rig.driver->collect_burst(rig.state, m.now_us, &burst), 0);
	assert_int_equal(burst.n_rows, 33);
	driver_rig_free(&rig);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(steps_are_a_256th_of_g),
		cmocka_unit_test(options_become_settings),
		cmocka_unit_test(bursts_bring_every_row),
		cmocka_unit_test(an_overrun_is_told_and_the_newest_rows_are_kept),
		cmocka_unit_test(lost_settings_and_failing_transfers_are_errors_of_a_burst),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
