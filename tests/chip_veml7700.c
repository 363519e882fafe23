/* SPDX-License-Identifier: Apache-2.0 */
/* A VEML7700 with the count of eldruin/veml6030-rs, tests/integration.rs. */
#include "tests/fake_i2c.h"

static void power_on(struct fake_i2c *f)
{
	f->kind = FAKE_WORDS_LE;
	f->address = 0x10;
	f->reg16[0] = 0x0001; /* shut down */
	f->reg16[4] = 0x05C8;
	f->reg16[7] = 0xC481;
}

static void become_other(struct fake_i2c *f)
{
	f->reg16[7] = 0xC482;
}

const struct fake_chip veml7700_chip = {
	.driver = "veml7700",
	.power_on = power_on,
	.become_other = become_other,
	.notices_power_loss = true,
};
