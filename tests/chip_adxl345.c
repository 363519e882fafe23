/* SPDX-License-Identifier: Apache-2.0 */
/* An ADXL345 lying flat: 256 steps are 1 g by its datasheet (rev E, table 1, full resolution). */
#include "tests/fake_i2c.h"

static void power_on(struct fake_i2c *f)
{
	f->address = 0x53;
	f->reg[0x00] = 0xE5;
	f->reg[0x2C] = 0x0A;
	f->reg[0x30] = 0x82;
	fake_i2c_set(f, 0x32, "00 00 00 FF 00 01");
}

static void become_other(struct fake_i2c *f)
{
	f->reg[0x00] = 0xE6;
}

const struct fake_chip adxl345_chip = {
	.driver = "adxl345",
	.power_on = power_on,
	.become_other = become_other,
	.notices_power_loss = true,
};
