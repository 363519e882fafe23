/* SPDX-License-Identifier: Apache-2.0 */
/*
 * hampel - outliers out: a value further from the median of the window than `sigmas` times the spread is replaced.
 *
 *     m = median of the last `size` values, this one included;  S = 1.4826 median |x_i - m|
 *     y = x if |x - m| <= sigmas S, or within `tolerance`;  else m, or a gap
 *
 * 1.4826 makes S the standard deviation of a normal distribution (F. R. Hampel, 1974; R. K. Pearson, 2002). A real step looks
 * like outliers until it fills half of the window. A signal of steps, such as a coarse sensor at rest, has S = 0, when
 * every change would be an outlier: `tolerance` lets changes of a step or two pass.
 *
 * The window is kept sorted, so the distances from the median are two sorted sequences, one to each side of it, and their median is
 * found by halving: log2(size) steps, without another array. Until there are three values all pass. Gaps take no place.
 */
#include <errno.h>
#include <math.h>
#include <stdio.h>

#include "base/check.h"
#include "pipelines/op.h"
#include "pipelines/series.h"
#include "pipelines/sorted_window.h"

enum { HAMPEL_MAX = 1001, JUDGED_FROM = 3 };

enum replacement { MEDIAN, GAP };

static const char *const replacements[] = { "median", "gap", NULL };

#define NORMAL 1.482602218505602 /* 1 / quantile(3/4) of the normal distribution */

struct hampel {
	int64_t size;
	double sigmas, tolerance;
	int replacement;

	struct sorted_window window;
};

static const struct opt options[] = {
	{ "size", OPT_INT, offsetof(struct hampel, size), .min = 3, .max = HAMPEL_MAX, .def = "7", .example = "7",
	  .unit = "samples", .help = "length of the window; up to (size - 1) / 2 outliers in it are found" },
	{ "sigmas", OPT_DOUBLE, offsetof(struct hampel, sigmas), .min = 0, .max = 1000, .def = "3",
	  .help = "how many standard deviations from the median a value may lie" },
	{ "tolerance", OPT_DOUBLE, offsetof(struct hampel, tolerance), .min = 0, .max = INFINITY, .def = "0",
	  .help = "a value as near to the median as this is never an outlier" },
	{ "replace", OPT_ENUM, offsetof(struct hampel, replacement), .choices = replacements, .def = "median",
	  .help = "outliers by the median, or by a gap, which is counted as bad" },
};

static int hampel_setup(void *state, struct op_setup *s)
{
	struct hampel *h = state;

	if (s->inputs[0].kind != SERIES_GAUGE) {
		snprintf(s->error, sizeof(s->error), "outliers are those of a measured quantity, not of a %s",
			 s->inputs[0].kind == SERIES_STATE ? "state; a state is cleaned by debounce" : "counter");
		return -EINVAL;
	}
	sorted_window_setup(&h->window, (size_t)h->size, s->arena);
	return 0;
}

static double half_way(double a, double b)
{
	return 0.5 * a + 0.5 * b; /* halves first: the sum could overflow */
}

/* Distance from the median @m of the i-th value below it, or above it, counted from the middle. */
static double below(const struct sorted_window *w, double m, size_t i)
{
	return m - w->sorted[(w->n - 1) / 2 - i];
}

static double above(const struct sorted_window *w, double m, size_t i)
{
	return w->sorted[(w->n - 1) / 2 + 1 + i] - m;
}

/*
 * The k-th smallest distance, from 0. Of the k + 1 smallest, i lie below: the least i for which the next one below is not
 * smaller than the last one taken above.
 */
static double distance(const struct sorted_window *w, double m, size_t k)
{
	size_t n_below = (w->n - 1) / 2 + 1, n_above = w->n - n_below;
	size_t low = k + 1 > n_above ? k + 1 - n_above : 0, high = k + 1 < n_below ? k + 1 : n_below;

	while (low < high) {
		size_t i = low + (high - low) / 2;

		if (below(w, m, i) < above(w, m, k - i))
			low = i + 1;
		else
			high = i;
	}
	if (low == 0)
		return above(w, m, k);
	if (low == k + 1)
		return below(w, m, k);
	return fmax(below(w, m, low - 1), above(w, m, k - low));
}

static void hampel_push(void *state, unsigned input, const struct sample *in, const struct emitter *out)
{
	struct hampel *h = state;
	const struct sorted_window *w = &h->window;
	double median, spread;

	(void)input;
	if (series_is_gap(in->value)) {
		series_emit(out, in, NAN);
		return;
	}
	sorted_window_add(&h->window, in->value);
	median = half_way(w->sorted[(w->n - 1) / 2], w->sorted[w->n / 2]);
	spread = NORMAL * half_way(distance(w, median, (w->n - 1) / 2), distance(w, median, w->n / 2));
	if (w->n < JUDGED_FROM || fabs(in->value - median) <= fmax(h->sigmas * spread, h->tolerance))
		series_emit(out, in, in->value);
	else
		series_emit(out, in, h->replacement == GAP ? NAN : median);
}

const struct op_class op_hampel = {
	.name = "hampel",
	.family = OP_CLEANING,
	.help = "replace outliers: what is too far from the median of the window, measured by the spread in it",
	.formula =
		"y = x if |x - m| <= sigmas * 1.4826 * median |x_i - m|, else m; m = median of the last `size` values",
	.memory = "16 B a sample of the window; log2(size) steps",
	.options = { options, ARRAY_LEN(options) },
	.state_size = sizeof(struct hampel),
	.min_inputs = 1,
	.max_inputs = 1,
	.setup = hampel_setup,
	.push = hampel_push,
};
