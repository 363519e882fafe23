/* SPDX-License-Identifier: Apache-2.0 */
/* timestamp.h - instants as text: RFC 3339, "YYYY-MM-DD HH:MM:SS[.fff]" (UTC), or Unix seconds with decimals. */
#ifndef RUNNEL_BASE_TIMESTAMP_H
#define RUNNEL_BASE_TIMESTAMP_H

#include <stddef.h>
#include <stdint.h>

#include "base/check.h"

/**
 * Unix microseconds of the whole text of @len bytes. Digits beyond microseconds are cut. "T" or a blank between date and time; "Z",
 * "+hh:mm", "-hh:mm" or nothing (UTC) at the end. Years 1970 to 9999. Second 60 is read as the next minute's 0.
 * @return  0, or -EINVAL
 */
NODISCARD int timestamp_parse(const char *text, size_t len, int64_t *out_us);

/** "2025-11-21T04:40:12.250Z" (milliseconds, cut). @buf of at least 32 bytes; returns @buf. */
const char *timestamp_format(int64_t unix_us, char *buf, size_t buf_bytes);

#endif
