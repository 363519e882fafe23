/* SPDX-License-Identifier: Apache-2.0 */
/*
 * dedupe - leave out what says nothing new: a value equal to the one before, or a second sample with the same time stamp.
 *
 * All gaps pass, because each is counted, and the first value after a gap passes, because a gap ends the time that a value
 * stands for. What was lost before a sample left out is told with the next one that passes. Values left out make the result
 * irregular: the stream's `hold` says how long one stands, and `every` lets one pass at least so often.
 */
#include "base/check.h"
#include "pipelines/op.h"
#include "pipelines/series.h"

enum what { VALUE, STAMP };

static const char *const whats[] = { "value", "stamp", NULL };

struct dedupe {
	int what;
	int64_t every_us;

	double last;
	int64_t last_us;
	uint32_t lost;
	bool has_last;
};

static const struct opt options[] = {
	{ "same", OPT_ENUM, offsetof(struct dedupe, what), .choices = whats, .def = "value",
	  .help = "what makes a sample a repetition of the one before" },
	{ "every", OPT_DURATION, offsetof(struct dedupe, every_us), .min = 0, .max = 366.0 * 86400e6, .def = "0",
	  .example = "10m",
	  .help = "let a repeated value pass that comes so long after the last that passed; 0: none" },
};

static int dedupe_setup(void *state, struct op_setup *s)
{
	const struct dedupe *d = state;

	if (d->what == VALUE)
		s->output->period_us = 0;
	return 0;
}

static bool is_repetition(const struct dedupe *d, const struct sample *in)
{
	if (!d->has_last)
		return false;
	if (d->what == STAMP)
		return in->at_us == d->last_us;
	if (d->every_us > 0 && series_distance_us(in->at_us, d->last_us) >= (uint64_t)d->every_us)
		return false;
	return in->value == d->last;
}

static void dedupe_push(void *state, unsigned input, const struct sample *in, const struct emitter *out)
{
	struct dedupe *d = state;
	struct sample s = { .at_us = in->at_us, .lost = series_add_lost(d->lost, in->lost) };

	(void)input;
	if (is_repetition(d, in)) {
		d->lost = s.lost;
		return;
	}
	d->lost = 0;
	d->last = in->value;
	d->last_us = in->at_us;
	d->has_last = d->what == STAMP || !series_is_gap(in->value);
	series_emit(out, &s, in->value);
}

const struct op_class op_dedupe = {
	.name = "dedupe",
	.family = OP_CLEANING,
	.help = "leave out repeated values, or samples with a repeated time stamp",
	.formula = "y = x where x differs from the last y",
	.memory = "none",
	.options = { options, ARRAY_LEN(options) },
	.state_size = sizeof(struct dedupe),
	.min_inputs = 1,
	.max_inputs = 1,
	.setup = dedupe_setup,
	.push = dedupe_push,
};
