/* SPDX-License-Identifier: Apache-2.0 */
/*
 * band_power - how strong a signal is in a band of frequencies: as RMS, as power (the square), or as share of all that is not constant.
 *
 * The sum of Welch's density over the frequencies from low to high, both included, times their distance. What makes a block,
 * and what drops one, is in spectrum.h. The share of a constant is a gap.
 */
#include <math.h>

#include "base/unit.h"
#include "pipelines/op.h"
#include "pipelines/series.h"
#include "pipelines/spectrum.h"

enum what { RMS, POWER, SHARE };

static const char *const whats[] = { "rms", "power", "share", NULL };

struct band_power {
	int what;
	struct spectrum_options options;

	struct spectrum spectrum;
};

static const struct opt options[] = {
	{ "value", OPT_ENUM, offsetof(struct band_power, what), .choices = whats, .def = "rms", .example = "rms",
	  .help = "rms is in the unit of the input; power is its square and has the unit 1, as has the share of all" },
	SPECTRUM_OPTIONS(struct band_power, options),
};

static int band_power_setup(void *state, struct op_setup *s)
{
	struct band_power *b = state;
	int r = spectrum_setup(&b->spectrum, &b->options, s);

	if (r < 0)
		return r;
	if (b->what != RMS)
		s->output->unit = unit_find("1");
	else
		s->output->unit = unit_of_difference(s->inputs[0].unit);
	return 0;
}

static double sum_of(const struct spectrum *sp, size_t first, size_t last)
{
	double sum = 0.0;

	for (size_t k = first; k <= last; k++)
		sum += sp->density[k];
	return sum * sp->step_hz;
}

static void band_power_push(void *state, unsigned input, const struct sample *in, const struct emitter *out)
{
	struct band_power *b = state;
	struct sample result = { .at_us = in->at_us };
	double power;

	(void)input;
	if (!spectrum_push(&b->spectrum, in, &result.lost))
		return;
	power = sum_of(&b->spectrum, b->spectrum.first, b->spectrum.last);
	if (b->what == RMS)
		power = sqrt(power);
	else if (b->what == SHARE)
		power /= sum_of(&b->spectrum, 1, b->spectrum.size / 2);
	series_emit(out, &result, power);
}

const struct op_class op_band_power = {
	.name = "band_power",
	.family = OP_SPECTRUM,
	.help = "strength of a signal in a band of frequencies, by Welch's method; needs samples at an even pace",
	.formula = "y = sqrt(df (S(low) + ... + S(high))), S the density; power: its square; share: of all above 0 Hz",
	.memory = SPECTRUM_MEMORY,
	.options = { options, ARRAY_LEN(options) },
	.state_size = sizeof(struct band_power),
	.min_inputs = 1,
	.max_inputs = 1,
	.setup = band_power_setup,
	.push = band_power_push,
};
