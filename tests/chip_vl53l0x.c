/* SPDX-License-Identifier: Apache-2.0 */
/* A VL53L0X with the reference registers of its datasheet, that has measured 500 mm; "done" is set. */
#include "tests/fake_i2c.h"

static void power_on(struct fake_i2c *f)
{
	f->address = 0x29;
	f->reg[0x13] = 0x04;
	fake_i2c_set(f, 0x14, "58 00 00 00 00 00 00 00 00 00 01 F4"); /* status 11 in bits 3 to 6 */
	fake_i2c_set(f, 0xC0, "EE AA 10");
}

static void become_other(struct fake_i2c *f)
{
	f->reg[0xC1] = 0xCC; /* VL53L1X */
}

const struct fake_chip vl53l0x_chip = { .driver = "vl53l0x", .power_on = power_on, .become_other = become_other };
