/* SPDX-License-Identifier: Apache-2.0 */
/*
 * arena.h - memory that lives and dies together: a parsed config, a stream graph.
 * Everything is allocated while starting; nothing is freed one by one.
 */
#ifndef RUNNEL_BASE_ARENA_H
#define RUNNEL_BASE_ARENA_H

#include <stddef.h>

#include "base/check.h"

struct arena_block;

/** All-zero is the empty arena. */
struct arena {
	struct arena_block *blocks;
	size_t used_bytes;  /* in the newest block */
	size_t block_bytes; /* of it; they grow, so that a small arena is small */
	size_t total_bytes; /* handed out so far */
};

/** Zeroed memory, aligned for any type, valid until arena_free(). Aborts the program when memory is exhausted. */
void *arena_alloc(struct arena *a, size_t bytes) __attribute__((malloc, returns_nonnull));
char *arena_strdup(struct arena *a, const char *text) __attribute__((returns_nonnull));
char *arena_strndup(struct arena *a, const char *text, size_t bytes) __attribute__((returns_nonnull));
char *arena_printf(struct arena *a, const char *fmt, ...) PRINTF_LIKE(2, 3) __attribute__((returns_nonnull));
void arena_free(struct arena *a);

#endif
