/* SPDX-License-Identifier: Apache-2.0 */
/*
 * heartbeat - the last value again when nothing came for `every`: for a receiver that takes silence for a fault.
 *
 * A value is repeated for at most `for` after it came, so that a dead sensor does not look alive for ever; a gap ends it at
 * once. Repetitions are dated `every` after what was given last and come when the watermark, or a sample, shows that nothing
 * came in between. They count like any other value: use it for displays and for states that tell of changes only.
 * A sample from before the last repetition passes like any other; when it is older by `every` or more the clock was set back.
 */
#include <errno.h>
#include <stdio.h>

#include "base/check.h"
#include "pipelines/op.h"
#include "pipelines/series.h"

enum { BEATS_MAX = 20000 };

struct heartbeat {
	int64_t every_us, for_us;

	double last;
	int64_t last_us;  /* of a value that came */
	int64_t given_us; /* of what was given last */
	bool beats;
};

static const struct opt options[] = {
	{ "every", OPT_DURATION, offsetof(struct heartbeat, every_us), .min = 1e3, .max = 366.0 * 86400e6,
	  .required = true, .example = "1m", .help = "the longest silence" },
	{ "for", OPT_DURATION, offsetof(struct heartbeat, for_us), .min = 1e3, .max = 366.0 * 86400e6, .def = "1d",
	  .help = "how long a value is repeated" },
};

static int heartbeat_setup(void *state, struct op_setup *s)
{
	const struct heartbeat *h = state;

	if (h->for_us / h->every_us > BEATS_MAX) {
		snprintf(s->error, sizeof(s->error),
			 "for is %lld times every, expected at most %d: one late sample would bring them all at once",
			 (long long)(h->for_us / h->every_us), BEATS_MAX);
		return -EINVAL;
	}
	if (s->inputs[0].period_us > h->every_us)
		s->output->period_us = h->every_us;
	return 0;
}

static int64_t heartbeat_due_us(const void *state)
{
	const struct heartbeat *h = state;
	int64_t due_us;

	if (!h->beats || __builtin_add_overflow(h->given_us, h->every_us, &due_us))
		return INT64_MAX;
	return series_distance_us(due_us, h->last_us) <= (uint64_t)h->for_us ? due_us : INT64_MAX;
}

/** Repetitions that are due at or before @until_us. */
static void repeat(struct heartbeat *h, int64_t until_us, const struct emitter *out)
{
	int64_t due_us;

	while ((due_us = heartbeat_due_us(h)) <= until_us && due_us != INT64_MAX) {
		struct sample s = { .at_us = due_us, .value = h->last };

		h->given_us = due_us;
		emit(out, &s);
	}
}

static void heartbeat_push(void *state, unsigned input, const struct sample *in, const struct emitter *out)
{
	struct heartbeat *h = state;
	bool is_back;

	(void)input;
	if (h->beats && in->at_us > INT64_MIN)
		repeat(h, in->at_us - 1, out);
	is_back = in->at_us < h->given_us && series_distance_us(in->at_us, h->given_us) >= (uint64_t)h->every_us;
	if (!h->beats || is_back || in->at_us > h->given_us)
		h->given_us = in->at_us;
	h->beats = !series_is_gap(in->value);
	h->last = in->value;
	h->last_us = in->at_us;
	series_emit(out, in, in->value);
}

static void heartbeat_advance(void *state, int64_t watermark_us, const struct emitter *out)
{
	if (watermark_us != INT64_MAX) /* the end of the input is no silence */
		repeat(state, watermark_us, out);
}

const struct op_class op_heartbeat = {
	.name = "heartbeat",
	.family = OP_CHANGE,
	.help = "repeat the last value when nothing came for a time",
	.formula = "y(t0 + every) = x(t0) if nothing came since, and so on for at most `for`",
	.memory = "none",
	.options = { options, ARRAY_LEN(options) },
	.state_size = sizeof(struct heartbeat),
	.min_inputs = 1,
	.max_inputs = 1,
	.setup = heartbeat_setup,
	.push = heartbeat_push,
	.advance = heartbeat_advance,
	.due_us = heartbeat_due_us,
};
