/* SPDX-License-Identifier: Apache-2.0 */
/*
 * feature_extremes.c - the least and the greatest of a window.
 *
 * Of a sliding window a queue is kept of the values that may yet become the greatest: one that is followed by a greater one never
 * will. So a new value removes those that it exceeds from the end, and the greatest is at the front; each value comes and goes
 * once. The least is the greatest of the values with their sign turned.
 */
#include <math.h>

#include "pipelines/feature_private.h"

void feature_peaks_init(struct feature_peaks *p, size_t room, struct arena *a)
{
	*p = (struct feature_peaks){ .room = room };
	if (room > 0) {
		p->values = arena_alloc(a, room * sizeof(*p->values));
		p->serials = arena_alloc(a, room * sizeof(*p->serials));
	}
}

static size_t place(const struct feature_peaks *p, size_t i)
{
	size_t at = p->head + i;

	return at < p->room ? at : at - p->room;
}

void feature_peaks_add(struct feature_peaks *p, double x)
{
	p->newest++;
	if (!p->values) {
		p->greatest = x > p->greatest ? x : p->greatest;
		return;
	}
	while (p->n > 0 && p->values[place(p, p->n - 1)] <= x)
		p->n--;
	p->values[place(p, p->n)] = x;
	p->serials[place(p, p->n)] = p->newest;
	p->n++;
}

void feature_peaks_drop(struct feature_peaks *p, size_t n)
{
	if (p->n > 0 && p->serials[p->head] == p->newest - (uint32_t)(n - 1)) {
		p->head = place(p, 1);
		p->n--;
	}
}

void feature_peaks_clear(struct feature_peaks *p)
{
	p->head = p->n = 0;
	p->greatest = -INFINITY;
}

double feature_peaks_greatest(const struct feature_peaks *p)
{
	return p->values ? p->values[p->head] : p->greatest;
}

struct extremes {
	bool wants_least, wants_greatest;
	struct feature_peaks least, greatest; /* of -x, of x */
};

static void extremes_setup(struct feature *f, size_t room, const struct feature_options *o, struct arena *a)
{
	struct extremes *e = f->state = arena_alloc(a, sizeof(*e));

	e->wants_least = o->what != FEATURE_MAX;
	e->wants_greatest = o->what != FEATURE_MIN;
	feature_peaks_init(&e->least, e->wants_least ? room : 0, a);
	feature_peaks_init(&e->greatest, e->wants_greatest ? room : 0, a);
}

static void extremes_add(struct feature *f, size_t slot, double x)
{
	struct extremes *e = f->state;

	(void)slot;
	if (e->wants_least)
		feature_peaks_add(&e->least, -x);
	if (e->wants_greatest)
		feature_peaks_add(&e->greatest, x);
}

static void extremes_drop(struct feature *f, size_t slot)
{
	struct extremes *e = f->state;

	(void)slot;
	if (e->wants_least)
		feature_peaks_drop(&e->least, f->n);
	if (e->wants_greatest)
		feature_peaks_drop(&e->greatest, f->n);
}

static void extremes_clear(struct feature *f)
{
	struct extremes *e = f->state;

	feature_peaks_clear(&e->least);
	feature_peaks_clear(&e->greatest);
}

static double extremes_value(struct feature *f)
{
	const struct extremes *e = f->state;

	if (!e->wants_greatest)
		return -feature_peaks_greatest(&e->least);
	if (!e->wants_least)
		return feature_peaks_greatest(&e->greatest);
	return feature_peaks_greatest(&e->greatest) + feature_peaks_greatest(&e->least);
}

const struct feature_machine feature_extremes = {
	.setup = extremes_setup,
	.add = extremes_add,
	.drop = extremes_drop,
	.clear = extremes_clear,
	.value = extremes_value,
};
