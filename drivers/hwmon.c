/* SPDX-License-Identifier: Apache-2.0 */
/*
 * hwmon - chips that the kernel's hwmon drivers read: temperatures, voltages, currents, powers, fans, humidities, by the files
 * TYPE N _input. Units are those of the kernel's Documentation/hwmon/sysfs-interface. Voltages are those at the pins of the chip:
 * where a board divides them, an operator `scale` of the stream puts that right.
 *
 * A channel that the kernel calls faulty (TYPE N _fault, e.g. an open thermal diode) or that is disabled has no value.
 * Not done: _average, limits and alarms. Chips that report a thermistor as millivolts in temp N _input cannot be told apart.
 * Proven by: tests/test_driver_hwmon.c on files as the kernel writes them; an lm75 and others on simulated buses of Linux 6.1; no hardware yet.
 */
#include <stdio.h>
#include <string.h>

#include "base/text.h"
#include "drivers/sysfs.h"

static const struct sysfs_quantity quantities[] = {
	{ "temp", "Cel", 1, 1e3, CHANNEL_GAUGE, "temperature" },
	{ "in", "V", 1, 1e3, CHANNEL_GAUGE, "voltage at a pin of the chip" },
	{ "curr", "A", 1, 1e3, CHANNEL_GAUGE, "current" },
	{ "power", "W", 1, 1e6, CHANNEL_GAUGE, "power" },
	{ "energy", "J", 1, 1e6, CHANNEL_COUNTER, "energy used" },
	{ "humidity", "%", 1, 1e3, CHANNEL_GAUGE, "relative humidity" },
	{ "fan", "/min", 1, 1, CHANNEL_GAUGE, "speed of a fan" },
};

static const struct opt options[] = {
	SYSFS_OPTIONS("lm75", "name of the chip (lm75), what it sits on (1-0048), or hwmon2", "temp1"),
};

/* "temp1_input" -> "temp1" */
static bool channel_of(const char *file, char name[SYSFS_NAME_BYTES])
{
	size_t letters = strspn(file, "abcdefghijklmnopqrstuvwxyz");
	size_t len = letters + strspn(file + letters, "0123456789");

	if (letters == 0 || len == letters || len >= SYSFS_NAME_BYTES || strcmp(file + len, "_input") != 0)
		return false;
	snprintf(name, SYSFS_NAME_BYTES, "%.*s", (int)len, file);
	return true;
}

static bool file_of(const char *channel, enum sysfs_role role, int i, char file[SYSFS_NAME_BYTES])
{
	if (i > 0 || (role != SYSFS_VALUE && role != SYSFS_FAULT))
		return false;
	return snprintf(file, SYSFS_NAME_BYTES, "%s%s", channel, role == SYSFS_VALUE ? "_input" : "_fault") <
	       SYSFS_NAME_BYTES;
}

static bool needs_scale(const char *file)
{
	(void)file;
	return false;
}

const struct sysfs_class hwmon_class = {
	.what = "hwmon chip",
	.hint = ": is its driver loaded (Raspberry Pi: dtoverlay=i2c-sensor,lm75)?",
	.dir = "/sys/class/hwmon",
	.entry = "hwmon",
	.quantities = quantities,
	.n_quantities = ARRAY_LEN(quantities),
	.channel_of = channel_of,
	.file_of = file_of,
	.needs_scale = needs_scale,
};

static int hwmon_describe(void *state, struct arena *a, const struct channel **out, struct sensor_error *err)
{
	return sysfs_describe(state, &hwmon_class, a, out, err);
}

static int hwmon_probe(void *state, int64_t now_us, struct sensor_error *err)
{
	(void)now_us;
	return sysfs_probe(state, &hwmon_class, err);
}

const struct sensor_driver hwmon_driver = {
	.name = "hwmon",
	.help = "a chip that Linux already reads: temperatures, voltages, currents, fans",
	.options = { options, ARRAY_LEN(options) },
	.state_size = sizeof(struct sysfs_sensor),
	.describe = hwmon_describe,
	.probe = hwmon_probe,
	.trigger = sysfs_trigger,
	.collect = sysfs_collect,
	.close = sysfs_close,
};
