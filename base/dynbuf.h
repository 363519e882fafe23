/* SPDX-License-Identifier: Apache-2.0 */
/* dynbuf.h - a growable byte buffer with a mandatory cap, so that no input decides how much memory is used. */
#ifndef RUNNEL_BASE_DYNBUF_H
#define RUNNEL_BASE_DYNBUF_H

#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>

#include "base/check.h"

struct dynbuf {
	char *data; /* NUL-terminated whenever it is not NULL */
	size_t len, cap, max_bytes;
	bool overflow; /* something did not fit and was left out */
};

/** @max_bytes: never holds more. */
void dynbuf_init(struct dynbuf *b, size_t max_bytes);
void dynbuf_free(struct dynbuf *b);

/** Empty it, keep the memory. Also clears @overflow. */
void dynbuf_reset(struct dynbuf *b);

/** Append; when it would not fit, nothing is appended and @overflow is set. */
void dynbuf_add(struct dynbuf *b, const void *data, size_t bytes);
void dynbuf_adds(struct dynbuf *b, const char *text);
void dynbuf_addf(struct dynbuf *b, const char *fmt, ...) PRINTF_LIKE(2, 3);

/** The text so far, "" when empty. Valid until the next change. */
const char *dynbuf_text(const struct dynbuf *b);

#endif
