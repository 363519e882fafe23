/* SPDX-License-Identifier: Apache-2.0 */
/*
 * ntc - the temperature of a thermistor from its resistance, by Steinhart and Hart ("Calibration curves for thermistors", Deep-Sea
 * Research 15, 1968): 1/T = A + B ln R + C (ln R)^3.
 *
 * The coefficients are given, or follow from three points of the data sheet, or from its beta: then C is 0, B = 1 / beta and
 * A = 1/T0 - ln(R0) / beta. The logarithm is computed without the C library, so every board gives the same bits.
 */
#include <errno.h>
#include <math.h>
#include <stdio.h>

#include "base/check.h"
#include "base/unit.h"
#include "base/unit_convert.h"
#include "pipelines/op.h"
#include "pipelines/plain_math.h"
#include "pipelines/series.h"

#define ZERO_CELSIUS_KELVIN 273.15

struct ntc {
	double beta, resistance_ohm, reference_celsius;
	struct opt_points points;
	struct opt_doubles coefficients;

	double a, b, c;
	struct unit_conversion to_ohm;
};

static const struct opt options[] = {
	{ "beta", OPT_DOUBLE, offsetof(struct ntc, beta), .min = 100, .max = 20000, .unit = "K", .example = "3950",
	  .help = "of the data sheet, for 25 to 85 or 50 Cel" },
	{ "resistance", OPT_DOUBLE, offsetof(struct ntc, resistance_ohm), .min = 1e-3, .max = 1e9, .def = "10000",
	  .unit = "Ohm", .help = "at the reference temperature; goes with beta" },
	{ "reference", OPT_DOUBLE, offsetof(struct ntc, reference_celsius), .min = -200, .max = 1000, .def = "25",
	  .unit = "Cel", .help = "the temperature at which it has that resistance" },
	{ "points", OPT_POINTS, offsetof(struct ntc, points), .min_items = 3, .max_items = 3,
	  .help = "[Cel, Ohm] three times, far apart; instead of beta" },
	{ "coefficients", OPT_DOUBLE_LIST, offsetof(struct ntc, coefficients), .min_items = 3, .max_items = 3,
	  .help = "A, B and C; instead of beta" },
};

/** The curve through three points. @return 0 or -EINVAL */
static int solve(struct ntc *n, struct op_setup *s)
{
	const struct opt_point *p = n->points.points;
	double l[3], y[3], g2, g3;

	for (int i = 0; i < 3; i++) {
		double kelvin = p[i].x + ZERO_CELSIUS_KELVIN;

		if (!(p[i].y > 0.0) || !(kelvin > 0.0)) {
			snprintf(s->error, sizeof(s->error),
				 "point %d: expected [Cel, Ohm] with a temperature above -273.15 and a resistance "
				 "above 0",
				 i + 1);
			return -EINVAL;
		}
		l[i] = plain_log(p[i].y);
		y[i] = 1.0 / kelvin;
	}
	if (l[0] == l[1] || l[1] == l[2] || l[0] == l[2]) {
		snprintf(s->error, sizeof(s->error), "the resistances of the three points must differ");
		return -EINVAL;
	}
	g2 = (y[1] - y[0]) / (l[1] - l[0]);
	g3 = (y[2] - y[0]) / (l[2] - l[0]);
	n->c = (g3 - g2) / (l[2] - l[1]) / (l[0] + l[1] + l[2]);
	n->b = g2 - n->c * (l[0] * l[0] + l[0] * l[1] + l[1] * l[1]);
	n->a = y[0] - (n->b + n->c * l[0] * l[0]) * l[0];
	return 0;
}

static int ntc_setup(void *state, struct op_setup *s)
{
	struct ntc *n = state;

	if (unit_conversion_find(s->inputs[0].unit, unit_find("Ohm"), &n->to_ohm) < 0) {
		snprintf(s->error, sizeof(s->error), "expected a resistance in Ohm or kOhm, found %s",
			 s->inputs[0].unit->code);
		return -EINVAL;
	}
	if (!isnan(n->beta) + (n->points.n > 0) + (n->coefficients.n > 0) != 1) {
		snprintf(s->error, sizeof(s->error), "expected one of beta, points and coefficients");
		return -EINVAL;
	}
	s->output->unit = unit_find("Cel");
	s->output->kind = SERIES_GAUGE;
	if (n->points.n > 0)
		return solve(n, s);
	if (n->coefficients.n > 0) {
		n->a = n->coefficients.values[0];
		n->b = n->coefficients.values[1];
		n->c = n->coefficients.values[2];
		return 0;
	}
	n->b = 1.0 / n->beta;
	n->a = 1.0 / (n->reference_celsius + ZERO_CELSIUS_KELVIN) - plain_log(n->resistance_ohm) / n->beta;
	return 0;
}

static void ntc_push(void *state, unsigned input, const struct sample *in, const struct emitter *out)
{
	const struct ntc *n = state;
	double ohm = unit_convert(&n->to_ohm, in->value), log_ohm, inverse;

	(void)input;
	if (!(ohm > 0.0) || series_is_gap(ohm)) {
		series_emit(out, in, NAN);
		return;
	}
	log_ohm = plain_log(ohm);
	inverse = n->a + (n->b + n->c * log_ohm * log_ohm) * log_ohm;
	series_emit(out, in, inverse > 0.0 ? 1.0 / inverse - ZERO_CELSIUS_KELVIN : NAN);
}

const struct op_class op_ntc = {
	.name = "ntc",
	.family = OP_SHAPING,
	.help = "temperature of a thermistor from its resistance",
	.formula = "1/T = A + B ln R + C (ln R)^3 (Steinhart-Hart); with beta: 1/T = 1/T0 + ln(R / R0) / beta",
	.memory = "none",
	.options = { options, ARRAY_LEN(options) },
	.state_size = sizeof(struct ntc),
	.min_inputs = 1,
	.max_inputs = 1,
	.setup = ntc_setup,
	.push = ntc_push,
	.example_inputs = { "unit: Ohm, offset: 10000, amplitude: 1000" },
};
