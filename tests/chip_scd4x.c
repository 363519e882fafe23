/* SPDX-License-Identifier: Apache-2.0 */
/* An SCD4x with the example of its datasheet: 500 ppm, 25 degC, 37 %. The serial number is the one there. */
#include "tests/fake_i2c.h"

static const struct fake_exchange exchanges[] = {
	{ "3F 86", "" },
	{ "36 82", "F8 96 31 9F 07 C2 3B BE 89" },
	{ "24 1D 05 DA 29", "" },
	{ "24 1D 09 12 63", "" },
	{ "24 27 00 00 81", "" },
	{ "24 27 07 9E 09", "" },
	{ "24 16 00 01 B0", "" },
	{ "24 16 00 00 81", "" },
	{ "E0 00 03 DB 42", "" },
	{ "21 B1", "" },
	{ "21 AC", "" },
	{ "E4 B8", "80 06 04" },
	{ "EC 05", "01 F4 33 66 67 A2 5E B9 3C" },
};

static void power_on(struct fake_i2c *f)
{
	f->kind = FAKE_COMMANDS;
	f->address = 0x62;
	f->exchanges = exchanges;
	f->n_exchanges = ARRAY_LEN(exchanges);
}

const struct fake_chip scd4x_chip = {
	.driver = "scd4x",
	.power_on = power_on,
};
