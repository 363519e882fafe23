/* SPDX-License-Identifier: Apache-2.0 */
/* An AHT20 with the frame of a real one: anglerud/aht20-driver, src/lib.rs. */
#include "tests/fake_i2c.h"

static const struct fake_exchange exchanges[] = {
	{ "71", "18" },
	{ "BE 08 00", "" },
	{ "AC 33 00", "1C 65 B4 25 CD 26 C6" },
};

static void power_on(struct fake_i2c *f)
{
	f->kind = FAKE_COMMANDS;
	f->address = 0x38;
	f->exchanges = exchanges;
	f->n_exchanges = ARRAY_LEN(exchanges);
}

static void become_other(struct fake_i2c *f)
{
	static const struct fake_exchange other[] = {
		{ "71", "FF" },
	};

	f->exchanges = other;
	f->n_exchanges = ARRAY_LEN(other);
}

const struct fake_chip aht20_chip = {
	.driver = "aht20",
	.power_on = power_on,
	.become_other = become_other,
};
