/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What one reading of each chip costs on the bus: bus_cost prints a table. Counted on the chips of the unit tests, with default
 * options, the third reading after a start. A transfer is one system call, an ioctl I2C_RDWR. On the wire each byte is 9 bits, an
 * address comes before what is written and again before what is read, and starts and stops take the time of about a bit each.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <errno.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "tests/fake_i2c.h"

enum { BITS_PER_BYTE = 9, READINGS = 3 };

struct cost {
	unsigned transfers, bytes, bits; /* bytes: without those of addresses */
};

/* What stands between the driver and the fake. */
struct meter {
	struct fake_i2c fake; /* first: its operations get the same pointer */
	const struct i2c_ops *ops;
	struct cost cost;
};

static int metered_open(struct i2c *i2c, struct sensor_error *err)
{
	return ((struct meter *)i2c->backend)->ops->open(i2c, err);
}

static int metered_transfer(struct i2c *i2c, const uint8_t *out, size_t n_out, uint8_t *in, size_t n_in)
{
	struct meter *m = i2c->backend;
	unsigned messages = (n_out > 0 || n_in == 0) + (n_in > 0);

	m->cost.transfers++;
	m->cost.bytes += (unsigned)(n_out + n_in);
	m->cost.bits += BITS_PER_BYTE * (unsigned)(messages + n_out + n_in) + messages + 1;
	return m->ops->transfer(i2c, out, n_out, in, n_in);
}

static void metered_close(struct i2c *i2c)
{
	((struct meter *)i2c->backend)->ops->close(i2c);
}

static const struct i2c_ops metered_ops = { .open = metered_open,
					    .transfer = metered_transfer,
					    .close = metered_close };

/* @return 0, or what went wrong */
static int measure(const char *name, struct cost *out)
{
	int64_t now_us = INT64_C(1763700000000000);
	double values[SENSOR_MAX_CHANNELS];
	struct meter m = { .cost = { 0 } };
	struct driver_rig rig;
	int r;

	fake_chip_init(&rig, &m.fake, name, "");
	m.ops = fake_i2c_of(&rig)->ops;
	fake_i2c_of(&rig)->ops = &metered_ops;
	r = driver_rig_probe(&rig, now_us);
	for (int i = 0; r == 0 && i < READINGS; i++) {
		now_us += 1000000;
		m.cost = (struct cost){ 0 };
		r = driver_rig_read_patiently(&rig, &now_us, values);
	}
	*out = m.cost;
	driver_rig_free(&rig);
	return r;
}

#define ROW(name) #name,
static const char *const names[] = { FAKE_CHIPS(ROW) };

int main(void)
{
	int rc = 0;

	printf("| Chip | transfers | bytes | bits | us at 100 kHz | us at 400 kHz |\n|---|---|---|---|---|---|\n");
	for (size_t i = 0; i < ARRAY_LEN(names); i++) {
		char *name = strdup(names[i]), *underscore = strchr(name, '_');
		struct cost c;
		int r;

		if (underscore)
			*underscore = '-';
		r = measure(name, &c);
		if (r == 0)
			printf("| %s | %u | %u | %u | %u | %u |\n", name, c.transfers, c.bytes, c.bits, c.bits * 10,
			       (c.bits * 10 + 3) / 4);
		else
			fprintf(stderr, "%s: %s\n", name, strerror(-r));
		rc |= r != 0;
		free(name);
	}
	return rc;
}
