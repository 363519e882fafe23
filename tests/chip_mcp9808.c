/* SPDX-License-Identifier: Apache-2.0 */
/* An MCP9808 at 25.25 degC: its datasheet, figure 5-5. */
#include "tests/fake_i2c.h"

static void power_on(struct fake_i2c *f)
{
	f->kind = FAKE_WORDS_BE;
	f->address = 0x18;
	f->reg16[0x05] = 0x0194;
	f->reg16[0x06] = 0x0054;
	f->reg16[0x07] = 0x0400;
}

static void become_other(struct fake_i2c *f)
{
	f->reg16[0x07] = 0x0201; /* MCP9804 */
}

const struct fake_chip mcp9808_chip = {
	.driver = "mcp9808",
	.power_on = power_on,
	.become_other = become_other,
};
