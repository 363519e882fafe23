/* SPDX-License-Identifier: Apache-2.0 */
/* An SCD30 with the worked example of its interface description: 439 ppm, 27.2 degC, 48.8 %; as it comes, every 2 s. */
#include "tests/fake_i2c.h"

static const struct fake_exchange exchanges[] = {
	{ "D1 00", "03 42 F3" },
	{ "46 00", "00 02 E3" },
	{ "46 00 00 0A 5A", "" },
	{ "53 06", "00 00 81" },
	{ "53 06 00 01 B0", "" },
	{ "54 03", "00 00 81" },
	{ "54 03 01 F4 33", "" },
	{ "51 02", "00 00 81" },
	{ "51 02 03 E8 D4", "" },
	{ "00 10 00 00 81", "" },
	{ "00 10 03 F5 DB", "" },
	{ "02 02", "00 01 B0" },
	{ "03 00", "43 DB CB 8C 2E 8F 41 D9 70 E7 FF F5 42 43 BF 3A 1B 74" },
};

static void power_on(struct fake_i2c *f)
{
	f->kind = FAKE_COMMANDS;
	f->address = 0x61;
	f->exchanges = exchanges;
	f->n_exchanges = ARRAY_LEN(exchanges);
}

const struct fake_chip scd30_chip = {
	.driver = "scd30",
	.power_on = power_on,
};
