/* SPDX-License-Identifier: Apache-2.0 */
#include "drivers/sysfs.h"

#include <dirent.h>
#include <errno.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/decimal.h"
#include "base/fileio.h"
#include "base/text.h"
#include "drivers/sysfs_find.h"

enum { TEXT_BYTES = 64 };

struct names {
	size_t n;
	char text[SENSOR_MAX_CHANNELS][SYSFS_NAME_BYTES];
};

void sysfs_set_root(void *state, const char *root)
{
	((struct sysfs_sensor *)state)->root = root;
}

int sysfs_open(const char *root, const char *dir, const char *file)
{
	char path[SYSFS_PATH_BYTES];
	int n = snprintf(path, sizeof(path), "%s%s/%s", root ? root : "", dir, file);

	return n < (int)sizeof(path) ? fileio_open(path) : -ENAMETOOLONG;
}

/* --- channels --- */

static const struct sysfs_quantity *quantity_of(const struct sysfs_class *class, const char *channel)
{
	size_t len = strspn(channel, "abcdefghijklmnopqrstuvwxyz");

	for (size_t i = 0; i < class->n_quantities; i++) {
		const char *type = class->quantities[i].type;

		if (strlen(type) == len && strncmp(type, channel, len) == 0)
			return &class->quantities[i];
	}
	return NULL;
}

/* Would a file of this channel be found again under its name? */
static bool is_channel(const struct sysfs_class *class, const char *channel)
{
	char file[SYSFS_NAME_BYTES], name[SYSFS_NAME_BYTES];

	return strlen(channel) < SYSFS_NAME_BYTES / 2 && text_is_identifier(channel) && quantity_of(class, channel) &&
	       class->file_of(channel, SYSFS_VALUE, 0, file) && class->channel_of(file, name) &&
	       strcmp(name, channel) == 0;
}

static bool has_name(const struct names *names, const char *name)
{
	for (size_t i = 0; i < names->n; i++)
		if (strcmp(names->text[i], name) == 0)
			return true;
	return false;
}

static void add_name(struct names *names, const char *name)
{
	snprintf(names->text[names->n++], SYSFS_NAME_BYTES, "%s", name);
}

/* @return 0, -ENOENT: there is no such file, or negative errno */
static int open_role(const struct sysfs_sensor *s, const struct sysfs_class *class, const char *dir,
		     const char *channel, enum sysfs_role role, char file[SYSFS_NAME_BYTES])
{
	for (int i = 0; class->file_of(channel, role, i, file); i++) {
		int fd = sysfs_open(s->root, dir, file);

		if (fd != -ENOENT)
			return fd;
	}
	return -ENOENT;
}

/* A number of an unknown unit is no measurement. @return 1 yes, 0 no, or negative errno */
static int has_unit(const struct sysfs_sensor *s, const struct sysfs_class *class, const char *dir, const char *file,
		    const char *channel)
{
	char scale[SYSFS_NAME_BYTES];
	int fd;

	if (!class->needs_scale(file))
		return 1;
	fd = open_role(s, class, dir, channel, SYSFS_SCALE, scale);
	if (fd == -ENOENT)
		return 0;
	if (fd < 0)
		return fd;
	fileio_close(fd);
	return 1;
}

/* @return 0, also when @file is no value that we know, or negative errno */
static int add_file(const struct sysfs_sensor *s, const struct sysfs_class *class, const char *dir, const char *file,
		    struct names *names)
{
	char name[SYSFS_NAME_BYTES];
	int r;

	if (strlen(file) >= SYSFS_NAME_BYTES || !class->channel_of(file, name) || !is_channel(class, name) ||
	    has_name(names, name))
		return 0;
	r = has_unit(s, class, dir, file, name);
	if (r > 0)
		add_name(names, name);
	return r < 0 ? r : 0;
}

static int find_channels(const struct sysfs_sensor *s, const struct sysfs_class *class, const char *dir,
			 struct names *names)
{
	char path[SYSFS_PATH_BYTES];
	const struct dirent *e;
	DIR *d;
	int r = 0;

	if (snprintf(path, sizeof(path), "%s%s", s->root ? s->root : "", dir) >= (int)sizeof(path))
		return -ENAMETOOLONG;
	d = opendir(path);
	if (!d)
		return -errno;
	while (r == 0 && names->n < SENSOR_MAX_CHANNELS && (e = readdir(d)))
		r = add_file(s, class, dir, e->d_name, names);
	closedir(d);
	return r;
}

/* temp2 before temp10, temperatures side by side. */
static int by_name(const void *a, const void *b)
{
	const char *x = a, *y = b;
	size_t letters_x = strspn(x, "abcdefghijklmnopqrstuvwxyz"), letters_y = strspn(y, "abcdefghijklmnopqrstuvwxyz");

	if (letters_x == letters_y && strncmp(x, y, letters_x) == 0 && strlen(x) != strlen(y))
		return strlen(x) < strlen(y) ? -1 : 1;
	return strcmp(x, y);
}

static int take_wishes(const struct sysfs_sensor *s, const struct sysfs_class *class, struct names *names,
		       struct sensor_error *err)
{
	if (s->channels.n > SENSOR_MAX_CHANNELS) {
		snprintf(err->text, sizeof(err->text), "more than %d channels", SENSOR_MAX_CHANNELS);
		return -EINVAL;
	}
	for (size_t i = 0; i < s->channels.n; i++) {
		const char *name = s->channels.items[i];

		if (!is_channel(class, name) || has_name(names, name)) {
			snprintf(err->text, sizeof(err->text), "'%.40s' is %s", name,
				 is_channel(class, name) ? "there twice" : "no channel whose unit is known");
			return -EINVAL;
		}
		add_name(names, name);
	}
	return 0;
}

static int discover(const struct sysfs_sensor *s, const struct sysfs_class *class, struct names *names,
		    struct sensor_error *err)
{
	char dir[SYSFS_PATH_BYTES];
	int r = sysfs_find(class, s->root, s->device, dir, err);

	if (r < 0)
		return r;
	r = find_channels(s, class, dir, names);
	if (r < 0)
		return r;
	if (names->n == 0) {
		snprintf(err->text, sizeof(err->text), "%s '%.40s' has no value whose unit is known", class->what,
			 s->device);
		return -ENODEV;
	}
	qsort(names->text, names->n, sizeof(names->text[0]), by_name);
	return 0;
}

int sysfs_describe(struct sysfs_sensor *s, const struct sysfs_class *class, struct arena *a, const struct channel **out,
		   struct sensor_error *err)
{
	struct names names = { .n = 0 };
	struct channel *list;
	int r = s->channels.n ? take_wishes(s, class, &names, err) : discover(s, class, &names, err);

	if (r < 0)
		return r;
	list = arena_alloc(a, names.n * sizeof(list[0]));
	for (size_t i = 0; i < names.n; i++) {
		const struct sysfs_quantity *q = quantity_of(class, names.text[i]);

		list[i] = (struct channel){ arena_strdup(a, names.text[i]), q->unit, q->kind, .help = q->help };
		s->files[i].times = q->times;
		s->files[i].per = q->per;
	}
	s->list = list;
	s->n_channels = names.n;
	*out = list;
	return (int)names.n;
}

/* --- steps --- */

void sysfs_close(void *state)
{
	struct sysfs_sensor *s = state;

	for (size_t i = 0; i < s->n_channels; i++)
		for (size_t k = 0; k < SYSFS_ROLES; k++)
			if (s->files[i].fds[k]) {
				fileio_close(s->files[i].fds[k] - 1);
				s->files[i].fds[k] = 0;
			}
	s->is_open = false;
}

static int open_channel(struct sysfs_sensor *s, const struct sysfs_class *class, const char *dir, size_t i,
			struct sensor_error *err)
{
	char value[SYSFS_NAME_BYTES] = "", file[SYSFS_NAME_BYTES] = "";
	const char *channel = s->list[i].name;

	for (enum sysfs_role role = SYSFS_VALUE; role < SYSFS_ROLES; role++) {
		int fd = open_role(s, class, dir, channel, role, role == SYSFS_VALUE ? value : file);
		bool is_needed = role == SYSFS_VALUE || (role == SYSFS_SCALE && class->needs_scale(value));

		if (fd >= 0) {
			s->files[i].fds[role] = fd + 1;
		} else if (fd == -ENOENT && is_needed) {
			snprintf(err->text, sizeof(err->text), "%s '%.40s' has no %s%.40s", class->what, s->device,
				 role == SYSFS_SCALE ? "scale for " : "channel ", channel);
			return -ENODEV;
		} else if (fd != -ENOENT) {
			return fd;
		}
	}
	return 0;
}

int sysfs_probe(struct sysfs_sensor *s, const struct sysfs_class *class, struct sensor_error *err)
{
	char dir[SYSFS_PATH_BYTES];
	int r;

	sysfs_close(s);
	r = sysfs_find(class, s->root, s->device, dir, err);
	for (size_t i = 0; r == 0 && i < s->n_channels; i++)
		r = open_channel(s, class, dir, i, err);
	s->is_open = r == 0;
	return r;
}

int64_t sysfs_trigger(void *state, int64_t now_us)
{
	const struct sysfs_sensor *s = state;

	(void)now_us;
	return s->is_open ? 0 : -EIO;
}

/* NaN: the kernel has none now. */
static int read_number(int fd, double *out)
{
	char text[TEXT_BYTES];
	ssize_t n = fileio_reread(fd, text, sizeof(text) - 1);

	if (n == -ENODATA || n == -EAGAIN) {
		*out = NAN;
		return 0;
	}
	if (n <= 0)
		return n < 0 ? (int)n : -EIO;
	text[n] = '\0';
	return decimal_parse(text, strcspn(text, " \n"), out) < 0 ? -EBADMSG : 0;
}

static int read_role(const struct sysfs_channel *c, enum sysfs_role role, double *inout)
{
	return c->fds[role] ? read_number(c->fds[role] - 1, inout) : 0;
}

int sysfs_read_scaling(const struct sysfs_sensor *s, size_t i, double *offset, double *scale)
{
	const struct sysfs_channel *c = &s->files[i];
	double factor = 1.0;
	int r;

	*offset = 0.0;
	if ((r = read_role(c, SYSFS_OFFSET, offset)) < 0 || (r = read_role(c, SYSFS_SCALE, &factor)) < 0)
		return r;
	*scale = factor * c->times / c->per;
	return 0;
}

/* (value + offset) * scale, as the kernel's documentation of IIO has it. */
static int read_channel(const struct sysfs_channel *c, double *out)
{
	double value, scale = 1.0, offset = 0.0, fault = 0.0;
	int r;

	if ((r = read_role(c, SYSFS_VALUE, &value)) < 0 || (r = read_role(c, SYSFS_OFFSET, &offset)) < 0 ||
	    (r = read_role(c, SYSFS_SCALE, &scale)) < 0 || (r = read_role(c, SYSFS_FAULT, &fault)) < 0)
		return r;
	*out = fault == 1.0 ? (double)NAN : (value + offset) * scale * c->times / c->per;
	return 0;
}

int sysfs_collect(void *state, int64_t now_us, double out[])
{
	const struct sysfs_sensor *s = state;
	double values[SENSOR_MAX_CHANNELS] = { 0 };

	(void)now_us;
	for (size_t i = 0; i < s->n_channels; i++) {
		int r = read_channel(&s->files[i], &values[i]);

		if (r < 0)
			return r;
	}
	memcpy(out, values, s->n_channels * sizeof(out[0]));
	return 0;
}
