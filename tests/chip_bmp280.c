/* SPDX-License-Identifier: Apache-2.0 */
/* A BMP280 that reads the example of BST-BMP280-DS001-26 s.3.12: 25.08 degC, 1006.5327 hPa. */
#include "tests/fake_i2c.h"

static void power_on(struct fake_i2c *f)
{
	f->address = 0x76;
	f->reg[0xD0] = 0x58;
	fake_i2c_set(f, 0x88, "70 6B 43 67 18 FC 7D 8E 43 D6 D0 0B 27 0B 8C 00 F9 FF 8C 3C F8 C6 70 17");
	fake_i2c_set(f, 0xF7, "65 5A C0 7E ED 00");
}

static void become_other(struct fake_i2c *f)
{
	f->reg[0xD0] = 0x60; /* BME280 */
}

const struct fake_chip bmp280_chip = {
	.driver = "bmp280",
	.power_on = power_on,
	.become_other = become_other,
	.notices_power_loss = false, /* with the default settings trigger() brings back all there is */
};
