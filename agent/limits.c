/* SPDX-License-Identifier: Apache-2.0 */
#include "agent/limits.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

#include "base/text.h"

void limits_init(struct limits *l, const struct conf_sensor *s, int64_t period_us, struct arena *a)
{
	l->sensor = s;
	l->channels = arena_alloc(a, s->n_channels * sizeof(l->channels[0]));
	l->period_us = period_us;
	l->n_same = 0;
	for (size_t i = 0; i < s->n_channels; i++)
		l->channels[i].previous = NAN;
}

bool limits_in_range(const struct conf_sensor *s, size_t i, double value, char text[static SENSOR_ERROR_BYTES])
{
	const struct conf_limits *limit = s->limits ? &s->limits[i] : NULL;
	double slack;
	char low[32], high[32];

	if (!limit || limit->max <= limit->min || isnan(value))
		return true;
	slack = 1e-9 * (limit->max - limit->min); /* of arithmetic, not of sensors */
	if (value >= limit->min - slack && value <= limit->max + slack)
		return true;
	snprintf(text, SENSOR_ERROR_BYTES, "%s out of range: %.6g %s is not within %s to %s", s->channels[i].name,
		 value, s->channels[i].unit, text_from_double(limit->min, low, sizeof(low)),
		 text_from_double(limit->max, high, sizeof(high)));
	return false;
}

static bool is_step_possible(const struct limits *l, size_t i, int64_t at_us, double value,
			     char text[static SENSOR_ERROR_BYTES])
{
	const struct conf_sensor *s = l->sensor;
	const struct limits_state *c = &l->channels[i];
	double step = s->limits ? s->limits[i].max_step : 0.0, periods;

	if (step <= 0.0 || c->last_us == 0 || isnan(value))
		return true;
	periods = fmax(1.0, round((double)(at_us - c->last_us) / (double)l->period_us));
	if (fabs(value - c->last) <= step * periods)
		return true;
	snprintf(text, SENSOR_ERROR_BYTES, "%s made an impossible step: from %.6g to %.6g %s", s->channels[i].name,
		 c->last, value, s->channels[i].unit);
	return false;
}

static void check_value(struct limits *l, size_t i, int64_t at_us, double *value, struct limits_verdict *v)
{
	struct limits_state *c = &l->channels[i];

	if (!limits_in_range(l->sensor, i, *value, v->text)) {
		v->n_range++;
		*value = NAN;
	} else if (!is_step_possible(l, i, at_us, *value, v->text)) {
		v->n_step++;
		*value = NAN;
	} else if (!isnan(*value)) {
		c->last = *value;
		c->last_us = at_us;
	}
}

/* One channel may well stand still, light at night; a whole chip that repeats itself to the last bit does not measure. */
static bool is_frozen(struct limits *l, const double values[], char text[static SENSOR_ERROR_BYTES])
{
	const struct conf_sensor *s = l->sensor;
	bool is_same = true;
	size_t n = 0;

	if (s->frozen_after_us == 0)
		return false;
	for (size_t i = 0; i < s->n_channels; i++) {
		if (s->channels[i].kind != CHANNEL_GAUGE || isnan(values[i]))
			continue;
		n++;
		is_same = is_same && values[i] == l->channels[i].previous;
		l->channels[i].previous = values[i];
	}
	if (n == 0)
		return false;
	l->n_same = is_same ? l->n_same + 1 : 0;
	if ((int64_t)l->n_same * l->period_us < s->frozen_after_us)
		return false;
	snprintf(text, SENSOR_ERROR_BYTES, "frozen: exactly the same %s in %llu readings", n == 1 ? "value" : "values",
		 (unsigned long long)l->n_same + 1);
	return true;
}

static bool has_value(const struct conf_sensor *s, const double values[])
{
	for (size_t i = 0; i < s->n_channels; i++)
		if (!isnan(values[i]))
			return true;
	return false;
}

bool limits_check(struct limits *l, int64_t at_us, double values[], struct limits_verdict *v)
{
	const struct conf_sensor *s = l->sensor;

	*v = (struct limits_verdict){ .n_range = 0 };
	if (!s->limits && s->frozen_after_us == 0)
		return true;
	v->is_frozen = is_frozen(l, values, v->text);
	for (size_t i = 0; i < s->n_channels; i++) {
		if (v->is_frozen)
			values[i] = NAN;
		else
			check_value(l, i, at_us, &values[i], v);
	}
	v->is_hopeless = (v->n_range || v->n_step) && !has_value(s, values);
	return !v->is_frozen && !v->n_range && !v->n_step;
}
