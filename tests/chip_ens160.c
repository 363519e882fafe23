/* SPDX-License-Identifier: Apache-2.0 */
/*
 * An ENS160 that has warmed up, with what a real one sent: TimHanewich/diagnosing-ens160, readme.md: status 0x83, then AQI 2, TVOC 174,
 * eCO2 660.
 */
#include "tests/fake_i2c.h"

enum { STANDARD = 2 };

/** It runs in standard mode only. */
static void written(struct fake_i2c *f, uint8_t reg)
{
	if (reg == 0x10)
		fake_i2c_set(f, 0x20, f->reg[0x10] == STANDARD ? "83 02 AE 00 94 02" : "00 00 00 00 00 00");
}

static void power_on(struct fake_i2c *f)
{
	f->address = 0x53;
	f->written = written;
	fake_i2c_set(f, 0x00, "60 01");
}

static void become_other(struct fake_i2c *f)
{
	fake_i2c_set(f, 0x00, "61 01"); /* ENS161 */
}

const struct fake_chip ens160_chip = {
	.driver = "ens160",
	.power_on = power_on,
	.become_other = become_other,
	.notices_power_loss = true,
};
