/* SPDX-License-Identifier: Apache-2.0 */
/*
 * spectral_centroid - the middle of a spectrum: the mean frequency in a band, each weighted with its power. Wear and looseness raise it.
 *
 * A constant has none: a gap. What makes a block, and what drops one, is in spectrum.h.
 */
#include "base/unit.h"
#include "pipelines/op.h"
#include "pipelines/series.h"
#include "pipelines/spectrum.h"

struct spectral_centroid {
	struct spectrum_options options;

	struct spectrum spectrum;
};

static const struct opt options[] = {
	SPECTRUM_OPTIONS(struct spectral_centroid, options),
};

static int spectral_centroid_setup(void *state, struct op_setup *s)
{
	struct spectral_centroid *c = state;
	int r = spectrum_setup(&c->spectrum, &c->options, s);

	if (r == 0)
		s->output->unit = unit_find("Hz");
	return r;
}

static void spectral_centroid_push(void *state, unsigned input, const struct sample *in, const struct emitter *out)
{
	struct spectral_centroid *c = state;
	const struct spectrum *sp = &c->spectrum;
	struct sample result = { .at_us = in->at_us };
	double weight = 0.0, sum = 0.0;

	(void)input;
	if (!spectrum_push(&c->spectrum, in, &result.lost))
		return;
	for (size_t k = sp->first; k <= sp->last; k++) {
		weight += sp->density[k];
		sum += (double)k * sp->density[k];
	}
	series_emit(out, &result, sum / weight * sp->step_hz);
}

const struct op_class op_spectral_centroid = {
	.name = "spectral_centroid",
	.family = OP_SPECTRUM,
	.help = "mean frequency in a band, weighted with power, by Welch's method; needs samples at an even pace",
	.formula = "y = (sum of f S(f)) / (sum of S(f)), S the density, f from low to high",
	.memory = SPECTRUM_MEMORY,
	.options = { options, ARRAY_LEN(options) },
	.state_size = sizeof(struct spectral_centroid),
	.min_inputs = 1,
	.max_inputs = 1,
	.setup = spectral_centroid_setup,
	.push = spectral_centroid_push,
};
