/* SPDX-License-Identifier: Apache-2.0 */
/*
 * text.h - small parsers and helpers for words, numbers, sizes and durations as people write them.
 * Parsers return 0 or -EINVAL / -ERANGE and leave the output untouched on error.
 */
#ifndef RUNNEL_BASE_TEXT_H
#define RUNNEL_BASE_TEXT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/check.h"

/** A finite decimal number, the whole text, independent of the locale. */
NODISCARD int text_to_double(const char *text, double *out);

/** Decimal or 0x hexadecimal. A leading zero (017) is refused: YAML 1.1 means octal by it, people mean seventeen. */
NODISCARD int text_to_int64(const char *text, int64_t *out);

/** yes/no, true/false, on/off in any case (YAML 1.1). */
NODISCARD int text_to_bool(const char *text, bool *out);

/** `250us 10ms 1.5s 1m 2h 1d`, to microseconds. A bare number other than 0 is an error: the unit is part of the value. */
NODISCARD int text_to_duration_us(const char *text, int64_t *out_us);

/** `512`, `64KiB`, `1MiB`, `2GiB`, to bytes. */
NODISCARD int text_to_bytes(const char *text, int64_t *out_bytes);

/** The shortest way to write a duration, e.g. "1m", "90s", "250ms". @buf of at least 32 bytes; returns @buf. */
const char *text_from_duration(int64_t us, char *buf, size_t buf_bytes);

/** `64MiB`, `1500`. @buf of at least 32 bytes; returns @buf. */
const char *text_from_bytes(int64_t bytes, char *buf, size_t buf_bytes);

/**
 * The fewest significant digits (15 to 17, trailing zeros cut; subnormals from 1) that read back as @x, independent of
 * the locale. Whole numbers below 2^53 are written without exponent. @buf of at least 32 bytes; returns @buf.
 */
const char *text_from_double(double x, char *buf, size_t buf_bytes);

/**
 * The candidate nearest to @word, or NULL when none is near enough to be meant (Damerau-Levenshtein
 * distance at most a third of the longer word, at least 1).
 */
const char *text_nearest(const char *word, const char *const candidates[], size_t n);

/** [A-Za-z0-9][A-Za-z0-9_.-]{0,63}: names of devices and sites. */
bool text_is_device_name(const char *text);

/** [A-Za-z_][A-Za-z0-9_]{0,63}: names of sensors, streams, channels and KPIs. */
bool text_is_identifier(const char *text);

/**
 * The decimal digits of @n, at least @min_digits (1 to 20) of them, written backwards from @end, without a NUL.
 * @return where they begin, at most 20 bytes before @end
 */
char *text_put_digits(uint64_t n, int min_digits, char *end);

/** Bytes of the UTF-8 sequence (RFC 3629) at @text, which ends at @len; 0 when it is none. */
size_t text_utf8_length(const char *text, size_t len);

/** Replace control characters by '?', in place, so that foreign text cannot steer a terminal. Returns @text. */
char *text_make_printable(char *text);

#endif
