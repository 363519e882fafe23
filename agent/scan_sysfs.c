/* SPDX-License-Identifier: Apache-2.0 */
/*
 * scan_sysfs.c - chips that the kernel reads: hwmon, IIO, and thermometers on 1-wire. Their channels come from the drivers that
 * will read them.
 *
 * The config must name a device so that it is found after the next start. What sits on an I2C bus has a name there that stays ("1-0076"). Others
 * have the name of their chip, if it is the only one of that name, or of what they sit on; the number comes last.
 */
#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "agent/scan.h"
#include "base/fileio.h"

enum { MAX_OF_CLASS = 64, MAX_W1 = 64, MAX_DEVICES = 2 * MAX_OF_CLASS + MAX_W1 };

#define W1_DEVICES "/sys/bus/w1/devices"

/* What can stand in a config, and means what the file system has. */
static bool is_plain(const char *text)
{
	static const char plain[] = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_.:@+-";

	return text[0] && strspn(text, plain) == strlen(text);
}

static bool is_unique(const struct sysfs_device all[], size_t n, const char *text)
{
	size_t n_called = 0;

	if (!is_plain(text))
		return false;
	for (size_t i = 0; i < n; i++)
		n_called += strcmp(all[i].name, text) == 0 || strcmp(all[i].parent, text) == 0 ||
			    strcmp(all[i].entry, text) == 0;
	return n_called == 1;
}

/* "1-0076" */
static bool is_on_i2c(const char *parent)
{
	size_t digits = strspn(parent, "0123456789");

	return digits > 0 && parent[digits] == '-' && strspn(parent + digits + 1, "0123456789abcdef") == 4 &&
	       !parent[digits + 5];
}

static const char *choose_device(const struct sysfs_device all[], size_t n, const struct sysfs_device *d)
{
	if (is_on_i2c(d->parent) && is_unique(all, n, d->parent))
		return d->parent;
	if (is_unique(all, n, d->name))
		return d->name;
	return is_unique(all, n, d->parent) && strcmp(d->parent, "virtual") != 0 ? d->parent : d->entry;
}

static void add_class(struct scan *s, const struct sysfs_class *class, const char *driver)
{
	struct sysfs_device all[MAX_OF_CLASS];
	size_t n = sysfs_list(class, s->world->root, all, MAX_OF_CLASS);

	for (size_t i = 0; i < n; i++) {
		struct scan_device *d = &s->devices[s->n_devices];
		struct sensor_error err = { "" };
		struct sysfs_sensor *state;
		int r;

		if (!is_plain(all[i].entry) || strcmp(all[i].name, "w1_slave_temp") == 0) /* on 1-wire once more */
			continue;
		s->n_devices++;
		d->driver = sensor_driver_find(driver);
		d->device = arena_strdup(&s->arena, choose_device(all, n, &all[i]));
		d->name = scan_clean(arena_strdup(&s->arena, all[i].name));
		d->place = scan_clean(arena_strdup(&s->arena, all[i].parent[0] ? all[i].parent : all[i].entry));
		state = arena_alloc(&s->arena, sizeof(*state));
		state->device = d->device;
		sysfs_set_root(state, s->world->root);
		r = sysfs_describe(state, class, &s->arena, &d->channels, &err);
		d->n_channels = r > 0 ? (size_t)r : 0;
	}
}

/* By the family code in front of the number. */
static const char *thermometer_of(const char *id)
{
	static const char *const families[][2] = {
		{ "10-", "ds18s20" }, { "22-", "ds1822" },   { "28-", "ds18b20" },
		{ "3b-", "ds1825" },  { "42-", "ds28ea00" },
	};

	for (size_t i = 0; i < sizeof(families) / sizeof(families[0]); i++)
		if (strncmp(id, families[i][0], 3) == 0)
			return families[i][1];
	return "";
}

static bool has_reading(const char *root, const char *id)
{
	char path[SYSFS_PATH_BYTES];
	int fd;

	if (snprintf(path, sizeof(path), W1_DEVICES "/%s", id) >= (int)sizeof(path))
		return false;
	fd = sysfs_open(root, path, "w1_slave");
	if (fd < 0)
		return false;
	fileio_close(fd); /* reading it would be a conversion */
	return true;
}

static int by_id(const void *a, const void *b)
{
	return strcmp(((const struct scan_device *)a)->device, ((const struct scan_device *)b)->device);
}

static void add_w1(struct scan *s)
{
	const struct sensor_driver *driver = sensor_driver_find("w1");
	char path[SYSFS_PATH_BYTES];
	size_t first = s->n_devices;
	const struct dirent *e;
	DIR *dir;

	snprintf(path, sizeof(path), "%s" W1_DEVICES, s->world->root);
	dir = opendir(path);
	while (dir && s->n_devices < first + MAX_W1 && (e = readdir(dir))) {
		struct scan_device *d = &s->devices[s->n_devices];

		if (!is_plain(e->d_name) || e->d_name[0] == '.' || strncmp(e->d_name, "w1_bus", 6) == 0)
			continue;
		d->driver = driver;
		d->device = arena_strdup(&s->arena, e->d_name);
		d->name = thermometer_of(d->device);
		d->place = "1-wire";
		d->channels = driver->channels;
		d->n_channels = has_reading(s->world->root, d->device) ? driver->n_channels : 0;
		s->n_devices++;
	}
	if (dir)
		closedir(dir);
	qsort(&s->devices[first], s->n_devices - first, sizeof(s->devices[0]), by_id);
}

void scan_sysfs(struct scan *s)
{
	s->devices = arena_alloc(&s->arena, MAX_DEVICES * sizeof(s->devices[0]));
	add_class(s, &hwmon_class, "hwmon");
	add_class(s, &iio_class, "iio");
	add_w1(s);
}
