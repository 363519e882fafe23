/* SPDX-License-Identifier: Apache-2.0 */
/* conf_sensors.c - the section `sensors`: drivers, their options, and the channels streams can take from. */
#include <string.h>

#include "agent/conf_private.h"
#include "base/text.h"
#include "base/unit.h"

struct common {
	const char *driver;
	int64_t every_us;
	struct conf_limits_options limits;
};

static const struct opt sensor_rows[] = {
	{ "driver", OPT_TEXT, offsetof(struct common, driver), .required = true,
	  .help = "what to read with; see `runnel drivers`" },
	{ "every", OPT_DURATION, offsetof(struct common, every_us), .min = 1e3, .max = 8.64e10,
	  .help = "time between readings; default 1s" },
	{ "limits", OPT_TEXT_MAP, offsetof(struct common, limits.limits),
	  .help = "CHANNEL: LOW..HIGH, or none; what is outside is a gap, counted as bad; default: the range of the "
		  "channel" },
	{ "max_step", OPT_TEXT_MAP, offsetof(struct common, limits.max_step),
	  .help = "CHANNEL: NUMBER, the furthest it can move from one reading to the next; further is a gap, counted "
		  "as "
		  "bad; default: any" },
	{ "frozen_after", OPT_DURATION, offsetof(struct common, limits.frozen_after_us), .min = 0, .max = 6.048e11,
	  .def = "0",
	  .help = "all gauges exactly the same for so long: a fault, and the device is set up again; 0: never" },
};
const struct opt_table conf_sensor_options = { sensor_rows, ARRAY_LEN(sensor_rows) };

static const struct sensor_driver *find_driver(const struct node *n, const char *name, struct diag *d)
{
	const struct node *value = node_get(n, "driver");
	const struct sensor_driver *driver = sensor_driver_find(name);
	const char *known[64];
	size_t n_known = 0;

	if (driver)
		return driver;
	for (size_t i = 0; (driver = sensor_driver_at(i)) && n_known < ARRAY_LEN(known); i++)
		known[n_known++] = driver->name;
	conf_unknown(d, value ? value->at : n->at, "driver", name, known, n_known);
	return NULL;
}

/* What opt_apply() is to leave alone on each side: the names of the other table. */
static const char **names_of(const struct opt_table *table, struct arena *a)
{
	const char **names = arena_alloc(a, (table->n + 1) * sizeof(*names));

	for (size_t i = 0; i < table->n; i++)
		names[i] = table->rows[i].name;
	return names;
}

static int describe(struct conf_sensor *s, const struct node *n, struct diag *d)
{
	struct sensor_error err = { "" };
	int r;

	s->channels = s->driver->channels;
	s->n_channels = s->driver->n_channels;
	if (!s->driver->describe)
		return 0;
	r = s->driver->describe(s->state, &s->own, &s->channels, &err);
	if (r < 0) {
		s->n_channels = 0;
		diag_error(d, n->at, "sensor '%s': %s", s->name, err.text[0] ? err.text : strerror(-r));
		return r;
	}
	s->n_channels = (size_t)r;
	return 0;
}

static void read_sensor(struct conf *c, struct conf_sensor *s, const struct node *n, struct diag *d)
{
	struct common common = { 0 };
	char what[80];
	int errors;

	s->name = n->key;
	s->at = n->key_at;
	s->definition = conf_define(c, n);
	if (!conf_name_ok(n, "sensor", d))
		return;
	if (n->kind != NODE_MAP) {
		diag_error(d, n->at, "a sensor is a map such as {driver: sim}, found %s", node_kind_name(n));
		return;
	}
	if (!node_get(n, "driver")) {
		diag_error(d, n->at, "sensor '%s' lacks its driver", s->name);
		return;
	}
	if (node_get(n, "driver")->kind != NODE_SCALAR) {
		diag_error(d, node_get(n, "driver")->at, "'driver' takes a name, found %s",
			   node_kind_name(node_get(n, "driver")));
		return;
	}
	s->driver = find_driver(n, node_get(n, "driver")->text, d);
	if (!s->driver)
		return;
	errors = opt_apply(&conf_sensor_options, n, &common, &c->arena, d, n->at, "sensor",
			   names_of(&s->driver->options, &c->arena));
	s->every_us = common.every_us > 0 ? common.every_us : 1000000;
	if (s->driver->needs_local_trust && c->is_confined) {
		diag_error(d, node_get(n, "driver")->at,
			   "driver %s names files of the board, which a pushed config may not (remote_config: "
			   "{local_files: yes})",
			   s->driver->name);
		return;
	}
	s->state = arena_alloc(&s->own, s->driver->state_size);
	snprintf(what, sizeof(what), "driver %s", s->driver->name);
	errors += opt_apply(&s->driver->options, n, s->state, &s->own, d, n->at, what,
			    names_of(&conf_sensor_options, &c->arena));
	if (errors == 0 && describe(s, n, d) == 0)
		conf_read_limits(c, s, &common.limits, d);
}

static enum series_kind kind_of(enum channel_kind kind)
{
	switch (kind) {
	case CHANNEL_STATE:
		return SERIES_STATE;
	case CHANNEL_COUNTER:
		return SERIES_COUNTER;
	case CHANNEL_GAUGE:
		break;
	}
	return SERIES_GAUGE;
}

/** Expected time between samples; 0: irregular. */
static int64_t period_of(const struct conf_sensor *s, bool has_every)
{
	struct burst_plan plan;

	if (s->driver->plan_burst && s->driver->plan_burst(s->state, &plan))
		return plan.period_us;
	return s->driver->is_self_paced && !has_every ? 0 : s->every_us;
}

static void list_sources(struct conf *c, const struct node *sensors)
{
	size_t n = 0, i = 0;

	for (i = 0; i < c->n_sensors; i++)
		n += c->sensors[i].n_channels;
	c->sources = arena_alloc(&c->arena, n * sizeof(c->sources[0]));
	c->source_names = arena_alloc(&c->arena, n * sizeof(c->source_names[0]));
	c->plan.n_sources = n;

	n = 0;
	i = 0;
	for (const struct node *node = sensors->children; node; node = node->next, i++) {
		struct conf_sensor *s = &c->sensors[i];

		s->first_source = n;
		for (size_t j = 0; j < s->n_channels; j++, n++) {
			c->source_names[n] = arena_printf(&c->arena, "%s.%s", s->name, s->channels[j].name);
			c->sources[n] = (struct series_info){
				.unit = unit_find(s->channels[j].unit),
				.kind = kind_of(s->channels[j].kind),
				.period_us = period_of(s, node_get(node, "every") != NULL),
			};
		}
	}
}

void conf_read_sensors(struct conf *c, const struct node *sensors, struct diag *d)
{
	size_t n = conf_map_length(sensors, "sensors", d), i = 0;

	if (n == 0)
		return;
	c->sensors = arena_alloc(&c->arena, n * sizeof(c->sensors[0]));
	c->n_sensors = n;
	for (const struct node *node = sensors->children; node; node = node->next)
		read_sensor(c, &c->sensors[i++], node, d);
	list_sources(c, sensors);
}
