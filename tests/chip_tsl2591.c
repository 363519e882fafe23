/* SPDX-License-Identifier: Apache-2.0 */
/* A TSL2591 in a lit room; its integration takes no time. */
#include "tests/fake_i2c.h"

static void power_on(struct fake_i2c *f)
{
	f->address = 0x29;
	f->reg_mask = 0x1F;			    /* above is the command */
	fake_i2c_set(f, 0x12, "50 01 E8 03 C8 00"); /* id, status, 1000, 200 */
}

static void become_other(struct fake_i2c *f)
{
	f->reg[0x12] = 0x44;
}

const struct fake_chip tsl2591_chip = { .driver = "tsl2591", .power_on = power_on, .become_other = become_other };
