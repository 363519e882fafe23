/* SPDX-License-Identifier: Apache-2.0 */
/*
 * envelope - how the strength of a band of frequencies goes up and down: each blow of a damaged bearing rings the machine at some kHz, and
 * the rhythm of the blows, which tells what is damaged, is in the envelope and hardly in the signal.
 *
 * A band-pass (Butterworth, high-pass and low-pass of `order` each), the magnitude, and a Butterworth low-pass of the same order at
 * `smooth`. Times pi / 2, so that a tone in the band gives its amplitude. Then spectral_peak or band_power finds the rhythm.
 *
 * The filters start as if the first value had been there for ever, and start anew after a pause of more than 10 periods, when
 * the clock is set by as much, and when their state leaves the range of double. A gap passes through and is no sample.
 */
#include <errno.h>
#include <math.h>
#include <stdio.h>

#include "base/unit.h"
#include "pipelines/filter.h"
#include "pipelines/op.h"
#include "pipelines/plain_math.h"
#include "pipelines/rate.h"
#include "pipelines/series.h"

struct envelope {
	double low, high, smooth, rate_hz;
	int64_t order;

	struct rate rate;
	struct filter band, low_pass;
};

static const struct opt options[] = {
	{ "low", OPT_DOUBLE, offsetof(struct envelope, low), .min = 0, .max = 1e6, .required = true, .unit = "Hz",
	  .example = "0.1", .help = "lower end of the band that rings (-3 dB)" },
	{ "high", OPT_DOUBLE, offsetof(struct envelope, high), .min = 0, .max = 1e6, .required = true, .unit = "Hz",
	  .example = "0.2", .help = "its upper end" },
	{ "smooth", OPT_DOUBLE, offsetof(struct envelope, smooth), .min = 0, .max = 1e6, .unit = "Hz",
	  .help = "fastest change of the envelope that is let through; default: half of high - low" },
	{ "order", OPT_INT, offsetof(struct envelope, order), .min = 1, .max = FILTER_MAX_ORDER / 2, .def = "4",
	  .help = "of each of the three filters" },
	RATE_OPTION(offsetof(struct envelope, rate_hz)),
};

static int envelope_setup(void *state, struct op_setup *s)
{
	struct envelope *e = state;
	int r = rate_setup(&e->rate, e->rate_hz, s);

	if (isnan(e->smooth))
		e->smooth = 0.5 * (e->high - e->low);
	if (r == 0 && !(e->low < e->high)) {
		snprintf(s->error, sizeof(s->error), "low must be below high");
		r = -EINVAL;
	}
	if (r == 0)
		r = rate_check_frequency(&e->rate, "low", e->low, s);
	if (r == 0)
		r = rate_check_frequency(&e->rate, "high", e->high, s);
	if (r == 0)
		r = rate_check_frequency(&e->rate, "smooth", e->smooth, s);
	if (r < 0)
		return r;
	filter_add_butterworth_high(&e->band, e->low / e->rate.hz, (int)e->order);
	filter_add_butterworth_low(&e->band, e->high / e->rate.hz, (int)e->order);
	filter_add_butterworth_low(&e->low_pass, e->smooth / e->rate.hz, (int)e->order);
	s->output->kind = SERIES_GAUGE;
	s->output->unit = unit_of_difference(s->inputs[0].unit);
	return 0;
}

static void envelope_push(void *state, unsigned input, const struct sample *in, const struct emitter *out)
{
	struct envelope *e = state;
	double y;

	(void)input;
	if (series_is_gap(in->value)) {
		series_emit(out, in, NAN);
		return;
	}
	if (rate_paused(&e->rate, in->at_us)) {
		filter_settle(&e->band, in->value);
		filter_settle(&e->low_pass, 0.0);
	}
	y = filter_run(&e->low_pass, 0.5 * PLAIN_PI * fabs(filter_run(&e->band, in->value)));
	if (!isfinite(y))
		e->rate.seen = false;
	series_emit(out, in, y);
}

const struct op_class op_envelope = {
	.name = "envelope",
	.family = OP_SPECTRUM,
	.help = "strength of a band of frequencies as it goes up and down; needs samples at an even pace",
	.formula = "y = low-pass(pi / 2 |band-pass(x)|)",
	.memory = "none",
	.options = { options, ARRAY_LEN(options) },
	.state_size = sizeof(struct envelope),
	.min_inputs = 1,
	.max_inputs = 1,
	.setup = envelope_setup,
	.push = envelope_push,
};
