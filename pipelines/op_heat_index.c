/* SPDX-License-Identifier: Apache-2.0 */
/*
 * heat_index - how hot it feels in the shade, from temperature and relative humidity in either order.
 *
 * The procedure of the US National Weather Service: the mean of the temperature and Steadman's simple formula; from 80 degF on
 * the regression of L. P. Rothfusz (NWS Technical Attachment SR 90-23, 1990, within 1.3 degF of Steadman's table) with
 * its two adjustments, for dry heat and for damp air below 87 degF.
 */
#include <math.h>

#include "base/check.h"
#include "pipelines/align.h"
#include "pipelines/humid.h"
#include "pipelines/op.h"
#include "pipelines/series.h"

static const struct opt options[] = { ALIGN_WITHIN(struct humid, within_us) };

static double regression(double f, double rh)
{
	double y = -42.379 + 2.04901523 * f + 10.14333127 * rh - 0.22475541 * f * rh - 0.00683783 * f * f -
		   0.05481717 * rh * rh + 0.00122874 * f * f * rh + 0.00085282 * f * rh * rh -
		   0.00000199 * f * f * rh * rh;

	if (rh < 13.0 && f <= 112.0)
		y -= (13.0 - rh) / 4.0 * sqrt((17.0 - fabs(f - 95.0)) / 17.0);
	else if (rh > 85.0 && f <= 87.0)
		y += (rh - 85.0) / 10.0 * ((87.0 - f) / 5.0);
	return y;
}

static double heat_index(const struct humid *h, double celsius, double percent)
{
	double f = 1.8 * celsius + 32.0;
	double y = 0.5 * (f + 0.5 * (f + 61.0 + (f - 68.0) * 1.2 + percent * 0.094));

	if (y >= 80.0)
		y = regression(f, percent);
	return unit_convert(&h->from_celsius, (y - 32.0) / 1.8);
}

static int heat_index_setup(void *state, struct op_setup *s)
{
	return humid_setup(state, s);
}

static void heat_index_push(void *state, unsigned input, const struct sample *in, const struct emitter *out)
{
	humid_push(state, input, in, out, heat_index);
}

static void heat_index_advance(void *state, int64_t watermark_us, const struct emitter *out)
{
	humid_advance(state, watermark_us, out, heat_index);
}

static int64_t heat_index_due_us(const void *state)
{
	const struct humid *h = state;

	return align_due_us(&h->align);
}

const struct op_class op_heat_index = {
	.name = "heat_index",
	.family = OP_SHAPING,
	.help = "how hot it feels, of a temperature and a relative humidity",
	.formula = "the procedure of the US National Weather Service (Rothfusz 1990)",
	.memory = "one sample an input",
	.options = { options, ARRAY_LEN(options) },
	.state_size = sizeof(struct humid),
	.min_inputs = 2,
	.max_inputs = 2,
	.setup = heat_index_setup,
	.push = heat_index_push,
	.advance = heat_index_advance,
	.due_us = heat_index_due_us,
	.example_inputs = { "unit: Cel, offset: 20", "unit: \"%\", offset: 50" },
};
