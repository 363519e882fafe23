/* SPDX-License-Identifier: Apache-2.0 */
/*
 * json.h - writes JSON (RFC 8259) into a bounded buffer, one value after the other: no tree, no allocation
 * beyond the buffer. Commas are placed by the writer. Numbers take the fewest digits that read back as the
 * same double; NaN and infinities become null, as "no value". Strings that are not UTF-8 get U+FFFD.
 */
#ifndef RUNNEL_BASE_JSON_H
#define RUNNEL_BASE_JSON_H

#include <stdbool.h>
#include <stdint.h>

#include "base/dynbuf.h"

/** All-zero but for @out is a writer at the start of a document. */
struct json {
	struct dynbuf *out;
	bool need_comma;
};

/** @key: NULL at top level and inside arrays, else the name of the member. */
void json_object_begin(struct json *j, const char *key);
void json_object_end(struct json *j);
void json_array_begin(struct json *j, const char *key);
void json_array_end(struct json *j);
void json_text(struct json *j, const char *key, const char *value); /* NULL: null */
void json_double(struct json *j, const char *key, double value);
void json_int(struct json *j, const char *key, int64_t value);
void json_uint(struct json *j, const char *key, uint64_t value);
void json_bool(struct json *j, const char *key, bool value);
void json_nothing(struct json *j, const char *key);

/** A value that is JSON already. */
void json_raw(struct json *j, const char *key, const char *value);

#endif
