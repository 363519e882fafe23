/* SPDX-License-Identifier: Apache-2.0 */
/*
 * biquad - a low-pass, high-pass, band-pass or notch filter at a frequency in Hz.
 *
 * Low and high pass are Butterworth filters of `order`, or one resonant section of second order when `q` is given. Band-pass and
 * notch are one section whose width is frequency / q. The design is in filter.h.
 *
 * The filter starts as if the first value had been there for ever, and starts anew after a pause of more than 10 periods, when
 * the clock is set by as much, and when its state leaves the range of double. A gap passes through and is no sample.
 * A late sample is filtered in the order in which it came.
 */
#include <errno.h>
#include <math.h>
#include <stdio.h>

#include "base/check.h"
#include "pipelines/filter.h"
#include "pipelines/op.h"
#include "pipelines/rate.h"
#include "pipelines/series.h"

enum type { LOW_PASS, HIGH_PASS, BAND_PASS, NOTCH };

static const char *const types[] = { "low_pass", "high_pass", "band_pass", "notch", NULL };

struct biquad {
	int type;
	double frequency, q, rate_hz;
	int64_t order;

	struct rate rate;
	struct filter filter;
};

static const struct opt options[] = {
	{ "type", OPT_ENUM, offsetof(struct biquad, type), .choices = types, .required = true,
	  .help = "what passes; a notch takes one frequency out" },
	{ "frequency", OPT_DOUBLE, offsetof(struct biquad, frequency), .min = 0, .max = 1e6, .required = true,
	  .unit = "Hz", .example = "0.1", .help = "the cut-off (-3 dB), or the middle of the band or notch" },
	{ "order", OPT_INT, offsetof(struct biquad, order), .min = 0, .max = FILTER_MAX_ORDER,
	  .help = "of a low or high pass: 6 dB an octave each; default: 2" },
	{ "q", OPT_DOUBLE, offsetof(struct biquad, q), .min = 0.01, .max = 1000,
	  .help = "frequency / width of a band-pass or notch, default 0.7071; a low or high pass of order 2 becomes "
		  "resonant" },
	RATE_OPTION(offsetof(struct biquad, rate_hz)),
};

static int check_order(const struct biquad *b, struct op_setup *s)
{
	if (b->order == 0 || (b->order == 2 && !isnan(b->q)))
		return 0;
	if (b->type == BAND_PASS || b->type == NOTCH) {
		snprintf(s->error, sizeof(s->error), "order is for low_pass and high_pass; q sets the width of a %s",
			 types[b->type]);
		return -EINVAL;
	}
	if (!isnan(b->q)) {
		snprintf(s->error, sizeof(s->error), "q is for order 2; order %lld is a Butterworth filter",
			 (long long)b->order);
		return -EINVAL;
	}
	return 0;
}

static void design(struct biquad *b)
{
	double turns = b->frequency / b->rate.hz, q = isnan(b->q) ? 0.70710678118654752440 : b->q;
	int order = b->order > 0 ? (int)b->order : 2;

	if (b->type == BAND_PASS)
		filter_add_band_pass(&b->filter, turns, q);
	else if (b->type == NOTCH)
		filter_add_notch(&b->filter, turns, q);
	else if (b->type == LOW_PASS && isnan(b->q))
		filter_add_butterworth_low(&b->filter, turns, order);
	else if (b->type == LOW_PASS)
		filter_add_low_pass(&b->filter, turns, q);
	else if (isnan(b->q))
		filter_add_butterworth_high(&b->filter, turns, order);
	else
		filter_add_high_pass(&b->filter, turns, q);
}

static int biquad_setup(void *state, struct op_setup *s)
{
	struct biquad *b = state;
	int r = rate_setup(&b->rate, b->rate_hz, s);

	if (r == 0)
		r = rate_check_frequency(&b->rate, "frequency", b->frequency, s);
	if (r == 0)
		r = check_order(b, s);
	if (r < 0)
		return r;
	design(b);
	s->output->kind = SERIES_GAUGE;
	return 0;
}

static void biquad_push(void *state, unsigned input, const struct sample *in, const struct emitter *out)
{
	struct biquad *b = state;
	double y;

	(void)input;
	if (series_is_gap(in->value)) {
		series_emit(out, in, NAN);
		return;
	}
	if (rate_paused(&b->rate, in->at_us))
		filter_settle(&b->filter, in->value);
	y = filter_run(&b->filter, in->value);
	if (!isfinite(y))
		b->rate.seen = false;
	series_emit(out, in, y);
}

const struct op_class op_biquad = {
	.name = "biquad",
	.family = OP_SMOOTHING,
	.help = "low-pass, high-pass, band-pass or notch filter at a frequency; needs samples at an even pace",
	.formula = "y = b0 x + b1 x[-1] + b2 x[-2] - a1 y[-1] - a2 y[-2] in each section; -3 dB at `frequency`",
	.memory = "none that grows: 64 B a section of second order",
	.options = { options, ARRAY_LEN(options) },
	.state_size = sizeof(struct biquad),
	.min_inputs = 1,
	.max_inputs = 1,
	.setup = biquad_setup,
	.push = biquad_push,
};
