/* SPDX-License-Identifier: Apache-2.0 */
/*
 * iio_scan.h - how IIO lays out the rows of a buffer, from the files scan_elements/NAME_type and NAME_index of a device, as the kernel's
 * Documentation/ABI/testing/sysfs-bus-iio has it. Pure: no file is read here.
 *
 * An element stands at a multiple of its own size, in the order of the indices, and a row is as long as a multiple of its largest.
 */
#ifndef RUNNEL_DRIVERS_IIO_SCAN_H
#define RUNNEL_DRIVERS_IIO_SCAN_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/check.h"

enum { IIO_SCAN_MAX = 65 }; /* channels of a sensor and the time */

/** "le:s12/16>>4": a signed number of 12 bits, which are those from 4 on in 16 bits that begin with the lowest. */
struct iio_element {
	bool is_big_endian, is_signed;
	uint8_t bits, bytes, shift; /* bytes: 1, 2, 4 or 8 */
	unsigned index;		    /* place among the elements of a row */
	size_t offset;		    /* in the row, by iio_scan_lay_out() */
};

/** @text: as in the file, with or without a line end. Sets all but index and offset. @return 0, or -EINVAL: no such type, or repeated */
NODISCARD int iio_scan_parse(const char *text, struct iio_element *out);

/** Sets the offsets. @return bytes of a row; 0: no elements, or two with one index */
size_t iio_scan_lay_out(struct iio_element elements[], size_t n);

/** The number in a row, exact up to 53 bits. */
double iio_scan_value(const struct iio_element *e, const uint8_t row[]);

/** As iio_scan_value(), for times: 64 bits do not fit a double. */
int64_t iio_scan_integer(const struct iio_element *e, const uint8_t row[]);

#endif
