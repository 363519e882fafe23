/* SPDX-License-Identifier: Apache-2.0 */
/*
 * feature_counts.c - what is counted: values, time, changes of sign, values in bins. Whole numbers, so that what leaves can be
 * taken away again.
 */
#include <math.h>
#include <string.h>

#include "pipelines/feature_private.h"
#include "pipelines/plain_math.h"
#include "pipelines/series.h"

/* --- n, duration: the ring knows --- */

static void counts_setup(struct feature *f, size_t room, const struct feature_options *o, struct arena *a)
{
	(void)f;
	(void)room;
	(void)o;
	(void)a;
}

static void counts_add(struct feature *f, size_t slot, double x)
{
	(void)f;
	(void)slot;
	(void)x;
}

static void counts_clear(struct feature *f)
{
	(void)f;
}

static double counts_value(struct feature *f)
{
	int64_t oldest_us = f->times ? feature_oldest_us(f) : f->first_us;

	if (f->what == FEATURE_N)
		return (double)f->n;
	return f->newest_us > oldest_us ? 1e-6 * (double)series_distance_us(f->newest_us, oldest_us) : 0.0;
}

const struct feature_machine feature_counts = {
	.setup = counts_setup,
	.add = counts_add,
	.clear = counts_clear,
	.value = counts_value,
};

/*
 * zero_crossings: a zero has the sign of the value before it, where the window slides even of one that has left; before the first
 * value of all it counts as positive.
 */

struct crossings {
	size_t n;
	bool was_negative;
	bool *negative; /* of each value that is kept */
};

static void crossings_setup(struct feature *f, size_t room, const struct feature_options *o, struct arena *a)
{
	struct crossings *c = f->state = arena_alloc(a, sizeof(*c));

	(void)o;
	c->negative = room > 0 ? arena_alloc(a, room * sizeof(bool)) : NULL;
}

static void crossings_add(struct feature *f, size_t slot, double x)
{
	struct crossings *c = f->state;
	bool is_negative = x == 0.0 ? c->was_negative : x < 0.0;

	c->n += f->n > 0 && is_negative != c->was_negative;
	c->was_negative = is_negative;
	if (c->negative)
		c->negative[slot] = is_negative;
}

static void crossings_drop(struct feature *f, size_t slot)
{
	struct crossings *c = f->state;

	c->n -= f->n > 1 && c->negative[slot] != c->negative[feature_slot(f, 1)];
}

static void crossings_clear(struct feature *f)
{
	struct crossings *c = f->state;

	c->n = 0;
	c->was_negative = false;
}

static double crossings_value(struct feature *f)
{
	const struct crossings *c = f->state;

	return (double)c->n;
}

const struct feature_machine feature_crossings = {
	.setup = crossings_setup,
	.add = crossings_add,
	.drop = crossings_drop,
	.clear = crossings_clear,
	.value = crossings_value,
};

/* --- entropy: of the shares of the bins, in bits --- */

struct entropy {
	double low, per_width, bins;
	uint8_t *bin_of; /* of each value that is kept */
	uint64_t counts[FEATURE_BINS_MAX];
};

static void entropy_setup(struct feature *f, size_t room, const struct feature_options *o, struct arena *a)
{
	struct entropy *e = f->state = arena_alloc(a, sizeof(*e));

	e->low = o->low;
	e->bins = (double)o->bins;
	e->per_width = e->bins / (o->high - o->low);
	e->bin_of = room > 0 ? arena_alloc(a, room) : NULL;
}

static void entropy_add(struct feature *f, size_t slot, double x)
{
	struct entropy *e = f->state;
	double at = (x - e->low) * e->per_width;
	uint8_t bin = (uint8_t)(at < 0.0 ? 0.0 : at < e->bins ? at : e->bins - 1.0);

	e->counts[bin]++;
	if (e->bin_of)
		e->bin_of[slot] = bin;
}

static void entropy_drop(struct feature *f, size_t slot)
{
	struct entropy *e = f->state;

	e->counts[e->bin_of[slot]]--;
}

static void entropy_clear(struct feature *f)
{
	struct entropy *e = f->state;

	memset(e->counts, 0, sizeof(e->counts));
}

static double entropy_value(struct feature *f)
{
	const struct entropy *e = f->state;
	double sum = 0.0, n = (double)f->n;

	for (size_t i = 0; i < (size_t)e->bins; i++) {
		double c = (double)e->counts[i];

		if (c > 0.0)
			sum += c * plain_log2(n / c);
	}
	return sum / n;
}

const struct feature_machine feature_entropy = {
	.setup = entropy_setup,
	.add = entropy_add,
	.drop = entropy_drop,
	.clear = entropy_clear,
	.value = entropy_value,
};
