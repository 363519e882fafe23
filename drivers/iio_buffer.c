/* SPDX-License-Identifier: Apache-2.0 */
#include "drivers/iio_buffer.h"

#include <dirent.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/fileio.h"

#define DEVICES "/sys/bus/iio/devices"

enum { TEXT_BYTES = 64, READ_BYTES = 4096 };

size_t iio_buffer_rows_max(size_t n_channels)
{
	return SENSOR_BURST_VALUES / (n_channels ? n_channels : 1);
}

/* --- files of the device --- */

static int put(const char *root, const char *dir, const char *file, const char *text)
{
	char path[SYSFS_PATH_BYTES];

	if (snprintf(path, sizeof(path), "%s%s/%s", root ? root : "", dir, file) >= (int)sizeof(path))
		return -ENAMETOOLONG;
	return fileio_put(path, text);
}

static int get(const char *root, const char *dir, const char *file, char text[TEXT_BYTES])
{
	int fd = sysfs_open(root, dir, file);
	ssize_t n;

	if (fd < 0)
		return fd;
	n = fileio_read(fd, text, TEXT_BYTES - 1);
	fileio_close(fd);
	if (n < 0)
		return (int)n;
	text[n] = '\0';
	return 0;
}

/* What is enabled by others, or was by us before a fault, would stand in our rows. */
static int disable_all(const char *root, const char *dir)
{
	char path[SYSFS_PATH_BYTES], scans[SYSFS_PATH_BYTES];
	const struct dirent *e;
	DIR *d;
	int r = 0;

	if (snprintf(scans, sizeof(scans), "%.200s/scan_elements", dir) >= (int)sizeof(scans) ||
	    snprintf(path, sizeof(path), "%s%s", root ? root : "", scans) >= (int)sizeof(path))
		return -ENAMETOOLONG;
	d = opendir(path);
	if (!d)
		return -errno;
	while (r == 0 && (e = readdir(d))) {
		size_t n = strlen(e->d_name);

		if (n > 3 && strcmp(e->d_name + n - 3, "_en") == 0)
			r = put(root, scans, e->d_name, "0");
	}
	closedir(d);
	return r;
}

/* Enables "in_accel_x" and learns its type and place. @return 0, -ENOENT: it is no part of rows, or negative errno */
static int enable(const char *root, const char *dir, const char *stem, struct iio_element *out)
{
	char scans[SYSFS_PATH_BYTES], file[SYSFS_PATH_BYTES], text[TEXT_BYTES];
	int r;

	if (snprintf(scans, sizeof(scans), "%.200s/scan_elements", dir) >= (int)sizeof(scans))
		return -ENAMETOOLONG;
	snprintf(file, sizeof(file), "%.64s_type", stem);
	r = get(root, scans, file, text);
	if (r == 0)
		r = iio_scan_parse(text, out);
	if (r < 0)
		return r;
	snprintf(file, sizeof(file), "%.64s_index", stem);
	r = get(root, scans, file, text);
	if (r < 0)
		return r;
	out->index = (unsigned)strtoul(text, NULL, 10);
	snprintf(file, sizeof(file), "%.64s_en", stem);
	return put(root, scans, file, "1");
}

/* --- set up --- */

static int enable_channels(struct iio_buffer *b, const struct sysfs_sensor *s, struct sensor_error *err)
{
	int r = disable_all(s->root, b->dir);

	if (r == -ENOENT) {
		snprintf(err->text, sizeof(err->text), "IIO device '%.40s' has no buffer: leave the option out",
			 s->device);
		return -ENODEV;
	}
	for (size_t i = 0; r == 0 && i < s->n_channels; i++) {
		char stem[SYSFS_NAME_BYTES];

		if (!iio_file_of_channel(s->list[i].name, "", stem))
			return -EINVAL;
		r = enable(s->root, b->dir, stem, &b->elements[i]);
		if (r == -ENOENT || r == -EINVAL) {
			snprintf(err->text, sizeof(err->text), "channel %.40s of '%.40s' %s", s->list[i].name,
				 s->device,
				 r == -ENOENT ? "is no part of its buffer; list 'channels' without it"
					      : "is of a type that is not understood");
			return -ENODEV;
		}
		if (r == 0)
			r = sysfs_read_scaling(s, i, &b->offset[i], &b->scale[i]);
	}
	if (r < 0)
		return r;
	b->n = s->n_channels;
	b->has_time = enable(s->root, b->dir, "in_timestamp", &b->elements[b->n]) == 0;
	b->row_bytes = iio_scan_lay_out(b->elements, b->n + b->has_time);
	return b->row_bytes > 0 && b->row_bytes <= READ_BYTES ? 0 : -EINVAL;
}

/* The directory of the trigger called so. */
static int find_trigger(const char *root, const char *name, char dir[SYSFS_PATH_BYTES])
{
	char path[SYSFS_PATH_BYTES], text[TEXT_BYTES];
	const struct dirent *e;
	int r = -ENOENT;
	DIR *d;

	snprintf(path, sizeof(path), "%s" DEVICES, root ? root : "");
	d = opendir(path);
	if (!d)
		return -errno;
	while (r == -ENOENT && (e = readdir(d))) {
		if (strncmp(e->d_name, "trigger", 7) != 0)
			continue;
		snprintf(dir, SYSFS_PATH_BYTES, DEVICES "/%.64s", e->d_name);
		if (get(root, dir, "name", text) < 0)
			continue;
		text[strcspn(text, "\n")] = '\0';
		r = strcmp(text, name) == 0 ? 0 : -ENOENT;
	}
	closedir(d);
	return r;
}

/* The rate belongs to what triggers: a trigger of its own, or the chip, which may have it fixed. */
static int set_rate(const struct iio_buffer *b, const struct sysfs_sensor *s, struct sensor_error *err)
{
	char text[TEXT_BYTES], dir[SYSFS_PATH_BYTES];
	int r;

	snprintf(text, sizeof(text), "%.6g", b->rate_hz);
	if (!b->trigger)
		snprintf(dir, sizeof(dir), "%s", b->dir);
	r = b->trigger ? find_trigger(s->root, b->trigger, dir) : 0;
	if (r == -ENOENT) {
		snprintf(err->text, sizeof(err->text), "no trigger '%.60s' here; see name in " DEVICES "/trigger*",
			 b->trigger);
		return -ENODEV;
	}
	if (r == 0 && b->trigger)
		r = put(s->root, b->dir, "trigger/current_trigger", b->trigger);
	if (r < 0)
		return r;
	r = put(s->root, dir, "sampling_frequency", text);
	if (r == -EINVAL)
		snprintf(err->text, sizeof(err->text), "'%.40s' cannot sample %s times a second", s->device, text);
	return r == -ENOENT || r == -EACCES ? 0 : r;
}

static int open_node(struct iio_buffer *b, const struct sysfs_sensor *s, struct sensor_error *err)
{
	char path[SYSFS_PATH_BYTES];
	const char *name = strrchr(b->dir, '/');
	int fd;

	snprintf(path, sizeof(path), "%.60s/dev%.120s", s->root ? s->root : "", name);
	fd = fileio_open_nonblock(path);
	if (fd == -EBUSY)
		snprintf(err->text, sizeof(err->text), "another program has %.60s", path);
	else if (fd == -EACCES)
		snprintf(err->text, sizeof(err->text), "may not open %.60s", path);
	if (fd < 0)
		return fd;
	b->fd = fd + 1;
	return 0;
}

int iio_buffer_start(struct iio_buffer *b, const struct sysfs_sensor *s, const char *dir, struct sensor_error *err)
{
	char text[TEXT_BYTES];
	int r;

	iio_buffer_stop(b, s->root);
	snprintf(b->dir, sizeof(b->dir), "%s", dir);
	b->last_ns = 0;
	/* Who has the node open has the buffer: only then may it be stopped, which a dead program left running. */
	r = open_node(b, s, err);
	if (r == 0)
		r = put(s->root, dir, "buffer/enable", "0");
	if (r == 0 || r == -ENOENT)
		r = enable_channels(b, s, err);
	if (r == 0)
		r = set_rate(b, s, err);
	snprintf(text, sizeof(text), "%d", (int)b->rows);
	if (r == 0)
		r = put(s->root, dir, "buffer/length", text);
	if (r == 0)
		r = put(s->root, dir, "buffer/enable", "1");
	if (r == -EACCES)
		snprintf(err->text, sizeof(err->text), "may not set up the buffer of '%.40s': it takes root",
			 s->device);
	if (r < 0)
		iio_buffer_stop(b, s->root);
	return r;
}

void iio_buffer_stop(struct iio_buffer *b, const char *root)
{
	if (!b->fd)
		return;
	(void)put(root, b->dir, "buffer/enable", "0"); /* the device may be gone */
	fileio_close(b->fd - 1);
	b->fd = 0;
}

/* --- rows --- */

static void convert(const struct iio_buffer *b, const uint8_t row[], double out[])
{
	for (size_t i = 0; i < b->n; i++)
		out[i] = (iio_scan_value(&b->elements[i], row) + b->offset[i]) * b->scale[i];
}

static void take_row(struct iio_buffer *b, const uint8_t row[], struct burst *out)
{
	int64_t now_ns = b->has_time ? iio_scan_integer(&b->elements[b->n], row) : 0;

	convert(b, row, &out->values[out->n_rows * b->n]);
	if (out->n_rows == 0 && b->last_ns && now_ns && (double)(now_ns - b->last_ns) > 1.5e9 / b->rate_hz)
		out->is_overrun = true;
	b->last_ns = now_ns;
	out->n_rows++;
}

/* Whole rows, as many as fit and there are. @return how many, 0: none now, or negative errno */
static ssize_t read_rows(const struct iio_buffer *b, size_t max, uint8_t raw[READ_BYTES])
{
	size_t at_once = READ_BYTES / b->row_bytes;
	ssize_t got = fileio_read(b->fd - 1, (char *)raw, (max < at_once ? max : at_once) * b->row_bytes);

	if (got < 0)
		return got == -EAGAIN ? 0 : got;
	return got / (ssize_t)b->row_bytes;
}

static bool is_running(const struct iio_buffer *b, const struct sysfs_sensor *s)
{
	return b->fd && b->n == s->n_channels;
}

int iio_buffer_fetch(struct iio_buffer *b, const struct sysfs_sensor *s, struct burst *out)
{
	size_t max = iio_buffer_rows_max(s->n_channels);
	uint8_t raw[READ_BYTES];

	if (!is_running(b, s))
		return -EIO;
	while (out->n_rows < max) {
		ssize_t n = read_rows(b, max - out->n_rows, raw);

		if (n <= 0)
			return (int)n;
		for (size_t i = 0; i < (size_t)n; i++)
			take_row(b, raw + i * b->row_bytes, out);
	}
	return 0;
}

int iio_buffer_newest(struct iio_buffer *b, const struct sysfs_sensor *s, double out[])
{
	uint8_t raw[READ_BYTES];
	int r = -EAGAIN;
	ssize_t n = 1;

	if (!is_running(b, s))
		return -EIO;
	for (size_t left = iio_buffer_rows_max(s->n_channels); n > 0 && left > 0; left -= (size_t)n) {
		n = read_rows(b, left, raw);
		if (n < 0)
			return (int)n;
		if (n > 0) {
			convert(b, raw + (size_t)(n - 1) * b->row_bytes, out);
			r = 0;
		}
	}
	return r;
}
