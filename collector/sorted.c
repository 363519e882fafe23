/* SPDX-License-Identifier: Apache-2.0 */
#include "collector/sorted.h"

#include <assert.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

void *sorted_alloc(size_t bytes)
{
	void *p = calloc(1, bytes ? bytes : 1);

	if (!p) {
		fprintf(stderr, "out of memory: %zu bytes\n", bytes);
		abort();
	}
	return p;
}

void *sorted_at(const struct sorted *s, size_t i)
{
	assert(i < s->n);
	return s->items + i * s->item_bytes;
}

size_t sorted_lower_bound(const struct sorted *s, const void *key)
{
	size_t lo = 0, hi = s->n;

	while (lo < hi) {
		size_t mid = lo + (hi - lo) / 2;

		if (s->compare(s->items + mid * s->item_bytes, key) < 0)
			lo = mid + 1;
		else
			hi = mid;
	}
	return lo;
}

void *sorted_find(const struct sorted *s, const void *key)
{
	size_t i = sorted_lower_bound(s, key);

	return i < s->n && s->compare(sorted_at(s, i), key) == 0 ? sorted_at(s, i) : NULL;
}

static void grow(struct sorted *s)
{
	size_t cap = s->cap ? s->cap * 2 : 8;
	char *items;

	if (s->n < s->cap)
		return;
	items = cap <= PTRDIFF_MAX / s->item_bytes ? realloc(s->items, cap * s->item_bytes) : NULL;
	if (!items) {
		fprintf(stderr, "out of memory: %zu items\n", cap);
		abort();
	}
	s->items = items;
	s->cap = cap;
}

void *sorted_insert(struct sorted *s, const void *item)
{
	size_t i = sorted_lower_bound(s, item);
	char *slot;

	assert(i == s->n || s->compare(sorted_at(s, i), item) != 0);
	grow(s);
	slot = s->items + i * s->item_bytes;
	memmove(slot + s->item_bytes, slot, (s->n - i) * s->item_bytes);
	memcpy(slot, item, s->item_bytes);
	s->n++;
	return slot;
}

void sorted_remove(struct sorted *s, size_t i)
{
	char *slot = sorted_at(s, i);

	memmove(slot, slot + s->item_bytes, (s->n - i - 1) * s->item_bytes);
	s->n--;
}

void sorted_free(struct sorted *s)
{
	free(s->items);
	s->items = NULL;
	s->n = s->cap = 0;
}

int sorted_compare_uint64(const void *a, const void *b)
{
	uint64_t x = *(const uint64_t *)a, y = *(const uint64_t *)b;

	return (x > y) - (x < y);
}
