/* SPDX-License-Identifier: Apache-2.0 */
/*
 * quorum - what enough of several sensors agree on, so that one that is broken is outvoted and one that is silent not missed.
 *
 * Of states: 1 when at least `need` are 1; 0 when so few are left that `need` can no longer be reached; between the two, when
 * it hangs on a sensor that is silent or at a gap, a gap. Of quantities: the median of those that are there when at least
 * `need` are, else a gap; of three sensors it is in the range of the two good ones whatever the third says.
 * Which readings belong together is said in align.h.
 */
#include <errno.h>
#include <math.h>
#include <stdio.h>
#include <string.h>

#include "base/check.h"
#include "base/unit.h"
#include "pipelines/align.h"
#include "pipelines/op.h"
#include "pipelines/series.h"

struct quorum {
	int64_t need, within_us;
	struct align align;
	bool of_states;
};

static const struct opt options[] = {
	{ "need", OPT_INT, offsetof(struct quorum, need), .min = 1, .max = OP_MAX_INPUTS,
	  .help = "how many must agree, of quantities: be there; default: more than half" },
	ALIGN_WITHIN(struct quorum, within_us),
};

static int quorum_setup(void *state, struct op_setup *s)
{
	struct quorum *q = state;

	if (q->need == 0)
		q->need = (int64_t)s->n_inputs / 2 + 1;
	if (q->need > (int64_t)s->n_inputs) {
		snprintf(s->error, sizeof(s->error), "need must be at most the number of inputs (%zu), found %lld",
			 s->n_inputs, (long long)q->need);
		return -EINVAL;
	}
	q->of_states = s->inputs[0].kind == SERIES_STATE;
	for (size_t i = 0; i < s->n_inputs; i++)
		if (s->inputs[i].kind == SERIES_COUNTER || s->inputs[i].kind != s->inputs[0].kind ||
		    strcmp(s->inputs[i].unit->code, s->inputs[0].unit->code)) {
			snprintf(s->error, sizeof(s->error),
				 "input %zu: expected all inputs to be states, or quantities of one unit", i + 1);
			return -EINVAL;
		}
	return align_setup(&q->align, s, q->within_us);
}

static double vote(const struct quorum *q, const double *values)
{
	int64_t n_yes = 0, n_unknown = 0;

	for (size_t i = 0; i < q->align.n; i++) {
		n_unknown += isnan(values[i]);
		n_yes += values[i] > 0.0;
	}
	if (n_yes >= q->need)
		return 1.0;
	return n_yes + n_unknown < q->need ? 0.0 : NAN;
}

/* Of those that are there, sorted in place. */
static double median(const struct quorum *q, double *values)
{
	size_t n = 0;

	for (size_t i = 0; i < q->align.n; i++) {
		double x = values[i];
		size_t at = n;

		if (isnan(x))
			continue;
		for (; at > 0 && values[at - 1] > x; at--)
			values[at] = values[at - 1];
		values[at] = x;
		n++;
	}
	return n >= (size_t)q->need ? 0.5 * values[(n - 1) / 2] + 0.5 * values[n / 2] : NAN;
}

static void give(struct quorum *q, const struct emitter *out)
{
	double values[OP_MAX_INPUTS];
	struct sample s;

	align_take(&q->align, &s, values);
	series_emit(out, &s, q->of_states ? vote(q, values) : median(q, values));
}

static void quorum_push(void *state, unsigned input, const struct sample *in, const struct emitter *out)
{
	struct quorum *q = state;

	if (align_is_over(&q->align, in))
		give(q, out);
	if (align_add(&q->align, input, in))
		give(q, out);
}

static int64_t quorum_due_us(const void *state)
{
	const struct quorum *q = state;

	return align_due_us(&q->align);
}

static void quorum_advance(void *state, int64_t watermark_us, const struct emitter *out)
{
	struct quorum *q = state;

	if (align_has_waited(&q->align, watermark_us))
		give(q, out);
}

const struct op_class op_quorum = {
	.name = "quorum",
	.family = OP_JOINING,
	.help = "what enough of several sensors agree on: k of n states, or the median of those quantities that are "
		"there",
	.formula = "y = 1 if at least `need` are 1, 0 if that cannot be, else a gap; of quantities y = median(x1, x2, "
		   "...)",
	.memory = "one sample an input",
	.options = { options, ARRAY_LEN(options) },
	.state_size = sizeof(struct quorum),
	.min_inputs = 2,
	.max_inputs = OP_MAX_INPUTS,
	.setup = quorum_setup,
	.push = quorum_push,
	.advance = quorum_advance,
	.due_us = quorum_due_us,
};
