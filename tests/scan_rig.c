/* SPDX-License-Identifier: Apache-2.0 */
#include "tests/scan_rig.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "tests/fake_sysfs.h"

struct i2c_message {
	const uint8_t *out;
	size_t n_out;
	uint8_t *in;
	size_t n_in;
};

static struct scan_rig *current;

static struct scan_rig_bus *bus_of(const struct i2c *i2c)
{
	int number = (int)strtol(i2c->bus + 4, NULL, 10);

	for (size_t i = 0; i < current->n_buses; i++)
		if (current->buses[i].number == number)
			return &current->buses[i];
	return NULL;
}

static int rig_open(struct i2c *i2c, struct sensor_error *err)
{
	const struct scan_rig_bus *bus = bus_of(i2c);

	assert_non_null(bus);
	if (bus->open_error)
		snprintf(err->text, sizeof(err->text), "cannot be opened");
	return bus->open_error;
}

static void rig_close(struct i2c *i2c)
{
	assert_true(i2c->is_open);
}

static void count(struct scan_rig_bus *bus, int64_t address, size_t n_out, size_t n_in)
{
	bus->n_calls++;
	if (n_out == 0)
		(n_in == 0 ? bus->n_quick : bus->n_read)[address]++;
	else
		bus->n_other[address]++;
}

/* On a channel of a mux the chips of the bus above answer too, but not those that it only shows because their channel was left open. */
static struct fake_i2c *chip_at(const struct scan_rig_bus *bus, int64_t address)
{
	const struct scan_rig_bus *above = NULL;
	struct fake_i2c *chip = bus->chips[address];

	for (size_t i = 0; i < current->n_buses; i++)
		if (current->buses[i].number == bus->parent)
			above = &current->buses[i];
	if (chip || !above)
		return chip;
	chip = above->chips[address];
	for (size_t i = 0; i < current->n_buses; i++)
		if (&current->buses[i] != above && current->buses[i].chips[address] == chip)
			return NULL;
	return chip;
}

static bool is_silent(const struct scan_rig_bus *bus, int64_t address, const struct fake_i2c *chip, bool is_plain_read)
{
	if (!chip || (bus->vanish_after && bus->n_calls > bus->vanish_after))
		return true;
	return is_plain_read && bus->silent_reads[address] && !chip->answer;
}

static int ask_chip(const struct i2c *i2c, struct fake_i2c *chip, const struct i2c_message *m)
{
	struct i2c one = *i2c;
	struct driver_rig ops;
	struct fake_i2c fake;

	fake_chip_init(&ops, &fake, "bme280", ""); /* for the operations of fake chips */
	one.ops = fake_i2c_of(&ops)->ops;
	one.backend = chip;
	driver_rig_free(&ops);
	return one.ops->transfer(&one, m->out, m->n_out, m->in, m->n_in);
}

static int rig_transfer(struct i2c *i2c, const uint8_t *out, size_t n_out, uint8_t *in, size_t n_in)
{
	struct scan_rig_bus *bus = bus_of(i2c);
	bool is_quick = n_out == 0 && n_in == 0;
	struct fake_i2c *chip;

	assert_true(i2c->address >= SCAN_FIRST_ADDRESS && i2c->address <= SCAN_LAST_ADDRESS);
	count(bus, i2c->address, n_out, n_in);
	if (bus->error)
		return bus->error;
	if (is_quick && bus->has_no_quick)
		return -EOPNOTSUPP;
	memset(in, 0, n_in);
	if (bus->is_stuck)
		return 0;
	chip = chip_at(bus, i2c->address);
	if (is_silent(bus, i2c->address, chip, n_out == 0 && !is_quick))
		return -ENXIO;
	return is_quick ? 0 : ask_chip(i2c, chip, &(struct i2c_message){ out, n_out, in, n_in });
}

static const struct i2c_ops rig_ops = { .open = rig_open, .transfer = rig_transfer, .close = rig_close };

static void rig_sleep(int64_t us)
{
	current->slept_us += us;
}

void scan_rig_init(struct scan_rig *rig)
{
	memset(rig, 0, sizeof(*rig));
	rig->world = (struct scan_world){ .root = fake_sysfs_root(), .i2c_ops = &rig_ops, .sleep_us = rig_sleep };
	current = rig;
}

void scan_rig_remove(struct scan_rig *rig)
{
	char path[64];

	for (size_t i = 0; i < rig->n_buses; i++) {
		snprintf(path, sizeof(path), "/dev/i2c-%d", rig->buses[i].number);
		fake_sysfs_remove(path);
		snprintf(path, sizeof(path), "/sys/class/i2c-dev/i2c-%d/name", rig->buses[i].number);
		fake_sysfs_remove(path);
	}
	current = NULL;
}

struct scan_rig_bus *scan_rig_add_bus(struct scan_rig *rig, int number, const char *adapter)
{
	struct scan_rig_bus *bus = &rig->buses[rig->n_buses++];
	char path[64];

	assert_true(rig->n_buses <= SCAN_RIG_BUSES);
	bus->number = number;
	bus->parent = -1;
	snprintf(path, sizeof(path), "/dev/i2c-%d", number);
	fake_sysfs_put(path, "");
	snprintf(path, sizeof(path), "/sys/class/i2c-dev/i2c-%d/name", number);
	fake_sysfs_put(path, adapter);
	return bus;
}

struct fake_i2c *scan_rig_add_chip(struct scan_rig *rig, struct scan_rig_bus *bus, uint8_t address, const char *driver)
{
	struct fake_i2c *chip = &rig->chips[rig->n_chips++];

	assert_true(rig->n_chips <= sizeof(rig->chips) / sizeof(rig->chips[0]));
	fake_chip_find(driver)->power_on(chip);
	chip->address = address;
	bus->chips[address] = chip;
	return chip;
}

const struct scan_chip *scan_rig_find(const struct scan *s, const char *bus, uint8_t address)
{
	for (size_t i = 0; i < s->n_buses; i++)
		for (size_t k = 0; strcmp(s->buses[i].name, bus) == 0 && k < s->buses[i].n_chips; k++)
			if (s->buses[i].chips[k].address == address)
				return &s->buses[i].chips[k];
	return NULL;
}
