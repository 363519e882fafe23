/* SPDX-License-Identifier: Apache-2.0 */
/*
 * scan_i2c.c - all I2C buses, one after the other.
 *
 * Graphics cards and boards of PCs have buses that are nobody's to try things on: what is there steers monitors, voltages and clocks, and has the
 * write protection of memory modules. They are listed, not scanned, unless one is asked for by name.
 *
 * Where the kernel drives a mux, each channel is a bus, on which also all chips of the bus above answer; and a channel that was left open
 * shows its chips on the bus above. So a chip that is seen above and on each channel is above, and one that is seen above and on
 * some channels is on these. An address that a driver of the kernel has is left alone on all of them.
 */
#include <glob.h>
#include <stdio.h>
#include <string.h>

#include "agent/scan.h"

static struct scan_bus *find(struct scan *s, int number)
{
	for (size_t i = 0; i < s->n_buses; i++)
		if (s->buses[i].bus.number == number)
			return &s->buses[i];
	return NULL;
}

/* Is @above the bus, or one above it? */
static bool is_below(struct scan *s, const struct scan_bus *bus, const struct scan_bus *above)
{
	for (int depth = 0; bus && depth < 8; depth++) {
		if (bus == above)
			return true;
		bus = find(s, bus->adapter.parent);
	}
	return false;
}

/* Addresses that the kernel has, here or on what is the same wires. */
static void mark_taken(struct scan *s, const struct scan_bus *bus, bool is_taken[128])
{
	char owner[I2C_NAME_BYTES];

	for (size_t i = 0; i < s->n_buses; i++) {
		const struct scan_bus *other = &s->buses[i];

		if (!is_below(s, bus, other) && !is_below(s, other, bus))
			continue;
		for (uint8_t address = SCAN_FIRST_ADDRESS; address <= SCAN_LAST_ADDRESS; address++)
			is_taken[address] |= i2c_bus_owner(s->world->root, other->bus.number, address, owner);
	}
}

static const char *reason_to_skip(const struct scan_bus *bus)
{
	switch (bus->adapter.kind) {
	case I2C_ADAPTER_DISPLAY:
		return "it belongs to a display, where strange reads can do harm";
	case I2C_ADAPTER_SMBUS:
		return "it belongs to the board of a PC: memory modules, clocks, voltages";
	case I2C_ADAPTER_PLAIN:
		break;
	}
	return NULL;
}

/* --- muxes of the kernel --- */

static bool has_chip(const struct scan_bus *bus, uint8_t address)
{
	for (size_t i = 0; i < bus->n_chips; i++)
		if (bus->chips[i].address == address && bus->chips[i].kind != SCAN_OWNED)
			return true;
	return false;
}

static void remove_chip(struct scan_bus *bus, uint8_t address)
{
	size_t n = 0;

	for (size_t i = 0; i < bus->n_chips; i++)
		if (bus->chips[i].address != address || bus->chips[i].kind == SCAN_OWNED)
			bus->chips[n++] = bus->chips[i];
	bus->n_chips = n;
}

static void settle_address(struct scan *s, struct scan_bus *above, uint8_t address)
{
	size_t n_channels = 0, n_seen = 0;

	for (size_t i = 0; i < s->n_buses; i++)
		if (s->buses[i].adapter.parent == above->bus.number && s->buses[i].is_scanned && !s->buses[i].error) {
			n_channels++;
			n_seen += has_chip(&s->buses[i], address);
		}
	if (n_seen == 0)
		return;
	if (n_seen < n_channels) {
		remove_chip(above, address);
		return;
	}
	for (size_t i = 0; i < s->n_buses; i++)
		if (s->buses[i].adapter.parent == above->bus.number)
			remove_chip(&s->buses[i], address);
}

static void settle_muxes(struct scan *s)
{
	for (size_t i = s->n_buses; i-- > 0;) /* channels of channels have higher numbers */
		for (uint8_t address = SCAN_FIRST_ADDRESS; address <= SCAN_LAST_ADDRESS; address++)
			if (has_chip(&s->buses[i], address))
				settle_address(s, &s->buses[i], address);
}

/* --- all --- */

static const char *hint(const char *root)
{
	char pattern[I2C_PATH_BYTES];
	bool has_adapter;
	glob_t found;

	snprintf(pattern, sizeof(pattern), "%s/sys/bus/i2c/devices/i2c-*", root);
	has_adapter = glob(pattern, 0, NULL, &found) == 0;
	if (has_adapter)
		globfree(&found);
	return has_adapter ? "there are buses, but no /dev/i2c-*: sudo modprobe i2c-dev\n"
			     "(and for the next start: echo i2c-dev | sudo tee /etc/modules-load.d/i2c-dev.conf)"
			   : "no bus here. Raspberry Pi: sudo raspi-config nonint do_i2c 0,\n"
			     "or dtparam=i2c_arm=on in /boot/firmware/config.txt and a restart.\n"
			     "Elsewhere a driver for the adapter is missing, or: sudo modprobe i2c-dev";
}

static void list_buses(struct scan *s)
{
	struct i2c_bus buses[I2C_MAX_BUSES];

	s->n_buses = i2c_bus_list(s->world->root, buses);
	s->buses = arena_alloc(&s->arena, (s->n_buses + 1) * sizeof(s->buses[0]));
	for (size_t i = 0; i < s->n_buses; i++) {
		scan_clean(buses[i].name);
		s->buses[i].bus = buses[i];
		s->buses[i].name = arena_printf(&s->arena, "i2c-%d", buses[i].number);
		s->buses[i].adapter = i2c_adapter_of(s->world->root, &buses[i]);
	}
	for (size_t i = 0; i < s->n_buses; i++) {
		const struct scan_bus *above = find(s, s->buses[i].adapter.parent);

		if (above && s->buses[i].adapter.kind == I2C_ADAPTER_PLAIN)
			s->buses[i].adapter.kind = above->adapter.kind;
	}
}

static void scan_safe_ones(struct scan *s)
{
	for (size_t i = 0; i < s->n_buses; i++) {
		const char *skip = reason_to_skip(&s->buses[i]);
		bool is_taken[128] = { false };

		if (skip) {
			snprintf(s->buses[i].why, sizeof(s->buses[i].why),
				 "not scanned: %s; `runnel scan --bus %s` does it", skip, s->buses[i].name);
			continue;
		}
		mark_taken(s, &s->buses[i], is_taken);
		scan_bus_run(&s->buses[i], s->world, is_taken, &s->arena);
	}
	settle_muxes(s);
}

/* A channel of a mux that nobody drives: what is on the bus itself answers there too. */
static void scan_channel(struct scan *s, struct scan_bus *bus, struct scan_bus *channel, bool is_taken[128])
{
	size_t n = 0;

	scan_bus_run(bus, s->world, is_taken, &s->arena);
	*channel = *bus;
	channel->name = s->world->bus;
	channel->n_chips = 0;
	if (bus->error)
		return;
	for (size_t i = 0; i < bus->n_chips; i++)
		is_taken[bus->chips[i].address] = true;
	scan_bus_run(channel, s->world, is_taken, &s->arena);
	for (size_t i = 0; i < channel->n_chips; i++)
		if (channel->chips[i].kind != SCAN_OWNED) /* on the bus itself, with its owner */
			channel->chips[n++] = channel->chips[i];
	channel->n_chips = n;
}

static void scan_one(struct scan *s)
{
	struct scan_bus *two = arena_alloc(&s->arena, 2 * sizeof(two[0]));
	struct sensor_error err = { "" };
	bool is_taken[128] = { false };
	const struct scan_bus *bus;
	struct i2c_mux mux;
	int number = i2c_bus_find(s->world->root, s->world->bus, &mux, &err);

	bus = number < 0 ? NULL : find(s, number);
	if (!bus) {
		s->i2c_hint = arena_strdup(&s->arena, err.text);
		s->n_buses = 0;
		return;
	}
	mark_taken(s, bus, is_taken);
	two[0] = *bus;
	if (mux.address)
		scan_channel(s, &two[0], &two[1], is_taken);
	else
		scan_bus_run(&two[0], s->world, is_taken, &s->arena);
	s->n_buses = mux.address ? 2 : 1;
	s->buses = two;
}

void scan_i2c(struct scan *s)
{
	list_buses(s);
	if (s->n_buses == 0)
		s->i2c_hint = hint(s->world->root);
	else if (s->world->bus)
		scan_one(s);
	else
		scan_safe_ones(s);
}
