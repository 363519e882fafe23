/* SPDX-License-Identifier: Apache-2.0 */
/* A PCF8574 after power-on: 1 is written to all pins; from outside p1 is pulled low. It has no registers: reg[0] is what was written. */
#include "tests/fake_i2c.h"

enum { PULLED_LOW = 0x02 };

static int respond(struct fake_i2c *f, const uint8_t *out, size_t n_out, uint8_t *in, size_t n_in)
{
	for (size_t i = 0; i < n_out; i++)
		f->reg[0] = out[i];
	for (size_t i = 0; i < n_in; i++)
		in[i] = f->reg[0] & ~PULLED_LOW;
	return 0;
}

static void power_on(struct fake_i2c *f)
{
	f->address = 0x20;
	f->reg[0] = 0xFF;
	f->respond = respond;
}

const struct fake_chip pcf8574_chip = { .driver = "pcf8574", .power_on = power_on };
