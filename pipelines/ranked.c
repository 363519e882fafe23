/* SPDX-License-Identifier: Apache-2.0 */
#include "pipelines/ranked.h"

void ranked_setup(struct ranked *q, size_t room, struct arena *a)
{
	q->values = arena_alloc(a, room * sizeof(*q->values));
	q->places = arena_alloc(a, room * sizeof(*q->places));
	q->is_upper = arena_alloc(a, room * sizeof(*q->is_upper));
	for (int i = 0; i < 2; i++) {
		q->sides[i].slots = arena_alloc(a, room * sizeof(uint32_t));
		q->sides[i].sign = i == 0 ? -1.0 : 1.0;
	}
}

static void set(struct ranked *q, struct ranked_heap *h, uint32_t place, uint32_t slot)
{
	h->slots[place] = slot;
	q->places[slot] = place;
}

/* Both carry @slot from the free @place to where it belongs, without writing it on the way. */
static void sift_up(struct ranked *q, struct ranked_heap *h, uint32_t place, uint32_t slot)
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

static void sift_down(struct ranked *q, struct ranked_heap *h, uint32_t place, uint32_t slot)
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

static void insert(struct ranked *q, bool is_upper, uint32_t slot)
{
	struct ranked_heap *h = &q->sides[is_upper];

	q->is_upper[slot] = is_upper;
	sift_up(q, h, h->n++, slot);
}

static void take_out(struct ranked *q, uint32_t slot)
{
	struct ranked_heap *h = &q->sides[q->is_upper[slot]];
	uint32_t place = q->places[slot], last = h->slots[--h->n];

	if (last == slot)
		return;
	if (place > 0 && h->sign * q->values[last] < h->sign * q->values[h->slots[(place - 1) / 2]])
		sift_up(q, h, place, last);
	else
		sift_down(q, h, place, last);
}

void ranked_add(struct ranked *q, size_t slot, double x)
{
	bool is_upper = q->sides[0].n > 0 ? x > ranked_top(q, false) : q->sides[1].n > 0 && x >= ranked_top(q, true);

	q->values[slot] = x;
	insert(q, is_upper, (uint32_t)slot);
}

void ranked_drop(struct ranked *q, size_t slot)
{
	take_out(q, (uint32_t)slot);
}

void ranked_clear(struct ranked *q)
{
	q->sides[0].n = q->sides[1].n = 0;
}

static void move_top(struct ranked *q, bool to_upper)
{
	uint32_t slot = q->sides[!to_upper].slots[0];

	take_out(q, slot);
	insert(q, to_upper, slot);
}

void ranked_split(struct ranked *q, size_t n_lower)
{
	while (q->sides[0].n > n_lower)
		move_top(q, true);
	while (q->sides[0].n < n_lower)
		move_top(q, false);
}
