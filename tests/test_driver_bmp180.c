/* SPDX-License-Identifier: Apache-2.0 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <errno.h>
#include <math.h>

#include "tests/fake_i2c.h"

enum { TEMPERATURE, PRESSURE };

/** Both conversions, each waited for. @return of the last step; @wait_us: from the trigger to the values */
static int read_both(struct driver_rig *rig, int64_t *wait_us, double out[2])
{
	int64_t now_us = 0, temperature_us = rig->driver->trigger(rig->state, 0);
	int r = -EAGAIN;

	assert_true(temperature_us > 0);
	for (now_us = temperature_us; r == -EAGAIN && now_us < 100000; now_us += 100) {
		r = rig->driver->collect(rig->state, now_us, out);
		*wait_us = now_us;
	}
	return r;
}

/* s.3.5: 150 in 0.1 degC and 69964 Pa, in integers that are cut at each step. */
static void the_datasheets_example_gives_the_datasheets_values(void **state)
{
	struct driver_rig rig;
	struct fake_i2c chip;
	int64_t wait_us;
	double out[2];
	(void)state;

	fake_chip_init(&rig, &chip, "bmp180", "");
	assert_int_equal(driver_rig_probe(&rig, 0), 0);
	assert_int_equal(read_both(&rig, &wait_us, out), 0);
	print_message("%.4f degC %.4f hPa\n", out[TEMPERATURE], out[PRESSURE]);
	assert_true(fabs(out[TEMPERATURE] - 15.0) < 0.1);
	assert_true(fabs(out[PRESSURE] - 699.64) < 0.05);
	driver_rig_free(&rig);
}

/* s.3.3.1: 4.5 ms for temperature; 4.5, 7.5, 13.5 and 25.5 ms for pressure. The raw value has up to three more bits, s.3.5. */
static void oversampling_takes_longer_and_gives_the_same_pressure(void **state)
{
	static const struct {
		const char *yaml, *command;
		int64_t us;
	} rows[] = {
		{ "pressure_oversampling: x1", "F4 34", 9000 },
		{ "pressure_oversampling: x2", "F4 74", 12000 },
		{ "pressure_oversampling: x4", "F4 B4", 18000 },
		{ "pressure_oversampling: x8", "F4 F4", 30000 },
	};
	(void)state;

	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		struct driver_rig rig;
		struct fake_i2c chip;
		int64_t wait_us;
		double out[2];

		fake_chip_init(&rig, &chip, "bmp180", rows[i].yaml);
		assert_int_equal(driver_rig_probe(&rig, 0), 0);
		assert_int_equal(read_both(&rig, &wait_us, out), 0);
		assert_true(fake_i2c_wrote(&chip, "F4 2E"));
		assert_true(fake_i2c_wrote(&chip, rows[i].command));
		assert_int_equal(wait_us, rows[i].us);
		assert_true(fabs(out[PRESSURE] - 699.64) < 0.05);
		driver_rig_free(&rig);
	}
}

static void a_chip_that_is_still_busy_is_asked_again(void **state)
{
	struct driver_rig rig;
	struct fake_i2c chip;
	double out[2] = { -1e9, -1e9 };
	(void)state;

	fake_chip_init(&rig, &chip, "bmp180", "");
	assert_int_equal(driver_rig_probe(&rig, 0), 0);
	chip.written = NULL; /* the busy bit of the command stays */
	assert_int_equal(rig.driver->trigger(rig.state, 0), 4500);
	assert_int_equal(rig.driver->collect(rig.state, 5000, out), -EAGAIN);
	assert_int_equal(rig.driver->collect(rig.state, 50000, out), -EAGAIN);
	assert_false(fake_i2c_wrote(&chip, "F4 34"));
	assert_true(out[0] == -1e9);
	driver_rig_free(&rig);
}

static void a_clock_set_back_does_not_stop_it(void **state)
{
	struct driver_rig rig;
	struct fake_i2c chip;
	double out[2];
	int64_t hour_us = INT64_C(3600000000);
	(void)state;

	fake_chip_init(&rig, &chip, "bmp180", "");
	assert_int_equal(driver_rig_probe(&rig, hour_us), 0);
	assert_int_equal(rig.driver->trigger(rig.state, hour_us), 4500);
	assert_int_equal(rig.driver->collect(rig.state, 4500, out), -EAGAIN); /* took the temperature */
	assert_true(fake_i2c_wrote(&chip, "F4 34"));
	assert_int_equal(rig.driver->collect(rig.state, 9000, out), 0);
	driver_rig_free(&rig);
}

static void trim_values_that_cannot_be_are_refused(void **state)
{
	static const char *const bad[] = { "00 00", "FF FF" };
	(void)state;

	for (size_t i = 0; i < ARRAY_LEN(bad); i++)
		for (int word = 0; word < 11; word++) {
			struct driver_rig rig;
			struct fake_i2c chip;

			fake_chip_init(&rig, &chip, "bmp180", "");
			fake_i2c_set(&chip, (uint8_t)(0xAA + 2 * word), bad[i]);
			assert_int_equal(driver_rig_probe(&rig, 0), -EIO);
			assert_string_equal(rig.err.text, "the trim values of the chip are not readable");
			driver_rig_free(&rig);
		}
}

static void nothing_is_collected_that_was_not_triggered(void **state)
{
	struct driver_rig rig;
	struct fake_i2c chip;
	double out[2];
	(void)state;

	fake_chip_init(&rig, &chip, "bmp180", "");
	assert_int_equal(driver_rig_probe(&rig, 0), 0);
	assert_int_equal(rig.driver->collect(rig.state, 0, out), -EIO);
	driver_rig_free(&rig);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_datasheets_example_gives_the_datasheets_values),
		cmocka_unit_test(oversampling_takes_longer_and_gives_the_same_pressure),
		cmocka_unit_test(a_chip_that_is_still_busy_is_asked_again),
		cmocka_unit_test(a_clock_set_back_does_not_stop_it),
		cmocka_unit_test(trim_values_that_cannot_be_are_refused),
		cmocka_unit_test(nothing_is_collected_that_was_not_triggered),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
