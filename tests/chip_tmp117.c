/* SPDX-License-Identifier: Apache-2.0 */
/* A TMP117 at 25 degC, by table 7-1 of its datasheet. */
#include "tests/fake_i2c.h"

enum { SHUTDOWN = 1 << 10, MODE = 3 << 10, DATA_READY = 1 << 13 };

/** A one-shot ends in shutdown, with data. */
static void written(struct fake_i2c *f, uint8_t reg)
{
	if (reg == 0x01)
		f->reg16[reg] = (uint16_t)((f->reg16[reg] & ~MODE) | SHUTDOWN | DATA_READY);
}

static void power_on(struct fake_i2c *f)
{
	f->kind = FAKE_WORDS_BE;
	f->address = 0x48;
	f->written = written;
	f->reg16[0x00] = 0x0C80;
	f->reg16[0x01] = 0x0220;
	f->reg16[0x0F] = 0x1117; /* revision 1 */
}

static void become_other(struct fake_i2c *f)
{
	f->reg16[0x0F] = 0x1116; /* TMP116 */
}

const struct fake_chip tmp117_chip = {
	.driver = "tmp117",
	.power_on = power_on,
	.become_other = become_other,
};
