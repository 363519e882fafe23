/* SPDX-License-Identifier: Apache-2.0 */
/* An HTU21D with the CRC examples of its datasheet: 24.7 degC, 32.3 %. The serial number is made up, but for the 0x32 of its kind. */
#include "tests/fake_i2c.h"

static const struct fake_exchange exchanges[] = {
	{ "FA 0F", "32 A7 48 84 54 BA 48 84" },
	{ "E7", "02" },
	{ "E6 02", "" },
	{ "E6 03", "" },
	{ "E6 82", "" },
	{ "E6 87", "" },
	{ "F3", "68 3A 7C" },
	{ "F5", "4E 85 6B" },
};

static void power_on(struct fake_i2c *f)
{
	f->kind = FAKE_COMMANDS;
	f->address = 0x40;
	f->exchanges = exchanges;
	f->n_exchanges = ARRAY_LEN(exchanges);
}

static void become_other(struct fake_i2c *f)
{
	static const struct fake_exchange other[] = {
		{ "FA 0F", "54 49 54 49 54 49 54 49" },
	};

	f->exchanges = other;
	f->n_exchanges = ARRAY_LEN(other);
}

const struct fake_chip htu21d_chip = {
	.driver = "htu21d",
	.power_on = power_on,
	.become_other = become_other,
};
