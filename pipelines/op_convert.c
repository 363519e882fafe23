/* SPDX-License-Identifier: Apache-2.0 */
/*
 * convert - the same quantity in another unit. What a unit can become is the table of base/unit_convert.c.
 *
 * A counter stays one. A state, which has no unit, can become a share: 0 or 100 %.
 */
#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "base/check.h"
#include "base/unit_convert.h"
#include "pipelines/op.h"
#include "pipelines/series.h"

struct convert {
	const struct unit *to;
	struct unit_conversion conversion;
};

static const struct opt options[] = {
	{ "to", OPT_UNIT, offsetof(struct convert, to), .required = true, .example = "%",
	  .help = "unit of the result, of the same quantity as the input" },
};

static int convert_setup(void *state, struct op_setup *s)
{
	struct convert *c = state;
	const struct unit *from = s->inputs[0].unit;
	char list[80];

	if (unit_conversion_find(from, c->to, &c->conversion) < 0) {
		unit_conversion_list(from, list, sizeof(list));
		snprintf(s->error, sizeof(s->error), "%s can not become %s, expected %s%s", from->code, c->to->code,
			 list[0] ? "one of: " : "nothing: there is no other unit of ", list[0] ? list : from->quantity);
		return -EINVAL;
	}
	s->output->unit = c->to;
	if (s->inputs[0].kind == SERIES_STATE && strcmp(from->code, c->to->code) != 0)
		s->output->kind = SERIES_GAUGE;
	return 0;
}

static void convert_push(void *state, unsigned input, const struct sample *in, const struct emitter *out)
{
	const struct convert *c = state;

	(void)input;
	series_emit(out, in, unit_convert(&c->conversion, in->value));
}

const struct op_class op_convert = {
	.name = "convert",
	.family = OP_SHAPING,
	.help = "the same quantity in another unit",
	.formula = "y = (x - zero) * multiply / divide + other zero, by the definitions of the units",
	.memory = "none",
	.options = { options, ARRAY_LEN(options) },
	.state_size = sizeof(struct convert),
	.min_inputs = 1,
	.max_inputs = 1,
	.setup = convert_setup,
	.push = convert_push,
};
