/* SPDX-License-Identifier: Apache-2.0 */
/* An INA219 with the readings of the worked example of TI SBOS448G s.9.2.2, table 8, and "ready" set. */
#include "tests/fake_i2c.h"

static void power_on(struct fake_i2c *f)
{
	f->kind = FAKE_WORDS_BE;
	f->address = 0x40;
	f->reg16[0] = 0x399F;
	f->reg16[1] = 0x07D0;
	f->reg16[2] = 0x5D9A;
}

/* Its register 0 cannot be written. */
static void swallow(struct fake_i2c *f, uint8_t reg)
{
	f->reg16[reg] = 0x1234;
}

static void become_other(struct fake_i2c *f)
{
	f->written = swallow;
}

const struct fake_chip ina219_chip = { .driver = "ina219", .power_on = power_on, .become_other = become_other };
