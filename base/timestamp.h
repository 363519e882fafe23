/* SPDX-License-Identifier: Apache-2.0 */
/* timestamp.h - instants as text: RFC 3339, "YYYY-MM-DD HH:MM:SS[.fff]" (UTC), or Unix seconds with decimals. */
#ifndef RUNNEL_BASE_TIMESTAMP_H
#define RUNNEL_BASE_TIMESTAMP_H

#include <stddef.h>
#include <stdint.h>

#include "base/check.h"
#include "base/swar.h"

/**
 * Unix microseconds of the whole text of @len bytes. Digits beyond microseconds are cut. "T" or a blank between date and time; "Z",
 * "+hh:mm", "-hh:mm" or nothing (UTC) at the end. Years 1970 to 9999. Second 60 is read as the next minute's 0.
 * @return  0, or -EINVAL
 */
NODISCARD int timestamp_parse(const char *text, size_t len, int64_t *out_us);

/**
 * The second in which the text last read by timestamp_parse_next() lies; all-zero: none. Of texts with three digits after the
 * point, which is at an offset of 10 (Unix seconds) or 19 (a date), and nothing or a Z after them.
 */
struct timestamp_second {
	size_t room;		     /* length of the text and one; 0: none */
	size_t point;		     /* offset */
	uint64_t begin, middle, end; /* the text up to the point, overlapping */
	size_t zone_at;
	char zone; /* 'Z'; without one: the first character again */
	int64_t at_us;
};

/** timestamp_parse(), and remember the second. */
NODISCARD int timestamp_parse_second(struct timestamp_second *s, const char *text, size_t len, int64_t *out_us);

/**
 * timestamp_parse() for one text after the other: in a fast recording most rows lie in the same second as the row before,
 * and three digits are all that is new.
 * @return  0, or -EINVAL
 */
NODISCARD static inline int timestamp_parse_next(struct timestamp_second *s, const char *text, size_t len,
						 int64_t *out_us)
{
	uint32_t digits;

	if (len + 1 != s->room || swar_load8(text) != s->begin || swar_load8(text + s->point / 2 - 4) != s->middle ||
	    swar_load8(text + s->point - 7) != s->end || text[s->zone_at] != s->zone)
		return timestamp_parse_second(s, text, len, out_us);

	digits = (uint32_t)(swar_load_last(text + s->point, 4) >> 40) ^ 0x303030;
	if (((digits + 0x767676) | digits) & 0x808080)
		return timestamp_parse_second(s, text, len, out_us);
	*out_us = s->at_us + ((digits & 0xFF) * 100 + (digits >> 8 & 0xFF) * 10 + (digits >> 16)) * 1000;
	return 0;
}

/** "2025-11-21T04:40:12.250Z" (milliseconds, cut). @buf of at least 32 bytes; returns @buf. */
const char *timestamp_format(int64_t unix_us, char *buf, size_t buf_bytes);

#endif
