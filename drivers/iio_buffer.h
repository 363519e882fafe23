/* SPDX-License-Identifier: Apache-2.0 */
/*
 * iio_buffer.h - rows that the kernel samples into the buffer of an IIO device, from /dev/iio:deviceN.
 *
 * The kernel keeps the oldest rows and drops those for which there is no room. It says nothing of it, but it stamps rows, where a
 * device can: the step from the last row of one fetch to the first of the next tells what is missing. The time stamps serve for
 * that alone; rows are dated by the agent, in the time of its other samples.
 */
#ifndef RUNNEL_DRIVERS_IIO_BUFFER_H
#define RUNNEL_DRIVERS_IIO_BUFFER_H

#include "drivers/iio_scan.h"
#include "drivers/sysfs.h"

struct iio_buffer {
	const char *trigger; /* option; NULL: the device's own, or none */
	int64_t rows;	     /* option; 0: no buffer */
	double rate_hz;	     /* option */

	int fd; /* plus 1, so that zero is closed */
	char dir[SYSFS_PATH_BYTES];
	struct iio_element elements[IIO_SCAN_MAX]; /* of the channels, then of the time */
	double scale[SENSOR_MAX_CHANNELS], offset[SENSOR_MAX_CHANNELS];
	size_t n, row_bytes;
	bool has_time;
	int64_t last_ns; /* of the newest row so far, 0: none */
};

/** How many rows a fetch can take at most. */
size_t iio_buffer_rows_max(size_t n_channels);

/** Set it up and start it; @s is open and has found its device in @dir. @return 0 or negative errno with @err filled */
int iio_buffer_start(struct iio_buffer *b, const struct sysfs_sensor *s, const char *dir, struct sensor_error *err);

/** All rows there are. @return 0 or negative errno */
int iio_buffer_fetch(struct iio_buffer *b, const struct sysfs_sensor *s, struct burst *out);

/** The newest row, one value per channel; those before it are gone. @return 0, -EAGAIN: there is none, or negative errno */
int iio_buffer_newest(struct iio_buffer *b, const struct sysfs_sensor *s, double out[]);

/** Idempotent. */
void iio_buffer_stop(struct iio_buffer *b, const char *root);

/** "voltage0_voltage1" is "in_voltage0-voltage1" in the kernel's files. */
bool iio_file_of_channel(const char *channel, const char *end, char file[SYSFS_NAME_BYTES]);

#endif
