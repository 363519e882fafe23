/* SPDX-License-Identifier: Apache-2.0 */
/*
 * savitzky_golay - a polynomial through the last values by least squares: smooths without flattening peaks.
 *
 * The value of the fitted polynomial at one place is a fixed weighted sum of the values, whatever they are. The weights come
 * from polynomials p0, p1, ... that are orthogonal on the whole numbers -m ... m (Gram's, by their recurrence), which
 * needs no system of equations:  weight(i) = sum over k of p_k(i) p_k(place) / sum over j of p_k(j)^2.
 *
 * `at: newest` gives the polynomial's value at the newest sample, without delay. `at: middle` gives it at the middle of the
 * window, which is smoother, (size - 1) / 2 samples late and dated then. Until the window is full there is no result, also
 * after a pause of more than 10 periods and a clock set by as much. Gaps take no place in the window; at the middle,
 * where a gap is not yet told of, nothing comes of them.
 */
#include <errno.h>
#include <math.h>
#include <stdio.h>

#include "base/check.h"
#include "pipelines/fir.h"
#include "pipelines/op.h"
#include "pipelines/rate.h"
#include "pipelines/series.h"

enum { SIZE_MAX_SAMPLES = 201, ORDER_MAX = 8 };
enum where { NEWEST, MIDDLE };

static const char *const places[] = { "newest", "middle", NULL };

struct savitzky_golay {
	int64_t size, order;
	int at;
	double rate_hz;

	struct rate rate;
	struct fir fir;
	int64_t *times; /* ring; for the middle */
	size_t next;
	uint32_t lost;
};

static const struct opt options[] = {
	{ "size", OPT_INT, offsetof(struct savitzky_golay, size), .min = 3, .max = SIZE_MAX_SAMPLES, .required = true,
	  .unit = "samples", .help = "length of the window; odd" },
	{ "order", OPT_INT, offsetof(struct savitzky_golay, order), .min = 0, .max = ORDER_MAX, .def = "2",
	  .help = "of the polynomial; below size" },
	{ "at", OPT_ENUM, offsetof(struct savitzky_golay, at), .choices = places, .def = "newest",
	  .help = "where its value is taken; the middle is smoother and half a window late" },
	RATE_OPTION(offsetof(struct savitzky_golay, rate_hz)),
};

/* p_k+1(i) = i p_k(i) - c_k p_k-1(i), c_k = |p_k|^2 / |p_k-1|^2; scaled to length 1, so that nothing grows. */
static void add_order(double weights[], const double p[], int size, int place)
{
	for (int i = 0; i < size; i++)
		weights[i] += p[i] * p[place];
}

static double length_of(const double p[], int size)
{
	double sum = 0.0;

	for (int i = 0; i < size; i++)
		sum += p[i] * p[i];
	return sqrt(sum);
}

static void compute_weights(double weights[], int size, int order, int place)
{
	double before[SIZE_MAX_SAMPLES] = { 0 }, p[SIZE_MAX_SAMPLES], next[SIZE_MAX_SAMPLES], length = 0.0;

	for (int i = 0; i < size; i++)
		p[i] = 1.0 / sqrt(size);
	add_order(weights, p, size, place);
	for (int k = 1; k <= order; k++) {
		/* Of unit vectors: next = i p - length_before * before. */
		for (int i = 0; i < size; i++)
			next[i] = (double)(i - size / 2) * p[i] - length * before[i];
		length = length_of(next, size);
		for (int i = 0; i < size; i++) {
			before[i] = p[i];
			p[i] = next[i] / length;
		}
		add_order(weights, p, size, place);
	}
}

static int savitzky_golay_setup(void *state, struct op_setup *s)
{
	struct savitzky_golay *g = state;
	double *weights;
	int r = rate_setup(&g->rate, g->rate_hz, s);

	if (r < 0)
		return r;
	if (g->size % 2 == 0) {
		snprintf(s->error, sizeof(s->error), "size must be odd, found %lld", (long long)g->size);
		return -EINVAL;
	}
	if (g->order >= g->size) {
		snprintf(s->error, sizeof(s->error), "order must be below size (%lld), found %lld", (long long)g->size,
			 (long long)g->order);
		return -EINVAL;
	}
	weights = arena_alloc(s->arena, (size_t)g->size * sizeof(*weights));
	compute_weights(weights, (int)g->size, (int)g->order, (int)(g->at == NEWEST ? g->size - 1 : g->size / 2));
	fir_init(&g->fir, weights, (size_t)g->size, s->arena);
	g->times = arena_alloc(s->arena, (size_t)(g->size / 2 + 1) * sizeof(*g->times));
	s->output->kind = SERIES_GAUGE;
	return 0;
}

/** Keep @at_us, and make it the time of half a window ago, once that is known. */
static void delay(struct savitzky_golay *g, int64_t *at_us)
{
	size_t n = (size_t)(g->size / 2 + 1);

	g->times[g->next] = *at_us;
	g->next = g->next + 1 == n ? 0 : g->next + 1;
	*at_us = g->times[g->next];
}

static void savitzky_golay_push(void *state, unsigned input, const struct sample *in, const struct emitter *out)
{
	struct savitzky_golay *g = state;
	struct sample result = { .at_us = in->at_us, .lost = in->lost };
	bool is_ready;

	(void)input;
	if (series_is_gap(in->value)) {
		series_emit_if(g->at == NEWEST, out, in, NAN, &g->lost);
		return;
	}
	if (rate_paused(&g->rate, in->at_us))
		g->fir.held = 0;
	fir_push(&g->fir, in->value);
	if (g->at == MIDDLE)
		delay(g, &result.at_us);
	is_ready = g->fir.held == g->fir.n;
	series_emit_if(is_ready, out, &result, is_ready ? fir_sum(&g->fir) : NAN, &g->lost);
}

const struct op_class op_savitzky_golay = {
	.name = "savitzky_golay",
	.family = OP_SMOOTHING,
	.help = "polynomial through the last values by least squares: smooths, keeps the height and width of peaks",
	.formula = "y = p(newest) or p(middle), p the polynomial of `order` that is nearest to the last `size` values",
	.memory = "28 B a sample of the window; `size` multiplications a sample",
	.options = { options, ARRAY_LEN(options) },
	.state_size = sizeof(struct savitzky_golay),
	.min_inputs = 1,
	.max_inputs = 1,
	.setup = savitzky_golay_setup,
	.push = savitzky_golay_push,
};
