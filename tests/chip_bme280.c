/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A BME280 with the trim values and the reading of a real one: periph.io devices, bmxx80/bmx280_test.go,
 * TestI2CSenseBME280_success: 23.72 degC, 1009.426953125 hPa.
 */
#include "tests/fake_i2c.h"

static void power_on(struct fake_i2c *f)
{
	f->address = 0x76;
	f->reg[0xD0] = 0x60;
	fake_i2c_set(f, 0x88, "10 6E 6C 66 32 00 5D 95 B8 D5 D0 0B 77 1E 9D FF F9 FF AC 26 0A D8 BD 10 00 4B");
	fake_i2c_set(f, 0xE1, "6E 01 00 13 05 00 1E");
	fake_i2c_set(f, 0xF7, "4A 52 C0 80 96 C0 7A 76");
}

static void become_other(struct fake_i2c *f)
{
	f->reg[0xD0] = 0x58; /* BMP280 */
}

const struct fake_chip bme280_chip = {
	.driver = "bme280",
	.power_on = power_on,
	.become_other = become_other,
	.notices_power_loss = true,
};
