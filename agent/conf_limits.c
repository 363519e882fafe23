/* SPDX-License-Identifier: Apache-2.0 */
/* conf_limits.c - what values each channel of a sensor can have: the driver's range, unless the config knows better. */
#include <stdio.h>
#include <string.h>

#include "agent/conf_private.h"
#include "base/text.h"

enum { NUMBER_BYTES = 40 };

/* "-20..60" */
static bool parse_range(const char *text, double *low, double *high)
{
	const char *dots = strstr(text, "..");
	char number[NUMBER_BYTES];

	if (!dots || dots - text >= NUMBER_BYTES)
		return false;
	snprintf(number, sizeof(number), "%.*s", (int)(dots - text), text);
	return text_to_double(number, low) == 0 && text_to_double(dots + 2, high) == 0 && *low < *high;
}

/* @return the number of the channel, or -1 with an error */
static int find_channel(const struct conf_sensor *s, const struct opt_pair *p, struct diag *d)
{
	const char *known[SENSOR_MAX_CHANNELS];

	for (size_t i = 0; i < s->n_channels; i++) {
		known[i] = s->channels[i].name;
		if (strcmp(known[i], p->name) != 0)
			continue;
		if (s->channels[i].kind == CHANNEL_GAUGE)
			return (int)i;
		diag_error(d, p->at, "channel '%s' is no gauge: it can have no limits", p->name);
		return -1;
	}
	conf_unknown(d, p->at, "channel", p->name, known, s->n_channels);
	return -1;
}

static void apply_limit(const struct conf_sensor *s, const struct opt_pair *p, struct conf_limits limits[],
			struct diag *d)
{
	int i = find_channel(s, p, d);

	if (i < 0)
		return;
	if (strcmp(p->value, "none") == 0)
		limits[i].min = limits[i].max = 0.0;
	else if (!parse_range(p->value, &limits[i].min, &limits[i].max))
		diag_error(d, p->at, "'%s' is no range of '%s', expected LOW..HIGH such as -20..60, or none", p->value,
			   p->name);
}

static void apply_step(const struct conf_sensor *s, const struct opt_pair *p, struct conf_limits limits[],
		       struct diag *d)
{
	int i = find_channel(s, p, d);

	if (i < 0)
		return;
	if (text_to_double(p->value, &limits[i].max_step) < 0 || !(limits[i].max_step > 0.0))
		diag_error(d, p->at, "'%s' is no step of '%s', expected a number above 0 in %s", p->value, p->name,
			   s->channels[i].unit);
}

void conf_read_limits(struct conf *c, struct conf_sensor *s, const struct conf_limits_options *o, struct diag *d)
{
	struct conf_limits *limits = arena_alloc(&c->arena, s->n_channels * sizeof(*limits));
	bool has_any = o->limits.n > 0 || o->max_step.n > 0;

	for (size_t i = 0; i < s->n_channels; i++) {
		const struct channel *ch = &s->channels[i];

		if (ch->kind != CHANNEL_GAUGE || ch->max <= ch->min)
			continue;
		limits[i].min = ch->min;
		limits[i].max = ch->max;
		has_any = true;
	}
	for (size_t i = 0; i < o->limits.n; i++)
		apply_limit(s, &o->limits.pairs[i], limits, d);
	for (size_t i = 0; i < o->max_step.n; i++)
		apply_step(s, &o->max_step.pairs[i], limits, d);
	s->limits = has_any ? limits : NULL;
	s->frozen_after_us = o->frozen_after_us;
}
