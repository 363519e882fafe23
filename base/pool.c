/* SPDX-License-Identifier: Apache-2.0 */
#include "base/pool.h"

#include <limits.h>
#include <string.h>

enum { STEP = 16, SMALL_MAX = 512, SMALL_CLASSES = SMALL_MAX / STEP };

struct pool_block {
	struct pool_block *next;
};

void pool_init(struct pool *p, void *memory, size_t bytes)
{
	*p = (struct pool){ .memory = memory, .bytes = bytes - bytes % STEP };
}

/* Classes from SMALL_CLASSES on: 1 KiB, 2 KiB, ... */
static unsigned class_of(size_t bytes)
{
	if (bytes <= SMALL_MAX)
		return bytes == 0 ? 0 : (unsigned)((bytes - 1) / STEP);
	return SMALL_CLASSES + (unsigned)(sizeof(unsigned long) * CHAR_BIT) - (unsigned)__builtin_clzl(bytes - 1) - 10;
}

static size_t class_bytes(unsigned class)
{
	return class < SMALL_CLASSES ? (class + 1) * (size_t)STEP : (size_t)SMALL_MAX << (class - SMALL_CLASSES + 1);
}

static void *take(struct pool *p, unsigned class)
{
	struct pool_block *block = p->free[class];
	size_t bytes = class_bytes(class);

	if (block) {
		p->free[class] = block->next;
		return block;
	}
	if (bytes > p->bytes - p->used)
		return NULL;
	p->used += bytes;
	return p->memory + p->used - bytes;
}

static void give_back(struct pool *p, void *memory, unsigned class)
{
	struct pool_block *block = memory;

	block->next = p->free[class];
	p->free[class] = block;
}

void *pool_resize(struct pool *p, void *old, size_t old_bytes, size_t bytes)
{
	unsigned from = class_of(old_bytes), to = class_of(bytes);
	void *new;

	if (bytes == 0) {
		if (old)
			give_back(p, old, from);
		return NULL;
	}
	if (bytes > p->bytes)
		return NULL;
	if (old && from == to)
		return old;
	new = take(p, to);
	if (!new)
		return old && bytes < old_bytes ? old : NULL;
	if (old) {
		memcpy(new, old, old_bytes < bytes ? old_bytes : bytes);
		give_back(p, old, from);
	}
	return new;
}
