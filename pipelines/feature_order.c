/* SPDX-License-Identifier: Apache-2.0 */
/* feature_order.c - quantiles of a window, in O(log w) a value (ranked.h). */
#include <math.h>

#include "pipelines/feature_private.h"
#include "pipelines/ranked.h"

struct order {
	double p;
	struct ranked values;
};

static void order_setup(struct feature *f, size_t room, const struct feature_options *o, struct arena *a)
{
	struct order *q = f->state = arena_alloc(a, sizeof(*q));

	q->p = o->what == FEATURE_MEDIAN ? 0.5 : o->p;
	ranked_setup(&q->values, room, a);
}

static void order_add(struct feature *f, size_t slot, double x)
{
	struct order *q = f->state;

	ranked_add(&q->values, slot, x);
}

static void order_drop(struct feature *f, size_t slot)
{
	struct order *q = f->state;

	ranked_drop(&q->values, slot);
}

static void order_clear(struct feature *f)
{
	struct order *q = f->state;

	ranked_clear(&q->values);
}

static double order_value(struct feature *f)
{
	struct order *q = f->state;
	double at = q->p * (double)(f->n - 1), whole = floor(at), share = at - whole, low, high;

	ranked_split(&q->values, (size_t)whole + 1);
	low = ranked_top(&q->values, false);
	if (share == 0.0)
		return low;
	high = ranked_top(&q->values, true);
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
