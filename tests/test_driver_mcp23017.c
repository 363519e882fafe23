/* SPDX-License-Identifier: Apache-2.0 */
/* By the register map of Microchip DS20001952C, table 3-1, with IOCON.BANK = 0. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <errno.h>
#include <math.h>

#include "tests/fake_i2c.h"

static void levels_become_states(void **state)
{
	struct driver_rig rig;
	struct fake_i2c chip;
	double out[16];
	int64_t now_us = 0;
	(void)state;

	fake_chip_init(&rig, &chip, "mcp23017", "pull_up: false");
	assert_int_equal(rig.n_channels, 16);
	assert_int_equal(rig.channels[0].kind, CHANNEL_STATE);
	assert_int_equal(driver_rig_probe(&rig, now_us), 0);
	assert_int_equal(driver_rig_read(&rig, &now_us, out), 0);
	for (int i = 0; i < 16; i++)
		assert_true(out[i] == (i == 0 || i == 15));
	driver_rig_free(&rig);

	fake_chip_init(&rig, &chip, "mcp23017", "inputs: [b7, a1], active: low");
	assert_int_equal(rig.n_channels, 2);
	assert_string_equal(rig.channels[0].name, "b7");
	assert_int_equal(driver_rig_probe(&rig, now_us), 0);
	assert_int_equal(driver_rig_read(&rig, &now_us, out), 0);
	assert_true(out[0] == 0.0 && out[1] == 1.0);
	driver_rig_free(&rig);
}

static void pins_that_are_not_listed_are_left_as_they_are(void **state)
{
	struct driver_rig rig;
	struct fake_i2c chip;
	(void)state;

	fake_chip_init(&rig, &chip, "mcp23017", "inputs: [a0, b0], pull_up: true");
	fake_i2c_set(&chip, 0x00, "0E F0"); /* a0, a4 to a7 and b0 to b3 are outputs */
	fake_i2c_set(&chip, 0x0C, "80 00");
	assert_int_equal(driver_rig_probe(&rig, 0), 0);
	assert_true(fake_i2c_wrote(&chip, "00 0F F1"));
	assert_true(fake_i2c_wrote(&chip, "0C 81 01"));
	assert_false(fake_i2c_wrote(&chip, "12 01 80"));
	driver_rig_free(&rig);
}

static void a_pin_that_became_an_output_is_an_error(void **state)
{
	struct driver_rig rig;
	struct fake_i2c chip;
	double out[16] = { -1e9 };
	int64_t now_us = 0;
	(void)state;

	fake_chip_init(&rig, &chip, "mcp23017", "inputs: [a0, b0]");
	assert_int_equal(driver_rig_probe(&rig, now_us), 0);
	chip.reg[0x00] = 0xFD;
	assert_int_equal(driver_rig_read(&rig, &now_us, out), 0); /* a1 is not ours */
	out[0] = -1e9;
	chip.reg[0x01] = 0xFE;
	assert_int_equal(driver_rig_read(&rig, &now_us, out), -EIO);
	assert_true(out[0] == -1e9);
	driver_rig_free(&rig);
}

static void wrong_pins_are_told(void **state)
{
	struct driver_rig rig;
	(void)state;

	driver_rig_init(&rig, "mcp23017", "{bus: x, inputs: [c1]}");
	assert_int_equal(rig.n_channels, -EINVAL);
	assert_string_equal(rig.err.text, "no pin 'c1', expected a0 to a7 or b0 to b7");
	driver_rig_free(&rig);
	driver_rig_init(&rig, "mcp23017", "{bus: x, inputs: [a1, a1]}");
	assert_int_equal(rig.n_channels, -EINVAL);
	assert_string_equal(rig.err.text, "pin 'a1' stands there twice");
	driver_rig_free(&rig);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(levels_become_states),
		cmocka_unit_test(pins_that_are_not_listed_are_left_as_they_are),
		cmocka_unit_test(a_pin_that_became_an_output_is_an_error),
		cmocka_unit_test(wrong_pins_are_told),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
