/* SPDX-License-Identifier: Apache-2.0 */
#include "tests/fake_sysfs.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

enum { PATH_BYTES = 256 };

static char root[64];
static pid_t owner;

static void full_path(char out[PATH_BYTES], const char *path)
{
	assert_true(snprintf(out, PATH_BYTES, "%s%s", fake_sysfs_root(), path) < PATH_BYTES);
}

static void make_directories(char *full)
{
	for (char *p = full + strlen(root) + 1; (p = strchr(p, '/')); p++) {
		*p = '\0';
		mkdir(full, 0700);
		*p = '/';
	}
}

void fake_sysfs_put(const char *path, const char *text)
{
	char full[PATH_BYTES];
	FILE *f;

	full_path(full, path);
	make_directories(full);
	f = fopen(full, "we");
	assert_non_null(f);
	assert_true(fputs(text, f) >= 0);
	assert_int_equal(fclose(f), 0);
}

void fake_sysfs_remove(const char *path)
{
	char full[PATH_BYTES];

	full_path(full, path);
	assert_int_equal(remove(full), 0);
}

void fake_sysfs_link(const char *path, const char *target)
{
	char full[PATH_BYTES];

	full_path(full, path);
	make_directories(full);
	assert_int_equal(symlink(target, full), 0);
}

const char *fake_sysfs_root(void)
{
	if (root[0])
		return root;
	snprintf(root, sizeof(root), "/tmp/runnel-sysfs-XXXXXX");
	assert_non_null(mkdtemp(root));
	owner = getpid();
	fake_sysfs_put("/sys/devices/i2c-1/1-0048/hwmon/hwmon2/name", "lm75\n");
	fake_sysfs_put("/sys/devices/i2c-1/1-0048/hwmon/hwmon2/temp1_input", "23500\n");
	fake_sysfs_link("/sys/class/hwmon/hwmon2", "../../devices/i2c-1/1-0048/hwmon/hwmon2");
	fake_sysfs_put("/sys/devices/i2c-1/1-0076/iio:device0/name", "bme280\n");
	fake_sysfs_put("/sys/devices/i2c-1/1-0076/iio:device0/in_temp_input", "21460\n");
	fake_sysfs_put("/sys/devices/i2c-1/1-0076/iio:device0/in_pressure_input", "101.325000000\n");
	fake_sysfs_put("/sys/devices/i2c-1/1-0076/iio:device0/in_humidityrelative_input", "45123\n");
	fake_sysfs_link("/sys/bus/iio/devices/iio:device0", "../../../devices/i2c-1/1-0076/iio:device0");
	fake_sysfs_put("/sys/bus/w1/devices/28-000005e2fdc3/w1_slave",
		       "a0 01 4b 46 7f ff 10 10 6e : crc=6e YES\na0 01 4b 46 7f ff 10 10 6e t=26000\n");
	return root;
}

static __attribute__((destructor)) void remove_root(void)
{
	char command[PATH_BYTES];

	if (!root[0] || getpid() != owner)
		return;
	snprintf(command, sizeof(command), "rm -r %s", root);
	if (system(command) != 0)
		perror(root);
}
