/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Values: ST AN3308, table "output data registers content vs. acceleration" (full scale 2 g): 350 mg is 15E0h, -350 mg EA20h. Its rows
 * of 1 g (4000h) are off by 2.4 % from the 1 mg a digit of the datasheet and of the other rows, and are not used. Steps of other ranges
 * by s.2.1, codes of settings by s.8 (DocID17530), by hand.
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

static void read_row(const char *yaml, const char *hex, double out[3])
{
	struct driver_rig rig;
	struct fake_i2c chip;
	int64_t now_us = 0;

	fake_chip_init(&rig, &chip, "lis3dh", yaml);
	fake_i2c_set(&chip, 0x28, hex);
	assert_int_equal(driver_rig_probe(&rig, now_us), 0);
	assert_int_equal(driver_rig_read(&rig, &now_us, out), 0);
	driver_rig_free(&rig);
}

static void rows_of_the_application_note_come_out(void **state)
{
	double out[3];
	(void)state;

	read_row("", "E0 15 20 EA 00 00", out);
	assert_true(fabs(out[0] - 0.350 * G) < 1e-12);
	assert_true(fabs(out[1] + 0.350 * G) < 1e-12);
	assert_true(out[2] == 0.0);
	read_row("range: 4g", "E0 15 00 00 00 00", out);
	assert_true(fabs(out[0] - 0.700 * G) < 1e-12);
	read_row("range: 16g", "E0 15 00 00 00 80", out);
	assert_true(fabs(out[0] - 4.200 * G) < 1e-12);
	assert_true(fabs(out[2] + 2048 * 0.012 * G) < 1e-9);
}

static void options_become_settings(void **state)
{
	static const struct {
		const char *yaml, *ctrl1, *ctrl4, *ctrl5, *fifo;
	} rows[] = {
		{ "", "20 57", "23 88", "24 00", "2E 00" },
		{ "range: 8g, rate: 1344", "20 97", "23 A8", "24 40", "2E 80" },
		{ "range: 16g, rate: 1", "20 17", "23 B8", "24 40", "2E 80" },
	};
	(void)state;

	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		struct driver_rig rig;
		struct fake_i2c chip;

		fake_chip_init(&rig, &chip, "lis3dh", rows[i].yaml);
		assert_int_equal(driver_rig_probe(&rig, 0), 0);
		assert_true(fake_i2c_wrote(&chip, rows[i].ctrl1) && fake_i2c_wrote(&chip, rows[i].ctrl4));
		assert_true(fake_i2c_wrote(&chip, rows[i].ctrl5) && fake_i2c_wrote(&chip, rows[i].fifo));
		driver_rig_free(&rig);
	}
}

static void without_a_new_measurement_it_is_asked_again(void **state)
{
	struct driver_rig rig;
	struct fake_i2c chip;
	double out[3] = { -1e9 };
	int64_t now_us = 0;
	(void)state;

	fake_chip_init(&rig, &chip, "lis3dh", "");
	chip.reg[0x27] = 0;
	assert_int_equal(driver_rig_probe(&rig, now_us), 0);
	assert_int_equal(driver_rig_read(&rig, &now_us, out), -EAGAIN);
	assert_true(out[0] == -1e9);
	driver_rig_free(&rig);
}

static int respond(struct fake_i2c *f, const uint8_t *out, size_t n_out, uint8_t *in, size_t n_in)
{
	struct fifo *m = f->model;
	size_t length = fifo_length(m);

	if (n_out == 2 && out[0] == 0x2E && out[1] == 0)
		fifo_clear(m);
	f->reg[0x2F] = (uint8_t)((m->is_overrun ? 0x40 : 0) | (length > 31 ? 31 : length));
	if (n_out != 1 || out[0] != (0x28 | 0x80))
		return fifo_registers(f, 0x7F, out, n_out, in, n_in);
	for (size_t i = 0; i + 6 <= n_in; i += 6) {
		int number = fifo_pop(m) * 16; /* left-justified */

		memset(in + i, 0, 6);
		in[i] = (uint8_t)number;
		in[i + 1] = (uint8_t)(number >> 8);
	}
	m->is_overrun = false;
	return 0;
}

static void begin(struct driver_rig *rig, struct fake_i2c *chip, struct fifo *m, const char *yaml)
{
	fake_chip_init(rig, chip, "lis3dh", yaml);
	chip->respond = respond;
	chip->model = m;
	assert_int_equal(driver_rig_probe(rig, 0), 0);
}

static void bursts_bring_every_row(void **state)
{
	struct fifo m = { .period_us = 744 * 0.95, .capacity = 32 }; /* 5 % fast */
	struct driver_rig rig;
	struct fake_i2c chip;
	(void)state;

	begin(&rig, &chip, &m, "rate: 1344");
	assert_true(fifo_run(&rig, &m, 10, 0.001 * G) > 1410.0);
	driver_rig_free(&rig);
}

static void an_overrun_is_told_and_the_newest_rows_are_kept(void **state)
{
	struct fifo m = { .period_us = 2500, .capacity = 32 };
	struct burst burst = { 0 };
	struct driver_rig rig;
	struct fake_i2c chip;
	(void)state;

	begin(&rig, &chip, &m, "rate: 400");
	fifo_advance(&m, 250000); /* 100 rows, 0 to 99 */
	assert_int_equal(rig.driver->collect_burst(rig.state, m.now_us, &burst), 0);
	assert_true(burst.is_overrun);
	assert_int_equal(burst.n_rows, 32);
	assert_true(fabs(burst.values[0] - 68 * 0.001 * G) < 1e-9);
	assert_true(fabs(burst.values[31 * 3] - 99 * 0.001 * G) < 1e-9);
	fifo_advance(&m, 5000);
	assert_int_equal(rig.driver->collect_burst(rig.state, m.now_us, &burst), 0);
	assert_false(burst.is_overrun);
	assert_int_equal(burst.n_rows, 2);
	assert_int_equal(rig.driver->collect_burst(rig.state, m.now_us, &burst), 0);
	assert_int_equal(burst.n_rows, 0);
	driver_rig_free(&rig);
}

static void lost_settings_and_failing_transfers_are_errors_of_a_burst(void **state)
{
	struct fifo m = { .period_us = 2500, .capacity = 32 };
	struct burst burst = { 0 };
	struct driver_rig rig;
	struct fake_i2c chip;
	(void)state;

	begin(&rig, &chip, &m, "rate: 400");
	for (int n = 1; n <= 3; n++) {
		fifo_advance(&m, 25000);
		chip.fail_at = n;
		chip.error = -ETIMEDOUT;
		assert_int_equal(rig.driver->collect_burst(rig.state, m.now_us, &burst), -ETIMEDOUT);
	}
	chip.reg[0x20] = 0x07;
	assert_int_equal(rig.driver->collect_burst(rig.state, m.now_us, &burst), -EIO);
	driver_rig_free(&rig);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(rows_of_the_application_note_come_out),
		cmocka_unit_test(options_become_settings),
		cmocka_unit_test(without_a_new_measurement_it_is_asked_again),
		cmocka_unit_test(bursts_bring_every_row),
		cmocka_unit_test(an_overrun_is_told_and_the_newest_rows_are_kept),
		cmocka_unit_test(lost_settings_and_failing_transfers_are_errors_of_a_burst),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
