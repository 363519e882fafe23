/* SPDX-License-Identifier: Apache-2.0 */
/*
 * sea_level_pressure - what the barometer would read at sea level, so that stations at different heights compare.
 *
 * The barometric formula of an atmosphere that cools by 6.5 K a kilometre (ISO 2533): p0 = p (1 - L h / T0)^-5.25588, the
 * exponent g / (R L) with g = 9.80665 m/s2 and R = 287.05287 J/(kg K) of air. Without a second input the air is that of the
 * standard atmosphere, T0 = 288.15 K; with one, its temperature at the station is taken: T0 = t + 273.15 + L h.
 */
#include <errno.h>
#include <math.h>
#include <stdio.h>

#include "base/check.h"
#include "base/unit.h"
#include "base/unit_convert.h"
#include "pipelines/align.h"
#include "pipelines/op.h"
#include "pipelines/plain_math.h"
#include "pipelines/series.h"

#define LAPSE_K_PER_M 0.0065
#define EXPONENT (9.80665 / (287.05287 * LAPSE_K_PER_M))
#define STANDARD_KELVIN 288.15
#define ZERO_CELSIUS_KELVIN 273.15

struct sea_level_pressure {
	double altitude_m;
	int64_t within_us;

	struct align align;
	struct unit_conversion to_celsius;
	double standard_factor;
};

static const struct opt options[] = {
	{ "altitude", OPT_DOUBLE, offsetof(struct sea_level_pressure, altitude_m), .min = -500, .max = 9000,
	  .required = true, .unit = "m", .example = "120", .help = "of the barometer above sea level" },
	ALIGN_WITHIN(struct sea_level_pressure, within_us),
};

/** p0 / p for a temperature at sea level. */
static double factor(double altitude_m, double sea_level_kelvin)
{
	return plain_exp(-EXPONENT * plain_log(1.0 - LAPSE_K_PER_M * altitude_m / sea_level_kelvin));
}

static int sea_level_pressure_setup(void *state, struct op_setup *s)
{
	struct sea_level_pressure *p = state;
	struct unit_conversion unused;

	if (unit_conversion_find(s->inputs[0].unit, unit_find("hPa"), &unused) < 0 ||
	    (s->n_inputs > 1 && unit_conversion_find(s->inputs[1].unit, unit_find("Cel"), &p->to_celsius) < 0)) {
		snprintf(s->error, sizeof(s->error),
			 "expected a pressure, and perhaps a temperature after it, found %s%s%s",
			 s->inputs[0].unit->code, s->n_inputs > 1 ? " and " : "",
			 s->n_inputs > 1 ? s->inputs[1].unit->code : "");
		return -EINVAL;
	}
	p->standard_factor = factor(p->altitude_m, STANDARD_KELVIN);
	s->output->kind = SERIES_GAUGE;
	return s->n_inputs > 1 ? align_setup(&p->align, s, p->within_us) : 0;
}

static void give(struct sea_level_pressure *p, const struct emitter *out)
{
	double values[OP_MAX_INPUTS], kelvin;
	struct sample s;

	if (!align_take(&p->align, &s, values)) {
		emit(out, &s);
		return;
	}
	kelvin = unit_convert(&p->to_celsius, values[1]) + ZERO_CELSIUS_KELVIN;
	if (kelvin >= 150.0 && kelvin <= 400.0)
		series_emit(out, &s, values[0] * factor(p->altitude_m, kelvin + LAPSE_K_PER_M * p->altitude_m));
	else
		series_emit(out, &s, NAN);
}

static void sea_level_pressure_push(void *state, unsigned input, const struct sample *in, const struct emitter *out)
{
	struct sea_level_pressure *p = state;

	if (p->align.n == 0) {
		series_emit(out, in, in->value * p->standard_factor);
		return;
	}
	if (align_is_over(&p->align, in))
		give(p, out);
	if (align_add(&p->align, input, in))
		give(p, out);
}

static void sea_level_pressure_advance(void *state, int64_t watermark_us, const struct emitter *out)
{
	struct sea_level_pressure *p = state;

	if (align_has_waited(&p->align, watermark_us))
		give(p, out);
}

static int64_t sea_level_pressure_due_us(const void *state)
{
	const struct sea_level_pressure *p = state;

	return align_due_us(&p->align);
}

const struct op_class op_sea_level_pressure = {
	.name = "sea_level_pressure",
	.family = OP_SHAPING,
	.help = "air pressure at sea level from that at the station, and the temperature there if it is known",
	.formula = "y = p (1 - 0.0065 h / T0)^-5.25588, T0 = 288.15 K or t + 273.15 + 0.0065 h",
	.memory = "one sample an input",
	.options = { options, ARRAY_LEN(options) },
	.state_size = sizeof(struct sea_level_pressure),
	.min_inputs = 1,
	.max_inputs = 2,
	.setup = sea_level_pressure_setup,
	.push = sea_level_pressure_push,
	.advance = sea_level_pressure_advance,
	.due_us = sea_level_pressure_due_us,
	.example_inputs = { "unit: hPa, offset: 1000" },
};
