/* SPDX-License-Identifier: Apache-2.0 */
/* An LM75B at 25 degC: NXP's datasheet, table 10; with its limits of power-on, 75 and 80 degC. */
#include "tests/fake_i2c.h"

static void power_on(struct fake_i2c *f)
{
	f->kind = FAKE_WORDS_BE;
	f->address = 0x48;
	f->reg16[0x00] = 0x1900;
	f->reg16[0x02] = 0x4B00;
	f->reg16[0x03] = 0x5000;
}

static void become_other(struct fake_i2c *f)
{
	f->reg16[0x01] = 0x60A0; /* TMP102 */
}

const struct fake_chip lm75_chip = {
	.driver = "lm75",
	.power_on = power_on,
	.become_other = become_other,
};
