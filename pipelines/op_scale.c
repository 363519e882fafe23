/* SPDX-License-Identifier: Apache-2.0 */
/*
 * scale - y = factor * x + offset: calibration, or another unit.
 *
 * Most of this file keeps the meaning of what comes in. A counter stays one when zero stays zero and up stays up,
 * because increase() takes a fall for a restart from zero. A state stays one when 0 and 1 become 0 and 1, which
 * makes {factor: -1, offset: 1} the inverter.
 */
#include <errno.h>
#include <stdio.h>

#include "base/check.h"
#include "base/text.h"
#include "pipelines/op.h"
#include "pipelines/series.h"

struct scale {
	double factor, offset;
	const struct unit *unit;
};

static const struct opt options[] = {
	{ "factor", OPT_DOUBLE, offsetof(struct scale, factor), .min = -1e100, .max = 1e100, .def = "1",
	  .example = "1.8", .help = "multiplies the value; not 0" },
	{ "offset", OPT_DOUBLE, offsetof(struct scale, offset), .min = -1e100, .max = 1e100, .def = "0",
	  .example = "32", .help = "is added after that" },
	{ "unit", OPT_UNIT, offsetof(struct scale, unit), .example = "[degF]",
	  .help = "unit of the result; default: that of the input" },
};

static bool is_binary(double x)
{
	return x == 0.0 || x == 1.0;
}

static int scale_setup(void *state, struct op_setup *s)
{
	const struct scale *sc = state;
	char number[32];

	if (sc->factor == 0.0) {
		snprintf(s->error, sizeof(s->error), "factor must not be 0: every value would become the offset");
		return -EINVAL;
	}
	if (s->inputs[0].kind == SERIES_COUNTER && sc->factor < 0.0) {
		snprintf(s->error, sizeof(s->error), "factor of a counter must be above 0, found %s",
			 text_from_double(sc->factor, number, sizeof(number)));
		return -EINVAL;
	}
	if (s->inputs[0].kind == SERIES_COUNTER && sc->offset != 0.0) {
		snprintf(s->error, sizeof(s->error),
			 "offset of a counter must be 0, because it restarts from 0; found %s",
			 text_from_double(sc->offset, number, sizeof(number)));
		return -EINVAL;
	}

	if (sc->unit)
		s->output->unit = sc->unit;
	if (s->inputs[0].kind == SERIES_STATE && !(is_binary(sc->offset) && is_binary(sc->factor + sc->offset)))
		s->output->kind = SERIES_GAUGE;
	return 0;
}

static void scale_push(void *state, unsigned input, const struct sample *in, const struct emitter *out)
{
	const struct scale *sc = state;

	(void)input;
	series_emit(out, in, series_is_gap(in->value) ? in->value : sc->factor * in->value + sc->offset);
}

const struct op_class op_scale = {
	.name = "scale",
	.family = OP_SHAPING,
	.help = "multiply and add: calibration, or another unit",
	.formula = "y = factor * x + offset",
	.memory = "none",
	.options = { options, ARRAY_LEN(options) },
	.state_size = sizeof(struct scale),
	.min_inputs = 1,
	.max_inputs = 1,
	.setup = scale_setup,
	.push = scale_push,
};
