/* SPDX-License-Identifier: Apache-2.0 */
/*
 * hold_last - a gap is answered by the last value, for so many samples or so long; after that gaps are gaps.
 *
 * Only gaps are filled: when no sample comes at all nothing is made up (that is `heartbeat`). A value that is filled in
 * counts like any other, and the gap is no longer counted as bad: use it for displays and actions more than for KPIs.
 */
#include <math.h>

#include "base/check.h"
#include "pipelines/op.h"
#include "pipelines/series.h"

struct hold_last {
	struct opt_span longest;

	double last;
	int64_t last_us, n_filled;
	bool has_last;
};

static const struct opt options[] = {
	{ "for", OPT_SPAN, offsetof(struct hold_last, longest), .min = 1, .max = 1e9, .required = true,
	  .example = "30s", .help = "how many gaps in a row are filled, or up to what age of the value" },
};

static bool may_fill(struct hold_last *h, int64_t at_us)
{
	if (!h->has_last)
		return false;
	if (h->longest.us > 0)
		return series_distance_us(at_us, h->last_us) <= (uint64_t)h->longest.us;
	return h->n_filled++ < h->longest.count;
}

static void hold_last_push(void *state, unsigned input, const struct sample *in, const struct emitter *out)
{
	struct hold_last *h = state;

	(void)input;
	if (series_is_gap(in->value)) {
		if (!may_fill(h, in->at_us))
			h->has_last = false;
		series_emit(out, in, h->has_last ? h->last : NAN);
		return;
	}
	h->last = in->value;
	h->last_us = in->at_us;
	h->n_filled = 0;
	h->has_last = true;
	series_emit(out, in, in->value);
}

const struct op_class op_hold_last = {
	.name = "hold_last",
	.family = OP_CLEANING,
	.help = "fill gaps with the last value, for a limited time",
	.formula = "y = x, in a gap the last x if it is young enough",
	.memory = "none",
	.options = { options, ARRAY_LEN(options) },
	.state_size = sizeof(struct hold_last),
	.min_inputs = 1,
	.max_inputs = 1,
	.push = hold_last_push,
};
