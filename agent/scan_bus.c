/* SPDX-License-Identifier: Apache-2.0 */
/*
 * scan_bus.c - who is there on one I2C bus.
 *
 * As i2cdetect does: an address and nothing else is sent ("quick write"), which no sensor minds; but a byte is read at 0x50 to 0x5F, where
 * there is an EEPROM (AT24RF08) that a quick write can destroy, and at 0x30 to 0x37, where one may write-protect a memory for
 * ever. A chip of commands may not acknowledge a read, so there, and on adapters that cannot send an address alone (DesignWare),
 * silence is no proof, and chips that can be told for certain are asked for their identity all the same. On a PC's SMBus addresses of memories and clocks are left alone altogether.
 *
 * A bus that is held costs the time-out of its adapter for each address, so after three in a row it is given up.
 */
#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "agent/scan.h"

enum { N_ADDRESSES = 128, MAX_TIMEOUTS = 3, TOO_MANY = 100 };

enum presence { NOBODY, SOMEBODY, READER, MAYBE };

struct roll {
	const struct scan_bus *bus;
	struct i2c *i2c;
	const struct scan_world *world;
	const bool *is_taken;
	enum presence at[N_ADDRESSES];
	int n_tried, n_there, n_broken, n_timeouts;
	int error; /* the last that is neither silence nor time-out */
};

static bool is_within(uint8_t address, uint8_t first, uint8_t last)
{
	return address >= first && address <= last;
}

/* Memories, their write protection, and clocks that can only be written, at which a read may hang the bus. */
static bool is_delicate(uint8_t address)
{
	return is_within(address, 0x30, 0x37) || is_within(address, 0x50, 0x57) || address == 0x69;
}

static bool is_silence(int error)
{
	return error == -ENXIO || error == -EREMOTEIO || error == -ENODEV || error == -EIO;
}

static int call(struct roll *roll, uint8_t address, enum presence *out)
{
	bool is_read_only = is_within(address, 0x30, 0x37) || is_within(address, 0x50, 0x5F);
	int r = is_read_only ? -EOPNOTSUPP : i2c_transfer(roll->i2c, NULL, 0, NULL, 0);
	uint8_t byte;

	if (r != -EOPNOTSUPP) {
		*out = r == 0 ? SOMEBODY : NOBODY;
		return r;
	}
	r = i2c_read(roll->i2c, &byte, 1);
	*out = r == 0 ? READER : is_silence(r) && scan_may_be_silent(address) ? MAYBE : NOBODY;
	return r;
}

/* @return go on? */
static bool call_one(struct roll *roll, uint8_t address)
{
	enum presence *at = &roll->at[address];
	int r;

	roll->i2c->address = address;
	r = call(roll, address, at);
	roll->n_tried++;
	roll->n_there += *at == SOMEBODY || *at == READER;
	roll->n_broken += r == -EIO;
	roll->n_timeouts = r == -ETIMEDOUT ? roll->n_timeouts + 1 : 0;
	if (r < 0 && !is_silence(r) && r != -ETIMEDOUT)
		roll->error = r;
	return roll->n_timeouts < MAX_TIMEOUTS && roll->error != -EOPNOTSUPP;
}

static int give_up(struct scan_bus *bus, int error, const char *why)
{
	bus->error = error;
	snprintf(bus->why, sizeof(bus->why), "%s", why);
	return error;
}

static int call_roll(struct roll *roll, struct scan_bus *bus)
{
	bool goes_on = true;

	for (uint8_t address = SCAN_FIRST_ADDRESS; goes_on && address <= SCAN_LAST_ADDRESS; address++)
		if (!roll->is_taken[address] && !(bus->adapter.kind == I2C_ADAPTER_SMBUS && is_delicate(address)))
			goes_on = call_one(roll, address);
	if (roll->n_timeouts >= MAX_TIMEOUTS)
		return give_up(bus, -ETIMEDOUT,
			       "the bus is held: a device keeps a line low, or there are no pull-up resistors");
	if (roll->error == -EOPNOTSUPP)
		return give_up(bus, roll->error, "the adapter can neither send an address alone nor read one byte");
	if (roll->n_there > TOO_MANY)
		return give_up(bus, -EIO, "every address answers: the data line (SDA) is held low or wired to ground");
	if (roll->n_tried > 0 && roll->n_broken == roll->n_tried)
		return give_up(bus, -EIO, "every transfer failed: check the wiring of both lines and their pull-ups");
	if (roll->error) {
		give_up(bus, roll->error, "");
		snprintf(bus->why, sizeof(bus->why), "transfers failed: %s", strerror(-roll->error));
	}
	return 0;
}

/* One chip that holds the clock for too long is not the end of it. */
static int examine(struct roll *roll, struct scan_bus *bus, uint8_t address)
{
	struct scan_chip chip = { .address = address };

	roll->i2c->address = address;
	if (scan_identify(roll->i2c, roll->world, roll->at[address] == READER, &chip) < 0)
		roll->n_timeouts++;
	if (chip.kind == SCAN_KNOWN || roll->at[address] != MAYBE)
		bus->chips[bus->n_chips++] = chip;
	if (roll->n_timeouts < MAX_TIMEOUTS)
		return 0;
	return give_up(bus, -ETIMEDOUT, "the bus was held when chips were asked who they are");
}

static void add_owned(struct scan_bus *bus, uint8_t address, const char *root)
{
	struct scan_chip *chip = &bus->chips[bus->n_chips];

	if (!i2c_bus_owner(root, bus->bus.number, address, chip->owner))
		return;
	chip->address = address;
	chip->kind = SCAN_OWNED;
	bus->n_chips++;
}

void scan_bus_run(struct scan_bus *bus, const struct scan_world *world, const bool is_taken[128], struct arena *a)
{
	struct i2c i2c = { .bus = bus->name, .ops = world->i2c_ops, .backend = world->i2c_backend };
	struct roll roll = { .bus = bus, .i2c = &i2c, .world = world, .is_taken = is_taken };
	struct sensor_error err = { "" };
	char path[I2C_PATH_BYTES];
	int r;

	bus->chips = arena_alloc(a, N_ADDRESSES * sizeof(bus->chips[0]));
	r = i2c_open(&i2c, &err);
	if (r < 0) {
		give_up(bus, r, err.text[0] ? err.text : strerror(-r));
		if (r == -EACCES || r == -EPERM) {
			snprintf(path, sizeof(path), "%s/dev/i2c-%d", world->root, bus->bus.number);
			scan_explain_permission(path, "i2c-dev", bus->why);
		}
		for (uint8_t address = SCAN_FIRST_ADDRESS; address <= SCAN_LAST_ADDRESS; address++)
			add_owned(bus, address, world->root);
		return;
	}
	bus->is_scanned = true;
	r = call_roll(&roll, bus);
	roll.n_timeouts = 0;
	for (uint8_t address = SCAN_FIRST_ADDRESS; address <= SCAN_LAST_ADDRESS; address++)
		if (is_taken[address])
			add_owned(bus, address, world->root);
		else if (r == 0 && roll.at[address] != NOBODY)
			r = examine(&roll, bus, address);
	i2c_close(&i2c);
}
