/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A CCS811 in its boot loader, whose registers are mailboxes of their own length; the first byte of REG at a register's number is
 * what reads there. Result of eldruin/embedded-ccs811-rs, tests/app_mode.rs, with the concentrations made possible ones.
 */
#include "tests/fake_i2c.h"

#include <string.h>

enum { STATUS = 0x00, MODE = 0x01, RESULT = 0x02, RESULT_AT = 0x80, ERROR_ID = 0xE0, START = 0xF4 };
enum { IN_APPLICATION = 0x80, HAS_APPLICATION = 0x10, DATA_READY = 0x08 };

static int respond(struct fake_i2c *f, const uint8_t *out, size_t n_out, uint8_t *in, size_t n_in)
{
	if (n_out > 0)
		f->at = out[0];
	if (f->at == START)
		f->reg[STATUS] |= IN_APPLICATION;
	if (f->at == MODE && n_out == 2)
		f->reg[STATUS] |= DATA_READY;
	if (f->at == ERROR_ID)
		f->reg[STATUS] &= 0xFE;
	if (n_out > 1)
		memcpy(&f->reg[f->at], out + 1, n_out - 1);
	if (n_in > 0)
		memcpy(in, &f->reg[f->at == RESULT ? RESULT_AT : f->at], n_in);
	return 0;
}

static void power_on(struct fake_i2c *f)
{
	f->address = 0x5A;
	f->respond = respond;
	f->reg[0x20] = 0x81;
	f->reg[STATUS] = HAS_APPLICATION;
	fake_i2c_set(f, RESULT_AT, "12 34 01 78 10 00 91 52");
}

static void become_other(struct fake_i2c *f)
{
	f->reg[0x20] = 0x60;
}

const struct fake_chip ccs811_chip = {
	.driver = "ccs811",
	.power_on = power_on,
	.become_other = become_other,
	.notices_power_loss = true,
};
