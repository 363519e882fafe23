/* SPDX-License-Identifier: Apache-2.0 */
/* A chip of the LM75 kind, 16 bits at 25.125 degC (LM75B datasheet, table 11), with an id and a register to set. */
#include "tests/fake_i2c.h"

static void power_on(struct fake_i2c *f)
{
	f->kind = FAKE_WORDS_BE;
	f->address = 0x48;
	f->reg16[0x00] = 0x1920;
	f->reg16[0x07] = 0xA100;
}

static void become_other(struct fake_i2c *f)
{
	f->reg16[0x07] = 0xB100;
}

const struct fake_chip i2c_register_chip = {
	.driver = "i2c-register",
	.yaml = "width: 16, shift: 5, signed: true, scale: 0.125, unit: Cel, min: -55, max: 125, init: [0x01=0x60A0], "
		"id_register: 7, id: 0xA1",
	.power_on = power_on,
	.become_other = become_other,
	.notices_power_loss = false, /* what lost settings do to the value cannot be known */
};
