/* SPDX-License-Identifier: Apache-2.0 */
#include "tests/scan_bench.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

static void no_sleep(int64_t us)
{
	assert_true(us > 0 && us <= 100000);
}

const struct scan_world scan_bench_world = { .root = "/nowhere", .sleep_us = no_sleep };

void scan_bench_put(struct scan_bench *b, const char *driver, uint8_t address)
{
	fake_chip_init(&b->rig, &b->chip, driver, "");
	b->chip.address = address;
}

struct scan_chip scan_bench_identify_as(struct scan_bench *b, uint8_t address, bool is_reader)
{
	struct scan_chip found = { .address = address };
	struct i2c *i2c = fake_i2c_of(&b->rig);
	struct sensor_error err;

	assert_int_equal(i2c_open(i2c, &err), 0);
	i2c->address = address;
	assert_int_equal(scan_identify(i2c, &scan_bench_world, is_reader, &found), 0);
	return found;
}

struct scan_chip scan_bench_identify(struct scan_bench *b, uint8_t address)
{
	return scan_bench_identify_as(b, address, false);
}

bool scan_bench_has(const struct scan_chip *found, const struct sensor_driver *d)
{
	for (size_t i = 0; i < found->n_drivers; i++)
		if (found->drivers[i] == d)
			return true;
	return false;
}
