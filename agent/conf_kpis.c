/* SPDX-License-Identifier: Apache-2.0 */
/* conf_kpis.c - the section `kpis`: expressions over the atoms of published streams. */
#include <string.h>

#include "agent/conf_private.h"
#include "base/text.h"

struct options {
	const char *value, *unit;
	int64_t window_us, missing_after_us;
	bool event;
};

static const struct opt kpi_rows[] = {
	{ "value", OPT_TEXT, offsetof(struct options, value), .required = true,
	  .help = "expression, such as mean(temp) or quantile(temp, 0.95)" },
	{ "unit", OPT_TEXT, offsetof(struct options, unit),
	  .help = "unit of the result; default: what follows from the expression" },
	{ "window", OPT_DURATION, offsetof(struct options, window_us), .min = 1e6, .max = 3.6e9,
	  .help = "a multiple of the windows of its streams; default: the config's" },
	{ "event", OPT_BOOL, offsetof(struct options, event), .def = "no",
	  .help = "publish when the condition is raised or cleared, is missing or has recovered" },
	{ "missing_after", OPT_DURATION, offsetof(struct options, missing_after_us), .min = 0, .max = 3.1536e13,
	  .help = "an event without a value for longer is missing, 0 never; default: one window" },
};
const struct opt_table conf_kpi_options = { kpi_rows, ARRAY_LEN(kpi_rows) };

static const struct graph_stream *find_stream(const struct conf *c, const char *name, size_t *index)
{
	for (size_t i = 0; i < c->plan.n_streams; i++) {
		if (strcmp(c->plan.streams[i].name, name) == 0) {
			*index = i;
			return &c->plan.streams[i];
		}
	}
	return NULL;
}

struct reader {
	struct conf *c;
	struct diag *d;
	const struct node *streams; /* names in the file, good or not */
	const struct yaml_source *source;
	const struct node *value;
};

/* Where column @column of the expression is in the file. */
static struct place place_in(const struct reader *r, unsigned column)
{
	return yaml_place_in(r->source, r->value, column - 1);
}

static void report_unknown_stream(const struct reader *r, const char *name, struct place at)
{
	const char *known[256];
	size_t n = 0;

	for (const struct node *s = r->streams && r->streams->kind == NODE_MAP ? r->streams->children : NULL;
	     s && n < ARRAY_LEN(known); s = s->next) {
		if (strcmp(s->key, name) == 0)
			return; /* it is there, with errors of its own */
		known[n++] = s->key;
	}
	conf_unknown(r->d, at, "stream", name, known, n);
}

static bool resolve_streams(const struct reader *r, struct graph_kpi *k, const struct metric_def *defs[])
{
	size_t n = expr_n_streams(k->expr);
	size_t *indices = arena_alloc(&r->c->arena, (n + 1) * sizeof(*indices));
	bool is_good = true;

	k->streams = indices;
	for (size_t i = 0; i < n; i++) {
		const char *name = expr_stream(k->expr, i);
		struct place at = place_in(r, expr_stream_column(k->expr, i));
		const struct graph_stream *s = find_stream(r->c, name, &indices[i]);

		if (!s) {
			report_unknown_stream(r, name, at);
			is_good = false;
		} else if (!s->publish) {
			diag_error(r->d, at, "stream '%s' is not published, so no fleet KPI can be made of it", name);
			is_good = false;
		} else if (k->def.window_s % s->def.window_s != 0) {
			diag_error(r->d, at, "the window of the KPI, %us, is no multiple of that of stream '%s', %us",
				   k->def.window_s, name, s->def.window_s);
			is_good = false;
		} else {
			defs[i] = &s->def;
		}
	}
	return is_good;
}

/* The expression against its streams, and the unit against both. */
static bool check_meaning(struct reader *r, const struct node *unit, const char *declared, struct graph_kpi *k,
			  const struct metric_def *const defs[])
{
	struct expr_error err;
	const char *derived = NULL;

	if (expr_check(k->expr, defs, &r->c->arena, &derived, &err) < 0) {
		diag_error(r->d, place_in(r, err.column), "%s", err.text);
		return false;
	}
	if (declared && expr_check_unit(k->expr, defs, &r->c->arena, declared, &err) < 0) {
		diag_error(r->d, unit->at, "%s", err.text);
		return false;
	}
	k->def.unit = declared ? declared : derived ? derived : "1";
	return true;
}

static bool read_event(struct reader *r, const struct node *n, const struct options *o, struct graph_kpi *k)
{
	const struct node *event = node_get(n, "event");
	size_t i;

	k->missing_after_us = node_get(n, "missing_after") ? o->missing_after_us : k->def.window_s * INT64_C(1000000);
	k->event = o->event;
	if (!o->event)
		return true;
	if (!expr_is_condition(k->expr)) {
		diag_error(r->d, event->at, "only a condition has events, expected a comparison such as %s > 5",
			   o->value);
		return false;
	}
	if (find_stream(r->c, k->def.name, &i) && r->c->plan.streams[i].event) {
		diag_error(r->d, n->key_at, "stream '%s' has events, too, expected another name", k->def.name);
		return false;
	}
	return true;
}

static bool read_kpi(struct reader *r, const struct node *n, struct graph_kpi *k)
{
	const struct metric_def *defs[EXPR_MAX_STREAMS];
	const struct node *window = node_get(n, "window");
	struct expr_error err;
	struct expr *expr;
	struct options o = { 0 };

	if (!conf_name_ok(n, "KPI", r->d) ||
	    opt_apply(&conf_kpi_options, n, &o, &r->c->arena, r->d, n->at, "KPI", NULL) > 0)
		return false;
	r->value = n->kind == NODE_MAP ? node_get(n, "value") : n;
	k->def.name = n->key;
	k->def.expression = o.value;
	k->def.window_s =
		conf_window_s(o.window_us > 0 ? o.window_us : r->c->window_us, window ? window->at : n->at, r->d);
	if (k->def.window_s == 0)
		return false;
	if (expr_compile(&expr, o.value, &r->c->arena, &err) < 0) {
		diag_error(r->d, place_in(r, err.column), "%s", err.text);
		return false;
	}
	k->expr = expr;
	if (!resolve_streams(r, k, defs) || !check_meaning(r, node_get(n, "unit"), o.unit, k, defs) ||
	    !read_event(r, n, &o, k))
		return false;
	return true;
}

void conf_read_kpis(struct conf *c, const struct node *kpis, const struct node *streams,
		    const struct yaml_source *source, struct diag *d)
{
	size_t n = conf_map_length(kpis, "kpis", d);
	struct reader r = { .c = c, .d = d, .streams = streams, .source = source };
	struct graph_kpi *out;

	if (n == 0)
		return;
	c->plan.kpis = out = arena_alloc(&c->arena, n * sizeof(*out));
	c->kpi_parts = arena_alloc(&c->arena, n * sizeof(c->kpi_parts[0]));
	for (const struct node *k = kpis->children; k; k = k->next)
		if (read_kpi(&r, k, &out[c->plan.n_kpis]))
			c->kpi_parts[c->plan.n_kpis++].definition = conf_define(c, k);
}
