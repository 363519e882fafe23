/* SPDX-License-Identifier: Apache-2.0 */
/*
 * dynbuf.c - doubles its memory up to the cap. What does not fit is left out as a whole and remembered in
 * `overflow`, so the writer of a long document checks once, at its end. No memory left counts as "does not fit".
 */
#include "base/dynbuf.h"

#include <assert.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { FIRST_BYTES = 256 };

void dynbuf_init(struct dynbuf *b, size_t max_bytes)
{
	assert(max_bytes < SIZE_MAX / 2);
	*b = (struct dynbuf){ .max_bytes = max_bytes };
}

void dynbuf_free(struct dynbuf *b)
{
	free(b->data);
	*b = (struct dynbuf){ .max_bytes = b->max_bytes };
}

void dynbuf_reset(struct dynbuf *b)
{
	b->len = 0;
	b->overflow = false;
	if (b->data)
		b->data[0] = '\0';
}

/* Make room for @bytes more and the NUL. */
static bool reserve(struct dynbuf *b, size_t bytes)
{
	size_t need, cap = b->cap ? b->cap : FIRST_BYTES;
	char *data;

	if (bytes > b->max_bytes - b->len) {
		b->overflow = true;
		return false;
	}
	need = b->len + bytes + 1;
	if (need <= b->cap)
		return true;
	while (cap < need)
		cap *= 2;
	if (cap > b->max_bytes + 1)
		cap = b->max_bytes + 1;
	data = realloc(b->data, cap);
	if (!data) {
		b->overflow = true;
		return false;
	}
	b->data = data;
	b->cap = cap;
	return true;
}

void dynbuf_add(struct dynbuf *b, const void *data, size_t bytes)
{
	if (b->cap - b->len <= bytes && !reserve(b, bytes)) /* cap is at most max_bytes + 1 */
		return;
	if (bytes)
		memcpy(b->data + b->len, data, bytes);
	b->len += bytes;
	b->data[b->len] = '\0';
}

void dynbuf_adds(struct dynbuf *b, const char *text)
{
	dynbuf_add(b, text, strlen(text));
}

void dynbuf_addf(struct dynbuf *b, const char *fmt, ...)
{
	va_list args;
	int len;

	va_start(args, fmt);
	len = vsnprintf(NULL, 0, fmt, args);
	va_end(args);
	if (len < 0) {
		b->overflow = true;
		return;
	}
	if (!reserve(b, (size_t)len))
		return;
	va_start(args, fmt);
	vsnprintf(b->data + b->len, (size_t)len + 1, fmt, args);
	va_end(args);
	b->len += (size_t)len;
}

const char *dynbuf_text(const struct dynbuf *b)
{
	return b->data ? b->data : "";
}
