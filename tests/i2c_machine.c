/* SPDX-License-Identifier: Apache-2.0 */
/* The files of i2c_machine.h. */
#include "tests/i2c_machine.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/check.h"

static char root[64];

static void make_dir(const char *rest)
{
	char path[200];

	snprintf(path, sizeof(path), "%s%s", root, rest);
	assert_int_equal(mkdir(path, 0755), 0);
}

static void make_file(const char *rest, const char *text)
{
	char path[200];
	FILE *f;

	snprintf(path, sizeof(path), "%s%s", root, rest);
	f = fopen(path, "we");
	assert_non_null(f);
	fputs(text, f);
	assert_int_equal(fclose(f), 0);
}

static void make_link(const char *target, const char *rest)
{
	char path[200];

	snprintf(path, sizeof(path), "%s%s", root, rest);
	assert_int_equal(symlink(target, path), 0);
}

int i2c_machine_make(void **state)
{
	static const char *const dirs[] = { "/dev",
					    "/empty",
					    "/empty/dev",
					    "/sys",
					    "/sys/class",
					    "/sys/class/i2c-dev",
					    "/sys/class/i2c-dev/i2c-1",
					    "/sys/class/i2c-dev/i2c-22",
					    "/sys/bus",
					    "/sys/bus/i2c",
					    "/sys/bus/i2c/devices",
					    "/sys/bus/i2c/devices/1-0068",
					    "/sys/bus/i2c/devices/1-0071" };
	(void)state;

	snprintf(root, sizeof(root), "/tmp/runnel-i2c-%d", (int)getpid());
	assert_int_equal(mkdir(root, 0755), 0);
	for (size_t i = 0; i < ARRAY_LEN(dirs); i++)
		make_dir(dirs[i]);
	make_file("/dev/i2c-1", "");
	make_file("/dev/i2c-22", "");
	make_file("/dev/i2c", "");
	make_file("/dev/i2c-x", "");
	make_link("i2c-22", "/dev/greenhouse");
	make_file("/sys/class/i2c-dev/i2c-1/name", "bcm2835 (i2c@7e804000)\n");
	make_file("/sys/class/i2c-dev/i2c-22/name", "CP2112 SMBus Bridge on hidraw0\n");
	make_link("../../../../bus/i2c/drivers/rtc-ds1307", "/sys/bus/i2c/devices/1-0068/driver");
	make_link("../../../../bus/i2c/drivers/pca954x", "/sys/bus/i2c/devices/1-0071/driver");
	return 0;
}

int i2c_machine_remove(void **state)
{
	char command[100];
	(void)state;

	snprintf(command, sizeof(command), "rm -rf '%s'", root);
	return system(command) == 0 ? 0 : -1;
}

char *i2c_machine_root(void)
{
	return root;
}
