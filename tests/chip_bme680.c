/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A BME680 with the trim values and the reading that bmp280 of elixir-sensors has in test/bmp280/calibration/bme680_calibration_test.exs and
 * test/bmp280/sensor/bme680_sensor_test.exs: 19.3113 degC, 100977.52 Pa, 25.2 %, 3503.6322 Ohm. New data come with a forced conversion.
 */
#include "tests/fake_i2c.h"

static void written(struct fake_i2c *f, uint8_t reg)
{
	(void)reg;
	if ((f->reg[0x74] & 3) == 1)
		f->reg[0x1D] = 0x80;
	f->reg[0x74] &= 0xFC;
}

static void was_read(struct fake_i2c *f, uint8_t reg, size_t n)
{
	if (reg == 0x1D && n > 1)
		f->reg[0x1D] = 0;
}

static void power_on(struct fake_i2c *f)
{
	f->address = 0x76;
	f->takes_pairs = true;
	f->written = written;
	f->was_read = was_read;
	f->reg[0xD0] = 0x61;
	fake_i2c_set(f, 0x00, "32 AA 16 4A 13");
	fake_i2c_set(f, 0x8A, "B2 66 03 10 43 8A 5B D7 58 00 E4 12 8A FF 1A 1E 00 00 03 FD D9 F2 1E");
	fake_i2c_set(f, 0xE1, "3F DD 2C 00 2D 14 78 9C 53 66 AF E8 E2 12");
	fake_i2c_set(f, 0x1F, "60 1E 90 75 5D C0 41 B4");
	fake_i2c_set(f, 0x2A, "A6 BB"); /* 666 in range 11, valid and hot */
}

static void become_other(struct fake_i2c *f)
{
	f->reg[0xD0] = 0x60; /* BME280 */
}

const struct fake_chip bme680_chip = {
	.driver = "bme680",
	.power_on = power_on,
	.become_other = become_other,
	.notices_power_loss = false, /* settings are written for each reading */
};
