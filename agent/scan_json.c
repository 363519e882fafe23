/* SPDX-License-Identifier: Apache-2.0 */
#include <stdio.h>

#include "agent/scan.h"

static void add_chip(struct json *j, const struct scan_chip *chip)
{
	static const char *const states[] = {
		[SCAN_KNOWN] = "known", [SCAN_AMBIGUOUS] = "ambiguous", [SCAN_OWNED] = "kernel", [SCAN_MUX] = "mux"
	};
	char address[8];

	snprintf(address, sizeof(address), "0x%02x", chip->address);
	json_object_begin(j, NULL);
	json_text(j, "address", address);
	json_text(j, "state", states[chip->kind]);
	json_array_begin(j, "drivers");
	for (size_t i = 0; i < chip->n_drivers; i++)
		json_text(j, NULL, chip->drivers[i]->name);
	json_array_end(j);
	json_text(j, "owner", chip->owner[0] ? chip->owner : NULL);
	json_object_end(j);
}

static void add_bus(struct json *j, const struct scan_bus *bus)
{
	static const char *const kinds[] = {
		[I2C_ADAPTER_PLAIN] = "plain", [I2C_ADAPTER_DISPLAY] = "display", [I2C_ADAPTER_SMBUS] = "smbus"
	};

	json_object_begin(j, NULL);
	json_text(j, "bus", bus->name);
	json_text(j, "adapter", bus->bus.name);
	json_text(j, "kind", kinds[bus->adapter.kind]);
	json_bool(j, "scanned", bus->is_scanned && !bus->error);
	json_text(j, "reason", bus->why[0] ? bus->why : NULL);
	json_array_begin(j, "chips");
	for (size_t i = 0; i < bus->n_chips; i++)
		add_chip(j, &bus->chips[i]);
	json_array_end(j);
	json_object_end(j);
}

static void add_gpio(struct json *j, const struct scan_gpio *g)
{
	json_object_begin(j, NULL);
	json_text(j, "chip", g->name);
	json_text(j, "label", g->label);
	json_uint(j, "n_lines", g->n_lines);
	json_text(j, "reason", g->why[0] ? g->why : NULL);
	json_array_begin(j, "lines");
	for (uint32_t i = 0; i < g->n_known; i++) {
		json_object_begin(j, NULL);
		json_uint(j, "line", i);
		json_text(j, "name", g->lines[i].name[0] ? g->lines[i].name : NULL);
		json_bool(j, "used", g->lines[i].is_used);
		json_text(j, "consumer", g->lines[i].consumer[0] ? g->lines[i].consumer : NULL);
		json_object_end(j);
	}
	json_array_end(j);
	json_object_end(j);
}

static void add_device(struct json *j, const struct scan_device *d)
{
	json_object_begin(j, NULL);
	json_text(j, "driver", d->driver->name);
	json_text(j, "device", d->device);
	json_text(j, "name", d->name[0] ? d->name : NULL);
	json_text(j, "place", d->place);
	json_array_begin(j, "channels");
	for (size_t i = 0; i < d->n_channels; i++)
		json_text(j, NULL, d->channels[i].name);
	json_array_end(j);
	json_object_end(j);
}

void scan_json(const struct scan *s, struct dynbuf *out, const char *config)
{
	struct json j = { .out = out };

	json_object_begin(&j, NULL);
	json_array_begin(&j, "i2c");
	for (size_t i = 0; i < s->n_buses; i++)
		add_bus(&j, &s->buses[i]);
	json_array_end(&j);
	json_text(&j, "i2c_hint", s->i2c_hint);
	json_array_begin(&j, "gpio");
	for (size_t i = 0; i < s->n_gpios; i++)
		add_gpio(&j, &s->gpios[i]);
	json_array_end(&j);
	json_array_begin(&j, "devices");
	for (size_t i = 0; i < s->n_devices; i++)
		add_device(&j, &s->devices[i]);
	json_array_end(&j);
	json_text(&j, "config", config);
	json_object_end(&j);
	dynbuf_adds(out, "\n");
}
