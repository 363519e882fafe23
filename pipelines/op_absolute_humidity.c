/* SPDX-License-Identifier: Apache-2.0 */
/*
 * absolute_humidity - grams of water in a cubic metre of air, from temperature and relative humidity in either order.
 *
 * Density of an ideal gas: e / (R_w T) with R_w = 461.5 J/(kg K), and the vapour pressure e by the Magnus formula (humid.h):
 * 216.68 g K/(m3 hPa) * e / T.
 */
#include "base/check.h"
#include "base/unit.h"
#include "pipelines/align.h"
#include "pipelines/humid.h"
#include "pipelines/op.h"
#include "pipelines/plain_math.h"
#include "pipelines/series.h"

static const struct opt options[] = { ALIGN_WITHIN(struct humid, within_us) };

#define GRAM_KELVIN_PER_HPA (1e5 / 461.5)
#define ZERO_CELSIUS_KELVIN 273.15

static double absolute_humidity(const struct humid *h, double celsius, double percent)
{
	double vapour_hpa = percent / 100.0 * HUMID_MAGNUS_E0_HPA * plain_exp(humid_exponent(celsius));

	(void)h;
	return GRAM_KELVIN_PER_HPA * vapour_hpa / (celsius + ZERO_CELSIUS_KELVIN);
}

static int absolute_humidity_setup(void *state, struct op_setup *s)
{
	int r = humid_setup(state, s);

	if (r == 0)
		s->output->unit = unit_find("g/m3");
	return r;
}

static void absolute_humidity_push(void *state, unsigned input, const struct sample *in, const struct emitter *out)
{
	humid_push(state, input, in, out, absolute_humidity);
}

static void absolute_humidity_advance(void *state, int64_t watermark_us, const struct emitter *out)
{
	humid_advance(state, watermark_us, out, absolute_humidity);
}

static int64_t absolute_humidity_due_us(const void *state)
{
	const struct humid *h = state;

	return align_due_us(&h->align);
}

const struct op_class op_absolute_humidity = {
	.name = "absolute_humidity",
	.family = OP_SHAPING,
	.help = "grams of water in a cubic metre of air, of a temperature and a relative humidity",
	.formula = "y = 216.68 e / (t + 273.15); e = rh / 100 * 6.112 exp(17.62 t / (243.12 + t))",
	.memory = "one sample an input",
	.options = { options, ARRAY_LEN(options) },
	.state_size = sizeof(struct humid),
	.min_inputs = 2,
	.max_inputs = 2,
	.setup = absolute_humidity_setup,
	.push = absolute_humidity_push,
	.advance = absolute_humidity_advance,
	.due_us = absolute_humidity_due_us,
	.example_inputs = { "unit: Cel, offset: 20", "unit: \"%\", offset: 50" },
};
