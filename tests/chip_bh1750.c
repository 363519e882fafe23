/* SPDX-License-Identifier: Apache-2.0 */
/* A BH1750 that reads the H-resolution example of ROHM's datasheet (2011.11 rev D), page 7. */
#include "tests/fake_i2c.h"

static const struct fake_exchange exchanges[] = { { "01", NULL },    { "40", NULL },	{ "41", NULL },
						  { "42", NULL },    { "43", NULL },	{ "44", NULL },
						  { "45", NULL },    { "46", NULL },	{ "47", NULL },
						  { "65", NULL },    { "7F", NULL },	{ "7E", NULL },
						  { "20", "83 90" }, { "21", "83 90" }, { "23", "01 10" } };

static void power_on(struct fake_i2c *f)
{
	f->kind = FAKE_COMMANDS;
	f->address = 0x23;
	f->exchanges = exchanges;
	f->n_exchanges = ARRAY_LEN(exchanges);
}

const struct fake_chip bh1750_chip = { .driver = "bh1750", .power_on = power_on };
