/* SPDX-License-Identifier: Apache-2.0 */
/* A DS3231 at 25.25 degC, by the example of its datasheet; 2024-06-15 12:34:56. */
#include "tests/fake_i2c.h"

enum { CONVERT = 1 << 5 };

/** A conversion takes no time here. */
static void written(struct fake_i2c *f, uint8_t reg)
{
	if (reg == 0x0E)
		f->reg[reg] &= (uint8_t)~CONVERT;
}

static void power_on(struct fake_i2c *f)
{
	f->address = 0x68;
	f->written = written;
	fake_i2c_set(f, 0x00, "56 34 12 06 15 06 24");
	fake_i2c_set(f, 0x0E, "1C 00 00 19 40");
}

static void become_other(struct fake_i2c *f)
{
	fake_i2c_set(f, 0x00, "00 00 00 00 00 00 00");
}

const struct fake_chip ds3231_chip = {
	.driver = "ds3231",
	.power_on = power_on,
	.become_other = become_other,
};
