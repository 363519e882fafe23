/* SPDX-License-Identifier: Apache-2.0 */
/*
 * edge_count - a counter of the changes of a state: how often a door was opened, a pump was started.
 *
 * The first state is no change, and a gap between two values hides none that they do not show. It starts from 0 with the
 * program, as counters do; increase() in a KPI goes over that.
 */
#include <errno.h>
#include <math.h>
#include <stdio.h>

#include "base/check.h"
#include "base/unit.h"
#include "pipelines/op.h"
#include "pipelines/series.h"

enum edge { RISING, FALLING, BOTH };

static const char *const edges[] = { "rising", "falling", "both", NULL };

struct edge_count {
	int edge;

	uint64_t n;
	bool seen, is_on;
};

static const struct opt options[] = {
	{ "edge", OPT_ENUM, offsetof(struct edge_count, edge), .choices = edges, .def = "rising", .example = "rising",
	  .help = "which changes count: to 1, to 0 or both" },
};

static int edge_count_setup(void *state, struct op_setup *s)
{
	(void)state;
	if (s->inputs[0].kind != SERIES_STATE) {
		snprintf(s->error, sizeof(s->error), "takes a state (0 or 1): put a threshold before it");
		return -EINVAL;
	}
	s->output->unit = unit_find("{count}");
	s->output->kind = SERIES_COUNTER;
	return 0;
}

static void edge_count_push(void *state, unsigned input, const struct sample *in, const struct emitter *out)
{
	struct edge_count *e = state;
	bool is_on = in->value != 0.0;

	(void)input;
	if (series_is_gap(in->value)) {
		series_emit(out, in, NAN);
		return;
	}
	if (e->seen && is_on != e->is_on && (e->edge == BOTH || is_on == (e->edge == RISING)))
		e->n++;
	e->seen = true;
	e->is_on = is_on;
	series_emit(out, in, (double)e->n);
}

const struct op_class op_edge_count = {
	.name = "edge_count",
	.family = OP_CHANGE,
	.help = "count the changes of a state",
	.formula = "y = number of changes from 0 to 1, from 1 to 0 or both",
	.memory = "none",
	.options = { options, ARRAY_LEN(options) },
	.state_size = sizeof(struct edge_count),
	.min_inputs = 1,
	.max_inputs = 1,
	.setup = edge_count_setup,
	.push = edge_count_push,
	.example_inputs = { "shape: square" },
};
