/* SPDX-License-Identifier: Apache-2.0 */
/* An MCP23017 after power-on: all pins are inputs; a0 and b7 are high. */
#include "tests/fake_i2c.h"

static void power_on(struct fake_i2c *f)
{
	f->address = 0x20;
	fake_i2c_set(f, 0x00, "FF FF");
	fake_i2c_set(f, 0x12, "01 80");
}

/* An expander of eight pins has the next address at 0x0A and 0x0B. */
static void become_other(struct fake_i2c *f)
{
	f->reg[0x0A] = 0x5A;
}

const struct fake_chip mcp23017_chip = {
	.driver = "mcp23017",
	.yaml = "pull_up: true",
	.power_on = power_on,
	.become_other = become_other,
	.notices_power_loss = true,
};
