/* SPDX-License-Identifier: Apache-2.0 */
/*
 * goertzel - the amplitude of one tone, once a block of `size` values: mains hum, a blade passing, a bearing's frequency.
 *
 * It is the Fourier sum at that frequency alone, which need not be a whole multiple of rate / size, and costs a few operations a
 * value and no memory. Goertzel's recursion loses digits at low frequencies with the square of the length; a pointer that turns with the
 * frequency gives the same sum and does not. The first value of a block is subtracted from all, so that a large constant
 * does not leak into the tone; what remains leaks as under any rectangular window, least when the block holds whole periods of it.
 *
 * A gap, a lost sample and a sample more than half a period from where it was due drop the block; the next value begins another.
 */
#include <errno.h>
#include <math.h>
#include <stdio.h>

#include "base/text.h"
#include "base/unit.h"
#include "pipelines/op.h"
#include "pipelines/plain_math.h"
#include "pipelines/rate.h"
#include "pipelines/series.h"

enum { SIZE_MAX_SAMPLES = 1000000 };

struct goertzel {
	double frequency, rate_hz;
	int64_t size;

	struct rate rate;
	double turn_re, turn_im; /* of one sample */
	double re, im;		 /* the pointer */
	double sum_re, sum_im, first;
	int64_t fill;
	uint32_t lost;
};

static const struct opt options[] = {
	{ "frequency", OPT_DOUBLE, offsetof(struct goertzel, frequency), .min = 0, .max = 1e6, .required = true,
	  .unit = "Hz", .example = "0.1", .help = "of the tone; at least rate / size, below half the rate" },
	{ "size", OPT_INT, offsetof(struct goertzel, size), .min = 8, .max = SIZE_MAX_SAMPLES, .required = true,
	  .unit = "samples", .example = "100", .help = "of a block; best a whole number of periods of the tone" },
	RATE_OPTION(offsetof(struct goertzel, rate_hz)),
};

static int goertzel_setup(void *state, struct op_setup *s)
{
	struct goertzel *g = state;
	char lowest[32], highest[32], found[32];
	double turns;
	int r = rate_setup(&g->rate, g->rate_hz, s);

	if (r < 0)
		return r;
	turns = g->frequency / g->rate.hz;
	if (turns * (double)g->size < 1.0 - 1e-9 || turns >= 0.5) {
		snprintf(s->error, sizeof(s->error),
			 "frequency must be from rate / size, %s Hz, to below half the rate, %s Hz; found %s",
			 text_from_double(g->rate.hz / (double)g->size, lowest, sizeof(lowest)),
			 text_from_double(0.5 * g->rate.hz, highest, sizeof(highest)),
			 text_from_double(g->frequency, found, sizeof(found)));
		return -EINVAL;
	}
	g->turn_re = plain_cos_turns(turns);
	g->turn_im = -plain_sin_turns(turns);
	s->output->kind = SERIES_GAUGE;
	s->output->period_us = llround((double)g->size * 1e6 / g->rate.hz);
	s->output->unit = unit_of_difference(s->inputs[0].unit);
	return 0;
}

static void begin_block(struct goertzel *g, double first)
{
	g->fill = 0;
	g->first = first;
	g->re = 1.0;
	g->im = g->sum_re = g->sum_im = 0.0;
}

static void goertzel_push(void *state, unsigned input, const struct sample *in, const struct emitter *out)
{
	struct goertzel *g = state;
	struct sample result = { .at_us = in->at_us };
	double x, re;

	(void)input;
	g->lost = series_add_lost(g->lost, in->lost);
	if (series_is_gap(in->value)) {
		g->fill = 0;
		return;
	}
	if (!rate_is_next(&g->rate, in->at_us) || in->lost > 0 || g->fill == 0)
		begin_block(g, in->value);
	x = in->value - g->first;
	g->sum_re += x * g->re;
	g->sum_im += x * g->im;
	re = g->re * g->turn_re - g->im * g->turn_im;
	g->im = g->re * g->turn_im + g->im * g->turn_re;
	g->re = re;
	if (++g->fill < g->size)
		return;
	g->fill = 0;
	result.lost = g->lost;
	g->lost = 0;
	series_emit(out, &result, 2.0 / (double)g->size * sqrt(g->sum_re * g->sum_re + g->sum_im * g->sum_im));
}

const struct op_class op_goertzel = {
	.name = "goertzel",
	.family = OP_SPECTRUM,
	.help = "amplitude of one tone, once a block; needs samples at an even pace",
	.formula = "y = 2 / N |sum over i of (x(i) - x(0)) exp(-2 pi j i f / rate)|",
	.memory = "none",
	.options = { options, ARRAY_LEN(options) },
	.state_size = sizeof(struct goertzel),
	.min_inputs = 1,
	.max_inputs = 1,
	.setup = goertzel_setup,
	.push = goertzel_push,
};
