/* SPDX-License-Identifier: Apache-2.0 */
/* sysfs_find.h - which directory of a class is the device that the user names, and which there are. */
#ifndef RUNNEL_DRIVERS_SYSFS_FIND_H
#define RUNNEL_DRIVERS_SYSFS_FIND_H

#include "drivers/sysfs.h"

/** The directory of @device in @dir. @return 0, -ENODEV: none or several, with @err filled, or negative errno */
NODISCARD int sysfs_find(const struct sysfs_class *class, const char *root, const char *device,
			 char dir[SYSFS_PATH_BYTES], struct sensor_error *err);

/** A device of a class, as its own files name it. */
struct sysfs_device {
	char entry[SYSFS_NAME_BYTES];  /* "hwmon2" */
	char name[SYSFS_NAME_BYTES];   /* "lm75", "" none */
	char parent[SYSFS_NAME_BYTES]; /* what it sits on: "1-0048", "" unknown */
};

/** Those there are, in the order of their numbers, at most @max. @return how many, 0 also when the class cannot be read */
size_t sysfs_list(const struct sysfs_class *class, const char *root, struct sysfs_device out[], size_t max);

#endif
