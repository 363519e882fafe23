/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The datasheet (ams DS000338) has neither formula nor example. Values by hand from the approximation of Adafruit's library,
 * (C0 - C1) (1 - C1/C0) 408 / (gain ms). Codes of settings by the register definitions.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <errno.h>
#include <math.h>

#include "tests/fake_i2c.h"

enum { ILLUMINANCE, FULL, INFRARED };

static void read_values(const char *yaml, const char *counts, double out[3])
{
	struct driver_rig rig;
	struct fake_i2c chip;
	int64_t now_us = 0;

	fake_chip_init(&rig, &chip, "tsl2591", yaml);
	fake_i2c_set(&chip, 0x14, counts);
	assert_int_equal(driver_rig_probe(&rig, now_us), 0);
	assert_int_equal(driver_rig_read(&rig, &now_us, out), 0);
	driver_rig_free(&rig);
}

static void counts_give_lux(void **state)
{
	double out[3];
	(void)state;

	read_values("", "E8 03 C8 00", out); /* 800 x 0.8 x 408 / 2500 */
	assert_true(fabs(out[ILLUMINANCE] - 104.448) < 1e-9);
	assert_true(out[FULL] == 1000.0 && out[INFRARED] == 200.0);
	read_values("gain: max, integration_time: 600ms", "E8 03 C8 00", out); /* 261120 / 5925600 */
	assert_true(fabs(out[ILLUMINANCE] - 0.04406642365) < 1e-9);
	read_values("gain: low", "E8 03 00 00", out);
	assert_true(fabs(out[ILLUMINANCE] - 4080.0) < 1e-9);
}

static void darkness_is_no_light(void **state)
{
	static const char *const dark[] = { "00 00 00 00", "01 00 02 00", "00 00 05 00", "03 00 03 00" };
	double out[3];
	(void)state;

	for (size_t i = 0; i < ARRAY_LEN(dark); i++) {
		read_values("", dark[i], out);
		assert_true(out[ILLUMINANCE] == 0.0);
	}
}

static void a_full_counter_is_a_gap(void **state)
{
	double out[3];
	(void)state;

	read_values("", "FF 8F 00 10", out); /* 36863: full at 100 ms */
	assert_true(isnan(out[ILLUMINANCE]) && isnan(out[FULL]) && out[INFRARED] == 4096.0);
	read_values("integration_time: 200ms", "FF 8F 00 10", out);
	assert_true(out[FULL] == 36863.0 && !isnan(out[ILLUMINANCE]));
	read_values("integration_time: 200ms", "00 90 FF FF", out);
	assert_true(isnan(out[ILLUMINANCE]) && out[FULL] == 36864.0 && isnan(out[INFRARED]));
}

static void options_become_settings_and_time(void **state)
{
	struct driver_rig rig;
	struct fake_i2c chip;
	double out[3] = { -1e9 };
	int64_t now_us = 0;
	(void)state;

	fake_chip_init(&rig, &chip, "tsl2591", "gain: high, integration_time: 300ms");
	assert_int_equal(driver_rig_probe(&rig, 0), 0);
	assert_int_equal(rig.driver->trigger(rig.state, 0), 324000);
	assert_true(fake_i2c_wrote(&chip, "A1 22") && fake_i2c_wrote(&chip, "A0 03"));
	fake_i2c_clear_log(&chip);
	chip.reg[0x13] = 0;
	assert_int_equal(rig.driver->collect(rig.state, now_us, out), -EAGAIN);
	assert_true(out[0] == -1e9);
	chip.reg[0x13] = 1;
	assert_int_equal(rig.driver->collect(rig.state, now_us, out), 0);
	assert_true(fake_i2c_wrote(&chip, "A0 00")); /* off until the next */
	driver_rig_free(&rig);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(counts_give_lux),
		cmocka_unit_test(darkness_is_no_light),
		cmocka_unit_test(a_full_counter_is_a_gap),
		cmocka_unit_test(options_become_settings_and_time),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
