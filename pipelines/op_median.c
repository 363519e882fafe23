/* SPDX-License-Identifier: Apache-2.0 */
/*
 * median - the middle of the last `size` values: single spikes vanish, edges stay sharp.
 *
 * A short window is kept twice, in order of arrival and sorted (sorted_window.h): a new value replaces the oldest one by two binary
 * searches and one move of what lies between their places. A long one is split into its lower and its upper half (ranked.h), which
 * is more work for a few values and less for many.
 *
 * While the window fills it is the median of what is there. An even number of values gives the mean of the two
 * middle ones; of a state it gives the lower one, so that a state stays 0 or 1. Gaps take no place in the window.
 */
#include <math.h>

#include "base/check.h"
#include "pipelines/op.h"
#include "pipelines/ranked.h"
#include "pipelines/series.h"
#include "pipelines/sorted_window.h"

enum { MEDIAN_MAX = 1001, SHORT = 63 };

struct median {
	int64_t size;
	struct sorted_window sorted; /* of a short window */
	struct ranked halves;	     /* of a long one */
	size_t n, next;		     /* of a long one: values, slot of the next */
	bool is_long, of_state;
};

static const struct opt options[] = {
	{ "size", OPT_INT, offsetof(struct median, size), .min = 1, .max = MEDIAN_MAX, .required = true,
	  .unit = "samples", .help = "length of the window; odd is better: an even one has no middle value" },
};

static int median_setup(void *state, struct op_setup *s)
{
	struct median *m = state;

	m->is_long = m->size > SHORT;
	if (m->is_long)
		ranked_setup(&m->halves, (size_t)m->size, s->arena);
	else
		sorted_window_setup(&m->sorted, (size_t)m->size, s->arena);
	m->of_state = s->inputs[0].kind == SERIES_STATE;
	return 0;
}

static double middle_of(const struct median *m, double lower, double upper)
{
	return m->of_state ? lower : 0.5 * lower + 0.5 * upper; /* halves first: the sum could overflow */
}

static double push_short(struct median *m, double x)
{
	const struct sorted_window *w = &m->sorted;

	sorted_window_add(&m->sorted, x);
	if (w->n % 2 == 1)
		return w->sorted[w->n / 2];
	return middle_of(m, w->sorted[w->n / 2 - 1], w->sorted[w->n / 2]);
}

static double push_long(struct median *m, double x)
{
	if (m->n == (size_t)m->size)
		ranked_drop(&m->halves, m->next);
	else
		m->n++;
	ranked_add(&m->halves, m->next, x);
	m->next = m->next + 1 == (size_t)m->size ? 0 : m->next + 1;

	ranked_split(&m->halves, (m->n + 1) / 2);
	if (m->n % 2 == 1)
		return ranked_top(&m->halves, false);
	return middle_of(m, ranked_top(&m->halves, false), ranked_top(&m->halves, true));
}

static void median_push(void *state, unsigned input, const struct sample *in, const struct emitter *out)
{
	struct median *m = state;

	(void)input;
	if (series_is_gap(in->value)) {
		series_emit(out, in, NAN);
		return;
	}
	series_emit(out, in, m->is_long ? push_long(m, in->value) : push_short(m, in->value));
}

const struct op_class op_median = {
	.name = "median",
	.family = OP_CLEANING,
	.help = "middle of the last values, also while the window fills: removes spikes, keeps edges",
	.formula = "y = median of the last `size` values",
	.memory = "16 B a sample of the window, 21 B of one over 63; log2(size) steps",
	.options = { options, ARRAY_LEN(options) },
	.state_size = sizeof(struct median),
	.min_inputs = 1,
	.max_inputs = 1,
	.setup = median_setup,
	.push = median_push,
};
