/* SPDX-License-Identifier: Apache-2.0 */
/*
 * feature_order.c - quantiles of a window that slides, in O(log w) a value.
 *
 * The lower values are in a heap whose top is their greatest, the upper ones in one whose top is their least. A value goes to the
 * side where it belongs; each knows its place in its heap, so the oldest can leave from the middle. Only when the quantile is asked
 * for are the sides made as long as p wants them, which after a change of one value is a move or two.
 */
#include <math.h>

#include "pipelines/feature_private.h"

struct heap {
	uint32_t *slots; /* of the ring; [0] is the top */
	uint32_t n;
	double sign; /* the top is the least of sign * value */
};

struct order {
	double p;
	double *values;	      /* by slot */
	uint32_t *places;     /* by slot: in its heap */
	bool *is_upper;	      /* by slot: in which */
	struct heap sides[2]; /* lower, upper */
};

static void order_setup(struct feature *f, size_t room, const struct feature_options *o, struct arena *a)
{
	struct order *q = f->state = arena_alloc(a, sizeof(*q));

	q->p = o->what == FEATURE_MEDIAN ? 0.5 : o->p;
	q->values = arena_alloc(a, room * sizeof(*q->values));
	q->places = arena_alloc(a, room * sizeof(*q->places));
	q->is_upper = arena_alloc(a, room * sizeof(*q->is_upper));
	for (int i = 0; i < 2; i++) {
		q->sides[i].slots = arena_alloc(a, room * sizeof(uint32_t));
		q->sides[i].sign = i == 0 ? -1.0 : 1.0;
	}
}

static void set(struct order *q, struct heap *h, uint32_t place, uint32_t slot)
{
	h->slots[place] = slot;
	q->places[slot] = place;
}

/* Both carry @slot from the free @place to where it belongs, without writing it on the way. */
static void sift_up(struct order *q, struct heap *h, uint32_t place, uint32_t slot)
{
	double key = h->sign * q->values[slot];

	while (place > 0) {
		uint32_t parent = (place - 1) / 2;

		if (h->sign * q->values[h->slots[parent]] <= key)
			break;
		set(q, h, place, h->slots[parent]);
		place = parent;
	}
	set(q, h, place, slot);
}

static void sift_down(struct order *q, struct heap *h, uint32_t place, uint32_t slot)
{
	double key = h->sign * q->values[slot];

	for (;;) {
		uint32_t child = 2 * place + 1;
		double least;

		if (child >= h->n)
			break;
		least = h->sign * q->values[h->slots[child]];
		if (child + 1 < h->n) {
			double other = h->sign * q->values[h->slots[child + 1]];

			child += other < least;
			least = other < least ? other : least;
		}
		if (key <= least)
			break;
		set(q, h, place, h->slots[child]);
		place = child;
	}
	set(q, h, place, slot);
}

static void insert(struct order *q, bool is_upper, uint32_t slot)
{
	struct heap *h = &q->sides[is_upper];

	q->is_upper[slot] = is_upper;
	sift_up(q, h, h->n++, slot);
}

static void take_out(struct order *q, uint32_t slot)
{
	struct heap *h = &q->sides[q->is_upper[slot]];
	uint32_t place = q->places[slot], last = h->slots[--h->n];

	if (last == slot)
		return;
	if (place > 0 && h->sign * q->values[last] < h->sign * q->values[h->slots[(place - 1) / 2]])
		sift_up(q, h, place, last);
	else
		sift_down(q, h, place, last);
}

static double top(const struct order *q, bool is_upper)
{
	return q->values[q->sides[is_upper].slots[0]];
}

static void order_add(struct feature *f, size_t slot, double x)
{
	struct order *q = f->state;
	bool is_upper = q->sides[0].n > 0 ? x > top(q, false) : q->sides[1].n > 0 && x >= top(q, true);

	q->values[slot] = x;
	insert(q, is_upper, (uint32_t)slot);
}

static void order_drop(struct feature *f, size_t slot)
{
	take_out(f->state, (uint32_t)slot);
}

static void order_clear(struct feature *f)
{
	struct order *q = f->state;

	q->sides[0].n = q->sides[1].n = 0;
}

static void move_top(struct order *q, bool to_upper)
{
	uint32_t slot = q->sides[!to_upper].slots[0];

	take_out(q, slot);
	insert(q, to_upper, slot);
}

static double order_value(struct feature *f)
{
	struct order *q = f->state;
	double at = q->p * (double)(f->n - 1), whole = floor(at), share = at - whole, low, high;
	uint32_t n_lower = (uint32_t)whole + 1;

	while (q->sides[0].n > n_lower)
		move_top(q, true);
	while (q->sides[0].n < n_lower)
		move_top(q, false);

	low = top(q, false);
	if (share == 0.0)
		return low;
	high = top(q, true);
	return low == high ? low : low * (1.0 - share) + high * share; /* the difference could overflow */
}

const struct feature_machine feature_order = {
	.keeps = true,
	.setup = order_setup,
	.add = order_add,
	.drop = order_drop,
	.clear = order_clear,
	.value = order_value,
};
