/* SPDX-License-Identifier: Apache-2.0 */
/* An SHT4x with frames recorded from a real one: periph.io devices, sht4x/sht4xbustestrecording_test.go. The serial number is made up. */
#include "tests/fake_i2c.h"

static const struct fake_exchange exchanges[] = {
	{ "89", "BE EF 92 BE EF 92" }, { "FD", "66 EE 50 4C BF 2D" }, { "F6", "66 EE 50 4C BF 2D" },
	{ "E0", "66 EE 50 4C BF 2D" }, { "1E", "6D 4A 72 55 53 3C" }, { "2F", "93 28 DE 3B A5 20" },
	{ "39", "B3 B8 3B 21 A1 64" },
};

static void power_on(struct fake_i2c *f)
{
	f->kind = FAKE_COMMANDS;
	f->address = 0x44;
	f->exchanges = exchanges;
	f->n_exchanges = ARRAY_LEN(exchanges);
}

const struct fake_chip sht4x_chip = {
	.driver = "sht4x",
	.power_on = power_on,
};
