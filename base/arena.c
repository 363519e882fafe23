/* SPDX-License-Identifier: Apache-2.0 */
/*
 * arena.c - blocks of zeroed memory, filled from the front and freed all at once.
 *
 * Running out of memory while starting ends the program: there is no smaller config to fall back to, and an agent
 * that starts halfway would measure something else than it was asked to. systemd starts it again.
 * Requests larger than a quarter of a block get a block of their own behind the newest one, so that a large table
 * never wastes what is left of the block in use.
 */
#include "base/arena.h"

#include <stdalign.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { FIRST_BLOCK_BYTES = 1024, BLOCK_BYTES = 16 * 1024, ALIGN = alignof(max_align_t) };

struct arena_block {
	struct arena_block *next;
	alignas(max_align_t) char data[];
};

static void die_without_memory(size_t bytes)
{
	fprintf(stderr, "out of memory: %zu bytes\n", bytes);
	abort();
}

static struct arena_block *new_block(size_t bytes)
{
	struct arena_block *b = calloc(1, sizeof(*b) + bytes);

	if (!b)
		die_without_memory(bytes);
	return b;
}

static size_t next_block_bytes(const struct arena *a, size_t at_least)
{
	size_t bytes = a->blocks ? 2 * a->block_bytes : FIRST_BLOCK_BYTES;

	if (bytes > BLOCK_BYTES)
		bytes = BLOCK_BYTES;
	return bytes > at_least ? bytes : at_least;
}

void *arena_alloc(struct arena *a, size_t bytes)
{
	struct arena_block *b;
	void *p;

	if (bytes > PTRDIFF_MAX / 2)
		die_without_memory(bytes);
	bytes = (bytes + !bytes + ALIGN - 1) / ALIGN * ALIGN;
	a->total_bytes += bytes;

	if (bytes > BLOCK_BYTES / 4 && a->blocks) {
		b = new_block(bytes);
		b->next = a->blocks->next;
		a->blocks->next = b;
		return b->data;
	}
	if (!a->blocks || a->used_bytes + bytes > a->block_bytes) {
		a->block_bytes = next_block_bytes(a, bytes);
		b = new_block(a->block_bytes);
		b->next = a->blocks;
		a->blocks = b;
		a->used_bytes = 0;
	}
	p = a->blocks->data + a->used_bytes;
	a->used_bytes += bytes;
	return p;
}

char *arena_strndup(struct arena *a, const char *text, size_t bytes)
{
	char *copy = arena_alloc(a, bytes + 1);

	if (bytes)
		memcpy(copy, text, bytes);
	return copy;
}

char *arena_strdup(struct arena *a, const char *text)
{
	return arena_strndup(a, text, strlen(text));
}

char *arena_printf(struct arena *a, const char *fmt, ...)
{
	va_list args;
	char *text;
	int len;

	va_start(args, fmt);
	len = vsnprintf(NULL, 0, fmt, args);
	va_end(args);
	if (len < 0)
		len = 0;
	text = arena_alloc(a, (size_t)len + 1);
	va_start(args, fmt);
	vsnprintf(text, (size_t)len + 1, fmt, args);
	va_end(args);
	return text;
}

void arena_free(struct arena *a)
{
	while (a->blocks) {
		struct arena_block *next = a->blocks->next;

		free(a->blocks);
		a->blocks = next;
	}
	*a = (struct arena){ 0 };
}
