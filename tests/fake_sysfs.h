/* SPDX-License-Identifier: Apache-2.0 */
/* fake_sysfs.h - a /sys of files below a directory of the test. */
#ifndef RUNNEL_TESTS_FAKE_SYSFS_H
#define RUNNEL_TESTS_FAKE_SYSFS_H

/** The directory, made by the first call and removed when the program ends; has an lm75, a bme280 and a DS18B20. */
const char *fake_sysfs_root(void);

/** Write @text to ROOT @path; makes the directories. */
void fake_sysfs_put(const char *path, const char *text);

void fake_sysfs_remove(const char *path);

/** ROOT @path becomes a link to the text @target; its directory is made. */
void fake_sysfs_link(const char *path, const char *target);

#endif
