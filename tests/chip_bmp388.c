/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A BMP388 that reads what bmp3xx of elixir-sensors has in test/bmp3xx/bmp388/calibration_test.exs: 30.499314453874284 degC,
 * 100876.00634692199 Pa. It forgets its power-on when asked, is ready after a forced conversion and busy after its data were read.
 */
#include "tests/fake_i2c.h"

static void written(struct fake_i2c *f, uint8_t reg)
{
	if (reg != 0x1B || (f->reg[0x1B] & 0x30) != 0x10)
		return;
	f->reg[0x1B] &= 0x03;
	f->reg[0x03] = 0x70;
}

static void was_read(struct fake_i2c *f, uint8_t reg, size_t n)
{
	if (reg <= 0x04 && reg + n > 0x09)
		f->reg[0x03] = 0x10;
	if (reg <= 0x10 && reg + n > 0x10)
		f->reg[0x10] = 0;
}

static void power_on(struct fake_i2c *f)
{
	f->address = 0x77;
	f->written = written;
	f->was_read = was_read;
	f->reg[0x00] = 0x50;
	f->reg[0x03] = 0x10;
	f->reg[0x10] = 1;
	f->reg[0x1C] = 0x02;
	fake_i2c_set(f, 0x31, "23 6B 58 49 F6 5C FF CE F4 23 00 EA 63 6E 79 F3 F6 AA 43 12 C4");
	fake_i2c_set(f, 0x04, "97 9F 6D 73 D8 85");
}

static void become_other(struct fake_i2c *f)
{
	f->reg[0x00] = 0x58;
}

const struct fake_chip bmp388_chip = {
	.driver = "bmp388",
	.power_on = power_on,
	.become_other = become_other,
	.notices_power_loss = true,
};
