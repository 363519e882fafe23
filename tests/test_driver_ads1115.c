/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Codes and volts: TI SBAS444B table 4, fractions of full scale at 2.048 V; the 12 bits of the ADS1015 by eldruin/ads1x1x-rs,
 * src/conversion.rs, in counts of 1 mV at 2.048 V. Codes of settings by s.9.6.3 (SBAS444D), by hand.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <errno.h>
#include <math.h>
#include <string.h>

#include "tests/fake_i2c.h"

static double read_code(const char *driver, uint16_t code)
{
	struct driver_rig rig;
	struct fake_i2c chip;
	double out[8] = { NAN };
	int64_t now_us = 0;

	fake_chip_init(&rig, &chip, driver, "inputs: [a0]");
	chip.reg16[0] = code;
	assert_int_equal(driver_rig_probe(&rig, now_us), 0);
	assert_int_equal(driver_rig_read(&rig, &now_us, out), 0);
	driver_rig_free(&rig);
	return out[0];
}

static void codes_of_the_datasheet_give_its_volts(void **state)
{
	(void)state;

	assert_true(fabs(read_code("ads1115", 0x7FFF) - 2.0479375) < 1e-12);
	assert_true(fabs(read_code("ads1115", 0x0001) - 6.25e-05) < 1e-12);
	assert_true(read_code("ads1115", 0x0000) == 0.0);
	assert_true(fabs(read_code("ads1115", 0xFFFF) + 6.25e-05) < 1e-12);
	assert_true(fabs(read_code("ads1115", 0x8000) + 2.048) < 1e-12);

	assert_true(fabs(read_code("ads1015", 0x7FFF) - 2.047) < 1e-12); /* 2047 counts: the low bits are not its */
	assert_true(read_code("ads1015", 0x0000) == 0.0);
	assert_true(fabs(read_code("ads1015", 0x8000) + 2.048) < 1e-12);
}

static void options_become_settings_and_time(void **state)
{
	static const struct {
		const char *driver, *yaml, *started;
		int64_t wait_us; /* 1.1 s by the rate, and 25 us */
	} rows[] = {
		{ "ads1115", "inputs: [a0]", "01 C5 83", 8619 },
		{ "ads1115", "inputs: [a3], range: 6.144V, rate: 860", "01 F1 E3", 1305 },
		{ "ads1115", "inputs: [a0-a1], range: 0.256V, rate: 8", "01 8B 03", 137526 },
		{ "ads1115", "inputs: [a2-a3], range: 4.096V, rate: 475", "01 B3 C3", 2341 },
		{ "ads1015", "inputs: [a1]", "01 D5 83", 713 },
		{ "ads1015", "inputs: [a0-a3], rate: 3300", "01 95 C3", 359 },
	};
	(void)state;

	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		struct driver_rig rig;
		struct fake_i2c chip;

		fake_chip_init(&rig, &chip, rows[i].driver, rows[i].yaml);
		assert_int_equal(driver_rig_probe(&rig, 0), 0);
		assert_false(fake_i2c_wrote(&chip, rows[i].started));
		assert_in_range(rig.driver->trigger(rig.state, 0), rows[i].wait_us, rows[i].wait_us + 2);
		assert_true(fake_i2c_wrote(&chip, rows[i].started));
		driver_rig_free(&rig);
	}
}

/** A chip that converts: the result says which input it is of, ready when told. */
struct converter {
	int mux;
	bool is_ready;
};

static void convert(struct fake_i2c *f, uint8_t reg)
{
	struct converter *c = f->model;

	if (reg != 1)
		return;
	if (f->reg16[1] & 0x8000)
		c->mux = f->reg16[1] >> 12 & 7;
	f->reg16[0] = (uint16_t)(1000 * c->mux);
	f->reg16[1] = (uint16_t)((f->reg16[1] & 0x7FFF) | (c->is_ready ? 0x8000 : 0));
}

static void inputs_are_converted_in_turn_without_blocking(void **state)
{
	static const double mux_of[] = { 4, 0, 7, 6 };
	struct converter model = { .is_ready = true };
	double out[8] = { -1e9, -1e9, -1e9, -1e9 };
	struct driver_rig rig;
	struct fake_i2c chip;
	int64_t now_us = 1000000;
	int r, n_again = 0, n_xfers;
	(void)state;

	fake_chip_init(&rig, &chip, "ads1115", "inputs: [a0, a0-a1, a3, a2]");
	chip.written = convert;
	chip.model = &model;
	assert_int_equal(rig.n_channels, 4);
	assert_string_equal(rig.channels[0].name, "a0");
	assert_string_equal(rig.channels[1].name, "a0_a1");
	assert_int_equal(driver_rig_probe(&rig, now_us), 0);
	now_us += rig.driver->trigger(rig.state, now_us);
	while ((r = rig.driver->collect(rig.state, now_us, out)) == -EAGAIN) {
		assert_true(out[0] == -1e9);
		n_xfers = chip.n_xfers;
		assert_int_equal(rig.driver->collect(rig.state, now_us + 2000, out), -EAGAIN);
		assert_int_equal(chip.n_xfers, n_xfers); /* before its time nothing is asked */
		now_us += 8620;
		n_again++;
	}
	assert_int_equal(r, 0);
	assert_int_equal(n_again, 3);
	for (int i = 0; i < 4; i++)
		assert_true(fabs(out[i] - 1000 * mux_of[i] * 6.25e-05) < 1e-12);
	driver_rig_free(&rig);
}

static void a_conversion_that_is_not_done_is_asked_for_again(void **state)
{
	struct converter model = { 0 };
	double out[8];
	struct driver_rig rig;
	struct fake_i2c chip;
	int64_t now_us = 0;
	(void)state;

	fake_chip_init(&rig, &chip, "ads1115", "inputs: [a0]");
	chip.written = convert;
	chip.model = &model;
	assert_int_equal(driver_rig_probe(&rig, now_us), 0);
	assert_int_equal(driver_rig_read(&rig, &now_us, out), -EAGAIN);
	chip.reg16[1] |= 0x8000;
	assert_int_equal(rig.driver->collect(rig.state, now_us, out), 0);
	chip.reg16[1] = 0x8583; /* it lost its power in between, and is idle */
	assert_int_equal(rig.driver->collect(rig.state, now_us, out), -EIO);
	driver_rig_free(&rig);
}

static void wrong_inputs_are_told(void **state)
{
	static const struct {
		const char *yaml, *text;
	} rows[] = {
		{ "{bus: x, inputs: [a4]}", "no input 'a4', expected a0 a1 a2 a3 a0-a1 a0-a3 a1-a3 a2-a3" },
		{ "{bus: x, inputs: [a0, a1, a0]}", "input 'a0' stands there twice" },
		{ "{bus: x, rate: 8, inputs: [a0, a1, a2, a3, a0-a1, a0-a3, a1-a3, a2-a3]}",
		  "8 inputs at this rate take more than a second" },
	};
	(void)state;

	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		struct driver_rig rig;

		driver_rig_init(&rig, "ads1115", rows[i].yaml);
		assert_int_equal(rig.n_channels, -EINVAL);
		assert_string_equal(rig.err.text, rows[i].text);
		driver_rig_free(&rig);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(codes_of_the_datasheet_give_its_volts),
		cmocka_unit_test(options_become_settings_and_time),
		cmocka_unit_test(inputs_are_converted_in_turn_without_blocking),
		cmocka_unit_test(a_conversion_that_is_not_done_is_asked_for_again),
		cmocka_unit_test(wrong_inputs_are_told),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
