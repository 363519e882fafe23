/* SPDX-License-Identifier: Apache-2.0 */
/*
 * dew_point - the temperature at which the air would be saturated, from temperature and relative humidity in either order.
 *
 * The Magnus formula (see humid.h) solved for t: with g = ln(rh / 100) + 17.62 t / (243.12 + t), the dew point is
 * 243.12 g / (17.62 - g). Over water, also below 0 degC, as WMO defines relative humidity; it is within 0.1 K of the full
 * formulas from -45 to 60 degC.
 */
#include "base/check.h"
#include "pipelines/align.h"
#include "pipelines/humid.h"
#include "pipelines/op.h"
#include "pipelines/plain_math.h"
#include "pipelines/series.h"

static const struct opt options[] = { ALIGN_WITHIN(struct humid, within_us) };

static double dew_point(const struct humid *h, double celsius, double percent)
{
	double g = plain_log(percent / 100.0) + humid_exponent(celsius);

	return unit_convert(&h->from_celsius, HUMID_MAGNUS_B * g / (HUMID_MAGNUS_A - g));
}

static int dew_point_setup(void *state, struct op_setup *s)
{
	return humid_setup(state, s);
}

static void dew_point_push(void *state, unsigned input, const struct sample *in, const struct emitter *out)
{
	humid_push(state, input, in, out, dew_point);
}

static void dew_point_advance(void *state, int64_t watermark_us, const struct emitter *out)
{
	humid_advance(state, watermark_us, out, dew_point);
}

static int64_t dew_point_due_us(const void *state)
{
	const struct humid *h = state;

	return align_due_us(&h->align);
}

const struct op_class op_dew_point = {
	.name = "dew_point",
	.family = OP_SHAPING,
	.help = "dew point of a temperature and a relative humidity",
	.formula = "g = ln(rh / 100) + 17.62 t / (243.12 + t); y = 243.12 g / (17.62 - g)",
	.memory = "one sample an input",
	.options = { options, ARRAY_LEN(options) },
	.state_size = sizeof(struct humid),
	.min_inputs = 2,
	.max_inputs = 2,
	.setup = dew_point_setup,
	.push = dew_point_push,
	.advance = dew_point_advance,
	.due_us = dew_point_due_us,
	.example_inputs = { "unit: Cel, offset: 20", "unit: \"%\", offset: 50" },
};
