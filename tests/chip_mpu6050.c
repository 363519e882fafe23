/* SPDX-License-Identifier: Apache-2.0 */
/* An MPU-6050 with the bytes of hybridgroup/gobot, drivers/i2c/mpu6050_driver_test.go. */
#include "tests/fake_i2c.h"

static void power_on(struct fake_i2c *f)
{
	f->address = 0x68;
	f->reg[0x75] = 0x68;
	f->reg[0x6B] = 0x40; /* asleep */
	f->reg[0x3A] = 0x01;
	fake_i2c_set(f, 0x3B, "00 01 02 04 08 16 32 64 16 08 04 02 01 00");
}

static void become_other(struct fake_i2c *f)
{
	f->reg[0x75] = 0x70; /* MPU-6500 */
}

const struct fake_chip mpu6050_chip = {
	.driver = "mpu6050",
	.power_on = power_on,
	.become_other = become_other,
	.notices_power_loss = true,
};
