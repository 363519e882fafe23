/* SPDX-License-Identifier: Apache-2.0 */
/*
 * i2c_bus.c - names of buses.
 *
 * Numbers of buses may change with a kernel, an overlay or the order in which USB adapters are found; names of adapters do not, so both are
 * taken. What is wrong is told with what is there, for nobody knows their bus numbers by heart.
 */
#include "drivers/i2c_bus.h"

#include <dirent.h>
#include <errno.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/fileio.h"
#include "base/text.h"

static int path_of(char out[I2C_PATH_BYTES], const char *root, const char *rest)
{
	return snprintf(out, I2C_PATH_BYTES, "%s%s", root, rest) < I2C_PATH_BYTES ? 0 : -ENAMETOOLONG;
}

/** "i2c-1" -> 1, else -EINVAL. */
static int number_of(const char *name)
{
	int64_t n;

	if (strncmp(name, "i2c-", 4) != 0 || name[4] < '0' || name[4] > '9' || text_to_int64(name + 4, &n) < 0 ||
	    n > 9999)
		return -EINVAL;
	return (int)n;
}

static void read_name(const char *root, struct i2c_bus *bus)
{
	char path[I2C_PATH_BYTES], rest[64];
	ssize_t n;
	int fd;

	bus->name[0] = '\0';
	snprintf(rest, sizeof(rest), "/sys/class/i2c-dev/i2c-%d/name", bus->number);
	if (path_of(path, root, rest) < 0)
		return;
	fd = fileio_open(path);
	if (fd < 0)
		return;
	n = fileio_read(fd, bus->name, sizeof(bus->name) - 1);
	fileio_close(fd);
	bus->name[n > 0 ? n : 0] = '\0';
	bus->name[strcspn(bus->name, "\n")] = '\0';
}

static int by_number(const void *a, const void *b)
{
	return ((const struct i2c_bus *)a)->number - ((const struct i2c_bus *)b)->number;
}

/* From /dev, because what has no node cannot be opened, and a container may hide /sys. */
size_t i2c_bus_list(const char *root, struct i2c_bus out[I2C_MAX_BUSES])
{
	char path[I2C_PATH_BYTES];
	const struct dirent *e;
	size_t n = 0;
	DIR *dir;

	if (path_of(path, root, "/dev") < 0)
		return 0;
	dir = opendir(path);
	if (!dir)
		return 0;
	while (n < I2C_MAX_BUSES && (e = readdir(dir))) {
		out[n].number = number_of(e->d_name);
		if (out[n].number >= 0)
			read_name(root, &out[n++]);
	}
	closedir(dir);
	qsort(out, n, sizeof(out[0]), by_number);
	return n;
}

/** 70 to 77, and a channel of 0 to 7: "0x70.3". */
static int parse_mux(const char *text, struct i2c_mux *mux)
{
	char address_text[8];
	int64_t address, channel;
	const char *dot = strchr(text, '.');

	if (!dot || (size_t)(dot - text) >= sizeof(address_text))
		return -EINVAL;
	memcpy(address_text, text, (size_t)(dot - text));
	address_text[dot - text] = '\0';
	if (text_to_int64(address_text, &address) < 0 || text_to_int64(dot + 1, &channel) < 0)
		return -EINVAL;
	if (address < 0x70 || address > 0x77 || channel < 0 || channel > 7)
		return -EINVAL;
	*mux = (struct i2c_mux){ (uint8_t)address, (uint8_t)channel };
	return 0;
}

/** A node or a link to one. */
static int number_of_path(const char *root, const char *text)
{
	char path[I2C_PATH_BYTES], real[PATH_MAX];

	if (path_of(path, root, text) < 0)
		return -ENOENT;
	if (!realpath(path, real))
		return number_of(strrchr(text, '/') + 1);
	return number_of(strrchr(real, '/') + 1);
}

static int number_of_bus(const char *root, const char *name, const struct i2c_bus *buses, size_t n)
{
	int64_t number;
	int r;

	if (name[0] == '/')
		return number_of_path(root, name);
	if (text_to_int64(name, &number) == 0)
		return number >= 0 && number <= 9999 ? (int)number : -ENOENT;
	r = number_of(name);
	for (size_t i = 0; r < 0 && i < n; i++)
		if (strcmp(buses[i].name, name) == 0)
			r = buses[i].number;
	return r;
}

static void tell_what_is_there(const char *name, const struct i2c_bus *buses, size_t n, struct sensor_error *err)
{
	size_t at;

	if (n == 0) {
		snprintf(err->text, sizeof(err->text),
			 "no I2C bus here: is the module loaded (modprobe i2c-dev), the bus switched on (Raspberry Pi: "
			 "dtparam=i2c_arm=on)?");
		return;
	}
	at = (size_t)snprintf(err->text, sizeof(err->text), "no I2C bus '%.40s'; there are:", name);
	for (size_t i = 0; i < n && at < sizeof(err->text); i++)
		at += (size_t)snprintf(&err->text[at], sizeof(err->text) - at, " i2c-%d%s%.40s%s", buses[i].number,
				       buses[i].name[0] ? " (" : "", buses[i].name, buses[i].name[0] ? ")" : "");
}

int i2c_bus_find(const char *root, const char *text, struct i2c_mux *mux, struct sensor_error *err)
{
	struct i2c_bus buses[I2C_MAX_BUSES];
	const char *slash = strrchr(text, '/');
	bool has_mux = slash && slash > text && strncmp(slash, "/0x", 3) == 0;
	char name[I2C_PATH_BYTES];
	size_t n;
	int r;

	*mux = (struct i2c_mux){ 0, 0 };
	if (has_mux && parse_mux(slash + 1, mux) < 0) {
		snprintf(err->text, sizeof(err->text),
			 "'%.60s' is no channel of a mux: /0x70.0 to /0x77.7, address and channel", slash);
		return -EINVAL;
	}
	snprintf(name, sizeof(name), "%.*s", has_mux ? (int)(slash - text) : (int)sizeof(name) - 1, text);
	n = i2c_bus_list(root, buses);
	r = number_of_bus(root, name, buses, n);
	for (size_t i = 0; i < n; i++)
		if (buses[i].number == r)
			return r;
	tell_what_is_there(name, buses, n, err);
	return -ENOENT;
}

bool i2c_bus_owner(const char *root, int number, unsigned address, char name[I2C_NAME_BYTES])
{
	char path[I2C_PATH_BYTES], rest[64], target[PATH_MAX];
	const char *slash;
	ssize_t n;

	snprintf(rest, sizeof(rest), "/sys/bus/i2c/devices/%d-%04x/driver", number, address);
	if (path_of(path, root, rest) < 0)
		return false;
	n = readlink(path, target, sizeof(target) - 1);
	if (n < 0)
		return false;
	target[n] = '\0';
	slash = strrchr(target, '/');
	snprintf(name, I2C_NAME_BYTES, "%.63s", slash ? slash + 1 : target);
	return true;
}
