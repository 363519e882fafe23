/* SPDX-License-Identifier: Apache-2.0 */
#include "drivers/sysfs_find.h"

#include <dirent.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/fileio.h"

struct search {
	const struct sysfs_class *class;
	const char *root, *device;
	size_t n_found;
	char found[SYSFS_NAME_BYTES];	   /* the last entry that fits */
	struct sensor_error seen, fitting; /* "bme280 (1-0076), ..." */
};

static void list(struct sensor_error *list, const char *name, const char *parent)
{
	size_t used = strlen(list->text);

	snprintf(list->text + used, sizeof(list->text) - used, "%s%s%s%s%s", used ? ", " : "", name,
		 parent[0] ? " (" : "", parent, parent[0] ? ")" : "");
}

/* "lm75\n" in the file `name`, which may be missing. */
static int read_name(const struct sysfs_class *class, const char *root, const char *entry, char name[SYSFS_NAME_BYTES])
{
	char dir[SYSFS_PATH_BYTES];
	ssize_t n;
	int fd;

	name[0] = '\0';
	if (snprintf(dir, sizeof(dir), "%s/%s", class->dir, entry) >= (int)sizeof(dir))
		return -ENAMETOOLONG;
	fd = sysfs_open(root, dir, "name");
	if (fd == -ENOENT || fd == -ENOTDIR)
		return 0;
	if (fd < 0)
		return fd;
	n = fileio_read(fd, name, SYSFS_NAME_BYTES - 1);
	fileio_close(fd);
	if (n < 0)
		return (int)n;
	name[n] = '\0';
	name[strcspn(name, "\n")] = '\0';
	return 0;
}

/* What the device sits on, from the link ".../i2c-1/1-0076/iio:device0" or ".../1-0048/hwmon/hwmon2". */
static void read_parent(const struct sysfs_class *class, const char *root, const char *entry,
			char parent[SYSFS_NAME_BYTES])
{
	char path[SYSFS_PATH_BYTES], link[SYSFS_PATH_BYTES], *end, *begin;
	ssize_t n;

	parent[0] = '\0';
	if (snprintf(path, sizeof(path), "%s%s/%s", root ? root : "", class->dir, entry) >= (int)sizeof(path))
		return;
	n = readlink(path, link, sizeof(link) - 1);
	if (n <= 0)
		return;
	link[n] = '\0';
	for (int i = 0; i < 2; i++) {
		end = strrchr(link, '/');
		if (!end)
			return;
		*end = '\0';
		begin = strrchr(link, '/');
		begin = begin ? begin + 1 : link;
		if (strcmp(begin, class->entry) != 0)
			break;
	}
	snprintf(parent, SYSFS_NAME_BYTES, "%.*s", SYSFS_NAME_BYTES - 1, begin);
}

static int look_at(struct search *s, const char *entry)
{
	char name[SYSFS_NAME_BYTES], parent[SYSFS_NAME_BYTES];
	int r = read_name(s->class, s->root, entry, name);

	if (r < 0)
		return r;
	read_parent(s->class, s->root, entry, parent);
	list(&s->seen, name[0] ? name : entry, parent[0] ? parent : entry);
	if (strcmp(entry, s->device) != 0 && strcmp(name, s->device) != 0 && strcmp(parent, s->device) != 0)
		return 0;
	list(&s->fitting, parent[0] ? parent : entry, "");
	snprintf(s->found, sizeof(s->found), "%.*s", SYSFS_NAME_BYTES - 1, entry);
	s->n_found++;
	return 0;
}

static int look_at_all(struct search *s)
{
	char path[SYSFS_PATH_BYTES];
	const struct dirent *e;
	DIR *dir;
	int r = 0;

	if (snprintf(path, sizeof(path), "%s%s", s->root ? s->root : "", s->class->dir) >= (int)sizeof(path))
		return -ENAMETOOLONG;
	dir = opendir(path);
	if (!dir)
		return errno == ENOENT ? 0 : -errno;
	while (r == 0 && (e = readdir(dir)))
		if (strncmp(e->d_name, s->class->entry, strlen(s->class->entry)) == 0)
			r = look_at(s, e->d_name);
	closedir(dir);
	return r;
}

int sysfs_find(const struct sysfs_class *class, const char *root, const char *device, char dir[SYSFS_PATH_BYTES],
	       struct sensor_error *err)
{
	struct search s = { .class = class, .root = root, .device = device };
	int r = look_at_all(&s);

	if (r < 0)
		return r;
	if (s.n_found == 1)
		return snprintf(dir, SYSFS_PATH_BYTES, "%s/%s", class->dir, s.found) < SYSFS_PATH_BYTES ? 0
													: -ENAMETOOLONG;
	if (s.n_found > 1)
		snprintf(err->text, sizeof(err->text), "several are called '%.32s', take one of %.80s", device,
			 s.fitting.text);
	else if (s.seen.text[0])
		snprintf(err->text, sizeof(err->text), "no %s '%.32s'; there are %.80s", class->what, device,
			 s.seen.text);
	else
		snprintf(err->text, sizeof(err->text), "no %s here%s", class->what, class->hint);
	return -ENODEV;
}

static int by_number(const void *a, const void *b)
{
	const struct sysfs_device *x = a, *y = b;
	size_t length_x = strlen(x->entry), length_y = strlen(y->entry);

	if (length_x != length_y)
		return length_x < length_y ? -1 : 1;
	return strcmp(x->entry, y->entry);
}

size_t sysfs_list(const struct sysfs_class *class, const char *root, struct sysfs_device out[], size_t max)
{
	char path[SYSFS_PATH_BYTES];
	const struct dirent *e;
	size_t n = 0;
	DIR *dir;

	if (snprintf(path, sizeof(path), "%s%s", root ? root : "", class->dir) >= (int)sizeof(path))
		return 0;
	dir = opendir(path);
	while (dir && n < max && (e = readdir(dir))) {
		struct sysfs_device *d = &out[n];

		if (strncmp(e->d_name, class->entry, strlen(class->entry)) != 0)
			continue;
		snprintf(d->entry, sizeof(d->entry), "%.*s", SYSFS_NAME_BYTES - 1, e->d_name);
		if (read_name(class, root, d->entry, d->name) < 0)
			d->name[0] = '\0'; /* it is about to go */
		read_parent(class, root, d->entry, d->parent);
		n++;
	}
	if (dir)
		closedir(dir);
	qsort(out, n, sizeof(out[0]), by_number);
	return n;
}
