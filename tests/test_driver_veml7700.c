/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Values: eldruin/veml6030-rs, tests/integration.rs, counts 1480, and the resolutions of Vishay 84286 rev 1.6, page 9, both with the
 * 0.0036 lx a count of that revision; rev 1.7 says 0.0042, so they are multiplied by 42/36. The polynomial is that of application note
 * 84323, evaluated by hand. Codes of settings by the register tables, by hand.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <errno.h>
#include <math.h>

#include "tests/fake_i2c.h"

static double read_lux(const char *yaml, uint16_t count)
{
	struct driver_rig rig;
	struct fake_i2c chip;
	double out[1] = { -1e9 };
	int64_t now_us = 0;

	fake_chip_init(&rig, &chip, "veml7700", yaml);
	chip.reg16[4] = count;
	assert_int_equal(driver_rig_probe(&rig, now_us), 0);
	assert_int_equal(driver_rig_read(&rig, &now_us, out), 0);
	driver_rig_free(&rig);
	return out[0];
}

static void counts_of_other_projects_and_the_datasheet_scale(void **state)
{
	static const struct {
		const char *yaml;
		uint16_t count;
		double lux; /* at 0.0036 */
	} rows[] = {
		{ "gain: 1, integration_time: 100ms, correction: false", 1480, 85.248 },
		{ "gain: 1/4, integration_time: 100ms, correction: false", 1480, 340.992 },
		{ "gain: 2, integration_time: 800ms, correction: false", 1480, 5.328 },
		{ "gain: 1, integration_time: 50ms, correction: false", 1480, 170.496 },
		{ "gain: 1/4, integration_time: 200ms, correction: false", 1480, 170.496 },
		{ "gain: 1/8, integration_time: 400ms, correction: false", 1480, 170.496 },
		{ "gain: 2, integration_time: 100ms", 1, 0.0288 },
		{ "gain: 2, integration_time: 200ms", 1, 0.0144 },
		{ "gain: 2, integration_time: 400ms", 1, 0.0072 },
		{ "gain: 1/8, integration_time: 25ms, correction: false", 0, 0.0 },
	};
	(void)state;

	for (size_t i = 0; i < ARRAY_LEN(rows); i++)
		assert_true(fabs(read_lux(rows[i].yaml, rows[i].count) - rows[i].lux * 42.0 / 36.0) < 1e-9);
}

/*
 * 18601 counts at gain 1/8 and 100 ms are 18601 x 0.5376 = 9999.8976 lx; of that the polynomial makes
 * 6013.254 - 9392.111 + 8148.633 + 10022.897 = 14792.673.
 */
static void bright_light_is_corrected_at_low_gain_only(void **state)
{
	(void)state;

	assert_true(fabs(read_lux("gain: 1/8", 18601) - 14792.673) < 0.01);
	assert_true(fabs(read_lux("gain: 1/8, correction: false", 18601) - 9999.8976) < 1e-9);
	assert_true(fabs(read_lux("gain: 1", 18601) - 1249.9872) < 1e-9); /* 0.0672 a count */
	assert_true(read_lux("gain: 1/8", 0) == 0.0);
}

static void the_correction_rises_all_the_way(void **state)
{
	double before = -1.0;
	(void)state;

	for (uint32_t count = 0; count < 0xFFFF; count += 331) {
		double lux = read_lux("gain: 1/8, integration_time: 25ms", (uint16_t)count);

		assert_true(lux > before);
		before = lux;
	}
}

static void a_full_counter_is_a_gap(void **state)
{
	(void)state;

	assert_true(isnan(read_lux("", 0xFFFF)));
	assert_false(isnan(read_lux("", 0xFFFE)));
}

static void options_become_settings_and_time(void **state)
{
	static const struct {
		const char *yaml, *config;
		int64_t wait_us;
	} rows[] = {
		{ "", "00 00 10", 205000 },
		{ "gain: 1/4, integration_time: 25ms", "00 00 1B", 55000 },
		{ "gain: 2, integration_time: 800ms", "00 C0 08", 1605000 },
	};
	(void)state;

	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		struct driver_rig rig;
		struct fake_i2c chip;
		double out[1];
		int64_t now_us = 0;

		fake_chip_init(&rig, &chip, "veml7700", rows[i].yaml);
		assert_int_equal(driver_rig_probe(&rig, 0), 0);
		assert_true(fake_i2c_wrote(&chip, rows[i].config));
		assert_int_equal(driver_rig_read(&rig, &now_us, out), 0);
		assert_int_equal(now_us, rows[i].wait_us); /* for the first */
		assert_int_equal(rig.driver->trigger(rig.state, now_us), 0);
		driver_rig_free(&rig);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(counts_of_other_projects_and_the_datasheet_scale),
		cmocka_unit_test(bright_light_is_corrected_at_low_gain_only),
		cmocka_unit_test(the_correction_rises_all_the_way),
		cmocka_unit_test(a_full_counter_is_a_gap),
		cmocka_unit_test(options_become_settings_and_time),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
