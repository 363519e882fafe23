/* SPDX-License-Identifier: Apache-2.0 */
/* By the description of quasi-bidirectional pins in NXP's PCF8574; PCF8574A rev 5, s.8.1; the model of the chip is chip_pcf8574.c. */
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
	double out[8];
	int64_t now_us = 0;
	(void)state;

	fake_chip_init(&rig, &chip, "pcf8574", "");
	assert_int_equal(rig.n_channels, 8);
	assert_int_equal(rig.channels[7].kind, CHANNEL_STATE);
	assert_int_equal(driver_rig_probe(&rig, now_us), 0);
	assert_int_equal(driver_rig_read(&rig, &now_us, out), 0);
	for (int i = 0; i < 8; i++)
		assert_true(out[i] == (i != 1));
	driver_rig_free(&rig);

	fake_chip_init(&rig, &chip, "pcf8574", "inputs: [p7, p1], active: low");
	assert_int_equal(rig.n_channels, 2);
	assert_string_equal(rig.channels[1].name, "p1");
	assert_int_equal(driver_rig_probe(&rig, now_us), 0);
	assert_int_equal(driver_rig_read(&rig, &now_us, out), 0);
	assert_true(out[0] == 0.0 && out[1] == 1.0);
	driver_rig_free(&rig);
}

static void listed_pins_become_inputs_and_others_stay(void **state)
{
	struct driver_rig rig;
	struct fake_i2c chip;
	double out[8];
	int64_t now_us = 0;
	(void)state;

	fake_chip_init(&rig, &chip, "pcf8574", "inputs: [p0]");
	chip.reg[0] = 0x10; /* somebody wrote 0 to all but p4 */
	assert_int_equal(driver_rig_probe(&rig, now_us), 0);
	assert_true(fake_i2c_wrote(&chip, "11"));
	assert_int_equal(driver_rig_read(&rig, &now_us, out), 0);
	assert_true(out[0] == 1.0);
	driver_rig_free(&rig);
}

static void wrong_pins_are_told(void **state)
{
	struct driver_rig rig;
	(void)state;

	driver_rig_init(&rig, "pcf8574", "{bus: x, inputs: [p8]}");
	assert_int_equal(rig.n_channels, -EINVAL);
	assert_string_equal(rig.err.text, "no pin 'p8', expected p0 to p7");
	driver_rig_free(&rig);
	driver_rig_init(&rig, "pcf8574", "{bus: x, inputs: [p0, p0]}");
	assert_int_equal(rig.n_channels, -EINVAL);
	assert_string_equal(rig.err.text, "pin 'p0' stands there twice");
	driver_rig_free(&rig);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(levels_become_states),
		cmocka_unit_test(listed_pins_become_inputs_and_others_stay),
		cmocka_unit_test(wrong_pins_are_told),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
