/* SPDX-License-Identifier: Apache-2.0 */
/*
 * pool.h - a heap inside one fixed piece of memory, for a guest that must not take more. Blocks of up to 512 bytes come in steps of
 * 16, larger ones in powers of two; what is freed waits for the next of its size. Nothing is ever given back, and what fits depends
 * on the sequence of calls alone.
 */
#ifndef RUNNEL_BASE_POOL_H
#define RUNNEL_BASE_POOL_H

#include <stddef.h>

enum { POOL_CLASSES = 64 };

struct pool {
	char *memory;
	size_t bytes, used; /* used: handed out for the first time */
	struct pool_block *free[POOL_CLASSES];
};

/** @memory is aligned for any type and outlives the pool. */
void pool_init(struct pool *p, void *memory, size_t bytes);

/**
 * realloc() whose caller knows the size so far: @old NULL is a new block, @bytes 0 frees it.
 * @return  NULL when there is no room (@old stays as it is), or when it was freed
 */
void *pool_resize(struct pool *p, void *old, size_t old_bytes, size_t bytes);

#endif
