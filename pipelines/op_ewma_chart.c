/* SPDX-License-Identifier: Apache-2.0 */
/*
 * ewma_chart - the control chart of the exponentially weighted mean: finds small lasting shifts that no single value betrays.
 *
 *     z = lambda * x + (1 - lambda) * z,  from z = target
 *     out of control when |z - target| > limit * sigma * sqrt(lambda / (2 - lambda) * (1 - (1 - lambda)^(2 i)))
 *
 * with the exact limits of the i-th value, which are narrower at the start (Roberts 1959; Lucas & Saccucci 1990; NIST/SEMATECH
 * handbook 6.3.2.4). Target and sigma are given, or learnt from the first values, which are not judged.
 */
#include <errno.h>
#include <math.h>
#include <stdio.h>

#include "base/check.h"
#include "base/unit.h"
#include "pipelines/baseline.h"
#include "pipelines/op.h"
#include "pipelines/series.h"

enum output { STATE, EWMA, DEVIATION };

static const char *const outputs[] = { "state", "ewma", "deviation", NULL };

struct ewma_chart {
	double lambda, limit;
	struct baseline baseline;
	int direction, output;

	double quantum;
	double z, fade; /* fade: (1 - lambda)^(2 i) */
	uint32_t lost;
	bool has_begun;
};

static const struct opt options[] = {
	{ "lambda", OPT_DOUBLE, offsetof(struct ewma_chart, lambda), .min = 1e-6, .max = 1, .def = "0.2",
	  .example = "0.2", .help = "weight of the newest value; smaller finds smaller shifts, later" },
	{ "limit", OPT_DOUBLE, offsetof(struct ewma_chart, limit), .min = 0.1, .max = 1e6, .def = "3",
	  .help = "width of the control limits, in standard deviations of the mean" },
	BASELINE_OPTIONS(struct ewma_chart, baseline),
	{ "direction", OPT_ENUM, offsetof(struct ewma_chart, direction), .choices = direction_names, .def = "both",
	  .help = "which shifts count" },
	{ "output", OPT_ENUM, offsetof(struct ewma_chart, output), .choices = outputs, .def = "state",
	  .help = "state: out of control; ewma: the mean; deviation: its distance from target, to be compared with "
		  "limit" },
};

static int ewma_chart_setup(void *state, struct op_setup *s)
{
	struct ewma_chart *e = state;

	if (s->inputs[0].kind == SERIES_COUNTER) {
		snprintf(s->error, sizeof(s->error), "a counter has no target; expected a measured quantity");
		return -EINVAL;
	}
	baseline_setup(&e->baseline);
	e->quantum = s->inputs[0].unit->quantum;
	s->output->kind = e->output == STATE ? SERIES_STATE : SERIES_GAUGE;
	if (e->output != EWMA)
		s->output->unit = unit_find("1");
	return 0;
}

static double chart(struct ewma_chart *e, double x)
{
	double target = e->baseline.center, keep = 1.0 - e->lambda, width, deviation;

	if (!e->has_begun) {
		e->has_begun = true;
		e->z = target;
		e->fade = 1.0;
	}
	e->z = e->lambda * x + keep * e->z;
	e->fade *= keep * keep;
	if (e->output == EWMA)
		return e->z;
	width = e->baseline.spread * sqrt(e->lambda / (2.0 - e->lambda) * (1.0 - e->fade));
	deviation = (e->z - target) / width;
	if (e->output == DEVIATION)
		return deviation;
	return direction_measure(e->direction, deviation) > e->limit ? 1.0 : 0.0;
}

static void ewma_chart_push(void *state, unsigned input, const struct sample *in, const struct emitter *out)
{
	struct ewma_chart *e = state;

	bool is_gap = series_is_gap(in->value),
	     is_judged = !is_gap && baseline_learn(&e->baseline, in->value, e->quantum);

	(void)input;
	series_emit_if(is_gap || is_judged, out, in, is_judged ? chart(e, in->value) : NAN, &e->lost);
}

const struct op_class op_ewma_chart = {
	.name = "ewma_chart",
	.family = OP_ANOMALY,
	.help = "1 while an exponentially weighted mean is outside its control limits: small lasting shifts",
	.formula = "z = lambda x + (1 - lambda) z; y = |z - target| > limit sigma sqrt(lambda / (2 - lambda) (1 - (1 - "
		   "lambda)^2i))",
	.memory = "none",
	.options = { options, ARRAY_LEN(options) },
	.state_size = sizeof(struct ewma_chart),
	.min_inputs = 1,
	.max_inputs = 1,
	.setup = ewma_chart_setup,
	.push = ewma_chart_push,
};
