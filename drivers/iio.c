/* SPDX-License-Identifier: Apache-2.0 */
/*
 * iio - chips that the kernel's Industrial I/O drivers read, one value at a time: in_CHANNEL_input, or in_CHANNEL_raw with its scale
 * and offset, which may be shared by all channels of a type. Units are those of the kernel's Documentation/ABI/testing/sysfs-bus-iio,
 * turned into those that the drivers for the same chips here have, so that both merge.
 *
 * A raw value without a scale is of an unknown unit (ADCs without a known reference) and is left out. The difference
 * in_voltage0-voltage1_raw is the channel voltage0_voltage1. Scales are read again with each value: a program may change the gain.
 * Not done: buffers and triggers; types without a unit of base/unit.h (intensity, proximity, capacitance).
 * Proven by: tests/test_driver_iio.c on files as the kernel writes them; an mlx90614 on i2c-stub of Linux 6.1; no hardware yet.
 */
#include <stdio.h>
#include <string.h>

#include "base/text.h"
#include "drivers/sysfs.h"

#define DEG_OF_RAD 57.29577951308232

static const struct sysfs_quantity quantities[] = {
	{ "temp", "Cel", 1, 1e3, CHANNEL_GAUGE, "temperature" },
	{ "pressure", "hPa", 10, 1, CHANNEL_GAUGE, "pressure" },
	{ "humidityrelative", "%", 1, 1e3, CHANNEL_GAUGE, "relative humidity" },
	{ "illuminance", "lx", 1, 1, CHANNEL_GAUGE, "illuminance" },
	{ "voltage", "V", 1, 1e3, CHANNEL_GAUGE, "voltage" },
	{ "current", "A", 1, 1e3, CHANNEL_GAUGE, "current" },
	{ "power", "W", 1, 1e3, CHANNEL_GAUGE, "power" },
	{ "resistance", "Ohm", 1, 1, CHANNEL_GAUGE, "resistance" },
	{ "accel", "m/s2", 1, 1, CHANNEL_GAUGE, "acceleration" },
	{ "gravity", "m/s2", 1, 1, CHANNEL_GAUGE, "acceleration of gravity" },
	{ "anglvel", "deg/s", DEG_OF_RAD, 1, CHANNEL_GAUGE, "angular velocity" },
	{ "angl", "deg", DEG_OF_RAD, 1, CHANNEL_GAUGE, "angle of rotation" },
	{ "incli", "deg", 1, 1, CHANNEL_GAUGE, "inclination" },
	{ "magn", "G", 1, 1, CHANNEL_GAUGE, "magnetic field" },
	{ "distance", "mm", 1e3, 1, CHANNEL_GAUGE, "distance" },
	{ "concentration", "[ppm]", 1e4, 1, CHANNEL_GAUGE, "concentration" },
	{ "massconcentration", "ug/m3", 1, 1, CHANNEL_GAUGE, "mass of particles in air" },
};

static const struct opt options[] = {
	SYSFS_OPTIONS("bme280", "name of the chip (bme280), what it sits on (1-0076), or iio:device0", "temp"),
};

static bool ends_with(const char *text, const char *end)
{
	size_t n = strlen(text), n_end = strlen(end);

	return n >= n_end && strcmp(text + n - n_end, end) == 0;
}

/* "in_voltage0-voltage1_raw" -> "voltage0_voltage1" */
static bool channel_of(const char *file, char name[SYSFS_NAME_BYTES])
{
	size_t end_bytes = ends_with(file, "_input") ? 6 : ends_with(file, "_raw") ? 4 : 0;
	char *dash;

	if (!end_bytes || strncmp(file, "in_", 3) != 0 || strlen(file) <= 3 + end_bytes)
		return false;
	snprintf(name, SYSFS_NAME_BYTES, "%.*s", (int)(strlen(file) - 3 - end_bytes), file + 3);
	dash = strchr(name, '-');
	if (dash)
		*dash = '_';
	return !ends_with(name, "_peak") && !ends_with(name, "_trough") && !ends_with(name, "_mean");
}

/* The difference of two: the second half begins with the same type as the first. */
static void restore_dash(char *stem)
{
	size_t letters = strspn(stem, "abcdefghijklmnopqrstuvwxyz");
	char *second = strchr(stem, '_');

	if (second && strncmp(second + 1, stem, letters) == 0)
		*second = '-';
}

static void remove_digits(char *stem)
{
	size_t n = 0;

	for (size_t i = 0; stem[i]; i++)
		if (stem[i] < '0' || stem[i] > '9')
			stem[n++] = stem[i];
	stem[n] = '\0';
}

static bool file_of(const char *channel, enum sysfs_role role, int i, char file[SYSFS_NAME_BYTES])
{
	static const char *const ends[SYSFS_ROLES] = { [SYSFS_SCALE] = "_scale", [SYSFS_OFFSET] = "_offset" };
	const char *end = role == SYSFS_VALUE ? (i == 0 ? "_input" : "_raw") : ends[role];
	char stem[SYSFS_NAME_BYTES];

	if (!end || i > (role == SYSFS_VALUE ? 1 : 2))
		return false;
	snprintf(stem, sizeof(stem), "%s", channel);
	restore_dash(stem);
	if (role != SYSFS_VALUE && i > 0) /* shared by all of a type */
		remove_digits(stem);
	if (role != SYSFS_VALUE && i > 1)
		stem[strcspn(stem, "_-")] = '\0';
	return snprintf(file, SYSFS_NAME_BYTES, "in_%s%s", stem, end) < SYSFS_NAME_BYTES;
}

static bool needs_scale(const char *file)
{
	return ends_with(file, "_raw");
}

const struct sysfs_class iio_class = {
	.what = "IIO device",
	.hint = ": is its driver loaded (Raspberry Pi: dtoverlay=i2c-sensor,bme280)?",
	.dir = "/sys/bus/iio/devices",
	.entry = "iio:device",
	.quantities = quantities,
	.n_quantities = ARRAY_LEN(quantities),
	.channel_of = channel_of,
	.file_of = file_of,
	.needs_scale = needs_scale,
};

static int iio_describe(void *state, struct arena *a, const struct channel **out, struct sensor_error *err)
{
	return sysfs_describe(state, &iio_class, a, out, err);
}

static int iio_probe(void *state, int64_t now_us, struct sensor_error *err)
{
	(void)now_us;
	return sysfs_probe(state, &iio_class, err);
}

const struct sensor_driver iio_driver = {
	.name = "iio",
	.help = "a chip that Linux already reads: weather, light, motion, ADCs",
	.options = { options, ARRAY_LEN(options) },
	.state_size = sizeof(struct sysfs_sensor),
	.describe = iio_describe,
	.probe = iio_probe,
	.trigger = sysfs_trigger,
	.collect = sysfs_collect,
	.close = sysfs_close,
};
