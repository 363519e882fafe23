/* SPDX-License-Identifier: Apache-2.0 */
/*
 * decimate - one sample out of `factor`, after a low-pass that keeps what the lower rate can not show from coming back as
 * something else (aliasing).
 *
 * `fir` is a sinc with a Hamming window of 20 * factor + 1 values and its edge at the new Nyquist frequency, the one of
 * scipy.signal.decimate(ftype="fir"): every frequency is delayed alike, by 10 results. It is computed once a result.
 * `butterworth` is of order 8, -3 dB at 0.8 of the new Nyquist frequency: less memory, less delay, another one for each frequency.
 *
 * The filter starts as if the first value had been there for ever; the first value gives the first result. It starts anew
 * after a pause of more than 10 periods and when the clock is set by as much. A result is dated with its newest sample. Gaps are left
 * out, and what was lost is told with the next result: who needs even distances after this sees the longer one.
 */
#include <math.h>
#include <stdio.h>

#include "base/check.h"
#include "pipelines/filter.h"
#include "pipelines/fir.h"
#include "pipelines/op.h"
#include "pipelines/plain_math.h"
#include "pipelines/rate.h"
#include "pipelines/series.h"

enum { FACTOR_MAX = 1000, FIR_HALF = 10, BUTTERWORTH_ORDER = 8 };
enum kind { FIR, BUTTERWORTH };

static const char *const kinds[] = { "fir", "butterworth", NULL };

struct decimate {
	int64_t factor;
	int kind;
	double rate_hz;

	struct rate rate;
	struct fir fir;
	struct filter filter;
	int64_t n; /* samples since the last result */
	uint32_t lost;
};

static const struct opt options[] = {
	{ "factor", OPT_INT, offsetof(struct decimate, factor), .min = 2, .max = FACTOR_MAX, .required = true,
	  .help = "one result in so many samples" },
	{ "filter", OPT_ENUM, offsetof(struct decimate, kind), .choices = kinds, .def = "fir",
	  .help = "against aliasing: fir delays all frequencies alike, butterworth needs less memory" },
	RATE_OPTION(offsetof(struct decimate, rate_hz)),
};

static const double *design_fir(size_t factor, struct arena *a)
{
	size_t half = FIR_HALF * factor, n = 2 * half + 1;
	double *h = arena_alloc(a, n * sizeof(*h)), sum = 0.0;

	for (size_t i = 0; i < n; i++) {
		double x = ((double)i - (double)half) / (double)factor;
		double sinc = i == half ? 1.0 : plain_sin_turns(0.5 * x) / (PLAIN_PI * x);

		h[i] = sinc * (0.54 - 0.46 * plain_cos_turns((double)i / (double)(n - 1)));
		sum += h[i];
	}
	for (size_t i = 0; i < n; i++)
		h[i] /= sum;
	return h;
}

static int decimate_setup(void *state, struct op_setup *s)
{
	struct decimate *d = state;
	int r = rate_setup(&d->rate, d->rate_hz, s);

	if (r < 0)
		return r;
	if (d->kind == FIR)
		fir_init(&d->fir, design_fir((size_t)d->factor, s->arena), 2 * FIR_HALF * (size_t)d->factor + 1,
			 s->arena);
	else
		filter_add_butterworth_low(&d->filter, 0.4 / (double)d->factor, BUTTERWORTH_ORDER);
	s->output->kind = SERIES_GAUGE;
	s->output->period_us = llround((double)d->factor * 1e6 / d->rate.hz);
	return 0;
}

static void settle(struct decimate *d, double x)
{
	d->n = d->factor - 1;
	if (d->kind == FIR)
		fir_settle(&d->fir, x);
	else
		filter_settle(&d->filter, x);
}

static void decimate_push(void *state, unsigned input, const struct sample *in, const struct emitter *out)
{
	struct decimate *d = state;
	struct sample result = { .at_us = in->at_us };
	double y = 0.0;

	(void)input;
	d->lost = series_add_lost(d->lost, in->lost);
	if (series_is_gap(in->value))
		return;
	if (rate_paused(&d->rate, in->at_us))
		settle(d, in->value);
	if (d->kind == FIR)
		fir_push(&d->fir, in->value);
	else
		y = filter_run(&d->filter, in->value);
	if (!isfinite(y))
		d->rate.seen = false;
	if (++d->n < d->factor)
		return;
	result.lost = d->lost;
	d->n = 0;
	d->lost = 0;
	series_emit(out, &result, d->kind == FIR ? fir_sum(&d->fir) : y);
}

const struct op_class op_decimate = {
	.name = "decimate",
	.family = OP_SMOOTHING,
	.help = "one sample out of several, after a low-pass against aliasing",
	.formula = "y = every `factor`-th value of the low-passed x",
	.memory = "fir: 480 B times factor; butterworth: none",
	.options = { options, ARRAY_LEN(options) },
	.state_size = sizeof(struct decimate),
	.min_inputs = 1,
	.max_inputs = 1,
	.setup = decimate_setup,
	.push = decimate_push,
};
