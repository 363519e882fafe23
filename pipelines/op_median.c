/* SPDX-License-Identifier: Apache-2.0 */
/*
 * median - the middle of the last `size` values: single spikes vanish, edges stay sharp.
 *
 * The window is kept twice, in order of arrival and sorted. A new value replaces the oldest one in the sorted array
 * by two binary searches and one move of what lies between their places, so a signal that changes little moves
 * little; at 1001 values the move is at most 8 KB, which costs less than the pointers of a tree or two heaps would.
 *
 * While the window fills it is the median of what is there. An even number of values gives the mean of the two
 * middle ones; of a state it gives the lower one, so that a state stays 0 or 1. Gaps take no place in the window.
 */
#include <math.h>
#include <string.h>

#include "base/check.h"
#include "pipelines/op.h"
#include "pipelines/series.h"

enum { MEDIAN_MAX = 1001 };

struct median {
	int64_t size;
	double *arrival; /* ring; once full, @next is the oldest */
	double *sorted;	 /* @n values, ascending */
	size_t n, next;
	bool of_state;
};

static const struct opt options[] = {
	{ "size", OPT_INT, offsetof(struct median, size), .min = 1, .max = MEDIAN_MAX, .required = true,
	  .unit = "samples", .help = "length of the window; odd is better: an even one has no middle value" },
};

static int median_setup(void *state, struct op_setup *s)
{
	struct median *m = state;
	size_t bytes = (size_t)m->size * sizeof(double);

	m->arrival = arena_alloc(s->arena, bytes);
	m->sorted = arena_alloc(s->arena, bytes);
	m->of_state = s->inputs[0].kind == SERIES_STATE;
	return 0;
}

/** How many of @sorted are below @x. Without branches that depend on data, which a random signal would mispredict. */
static size_t count_below(const double *sorted, size_t n, double x)
{
	const double *base = sorted;

	if (n == 0)
		return 0;
	while (n > 1) {
		size_t half = n / 2;

		base += base[half - 1] < x ? half : 0;
		n -= half;
	}
	return (size_t)(base - sorted) + (*base < x);
}

static void insert_sorted(struct median *m, double x)
{
	size_t at = count_below(m->sorted, m->n, x);

	memmove(m->sorted + at + 1, m->sorted + at, (m->n - at) * sizeof(double));
	m->sorted[at] = x;
	m->n++;
}

static void replace_sorted(struct median *m, double old, double x)
{
	double *from = m->sorted + count_below(m->sorted, m->n, old);
	double *to = m->sorted + count_below(m->sorted, m->n, x);

	if (to > from) {
		to--; /* the old value was below, and goes */
		memmove(from, from + 1, (size_t)(to - from) * sizeof(double));
	} else {
		memmove(to + 1, to, (size_t)(from - to) * sizeof(double));
	}
	*to = x;
}

static double middle(const struct median *m)
{
	double lower = m->sorted[(m->n - 1) / 2], upper = m->sorted[m->n / 2];

	if (m->of_state || m->n % 2 == 1)
		return lower;
	return 0.5 * lower + 0.5 * upper; /* halves first: the sum could overflow */
}

static void median_push(void *state, unsigned input, const struct sample *in, const struct emitter *out)
{
	struct median *m = state;

	(void)input;
	if (series_is_gap(in->value)) {
		series_emit(out, in, NAN);
		return;
	}

	if (m->n < (size_t)m->size)
		insert_sorted(m, in->value);
	else
		replace_sorted(m, m->arrival[m->next], in->value);
	m->arrival[m->next] = in->value;
	m->next = m->next + 1 == (size_t)m->size ? 0 : m->next + 1;

	series_emit(out, in, middle(m));
}

const struct op_class op_median = {
	.name = "median",
	.family = OP_CLEANING,
	.help = "middle of the last values, also while the window fills: removes spikes, keeps edges",
	.formula = "y = median of the last `size` values",
	.memory = "16 B a sample of the window",
	.options = { options, ARRAY_LEN(options) },
	.state_size = sizeof(struct median),
	.min_inputs = 1,
	.max_inputs = 1,
	.setup = median_setup,
	.push = median_push,
};
