/* SPDX-License-Identifier: Apache-2.0 */
/* An SHTC3 with the example of its datasheet, as in dbrgn/shtcx-rs: 23.7 degC, 63 %. */
#include "tests/fake_i2c.h"

static const struct fake_exchange exchanges[] = {
	{ "35 17", "" },
	{ "EF C8", "08 87 5B" },
	{ "78 66", "64 8B C7 A1 33 1C" },
	{ "60 9C", "64 8B C7 A1 33 1C" },
};

static void power_on(struct fake_i2c *f)
{
	f->kind = FAKE_COMMANDS;
	f->address = 0x70;
	f->exchanges = exchanges;
	f->n_exchanges = ARRAY_LEN(exchanges);
}

static void become_other(struct fake_i2c *f)
{
	static const struct fake_exchange other[] = {
		{ "35 17", "" },
		{ "EF C8", "08 86 6A" },
	};

	f->exchanges = other;
	f->n_exchanges = ARRAY_LEN(other);
}

const struct fake_chip shtc3_chip = {
	.driver = "shtc3",
	.power_on = power_on,
	.become_other = become_other,
};
