/* SPDX-License-Identifier: Apache-2.0 */
/*
 * An INA226 with the readings of the worked example of TI SBOS547B s.6.5.1, table 6-1, and an INA260 with those of
 * tinygo-org/drivers, ina260/ina260_test.go; "ready" is set.
 */
#include "tests/fake_i2c.h"

static void power_on(struct fake_i2c *f)
{
	f->kind = FAKE_WORDS_BE;
	f->address = 0x40;
	f->reg16[0] = 0x4127;
	f->reg16[1] = 0x1F40;
	f->reg16[2] = 0x2570;
	f->reg16[6] = 0x0008;
	f->reg16[0xFE] = 0x5449;
	f->reg16[0xFF] = 0x2260;
}

static void power_on_260(struct fake_i2c *f)
{
	power_on(f);
	f->reg16[0] = 0x6127;
	f->reg16[1] = 0x2710;
	f->reg16[0xFF] = 0x2270;
}

static void become_other(struct fake_i2c *f)
{
	f->reg16[0xFF] = 0x2280;
}

const struct fake_chip ina226_chip = { .driver = "ina226", .power_on = power_on, .become_other = become_other };
const struct fake_chip ina260_chip = { .driver = "ina260", .power_on = power_on_260, .become_other = become_other };
