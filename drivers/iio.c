/* SPDX-License-Identifier: Apache-2.0 */
/*
 * iio - chips that the kernel's Industrial I/O drivers read, one value at a time: in_CHANNEL_input, or in_CHANNEL_raw with its scale
 * and offset, which may be shared by all channels of a type. Units are those of the kernel's Documentation/ABI/testing/sysfs-bus-iio,
 * turned into those that the drivers for the same chips here have, so that both merge.
 *
 * A raw value without a scale is of an unknown unit (ADCs without a known reference) and is left out. The difference
 * in_voltage0-voltage1_raw is the channel voltage0_voltage1. Scales are read again with each value: a program may change the gain.
 *
 * With `buffer` the kernel samples by itself, `rate` times a second, and what it has stored is fetched in bursts: for motion and whatever
 * else is too fast to be asked each time. What makes it sample is the chip's own interrupt or a trigger of the kernel, such as one of
 * iio-trig-hrtimer; some chips need none. Setting that up is for root alone, unless a udev rule gives the files to the user. The
 * last trigger that was set stays. While it samples, most chips cannot be read otherwise.
 * Not done: events; types without a unit of base/unit.h (intensity, proximity, capacitance).
 * Proven by: tests/test_driver_iio.c on files as the kernel writes them; chips on simulated buses of Linux 6.1, one with a
 * buffer and a timer of the kernel (tests/hil/kernel.sh); no hardware yet.
 */
#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "base/text.h"
#include "drivers/iio_buffer.h"
#include "drivers/sysfs.h"
#include "drivers/sysfs_find.h"

struct iio {
	struct sysfs_sensor sysfs; /* first: its steps get the same pointer */
	struct iio_buffer buffer;
};

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
	{ "buffer", OPT_INT, offsetof(struct iio, buffer.rows), .min = 0, .max = SENSOR_BURST_VALUES, .def = "0",
	  .help = "rows that the kernel is to store between fetches, at most 512 values in all; 0: ask for each "
		  "reading" },
	{ "rate", OPT_DOUBLE, offsetof(struct iio, buffer.rate_hz), .min = 0.01, .max = 100000, .def = "100",
	  .help = "rows a second, with buffer" },
	{ "trigger", OPT_TEXT, offsetof(struct iio, buffer.trigger), .example = "lis3dh-trigger",
	  .help = "name of what makes the kernel sample, with buffer; default: what the chip has by itself" },
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

bool iio_file_of_channel(const char *channel, const char *end, char file[SYSFS_NAME_BYTES])
{
	char stem[SYSFS_NAME_BYTES];

	snprintf(stem, sizeof(stem), "%s", channel);
	restore_dash(stem);
	return snprintf(file, SYSFS_NAME_BYTES, "in_%s%s", stem, end) < SYSFS_NAME_BYTES;
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
	struct iio *s = state;
	int n = sysfs_describe(&s->sysfs, &iio_class, a, out, err);

	if (n > 0 && s->buffer.rows > (int64_t)iio_buffer_rows_max((size_t)n)) {
		snprintf(err->text, sizeof(err->text),
			 "at most %zu rows of %d channels: lower 'buffer', or list fewer 'channels'",
			 iio_buffer_rows_max((size_t)n), n);
		return -EINVAL;
	}
	return n;
}

static int iio_probe(void *state, int64_t now_us, struct sensor_error *err)
{
	char dir[SYSFS_PATH_BYTES];
	struct iio *s = state;
	int r;

	(void)now_us;
	iio_buffer_stop(&s->buffer, s->sysfs.root);
	r = sysfs_probe(&s->sysfs, &iio_class, err);
	if (r < 0 || s->buffer.rows == 0)
		return r;
	r = sysfs_find(&iio_class, s->sysfs.root, s->sysfs.device, dir, err);
	return r < 0 ? r : iio_buffer_start(&s->buffer, &s->sysfs, dir, err);
}

static bool iio_plan_burst(const void *state, struct burst_plan *out)
{
	const struct iio_buffer *b = &((const struct iio *)state)->buffer;

	*out = (struct burst_plan){ .period_us = (int64_t)(1e6 / b->rate_hz + 0.5), .capacity = (size_t)b->rows };
	return b->rows > 0;
}

static int iio_collect_burst(void *state, int64_t now_us, struct burst *out)
{
	struct iio *s = state;

	(void)now_us;
	return iio_buffer_fetch(&s->buffer, &s->sysfs, out);
}

/* The newest row, for whoever only wants to look: the files of values are locked while the buffer runs. */
static int iio_collect(void *state, int64_t now_us, double out[])
{
	struct iio *s = state;

	if (s->buffer.rows == 0)
		return sysfs_collect(&s->sysfs, now_us, out);
	return iio_buffer_newest(&s->buffer, &s->sysfs, out);
}

static void iio_close(void *state)
{
	struct iio *s = state;

	iio_buffer_stop(&s->buffer, s->sysfs.root);
	sysfs_close(&s->sysfs);
}

const struct sensor_driver iio_driver = {
	.name = "iio",
	.help = "a chip that Linux already reads: weather, light, motion, ADCs",
	.options = { options, ARRAY_LEN(options) },
	.state_size = sizeof(struct iio),
	.describe = iio_describe,
	.probe = iio_probe,
	.trigger = sysfs_trigger,
	.collect = iio_collect,
	.plan_burst = iio_plan_burst,
	.collect_burst = iio_collect_burst,
	.close = iio_close,
};
