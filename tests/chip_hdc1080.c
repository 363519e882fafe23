/* SPDX-License-Identifier: Apache-2.0 */
/* An HDC1080 with values of another project: LawrenceStanton/HDC1080, Test/HDC1080.test.cpp. */
#include "tests/fake_i2c.h"

static const struct fake_exchange exchanges[] = {
	{ "FE", "54 49" },  { "FF", "10 50" },	{ "02 10 00", "" },
	{ "02 35 00", "" }, { "02 12 00", "" }, { "00", "12 34 12 34" },
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
		{ "FE", "54 49" },
		{ "FF", "07 D0" },
	};

	f->exchanges = other;
	f->n_exchanges = ARRAY_LEN(other);
}

const struct fake_chip hdc1080_chip = {
	.driver = "hdc1080",
	.power_on = power_on,
	.become_other = become_other,
};
