/* SPDX-License-Identifier: Apache-2.0 */
/*
 * weighted_average - mean of the last values, each with a weight of its own.
 *
 * `weights` are in the order of time: the last one is that of the newest value. While the window fills, the weights of the values
 * that are there count, and the result is their mean; a gap when those weights are all 0. Gaps take no place in the window.
 */
#include <errno.h>
#include <math.h>
#include <stdio.h>

#include "base/check.h"
#include "pipelines/fir.h"
#include "pipelines/op.h"
#include "pipelines/series.h"

enum { WEIGHTS_MAX = 64 };

struct weighted_average {
	struct opt_doubles weights;

	struct fir fir;
	double *sums; /* of the newest i + 1 weights */
};

static const struct opt options[] = {
	{ "weights", OPT_DOUBLE_LIST, offsetof(struct weighted_average, weights), .min = 0, .max = 1e100,
	  .min_items = 1, .max_items = WEIGHTS_MAX, .required = true, .example = "[1, 2, 3, 4]",
	  .help = "of the last values, that of the newest last; they need not add up to 1" },
};

static int weighted_average_setup(void *state, struct op_setup *s)
{
	struct weighted_average *w = state;
	size_t n = w->weights.n;
	double sum = 0.0;

	if (s->inputs[0].kind == SERIES_COUNTER) {
		snprintf(s->error, sizeof(s->error), "a counter has no mean; expected a measured quantity or a state");
		return -EINVAL;
	}
	w->sums = arena_alloc(s->arena, n * sizeof(*w->sums));
	for (size_t i = 0; i < n; i++) {
		sum += w->weights.values[n - 1 - i];
		w->sums[i] = sum;
	}
	if (!(sum > 0.0)) {
		snprintf(s->error, sizeof(s->error), "weights must not all be 0");
		return -EINVAL;
	}
	fir_init(&w->fir, w->weights.values, n, s->arena);
	s->output->kind = SERIES_GAUGE;
	return 0;
}

static void weighted_average_push(void *state, unsigned input, const struct sample *in, const struct emitter *out)
{
	struct weighted_average *w = state;

	(void)input;
	if (series_is_gap(in->value)) {
		series_emit(out, in, NAN);
		return;
	}
	/* Where nothing has come yet there are zeros, which do no harm to a sum. */
	fir_push(&w->fir, in->value);
	series_emit(out, in, fir_sum(&w->fir) / w->sums[w->fir.held - 1]);
}

const struct op_class op_weighted_average = {
	.name = "weighted_average",
	.family = OP_SMOOTHING,
	.help = "mean of the last values with given weights",
	.formula = "y = (w1 x[-n+1] + ... + wn x) / (w1 + ... + wn)",
	.memory = "24 B a weight; as many multiplications a sample",
	.options = { options, ARRAY_LEN(options) },
	.state_size = sizeof(struct weighted_average),
	.min_inputs = 1,
	.max_inputs = 1,
	.setup = weighted_average_setup,
	.push = weighted_average_push,
};
