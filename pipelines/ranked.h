/* SPDX-License-Identifier: Apache-2.0 */
/*
 * ranked.h - values of a window that slides, split into the n least and the rest, in O(log w) a value.
 *
 * The lower values are in a heap whose top is their greatest, the upper ones in one whose top is their least. A value goes to the
 * side where it belongs; each knows its place in its heap, so the oldest can leave from the middle. Only when it is asked for are
 * the sides made as long as they should be, which after a change of one value is a move or two.
 */
#ifndef RUNNEL_PIPELINES_RANKED_H
#define RUNNEL_PIPELINES_RANKED_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/arena.h"

struct ranked_heap {
	uint32_t *slots; /* of the ring; [0] is the top */
	uint32_t n;
	double sign; /* the top is the least of sign * value */
};

struct ranked {
	double *values;		     /* by slot */
	uint32_t *places;	     /* by slot: in its heap */
	bool *is_upper;		     /* by slot: in which */
	struct ranked_heap sides[2]; /* lower, upper */
};

void ranked_setup(struct ranked *q, size_t room, struct arena *a);

/** @slot: a free one below the room. */
void ranked_add(struct ranked *q, size_t slot, double x);
void ranked_drop(struct ranked *q, size_t slot);
void ranked_clear(struct ranked *q);

/** Make the @n_lower least the lower side; there are as many. */
void ranked_split(struct ranked *q, size_t n_lower);

/** The greatest of the lower side, or the least of the upper one; it is not empty. */
static inline double ranked_top(const struct ranked *q, bool is_upper)
{
	return q->values[q->sides[is_upper].slots[0]];
}

#endif
