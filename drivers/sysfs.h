/* SPDX-License-Identifier: Apache-2.0 */
/*
 * sysfs.h - chips that Linux already drives, as sensors: what the drivers hwmon and iio share, and how w1 finds its files.
 *
 * A device is found by its own name ("bme280"), by the name of what it sits on ("1-0076": bus 1, address 0x76), which stays the same
 * and is unique, or by its number ("hwmon2"), which may be another after the next start. Descriptors of its files stay open and are
 * read again from the start.
 *
 * Reading such a file may be a conversion of the chip, and the kernel lets us wait for it: mostly some milliseconds, which the
 * agent's other sensors wait as well.
 */
#ifndef RUNNEL_DRIVERS_SYSFS_H
#define RUNNEL_DRIVERS_SYSFS_H

#include <stdbool.h>
#include <stddef.h>

#include "base/check.h"
#include "base/opt.h"
#include "drivers/sensor.h"

enum { SYSFS_NAME_BYTES = 64, SYSFS_PATH_BYTES = 256 };

/** What a kind of channel measures. Its name begins with @type, which ends where the letters do: "temp1", "accel_x". */
struct sysfs_quantity {
	const char *type;
	const char *unit;
	double times, per; /* from the kernel's unit to ours; two, because 0.001 is no double and 1000 is */
	enum channel_kind kind;
	const char *help;
};

/** The files of a channel. Only the value must be there. */
enum sysfs_role { SYSFS_VALUE, SYSFS_SCALE, SYSFS_OFFSET, SYSFS_FAULT, SYSFS_ROLES };

struct sysfs_class {
	const char *what;  /* for messages: "hwmon chip" */
	const char *hint;  /* what to do when there is none of them */
	const char *dir;   /* "/sys/class/hwmon" */
	const char *entry; /* directories in it: this and a number */
	const struct sysfs_quantity *quantities;
	size_t n_quantities;

	/** The channel whose value is in @file. @return is there one? */
	bool (*channel_of)(const char *file, char name[SYSFS_NAME_BYTES]);

	/** The @i-th file to look for, the first that is there counts. @return is there an i-th? */
	bool (*file_of)(const char *channel, enum sysfs_role role, int i, char file[SYSFS_NAME_BYTES]);

	/** Does the value mean nothing without a scale? */
	bool (*needs_scale)(const char *file);
};

/** Of the drivers of these names. */
extern const struct sysfs_class hwmon_class, iio_class;

/** The state of a driver. */
struct sysfs_sensor {
	const char *device;	  /* option */
	struct opt_list channels; /* option */

	const char *root;
	const struct channel *list;
	size_t n_channels;
	bool is_open;
	struct sysfs_channel {
		double times, per;
		int fds[SYSFS_ROLES]; /* plus 1, so that zero is closed */
	} files[SENSOR_MAX_CHANNELS];
};

/** The options of a driver whose state is struct sysfs_sensor. */
#define SYSFS_OPTIONS(device_example, device_help, channels_example)                                 \
	{ "device",                                                                                  \
	  OPT_TEXT,                                                                                  \
	  offsetof(struct sysfs_sensor, device),                                                     \
	  .required = true,                                                                          \
	  .example = device_example,                                                                 \
	  .help = device_help },                                                                     \
	{                                                                                            \
		"channels", OPT_TEXT_LIST, offsetof(struct sysfs_sensor, channels),                  \
			.example = channels_example,                                                 \
			.help = "what to read; default: all it has, and then it must be there when " \
				"the config is read"                                                 \
	}

int sysfs_describe(struct sysfs_sensor *s, const struct sysfs_class *class, struct arena *a, const struct channel **out,
		   struct sensor_error *err);
int sysfs_probe(struct sysfs_sensor *s, const struct sysfs_class *class, struct sensor_error *err);

/* Steps of sensor_driver; @state is a struct sysfs_sensor. */
int64_t sysfs_trigger(void *state, int64_t now_us);
int sysfs_collect(void *state, int64_t now_us, double out[]);
void sysfs_close(void *state);

/** Once it is open: a raw number of channel @i becomes (raw + @offset) * @scale in our unit. @return 0 or negative errno */
NODISCARD int sysfs_read_scaling(const struct sysfs_sensor *s, size_t i, double *offset, double *scale);

/** For tests: look below @root, which is borrowed. Before the first probe. */
void sysfs_set_root(void *state, const char *root);

/** Open ROOT DIR/FILE; @root may be NULL. @return descriptor or negative errno */
NODISCARD int sysfs_open(const char *root, const char *dir, const char *file);

#endif
