/* SPDX-License-Identifier: Apache-2.0 */
/* conf_actions.c - the section `actions`: outputs that follow a state. */
#include <stdio.h>
#include <string.h>

#include "agent/conf_private.h"
#include "base/text.h"

struct options {
	const char *when, *driver;
	int safe, on_missing;
	int64_t min_on_us, min_off_us, max_on_us, missing_after_us;
};

enum { MISSING_SAFE, MISSING_HOLD };

static const char *const levels[] = { "off", "on", NULL };
static const char *const missing_names[] = { [MISSING_SAFE] = "safe", [MISSING_HOLD] = "hold", NULL };

static const struct opt action_rows[] = {
	{ "when", OPT_TEXT, offsetof(struct options, when), .required = true, .example = "hot",
	  .help = "a stream that is a state, or a KPI that is a condition: the output is on while it is 1" },
	{ "driver", OPT_TEXT, offsetof(struct options, driver), .required = true,
	  .help = "what to drive with; see `runnel drivers`" },
	{ "safe", OPT_ENUM, offsetof(struct options, safe), .def = "off", .choices = levels,
	  .help = "the state at the start, at the end and when the input is missing" },
	{ "min_on", OPT_DURATION, offsetof(struct options, min_on_us), .min = 0, .max = 8.64e10, .def = "0",
	  .help = "once on, it stays so at least so long" },
	{ "min_off", OPT_DURATION, offsetof(struct options, min_off_us), .min = 0, .max = 8.64e10, .def = "0",
	  .help = "once off, it stays so at least so long; counts from the start, too" },
	{ "max_on", OPT_DURATION, offsetof(struct options, max_on_us), .min = 0, .max = 6.048e11, .def = "0",
	  .help = "off after so long, until the state has been off; 0: no such time" },
	{ "on_missing", OPT_ENUM, offsetof(struct options, on_missing), .def = "safe", .choices = missing_names,
	  .help = "when the input is missing; hold: stay as it is" },
	{ "missing_after", OPT_DURATION, offsetof(struct options, missing_after_us), .min = 0, .max = 8.64e10,
	  .def = "10s", .help = "how long it may be missing before that counts" },
};
const struct opt_table conf_action_options = { action_rows, ARRAY_LEN(action_rows) };

static const struct output_driver *find_driver(const struct node *n, struct diag *d)
{
	const struct node *value = node_get(n, "driver");
	const struct output_driver *driver;
	const char *known[64];
	size_t n_known = 0;

	if (!value || value->kind != NODE_SCALAR) {
		diag_error(d, value ? value->at : n->at, "an action needs a driver, such as gpio-output");
		return NULL;
	}
	driver = output_driver_find(value->text);
	if (driver)
		return driver;
	if (sensor_driver_find(value->text)) {
		diag_error(d, value->at, "driver '%s' reads; an action needs one that drives, such as gpio-output",
			   value->text);
		return NULL;
	}
	while (n_known < ARRAY_LEN(known) && output_driver_at(n_known)) {
		known[n_known] = output_driver_at(n_known)->name;
		n_known++;
	}
	conf_unknown(d, value->at, "driver of an action", value->text, known, n_known);
	return NULL;
}

/* @return whether there is such a stream; @is_good: and it is a state */
static bool find_stream(const struct conf *c, const struct node *when, struct conf_action *out, bool *is_good,
			struct diag *d)
{
	for (size_t i = 0; i < c->plan.n_streams; i++) {
		const struct graph_stream *s = &c->plan.streams[i];

		if (strcmp(s->name, when->text) != 0)
			continue;
		out->source = i;
		*is_good = s->def.kind == SERIES_STATE;
		if (!*is_good)
			diag_error(d, when->at,
				   "stream '%s' is a %s; an action follows a state: end its 'through' with a threshold",
				   s->name, s->def.kind == SERIES_COUNTER ? "counter" : "gauge");
		return true;
	}
	return false;
}

/* A KPI is known when its window ends, and missing as its own `missing_after` has it. */
static bool find_kpi(struct conf *c, const struct node *when, struct conf_action *out, bool *is_good, struct diag *d)
{
	struct graph_kpi *kpis = (struct graph_kpi *)c->plan.kpis;

	for (size_t i = 0; i < c->plan.n_kpis; i++) {
		if (strcmp(kpis[i].def.name, when->text) != 0)
			continue;
		out->source = i;
		out->is_kpi = true;
		*is_good = expr_is_condition(kpis[i].expr);
		if (!*is_good) {
			diag_error(d, when->at,
				   "KPI '%s' is a number; an action follows a condition, such as mean(temp) > 28",
				   when->text);
			return true;
		}
		kpis[i].watched = true;
		return true;
	}
	return false;
}

/* @return whether there is something good to follow; else an error, unless what is meant has errors of its own */
static bool find_source(struct conf *c, const struct node *root, const struct node *n, struct conf_action *out,
			struct diag *d)
{
	const struct node *when = node_get(n, "when");
	const char *known[256];
	size_t n_known = 0;
	bool is_good = false;

	if (find_stream(c, when, out, &is_good, d) || find_kpi(c, when, out, &is_good, d))
		return is_good;
	if (node_get(node_get(root, "streams"), when->text) || node_get(node_get(root, "kpis"), when->text))
		return false;
	for (size_t i = 0; i < c->plan.n_streams && n_known < ARRAY_LEN(known); i++)
		known[n_known++] = c->plan.streams[i].name;
	for (size_t i = 0; i < c->plan.n_kpis && n_known < ARRAY_LEN(known); i++)
		known[n_known++] = c->plan.kpis[i].def.name;
	conf_unknown(d, when->at, "stream", when->text, known, n_known);
	return false;
}

static const char **names_of(const struct opt_table *table, struct arena *a)
{
	const char **names = arena_alloc(a, (table->n + 1) * sizeof(*names));

	for (size_t i = 0; i < table->n; i++)
		names[i] = table->rows[i].name;
	return names;
}

static void take_options(struct conf_action *out, const struct options *o)
{
	out->is_safe_on = o->safe == 1;
	out->holds_missing = o->on_missing == MISSING_HOLD;
	out->min_on_us = o->min_on_us;
	out->min_off_us = o->min_off_us;
	out->max_on_us = o->max_on_us;
	out->missing_after_us = o->missing_after_us;
}

static bool read_action(struct conf *c, const struct node *root, const struct node *n, struct conf_action *out,
			struct diag *d)
{
	struct options o = { 0 };
	char what[80];
	int errors;

	out->name = n->key;
	out->at = n->key_at;
	if (!conf_name_ok(n, "action", d))
		return false;
	if (n->kind != NODE_MAP) {
		diag_error(d, n->at, "an action is a map such as {when: hot, driver: gpio-output, ...}, found %s",
			   node_kind_name(n));
		return false;
	}
	out->driver = find_driver(n, d);
	if (!out->driver)
		return false;
	out->definition = conf_define(c, n);
	out->state = arena_alloc(&out->own, out->driver->state_size);
	errors = opt_apply(&conf_action_options, n, &o, &c->arena, d, n->at, "action",
			   names_of(&out->driver->options, &c->arena));
	snprintf(what, sizeof(what), "driver %s", out->driver->name);
	errors += opt_apply(&out->driver->options, n, out->state, &out->own, d, n->at, what,
			    names_of(&conf_action_options, &c->arena));
	if (errors > 0 || !find_source(c, root, n, out, d))
		return false;
	if (o.max_on_us > 0 && o.max_on_us < o.min_on_us) {
		diag_error(d, node_get(n, "max_on")->at, "max_on is shorter than min_on");
		return false;
	}
	take_options(out, &o);
	return true;
}

void conf_read_actions(struct conf *c, const struct node *root, struct diag *d)
{
	const struct node *actions = node_get(root, "actions");
	size_t n = conf_map_length(actions, "actions", d);

	if (n == 0)
		return;
	c->actions = arena_alloc(&c->arena, n * sizeof(c->actions[0]));
	for (const struct node *a = actions->children; a; a = a->next)
		if (read_action(c, root, a, &c->actions[c->n_actions], d))
			c->n_actions++;
		else
			arena_free(&c->actions[c->n_actions].own);
}
