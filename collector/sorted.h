/* SPDX-License-Identifier: Apache-2.0 */
/*
 * sorted.h - a growing array kept in order of its keys: found by bisection, walked in an order that does not depend on the order
 * in which things came. Inserting moves what is behind, which for the sizes here (thousands of small items, mostly
 * added at the end) costs less than the cache misses of a tree.
 */
#ifndef RUNNEL_COLLECTOR_SORTED_H
#define RUNNEL_COLLECTOR_SORTED_H

#include <stddef.h>

/** All-zero but for @item_bytes and @compare is empty. Pointers to items are good until the next insert or remove. */
struct sorted {
	size_t n, cap, item_bytes;
	int (*compare)(const void *a, const void *b);
	char *items;
};

void *sorted_at(const struct sorted *s, size_t i);

/** Index of the first item that is not before @key. */
size_t sorted_lower_bound(const struct sorted *s, const void *key);

/** The item equal to @key, or NULL. */
void *sorted_find(const struct sorted *s, const void *key);

/** Add a copy of @item, which must not be there yet. Aborts the program when memory is exhausted. */
void *sorted_insert(struct sorted *s, const void *item);

void sorted_remove(struct sorted *s, size_t i);

/** Zeroed memory to be freed by free(). Aborts the program when it is exhausted: the caps of fleet.h are there for that not to happen. */
void *sorted_alloc(size_t bytes) __attribute__((malloc, returns_nonnull));

/** For items that are a uint64_t. */
int sorted_compare_uint64(const void *a, const void *b);

void sorted_free(struct sorted *s);

#endif
