/* SPDX-License-Identifier: Apache-2.0 */
/* sysfs_find.h - which directory of a class is the device that the user names. */
#ifndef RUNNEL_DRIVERS_SYSFS_FIND_H
#define RUNNEL_DRIVERS_SYSFS_FIND_H

#include "drivers/sysfs.h"

/** The directory of @device in @dir. @return 0, -ENODEV: none or several, with @err filled, or negative errno */
NODISCARD int sysfs_find(const struct sysfs_class *class, const char *root, const char *device,
			 char dir[SYSFS_PATH_BYTES], struct sensor_error *err);

#endif
