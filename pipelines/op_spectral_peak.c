/* SPDX-License-Identifier: Apache-2.0 */
/*
 * spectral_peak - the strongest frequency in a band, or the amplitude there.
 *
 * Of Welch's density the greatest value from low to high; a parabola through the logarithms of it and its two neighbours gives
 * frequency and height between the steps (for a tone under a Hann window within 0.02 steps and 4 %). At the ends of the spectrum, and beside a
 * step without power, it is the step itself. A constant has no peak: a gap. What makes a block, and what drops one, is in spectrum.h.
 */
#include <math.h>

#include "base/unit.h"
#include "pipelines/op.h"
#include "pipelines/plain_math.h"
#include "pipelines/series.h"
#include "pipelines/spectrum.h"

enum what { FREQUENCY, AMPLITUDE };

static const char *const whats[] = { "frequency", "amplitude", NULL };

struct spectral_peak {
	int what;
	struct spectrum_options options;

	struct spectrum spectrum;
};

static const struct opt options[] = {
	{ "value", OPT_ENUM, offsetof(struct spectral_peak, what), .choices = whats, .def = "frequency",
	  .example = "frequency",
	  .help = "the frequency in Hz, or the amplitude of the tone in the unit of the input" },
	SPECTRUM_OPTIONS(struct spectral_peak, options),
};

static int spectral_peak_setup(void *state, struct op_setup *s)
{
	struct spectral_peak *p = state;
	int r = spectrum_setup(&p->spectrum, &p->options, s);

	if (r < 0)
		return r;
	if (p->what == FREQUENCY)
		s->output->unit = unit_find("Hz");
	else
		s->output->unit = unit_of_difference(s->inputs[0].unit);
	return 0;
}

static size_t find_greatest(const struct spectrum *sp)
{
	size_t at = sp->first;

	for (size_t k = sp->first + 1; k <= sp->last; k++)
		at = sp->density[k] > sp->density[at] ? k : at;
	return at;
}

/* A tone of amplitude A has under a Hann window the density (A^2 / 2) / (1.5 df) at its frequency. */
static double amplitude_of(const struct spectrum *sp, double density)
{
	return sqrt(3.0 * density * sp->step_hz);
}

static double peak_value(const struct spectral_peak *p)
{
	const struct spectrum *sp = &p->spectrum;
	size_t at = find_greatest(sp);
	double before, here, after, shift = 0.0, rise = 0.0;

	if (!(sp->density[at] > 0.0))
		return NAN;
	if (at > 1 && at < sp->size / 2 && sp->density[at - 1] > 0.0 && sp->density[at + 1] > 0.0) {
		before = plain_log2(sp->density[at - 1]);
		here = plain_log2(sp->density[at]);
		after = plain_log2(sp->density[at + 1]);
		if (here > before && here >= after) {
			shift = 0.5 * (before - after) / (before - 2.0 * here + after);
			rise = -0.25 * (before - after) * shift;
		}
	}
	if (p->what == FREQUENCY)
		return ((double)at + shift) * sp->step_hz;
	return amplitude_of(sp, sp->density[at]) * plain_exp(0.5 * 0.69314718055994530942 * rise);
}

static void spectral_peak_push(void *state, unsigned input, const struct sample *in, const struct emitter *out)
{
	struct spectral_peak *p = state;
	struct sample result = { .at_us = in->at_us };

	(void)input;
	if (spectrum_push(&p->spectrum, in, &result.lost))
		series_emit(out, &result, peak_value(p));
}

const struct op_class op_spectral_peak = {
	.name = "spectral_peak",
	.family = OP_SPECTRUM,
	.help = "strongest frequency in a band, or its amplitude, by Welch's method; needs samples at an even pace",
	.formula = "y = f where the density S is greatest, between steps by a parabola through log S; or sqrt(3 S df)",
	.memory = SPECTRUM_MEMORY,
	.options = { options, ARRAY_LEN(options) },
	.state_size = sizeof(struct spectral_peak),
	.min_inputs = 1,
	.max_inputs = 1,
	.setup = spectral_peak_setup,
	.push = spectral_peak_push,
};
