/* SPDX-License-Identifier: Apache-2.0 */
/*
 * sorted_window.h - the last `size` values, in order of arrival and sorted.
 *
 * A new value replaces the oldest one in the sorted array by two binary searches and one move of what lies between their
 * places, so a signal that changes little moves little; at 1001 values the move is at most 8 KB.
 */
#ifndef RUNNEL_PIPELINES_SORTED_WINDOW_H
#define RUNNEL_PIPELINES_SORTED_WINDOW_H

#include <stddef.h>
#include <string.h>

#include "base/arena.h"

enum { SORTED_WINDOW_FEW = 48 };

struct sorted_window {
	double *arrival; /* ring; once full, @next is the oldest */
	double *sorted;	 /* @n values, ascending */
	size_t n, next, size;
};

static inline void sorted_window_setup(struct sorted_window *w, size_t size, struct arena *a)
{
	w->size = size;
	w->arrival = arena_alloc(a, size * sizeof(double));
	w->sorted = arena_alloc(a, size * sizeof(double));
}

/** How many of @sorted are below @x. Of many by a mask, and no branch that a random signal would mispredict; of few that costs more. */
static inline size_t sorted_window_count_below(const double *sorted, size_t n, double x)
{
	const double *base = sorted;

	if (n == 0)
		return 0;
	if (n <= SORTED_WINDOW_FEW) {
		for (; n > 1; n -= n / 2)
			base += base[n / 2 - 1] < x ? n / 2 : 0;
	} else {
		for (; n > 1; n -= n / 2)
			base += n / 2 & -(size_t)(base[n / 2 - 1] < x);
	}
	return (size_t)(base - sorted) + (*base < x);
}

static inline void sorted_window_insert(struct sorted_window *w, double x)
{
	size_t at = sorted_window_count_below(w->sorted, w->n, x);

	memmove(w->sorted + at + 1, w->sorted + at, (w->n - at) * sizeof(double));
	w->sorted[at] = x;
	w->n++;
}

static inline void sorted_window_replace(struct sorted_window *w, double old, double x)
{
	double *from = w->sorted + sorted_window_count_below(w->sorted, w->n, old);
	double *to = w->sorted + sorted_window_count_below(w->sorted, w->n, x);

	if (to > from) {
		to--; /* the old value was below, and goes */
		memmove(from, from + 1, (size_t)(to - from) * sizeof(double));
	} else {
		memmove(to + 1, to, (size_t)(from - to) * sizeof(double));
	}
	*to = x;
}

/** @x is no gap. */
static inline void sorted_window_add(struct sorted_window *w, double x)
{
	if (w->n < w->size)
		sorted_window_insert(w, x);
	else
		sorted_window_replace(w, w->arrival[w->next], x);
	w->arrival[w->next] = x;
	w->next = w->next + 1 == w->size ? 0 : w->next + 1;
}

#endif
