/* SPDX-License-Identifier: Apache-2.0 */
/* An SGP40 with the frames of mjaakkol/sgp40-rs, src/lib.rs, and the default command of its datasheet. */
#include "tests/fake_i2c.h"

static const struct fake_exchange exchanges[] = {
	{ "36 82", "DE AD 98 BE EF 92 DE AD 98" },
	{ "26 0F 80 00 A2 66 66 93", "12 34 37" },
	{ "26 0F 00 00 81 00 00 81", "12 34 37" },
	{ "26 0F FF FF AC FF FF AC", "12 34 37" },
};

static void power_on(struct fake_i2c *f)
{
	f->kind = FAKE_COMMANDS;
	f->address = 0x59;
	f->exchanges = exchanges;
	f->n_exchanges = ARRAY_LEN(exchanges);
}

const struct fake_chip sgp40_chip = {
	.driver = "sgp40",
	.power_on = power_on,
};
