/* SPDX-License-Identifier: Apache-2.0 */
#include "agent/discovery.h"

#include <stdio.h>
#include <string.h>

#include "base/json.h"

/* A class, where a unit has but one: 5 K is a difference, and a % may be of anything. What is not here keeps its code. */
static const struct {
	const char *code, *unit, *device_class;
} units[] = {
	{ "1", NULL, NULL },	    { "Cel", "°C", "temperature" }, { "hPa", "hPa", "atmospheric_pressure" },
	{ "Pa", "Pa", "pressure" }, { "lx", "lx", "illuminance" },  { "V", "V", "voltage" },
	{ "A", "A", "current" },    { "W", "W", "power" },	    { "Hz", "Hz", "frequency" },
	{ "m/s2", "m/s²", NULL },   { "[ppm]", "ppm", NULL },
};

bool discovery_is_wanted(const struct conf *c)
{
	return c->mqtt.home_assistant && c->mqtt.home_assistant[0];
}

/* Letters, digits, _ and - are all that may stand in it; a name has points besides. */
static void add_plain(char *to, size_t room, const char *name)
{
	size_t len = strlen(to);

	for (; *name && len + 6 < room; name++) {
		if (*name == '.')
			len += (size_t)snprintf(to + len, room - len, "_dot_");
		else
			to[len++] = *name;
	}
	to[len] = '\0';
}

const char *discovery_topic(const struct conf *c, const char *kpi, char out[static DISCOVERY_TOPIC_BYTES])
{
	snprintf(out, DISCOVERY_TOPIC_BYTES, "%.128s/sensor/runnel_", c->mqtt.home_assistant);
	add_plain(out, DISCOVERY_TOPIC_BYTES, c->site);
	add_plain(out, DISCOVERY_TOPIC_BYTES, "_");
	add_plain(out, DISCOVERY_TOPIC_BYTES, c->device);
	add_plain(out, DISCOVERY_TOPIC_BYTES, "/");
	add_plain(out, DISCOVERY_TOPIC_BYTES, kpi);
	add_plain(out, DISCOVERY_TOPIC_BYTES, "/config");
	return out;
}

static void add_unit(struct json *j, const char *code)
{
	for (size_t i = 0; i < ARRAY_LEN(units); i++) {
		if (strcmp(units[i].code, code) != 0)
			continue;
		if (units[i].unit)
			json_text(j, "unit_of_measurement", units[i].unit);
		if (units[i].device_class)
			json_text(j, "device_class", units[i].device_class);
		return;
	}
	json_text(j, "unit_of_measurement", code);
}

static void add_device(struct json *j, const struct conf *c)
{
	char id[2 * 64 + 16];

	snprintf(id, sizeof(id), "runnel/%s/%s", c->site, c->device);
	json_object_begin(j, "device");
	json_array_begin(j, "identifiers");
	json_text(j, NULL, id);
	json_array_end(j);
	json_text(j, "name", c->device);
	json_text(j, "manufacturer", "runnel");
	json_text(j, "sw_version", RUNNEL_VERSION);
	json_object_end(j);
	json_object_begin(j, "origin");
	json_text(j, "name", "runnel");
	json_text(j, "sw_version", RUNNEL_VERSION);
	json_object_end(j);
}

void discovery_sensor(struct dynbuf *out, const struct conf *c, const struct kpi_def *kpi)
{
	struct json j = { .out = out };
	char text[512];

	dynbuf_reset(out);
	json_object_begin(&j, NULL);
	json_text(&j, "name", kpi->name);
	snprintf(text, sizeof(text), "runnel/%s/%s/%s", c->site, c->device, kpi->name);
	json_text(&j, "unique_id", text);
	snprintf(text, sizeof(text), "%s/%s/%s/kpi/%s", c->mqtt.prefix, c->site, c->device, kpi->name);
	json_text(&j, "state_topic", text);
	json_text(&j, "value_template", "{{ value_json.value }}"); /* null becomes None, which is "unknown" there */
	json_text(&j, "json_attributes_topic", text);
	snprintf(text, sizeof(text), "%s/%s/%s/status", c->mqtt.prefix, c->site, c->device);
	json_text(&j, "availability_topic", text);
	json_text(&j, "availability_template", "{{ value_json.state }}"); /* online, offline: as it expects them */
	json_text(&j, "state_class", "measurement");
	add_unit(&j, kpi->unit);
	json_uint(&j, "expire_after", 3 * (uint64_t)kpi->window_s + 60);
	add_device(&j, c);
	json_object_end(&j);
}
