/* SPDX-License-Identifier: Apache-2.0 */
/*
 * map - a table from numbers to numbers: codes of a device to levels, positions of a switch to litres.
 *
 * Only exactly the numbers of the table are found; round first what is measured. The table is sorted at set-up and searched by
 * halves. When all results are 0 or 1 the result is a state.
 */
#include <errno.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/check.h"
#include "base/text.h"
#include "base/unit.h"
#include "pipelines/op.h"
#include "pipelines/series.h"

enum { MAP_MAX = 1024 };

struct map {
	struct opt_points given;
	double otherwise;
	const struct unit *unit;

	struct opt_point *pairs; /* ascending by x */
	size_t n;
};

static const struct opt options[] = {
	{ "pairs", OPT_POINTS, offsetof(struct map, given), .min_items = 1, .max_items = MAP_MAX, .required = true,
	  .example = "[[0, 10], [1, 25], [2, 50]]", .help = "[what comes in, what goes out]" },
	{ "otherwise", OPT_DOUBLE, offsetof(struct map, otherwise),
	  .help = "for what is not in the table; default: a gap, counted as bad" },
	{ "unit", OPT_UNIT, offsetof(struct map, unit), .def = "1", .help = "unit of the result" },
};

static int compare(const void *a, const void *b)
{
	double x = ((const struct opt_point *)a)->x, y = ((const struct opt_point *)b)->x;

	return (x > y) - (x < y);
}

static bool is_binary(double x)
{
	return x == 0.0 || x == 1.0;
}

static int map_setup(void *state, struct op_setup *s)
{
	struct map *m = state;
	bool is_state = isnan(m->otherwise) || is_binary(m->otherwise);
	char number[32];

	m->n = m->given.n;
	m->pairs = arena_alloc(s->arena, m->n * sizeof(*m->pairs));
	memcpy(m->pairs, m->given.points, m->n * sizeof(*m->pairs));
	qsort(m->pairs, m->n, sizeof(*m->pairs), compare);
	for (size_t i = 0; i < m->n; i++) {
		is_state = is_state && is_binary(m->pairs[i].y);
		if (i > 0 && m->pairs[i].x == m->pairs[i - 1].x) {
			snprintf(s->error, sizeof(s->error), "%s is in the table twice",
				 text_from_double(m->pairs[i].x, number, sizeof(number)));
			return -EINVAL;
		}
	}
	s->output->unit = m->unit;
	s->output->kind = is_state ? SERIES_STATE : SERIES_GAUGE;
	return 0;
}

static void map_push(void *state, unsigned input, const struct sample *in, const struct emitter *out)
{
	const struct map *m = state;
	struct opt_point key = { .x = in->value };
	const struct opt_point *found = NULL;

	(void)input;
	if (series_is_gap(in->value)) {
		series_emit(out, in, NAN);
		return;
	}
	found = bsearch(&key, m->pairs, m->n, sizeof(*m->pairs), compare);
	series_emit(out, in, found ? found->y : m->otherwise);
}

const struct op_class op_map = {
	.name = "map",
	.family = OP_SHAPING,
	.help = "a table from numbers to numbers",
	.formula = "y = the partner of x in the table, else `otherwise`",
	.memory = "16 B a pair",
	.options = { options, ARRAY_LEN(options) },
	.state_size = sizeof(struct map),
	.min_inputs = 1,
	.max_inputs = 1,
	.setup = map_setup,
	.push = map_push,
};
