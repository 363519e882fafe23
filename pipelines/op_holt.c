/* SPDX-License-Identifier: Apache-2.0 */
/*
 * holt - double exponential smoothing: a level and a trend, so that a ramp is followed without a lag. With `ahead` it says where
 * the value will be: a tank that will be empty, a bearing that will be hot.
 *
 * The trend is kept in units a second, so samples may come at uneven distances. The second value gives the first trend. A
 * sample of the same stamp or an older one corrects the level alone. A trend says nothing after a long silence: a pause of
 * more than `restart` starts anew, as do a clock set back by as much and a level beyond the range of double.
 */
#include <errno.h>
#include <math.h>
#include <stdio.h>

#include "base/check.h"
#include "pipelines/filter.h"
#include "pipelines/op.h"
#include "pipelines/series.h"

enum { RESTART_PERIODS = 10 };
#define RESTART_IRREGULAR_US (INT64_C(3600) * 1000000)
#define DURATION_MAX_US (366.0 * 86400e6)

struct holt {
	double level_share, trend_share;
	int64_t ahead_us, restart_us;

	double level, trend; /* trend a second */
	int64_t last_us;
	unsigned n; /* values that are in it; 2 is many */
};

static const struct opt options[] = {
	{ "level", OPT_DOUBLE, offsetof(struct holt, level_share), .min = 1e-9, .max = 1, .required = true,
	  .example = "0.3", .help = "share of the newest value in the level" },
	{ "trend", OPT_DOUBLE, offsetof(struct holt, trend_share), .min = 0, .max = 1, .required = true,
	  .example = "0.1", .help = "share of the newest change of the level in the trend" },
	{ "ahead", OPT_DURATION, offsetof(struct holt, ahead_us), .min = 0, .max = DURATION_MAX_US, .def = "0",
	  .help = "give the value expected after this time instead of that of now" },
	{ "restart", OPT_DURATION, offsetof(struct holt, restart_us), .min = 0, .max = DURATION_MAX_US,
	  .help = "a pause longer than this starts anew; default: 10 periods, 1h for irregular input" },
};

static int holt_setup(void *state, struct op_setup *s)
{
	struct holt *h = state;
	int64_t period_us = s->inputs[0].period_us;

	if (s->inputs[0].kind == SERIES_COUNTER) {
		snprintf(s->error, sizeof(s->error), "a counter may restart; expected a measured quantity");
		return -EINVAL;
	}
	if (h->restart_us == 0)
		h->restart_us = period_us > 0 ? RESTART_PERIODS * period_us : RESTART_IRREGULAR_US;
	s->output->kind = SERIES_GAUGE;
	return 0;
}

static void start(struct holt *h, double x)
{
	h->level = x;
	h->trend = 0.0;
	h->n = 1;
}

static void follow(struct holt *h, double x, double step_s)
{
	double before = h->level, expected = before + h->trend * step_s;

	if (h->n == 1 && step_s > 0.0) {
		h->level = x;
		h->trend = (x - before) / step_s;
		h->n = 2;
		return;
	}
	h->level = filter_flush(expected + h->level_share * (x - expected));
	if (step_s > 0.0)
		h->trend = filter_flush(h->trend + h->trend_share * ((h->level - before) / step_s - h->trend));
}

static void holt_push(void *state, unsigned input, const struct sample *in, const struct emitter *out)
{
	struct holt *h = state;
	uint64_t step_us = series_distance_us(in->at_us, h->last_us);

	(void)input;
	if (series_is_gap(in->value)) {
		series_emit(out, in, NAN);
		return;
	}
	if (h->n == 0 || step_us > (uint64_t)h->restart_us)
		start(h, in->value);
	else
		follow(h, in->value, in->at_us > h->last_us ? 1e-6 * (double)step_us : 0.0);
	if (!isfinite(h->level) || !isfinite(h->trend))
		h->n = 0;
	h->last_us = in->at_us;
	series_emit(out, in, h->level + h->trend * (1e-6 * (double)h->ahead_us));
}

const struct op_class op_holt = {
	.name = "holt",
	.family = OP_SMOOTHING,
	.help = "level and trend by double exponential smoothing: follows a ramp without lag, looks ahead",
	.formula = "e = l + b dt, l' = e + level (x - e), b += trend ((l' - l) / dt - b), y = l' + b ahead",
	.memory = "none",
	.options = { options, ARRAY_LEN(options) },
	.state_size = sizeof(struct holt),
	.min_inputs = 1,
	.max_inputs = 1,
	.setup = holt_setup,
	.push = holt_push,
};
