/* SPDX-License-Identifier: Apache-2.0 */
/* An SHT3x with the CRC example of its datasheet, 0xBEEF, as both values; status as in gobot, drivers/i2c/sht3x_driver_test.go. */
#include "tests/fake_i2c.h"

static const struct fake_exchange exchanges[] = {
	{ "F3 2D", "00 00 81" },
	{ "30 66", "" },
	{ "30 6D", "" },
	{ "24 00", "BE EF 92 BE EF 92" },
	{ "24 0B", "BE EF 92 BE EF 92" },
	{ "24 16", "BE EF 92 BE EF 92" },
};

static void power_on(struct fake_i2c *f)
{
	f->kind = FAKE_COMMANDS;
	f->address = 0x44;
	f->exchanges = exchanges;
	f->n_exchanges = ARRAY_LEN(exchanges);
}

static void become_other(struct fake_i2c *f)
{
	static const struct fake_exchange other[] = {
		{ "F3 2D", "FF FF FF" },
	};

	f->exchanges = other;
	f->n_exchanges = ARRAY_LEN(other);
}

const struct fake_chip sht3x_chip = {
	.driver = "sht3x",
	.power_on = power_on,
	.become_other = become_other,
};
