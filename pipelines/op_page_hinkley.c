/* SPDX-License-Identifier: Apache-2.0 */
/*
 * page_hinkley - finds that the mean has changed, without a target: against the mean of all values since the last change
 * (Page 1954, Hinkley 1971; with the fading sum of Gama et al. 2014).
 *
 *     up   = alpha * up   + x - mean - delta,  least = min(least, up)          change when up - least > limit
 *     down = alpha * down + x - mean + delta,  most  = max(most, down)         change when most - down > limit
 *
 * The result is 1 for the value that proves the change, and 0 else. After a change it begins anew and learns the new mean;
 * the first `after` values are only learnt from. delta and limit are in the unit of the series.
 */
#include <errno.h>
#include <math.h>
#include <stdio.h>

#include "base/check.h"
#include "base/unit.h"
#include "pipelines/baseline.h"
#include "pipelines/op.h"
#include "pipelines/series.h"

struct page_hinkley {
	double limit, delta, alpha;
	int64_t after;
	int direction;

	double n, mean, up, least, down, most;
};

static const struct opt options[] = {
	{ "limit", OPT_DOUBLE, offsetof(struct page_hinkley, limit), .min = 1e-100, .max = 1e100, .required = true,
	  .example = "50",
	  .help = "of the sum, in the unit of the series: larger means fewer false alarms, and later" },
	{ "delta", OPT_DOUBLE, offsetof(struct page_hinkley, delta), .min = 0, .max = 1e100, .required = true,
	  .example = "0.5", .help = "change of the mean that is allowed" },
	{ "alpha", OPT_DOUBLE, offsetof(struct page_hinkley, alpha), .min = 0.5, .max = 1, .def = "0.9999",
	  .help = "how much of the sum is kept from value to value" },
	{ "after", OPT_INT, offsetof(struct page_hinkley, after), .min = 1, .max = 1000000, .def = "30",
	  .unit = "samples", .help = "values since the last change before there can be another" },
	{ "direction", OPT_ENUM, offsetof(struct page_hinkley, direction), .choices = direction_names, .def = "both",
	  .help = "which changes count" },
};

static int page_hinkley_setup(void *state, struct op_setup *s)
{
	(void)state;
	if (s->inputs[0].kind == SERIES_COUNTER) {
		snprintf(s->error, sizeof(s->error), "a counter has no mean; expected a measured quantity");
		return -EINVAL;
	}
	s->output->unit = unit_find("1");
	s->output->kind = SERIES_STATE;
	return 0;
}

static void begin_anew(struct page_hinkley *p)
{
	p->n = p->mean = p->up = p->least = p->down = p->most = 0.0;
}

static bool has_changed(struct page_hinkley *p, double x)
{
	p->n += 1.0;
	p->mean += (x - p->mean) / p->n;
	p->up = p->alpha * p->up + (x - p->mean - p->delta);
	p->down = p->alpha * p->down + (x - p->mean + p->delta);
	p->least = fmin(p->least, p->up);
	p->most = fmax(p->most, p->down);
	if (!isfinite(p->up) || !isfinite(p->down)) {
		begin_anew(p); /* beyond all measure */
		return false;
	}
	if (p->n < (double)p->after)
		return false;
	return (p->direction != DIRECTION_DOWN && p->up - p->least > p->limit) ||
	       (p->direction != DIRECTION_UP && p->most - p->down > p->limit);
}

static void page_hinkley_push(void *state, unsigned input, const struct sample *in, const struct emitter *out)
{
	struct page_hinkley *p = state;
	bool changed;

	(void)input;
	if (series_is_gap(in->value)) {
		series_emit(out, in, NAN);
		return;
	}
	changed = has_changed(p, in->value);
	if (changed)
		begin_anew(p);
	series_emit(out, in, changed ? 1.0 : 0.0);
}

const struct op_class op_page_hinkley = {
	.name = "page_hinkley",
	.family = OP_ANOMALY,
	.help = "1 when the mean has changed against all values since the last change (Page-Hinkley test), else 0",
	.formula = "s = alpha s + x - mean - delta; y = s - min(s) > limit, then it begins anew; and its mirror image",
	.memory = "none",
	.options = { options, ARRAY_LEN(options) },
	.state_size = sizeof(struct page_hinkley),
	.min_inputs = 1,
	.max_inputs = 1,
	.setup = page_hinkley_setup,
	.push = page_hinkley_push,
};
