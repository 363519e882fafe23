/* SPDX-License-Identifier: Apache-2.0 */
#include "base/deadlines.h"

#include <assert.h>
#include <errno.h>
#include <stdlib.h>

int deadlines_add_member(struct deadlines *h)
{
	if (h->n_members == h->cap) {
		size_t cap = h->cap ? 2 * h->cap : 8;
		struct deadline **heap = realloc(h->heap, cap * sizeof(struct deadline *));

		if (!heap)
			return -ENOMEM;
		h->heap = heap;
		h->cap = cap;
	}
	h->n_members++;
	return 0;
}

void deadlines_remove_member(struct deadlines *h)
{
	assert(h->n_members > h->n_set);
	h->n_members--;
}

void deadlines_free(struct deadlines *h)
{
	free(h->heap);
	*h = (struct deadlines){ 0 };
}

struct deadline *deadlines_first(const struct deadlines *h)
{
	return h->n_set > 0 ? h->heap[0] : NULL;
}

static bool is_before(const struct deadline *a, const struct deadline *b)
{
	return a->at_us != b->at_us ? a->at_us < b->at_us : a->serial < b->serial;
}

static void put(struct deadlines *h, size_t i, struct deadline *d)
{
	h->heap[i] = d;
	d->index = i;
}

static void rise(struct deadlines *h, size_t i, struct deadline *d)
{
	while (i > 0 && is_before(d, h->heap[(i - 1) / 2])) {
		put(h, i, h->heap[(i - 1) / 2]);
		i = (i - 1) / 2;
	}
	put(h, i, d);
}

static void sink(struct deadlines *h, size_t i, struct deadline *d)
{
	size_t child;

	while ((child = 2 * i + 1) < h->n_set) {
		if (child + 1 < h->n_set && is_before(h->heap[child + 1], h->heap[child]))
			child++;
		if (!is_before(h->heap[child], d))
			break;
		put(h, i, h->heap[child]);
		i = child;
	}
	put(h, i, d);
}

void deadlines_set(struct deadlines *h, struct deadline *d, int64_t at_us)
{
	deadlines_cancel(h, d);
	assert(h->n_set < h->n_members);
	d->at_us = at_us;
	d->serial = ++h->serial;
	d->is_set = true;
	rise(h, h->n_set++, d);
}

void deadlines_cancel(struct deadlines *h, struct deadline *d)
{
	struct deadline *last;
	size_t i = d->index;

	if (!d->is_set)
		return;
	d->is_set = false;
	last = h->heap[--h->n_set];
	if (last == d)
		return;
	if (i > 0 && is_before(last, h->heap[(i - 1) / 2]))
		rise(h, i, last);
	else
		sink(h, i, last);
}
