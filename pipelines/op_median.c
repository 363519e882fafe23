/* SPDX-License-Identifier: Apache-2.0 */
/*
 * median - the middle of the last `size` values: single spikes vanish, edges stay sharp.
 *
 * The window is kept sorted, see sorted_window.h.
 *
 * While the window fills it is the median of what is there. An even number of values gives the mean of the two
 * middle ones; of a state it gives the lower one, so that a state stays 0 or 1. Gaps take no place in the window.
 */
#include <math.h>

#include "base/check.h"
#include "pipelines/op.h"
#include "pipelines/series.h"
#include "pipelines/sorted_window.h"

enum { MEDIAN_MAX = 1001 };

struct median {
	int64_t size;
	struct sorted_window window;
	bool of_state;
};

static const struct opt options[] = {
	{ "size", OPT_INT, offsetof(struct median, size), .min = 1, .max = MEDIAN_MAX, .required = true,
	  .unit = "samples", .help = "length of the window; odd is better: an even one has no middle value" },
};

static int median_setup(void *state, struct op_setup *s)
{
	struct median *m = state;

	sorted_window_setup(&m->window, (size_t)m->size, s->arena);
	m->of_state = s->inputs[0].kind == SERIES_STATE;
	return 0;
}

static double middle(const struct median *m)
{
	size_t n = m->window.n;
	double lower = m->window.sorted[(n - 1) / 2], upper = m->window.sorted[n / 2];

	if (m->of_state || n % 2 == 1)
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

	sorted_window_add(&m->window, in->value);
	series_emit(out, in, middle(m));
}

const struct op_class op_median = {
	.name = "median",
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
