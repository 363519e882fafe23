/* SPDX-License-Identifier: Apache-2.0 */
/*
 * skip - the first samples after the start are left out: a sensor that warms up, a filter before it that settles.
 *
 * They are not bad, so nothing is in their place; that they were expected stands, and coverage tells that they are missing. Gaps
 * pass, and do not count among the first samples. Should the clock be set back while a time is skipped, it starts anew.
 */
#include "base/check.h"
#include "pipelines/op.h"
#include "pipelines/series.h"

struct skip {
	struct opt_span first;

	int64_t n, from_us;
	uint32_t lost;
	bool is_over;
};

static const struct opt options[] = {
	{ "first", OPT_SPAN, offsetof(struct skip, first), .min = 1, .max = 1e9, .required = true, .example = "10",
	  .help = "how many samples, or how long from the first one on" },
};

static bool is_skipped(struct skip *k, int64_t at_us)
{
	k->n++;
	if (k->first.count > 0)
		return k->n <= k->first.count;
	if (k->n == 1 || at_us < k->from_us)
		k->from_us = at_us;
	return series_distance_us(at_us, k->from_us) < (uint64_t)k->first.us;
}

static void skip_push(void *state, unsigned input, const struct sample *in, const struct emitter *out)
{
	struct skip *k = state;

	bool is_gap = series_is_gap(in->value);

	(void)input;
	if (!k->is_over && !is_gap)
		k->is_over = !is_skipped(k, in->at_us);
	series_emit_if(k->is_over || is_gap, out, in, in->value, &k->lost);
}

const struct op_class op_skip = {
	.name = "skip",
	.family = OP_CLEANING,
	.help = "leave out the first samples after the start",
	.formula = "y = nothing for the first n values or the first seconds, then x",
	.memory = "none",
	.options = { options, ARRAY_LEN(options) },
	.state_size = sizeof(struct skip),
	.min_inputs = 1,
	.max_inputs = 1,
	.push = skip_push,
};
