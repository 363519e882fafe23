/* SPDX-License-Identifier: Apache-2.0 */
/*
 * loop_4_20ma - the quantity behind a 4-20 mA current loop. 4 mA is `low`, 20 mA is `high`.
 *
 * NAMUR recommendation NE 43: a transmitter may go to 3.8 and 20.5 mA when the quantity leaves its range, and tells a fault
 * by 3.6 mA or less, or 21 mA or more; a broken wire reads 0. These are gaps and so counted as bad; what lies between is
 * extrapolated.
 */
#include <errno.h>
#include <math.h>
#include <stdio.h>

#include "base/check.h"
#include "base/unit.h"
#include "base/unit_convert.h"
#include "pipelines/op.h"
#include "pipelines/series.h"

#define LIVE_ZERO_MA 4.0
#define SPAN_MA 16.0

struct loop_4_20ma {
	double low, high, fault_low_ma, fault_high_ma;
	const struct unit *unit;

	struct unit_conversion to_ma;
};

static const struct opt options[] = {
	{ "low", OPT_DOUBLE, offsetof(struct loop_4_20ma, low), .required = true, .example = "0",
	  .help = "the value at 4 mA" },
	{ "high", OPT_DOUBLE, offsetof(struct loop_4_20ma, high), .required = true, .example = "10",
	  .help = "the value at 20 mA" },
	{ "unit", OPT_UNIT, offsetof(struct loop_4_20ma, unit), .required = true, .example = "bar",
	  .help = "of these values" },
	{ "fault_low", OPT_DOUBLE, offsetof(struct loop_4_20ma, fault_low_ma), .min = -1, .max = 4, .def = "3.6",
	  .unit = "mA", .help = "a fault at this current or less" },
	{ "fault_high", OPT_DOUBLE, offsetof(struct loop_4_20ma, fault_high_ma), .min = 20, .max = 1000, .def = "21",
	  .unit = "mA", .help = "a fault at this current or more" },
};

static int loop_4_20ma_setup(void *state, struct op_setup *s)
{
	struct loop_4_20ma *l = state;

	if (unit_conversion_find(s->inputs[0].unit, unit_find("mA"), &l->to_ma) < 0) {
		snprintf(s->error, sizeof(s->error), "expected a current in mA or A, found %s",
			 s->inputs[0].unit->code);
		return -EINVAL;
	}
	if (l->low == l->high) {
		snprintf(s->error, sizeof(s->error), "low and high must differ");
		return -EINVAL;
	}
	s->output->unit = l->unit;
	s->output->kind = SERIES_GAUGE;
	return 0;
}

static void loop_4_20ma_push(void *state, unsigned input, const struct sample *in, const struct emitter *out)
{
	const struct loop_4_20ma *l = state;
	double ma = unit_convert(&l->to_ma, in->value);

	(void)input;
	if (ma > l->fault_low_ma && ma < l->fault_high_ma)
		series_emit(out, in, l->low + (l->high - l->low) * ((ma - LIVE_ZERO_MA) / SPAN_MA));
	else
		series_emit(out, in, NAN);
}

const struct op_class op_loop_4_20ma = {
	.name = "loop_4_20ma",
	.family = OP_SHAPING,
	.help = "the quantity behind a 4-20 mA current loop; a fault of the loop is a gap, counted as bad",
	.formula = "y = low + (high - low) (i - 4 mA) / 16 mA; a gap if i <= 3.6 mA or i >= 21 mA",
	.memory = "none",
	.options = { options, ARRAY_LEN(options) },
	.state_size = sizeof(struct loop_4_20ma),
	.min_inputs = 1,
	.max_inputs = 1,
	.setup = loop_4_20ma_setup,
	.push = loop_4_20ma_push,
	.example_inputs = { "unit: mA, offset: 12, amplitude: 8" },
};
