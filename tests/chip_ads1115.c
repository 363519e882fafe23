/* SPDX-License-Identifier: Apache-2.0 */
/* An ADS1115 and an ADS1015, which are the same but for their rates and the bits of a result. */
#include "tests/fake_i2c.h"

static void idle(struct fake_i2c *f, uint8_t reg)
{
	if (reg == 1)
		f->reg16[1] |= 0x8000; /* conversions take no time here */
}

static void power_on(struct fake_i2c *f)
{
	f->kind = FAKE_WORDS_BE;
	f->address = 0x48;
	f->reg16[0] = 0x2570;
	f->reg16[1] = 0x8583; /* the reset value */
	f->written = idle;
}

/* Its register 1 cannot be written. */
static void swallow(struct fake_i2c *f, uint8_t reg)
{
	f->reg16[reg] = 0;
}

static void become_other(struct fake_i2c *f)
{
	f->written = swallow;
}

const struct fake_chip ads1115_chip = {
	.driver = "ads1115",
	.yaml = "inputs: [a0]",
	.power_on = power_on,
	.become_other = become_other,
};

const struct fake_chip ads1015_chip = {
	.driver = "ads1015",
	.yaml = "inputs: [a0]",
	.power_on = power_on,
	.become_other = become_other,
};
