/* SPDX-License-Identifier: Apache-2.0 */
/* A TMP102 at 50 degC: periph.io devices, tmp102/tmp102_test.go. A conversion takes no time: the bit reads as 1 at once. */
#include "tests/fake_i2c.h"

static void power_on(struct fake_i2c *f)
{
	f->kind = FAKE_WORDS_BE;
	f->address = 0x48;
	f->reg16[0x00] = 0x3200;
	f->reg16[0x01] = 0x60A0;
}

static void become_other(struct fake_i2c *f)
{
	f->reg16[0x01] = 0x0220; /* TMP117 */
}

const struct fake_chip tmp102_chip = {
	.driver = "tmp102",
	.power_on = power_on,
	.become_other = become_other,
};
