/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A BMP180 that reads the example of BST-BMP180-DS000-12 s.3.5: UT = 27898, UP = 23843 with x1: 15.0 degC, 699.64 hPa.
 * Its data registers hold what was asked for last.
 */
#include "tests/fake_i2c.h"

static void written(struct fake_i2c *f, uint8_t reg)
{
	if (reg != 0xF4)
		return;
	fake_i2c_set(f, 0xF6, f->reg[0xF4] == 0x2E ? "6C FA 00" : "5D 23 00");
	f->reg[0xF4] &= 0xDF; /* done */
}

static void power_on(struct fake_i2c *f)
{
	f->address = 0x77;
	f->written = written;
	f->reg[0xD0] = 0x55;
	fake_i2c_set(f, 0xAA, "01 98 FF B8 C7 D1 7F E5 7F F5 5A 71 18 2E 00 04 80 00 DD F9 0B 34");
	fake_i2c_set(f, 0xF6, "80 00 00");
}

static void become_other(struct fake_i2c *f)
{
	f->reg[0xD0] = 0x58; /* BMP280 */
}

const struct fake_chip bmp180_chip = {
	.driver = "bmp180",
	.power_on = power_on,
	.become_other = become_other,
	.notices_power_loss = false, /* it has nothing to lose */
};
