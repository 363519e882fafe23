/* SPDX-License-Identifier: Apache-2.0 */
/* Identity by ST's datasheet (DocID029104, reference registers); where the distance stands by Linux, drivers/iio/proximity/vl53l0x-i2c.c. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <errno.h>
#include <math.h>

#include "tests/fake_i2c.h"

static double read_mm(uint8_t status, const char *distance)
{
	struct driver_rig rig;
	struct fake_i2c chip;
	double out[1] = { -1e9 };
	int64_t now_us = 0;

	fake_chip_init(&rig, &chip, "vl53l0x", "");
	chip.reg[0x14] = (uint8_t)(status << 3 | 1);
	fake_i2c_set(&chip, 0x1E, distance);
	assert_int_equal(driver_rig_probe(&rig, now_us), 0);
	assert_int_equal(driver_rig_read(&rig, &now_us, out), 0);
	assert_int_equal(now_us, 33000);
	driver_rig_free(&rig);
	return out[0];
}

static void a_complete_range_is_a_distance(void **state)
{
	(void)state;

	assert_true(read_mm(11, "01 F4") == 500.0);
	assert_true(read_mm(11, "00 1E") == 30.0);
}

static void every_other_status_and_no_target_are_gaps(void **state)
{
	(void)state;

	for (int status = 0; status < 16; status++)
		if (status != 11)
			assert_true(isnan(read_mm((uint8_t)status, "01 F4")));
	assert_true(isnan(read_mm(11, "1F FE"))); /* 8190 */
	assert_true(isnan(read_mm(11, "1F FF")));
}

static void a_measurement_is_started_and_waited_for(void **state)
{
	struct driver_rig rig;
	struct fake_i2c chip;
	double out[1] = { -1e9 };
	int64_t now_us = 0;
	(void)state;

	fake_chip_init(&rig, &chip, "vl53l0x", "");
	chip.reg[0x13] = 0;
	assert_int_equal(driver_rig_probe(&rig, now_us), 0);
	assert_int_equal(driver_rig_read(&rig, &now_us, out), -EAGAIN);
	assert_true(out[0] == -1e9);
	assert_true(fake_i2c_wrote(&chip, "0A 04") && fake_i2c_wrote(&chip, "0B 01") && fake_i2c_wrote(&chip, "00 01"));
	driver_rig_free(&rig);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_complete_range_is_a_distance),
		cmocka_unit_test(every_other_status_and_no_target_are_gaps),
		cmocka_unit_test(a_measurement_is_started_and_waited_for),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
