/* SPDX-License-Identifier: Apache-2.0 */
/* An MLX90614 with words and PECs of eldruin/mlx9061x-rs, tests/mlx90614.rs; one zone. */
#include "tests/fake_i2c.h"

static const struct fake_exchange exchanges[] = {
	{ "25", "B4 9F 2B" },
	{ "06", "E1 39 E9" },
	{ "07", "26 3A 70" },
	{ "08", "26 3A A2" },
};

static void power_on(struct fake_i2c *f)
{
	f->kind = FAKE_COMMANDS;
	f->address = 0x5A;
	f->exchanges = exchanges;
	f->n_exchanges = ARRAY_LEN(exchanges);
}

static void become_other(struct fake_i2c *f)
{
	static const struct fake_exchange other[] = {
		{ "25", "B4 9F 00" },
	};

	f->exchanges = other;
	f->n_exchanges = ARRAY_LEN(other);
}

const struct fake_chip mlx90614_chip = {
	.driver = "mlx90614",
	.power_on = power_on,
	.become_other = become_other,
};
