/* SPDX-License-Identifier: Apache-2.0 */
/* A LIS3DH that reads the rows of 350 mg, -350 mg and 0 of ST AN3308, table of output data (full scale 2 g, BLE 0). */
#include "tests/fake_i2c.h"

static void power_on(struct fake_i2c *f)
{
	f->address = 0x18;
	f->reg_mask = 0x7F; /* the upper bit asks for what this fake always does */
	f->reg[0x0F] = 0x33;
	f->reg[0x20] = 0x07;
	f->reg[0x27] = 0x0F;
	fake_i2c_set(f, 0x28, "E0 15 20 EA 00 00");
}

static void become_other(struct fake_i2c *f)
{
	f->reg[0x0F] = 0x32;
}

const struct fake_chip lis3dh_chip = {
	.driver = "lis3dh",
	.power_on = power_on,
	.become_other = become_other,
	.notices_power_loss = true,
};
