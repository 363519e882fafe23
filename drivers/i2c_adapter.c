/* SPDX-License-Identifier: Apache-2.0 */
/*
 * i2c_adapter.c - the place of an adapter in the tree of devices tells its kind: below a graphics card's connector, below a PCI
 * function of class 03 (display) or 0C05 (SMBus), or below another adapter. Connectors of boards without PCI link to their
 * adapter as `ddc`. Names are only asked where the tree says nothing, which is so for some drivers that are not in the kernel.
 */
#include "drivers/i2c_adapter.h"

#include <glob.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/fileio.h"
#include "base/text.h"

static bool starts_with(const char *text, const char *start)
{
	return strncmp(text, start, strlen(start)) == 0;
}

static bool is_display_name(const char *name)
{
	static const char *const starts[] = { "NVIDIA i2c adapter", "nvkm-", "Radeon i2c", "AMDGPU DM",
					      "i915 gmbus",	    "AUX ",  "DPDDC",	   "DPMST",
					      "DesignWare HDMI" };

	for (size_t i = 0; i < ARRAY_LEN(starts); i++)
		if (starts_with(name, starts[i]))
			return true;
	return strstr(name, " ddc") || strstr(name, "hdmi");
}

/* The kernel's i2c-stub for tests has the name of one, and chips that cannot be harmed. */
static bool is_smbus_name(const char *name)
{
	return (starts_with(name, "SMBus ") && !starts_with(name, "SMBus stub")) || starts_with(name, "AMDGPU SMU");
}

/* "0x0c0500" -> 0x0c05; 0: what it sits on is no PCI function. */
static unsigned pci_class_above(const char *real)
{
	char path[PATH_MAX + 16], text[16];
	ssize_t n;
	int fd;

	snprintf(path, sizeof(path), "%s/../class", real);
	fd = fileio_open(path);
	if (fd < 0)
		return 0;
	n = fileio_read(fd, text, sizeof(text) - 1);
	fileio_close(fd);
	text[n > 0 ? n : 0] = '\0';
	return (unsigned)(strtoul(text, NULL, 16) >> 8);
}

static bool is_connectors(const char *root, const char *real)
{
	char pattern[I2C_PATH_BYTES], ddc[PATH_MAX];
	bool is_one = false;
	glob_t found;

	if (snprintf(pattern, sizeof(pattern), "%s/sys/class/drm/*/ddc", root) >= (int)sizeof(pattern) ||
	    glob(pattern, 0, NULL, &found) != 0)
		return false;
	for (size_t i = 0; i < found.gl_pathc && !is_one; i++)
		is_one = realpath(found.gl_pathv[i], ddc) && strcmp(ddc, real) == 0;
	globfree(&found);
	return is_one;
}

/* ".../i2c-1/i2c-11" -> 1 */
static int parent_of(const char *real)
{
	char above[PATH_MAX];
	const char *name;
	int64_t number;

	snprintf(above, sizeof(above), "%.*s", (int)(strrchr(real, '/') - real), real);
	name = strrchr(above, '/');
	if (!name || !starts_with(name, "/i2c-") || text_to_int64(name + 5, &number) < 0 || number > 9999)
		return I2C_NO_PARENT;
	return (int)number;
}

struct i2c_adapter i2c_adapter_of(const char *root, const struct i2c_bus *bus)
{
	struct i2c_adapter a = { I2C_ADAPTER_PLAIN, I2C_NO_PARENT };
	char path[I2C_PATH_BYTES], real[PATH_MAX] = "";
	unsigned class = 0;

	if (snprintf(path, sizeof(path), "%s/sys/bus/i2c/devices/i2c-%d", root, bus->number) < (int)sizeof(path) &&
	    realpath(path, real)) {
		class = pci_class_above(real);
		a.parent = parent_of(real);
	}
	if (class >> 8 == 0x03 || strstr(real, "/drm/") || is_connectors(root, real) || is_display_name(bus->name))
		a.kind = I2C_ADAPTER_DISPLAY;
	else if (class == 0x0C05 || is_smbus_name(bus->name))
		a.kind = I2C_ADAPTER_SMBUS;
	return a;
}
