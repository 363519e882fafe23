/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The parser is jansson's, which refuses broken UTF-8, NUL in strings, numbers out of range and (asked to) duplicate keys.
 * Its tree lives for one call; what is kept is copied into the caller's arena. Births and status are in json_in_device.c.
 *
 * Reading stops at the first thing that is wrong: each step is skipped once a reason is known.
 */
#include "collector/json_in.h"

#include <errno.h>
#include <math.h>
#include <stdio.h>
#include <string.h>

#include "base/text.h"
#include "collector/json_in_private.h"
#include "pipelines/wire.h"

static const double LONGEST_PERIOD_MS = 366.0 * 86400e3;

void json_in_refuse(struct json_reader *r, const char *why)
{
	if (!r->why)
		r->why = why;
}

void json_in_free_tree(json_t **root)
{
	json_decref(*root);
}

/* NULL with a reason when it is not one object. */
json_t *json_in_parse(struct json_reader *r, const char *text, size_t bytes, size_t max_bytes)
{
	json_error_t error;
	json_t *root = NULL;

	if (bytes > max_bytes) {
		json_in_refuse(r, "too long");
		return NULL;
	}
	root = json_loadb(text, bytes, JSON_REJECT_DUPLICATES, &error);
	if (!root || !json_is_object(root)) {
		json_in_refuse(r, "not one JSON object without duplicate keys");
		json_decref(root);
		return NULL;
	}
	return root;
}

/* --- members --- */

const char *json_in_text(struct json_reader *r, const json_t *object, const char *key, size_t max_bytes,
			 const char *why)
{
	const json_t *member = json_object_get(object, key);

	if (!json_is_string(member) || json_string_length(member) == 0 || json_string_length(member) > max_bytes) {
		json_in_refuse(r, why);
		return "";
	}
	return json_string_value(member);
}

uint64_t json_in_uint(struct json_reader *r, const json_t *object, const char *key, uint64_t max, const char *why)
{
	const json_t *member = json_object_get(object, key);

	if (!json_is_integer(member) || json_integer_value(member) < 0 || (uint64_t)json_integer_value(member) > max) {
		json_in_refuse(r, why);
		return 0;
	}
	return (uint64_t)json_integer_value(member);
}

static double number_member(struct json_reader *r, const json_t *object, const char *key, const char *why)
{
	const json_t *member = json_object_get(object, key);

	if (!json_is_number(member) || !isfinite(json_number_value(member))) {
		json_in_refuse(r, why);
		return 1.0;
	}
	return json_number_value(member);
}

static const json_t *array_member(struct json_reader *r, const json_t *object, const char *key, const char *why)
{
	const json_t *member = json_object_get(object, key);

	if (!json_is_array(member))
		json_in_refuse(r, why);
	return member;
}

static uint32_t window_member(struct json_reader *r, const json_t *object)
{
	uint64_t window = json_in_uint(r, object, "window", UINT32_MAX, "a window is not a number of seconds");

	if (!wire_is_window_length((uint32_t)window))
		json_in_refuse(r, "a window has a length that does not exist");
	return (uint32_t)window;
}

/* --- contracts --- */

/* A unit that we do not know is still the name of one: its values are merged by K and q, which the contract tells. */
static const struct unit *unit_of(struct json_reader *r, const char *code, const struct metric_def *m)
{
	const struct unit *known = unit_find(code);
	struct unit *own;

	if (known)
		return known;
	own = arena_alloc(r->arena, sizeof(*own));
	own->code = own->name = arena_strdup(r->arena, code);
	own->quantity = "";
	own->reference = m->reference;
	own->quantum = m->quantum;
	own->sketch = m->sketch.kind;
	return own;
}

static void read_sketch(struct json_reader *r, const json_t *sketch, struct metric_def *m)
{
	const char *kind;

	if (json_is_null(sketch))
		return;
	if (!json_is_object(sketch)) {
		json_in_refuse(r, "a sketch is neither null nor an object");
		return;
	}
	m->has_sketch = true;
	m->sketch = (struct sketch_mapping){ .quantum = m->quantum, .reference = m->reference };
	kind = json_in_text(r, sketch, "kind", 8, "a sketch has no kind");
	if (strcmp(kind, "lin") == 0) {
		m->sketch.kind = SKETCH_LIN;
		m->sketch.width =
			(uint32_t)json_in_uint(r, sketch, "width", AGG_K_LIMIT, "the width of a sketch is wrong");
		if (m->sketch.width == 0)
			json_in_refuse(r, "the width of a sketch is 0");
	} else if (strcmp(kind, "exp2") == 0) {
		m->sketch.kind = SKETCH_EXP2;
		if (json_in_uint(r, sketch, "scale", 32, "a sketch has no scale") != SKETCH_SCALE)
			json_in_refuse(r, "the scale of a sketch is not 5");
	} else {
		json_in_refuse(r, "a sketch is neither lin nor exp2");
	}
}

static enum series_kind read_kind(struct json_reader *r, const json_t *metric)
{
	static const char *const names[] = {
		[SERIES_GAUGE] = "gauge", [SERIES_STATE] = "state", [SERIES_COUNTER] = "counter"
	};
	const char *kind = json_in_text(r, metric, "kind", 16, "a metric has no kind");

	for (size_t i = 0; i < ARRAY_LEN(names); i++)
		if (strcmp(kind, names[i]) == 0)
			return (enum series_kind)i;
	json_in_refuse(r, "a metric is neither gauge, state nor counter");
	return SERIES_GAUGE;
}

static bool is_versioned_name(const char *text)
{
	char stream[72];
	size_t len = strcspn(text, "@"), digits = strspn(text + len + (text[len] == '@'), "0123456789");

	if (len >= sizeof(stream) || text[len] != '@' || digits == 0 || digits > 9 || text[len + 1 + digits] != '\0')
		return false;
	snprintf(stream, sizeof(stream), "%.*s", (int)len, text);
	return text_is_identifier(stream);
}

static bool is_same_stream(const char *a, const char *b)
{
	size_t len = strcspn(a, "@");

	return len == strcspn(b, "@") && memcmp(a, b, len) == 0;
}

static void read_scale(struct json_reader *r, const json_t *metric, struct metric_def *m)
{
	m->reference = number_member(r, metric, "K", "a metric has no finite K");
	m->quantum = number_member(r, metric, "q", "a metric has no finite q");
	if (m->quantum <= 0.0)
		json_in_refuse(r, "the q of a metric is not above 0");
	else if (!isfinite(fabs(m->reference) + m->quantum * AGG_K_LIMIT))
		json_in_refuse(r, "K and q of a metric give values beyond a double");
}

static void read_metric(struct json_reader *r, const json_t *metric, struct metric_def *defs, size_t i)
{
	struct metric_def *m = &defs[i];
	double period_ms;
	const char *name, *code;

	if (json_in_uint(r, metric, "id", UINT32_MAX, "a metric has no id") != i)
		json_in_refuse(r, "the ids of the metrics do not count from 0");
	name = json_in_text(r, metric, "name", 80, "a metric has no name");
	if (!is_versioned_name(name))
		json_in_refuse(r, "the name of a metric is not NAME@VERSION");
	for (size_t j = 0; j < i; j++)
		if (is_same_stream(defs[j].name, name))
			json_in_refuse(r, "a stream occurs twice");
	m->name = arena_strdup(r->arena, name);
	m->kind = read_kind(r, metric);
	read_scale(r, metric, m);
	read_sketch(r, json_object_get(metric, "sketch"), m);
	code = json_in_text(r, metric, "unit", JSON_IN_UNIT_BYTES, "a metric has no unit");
	m->unit = unit_of(r, code, m);
	period_ms = number_member(r, metric, "period_ms", "a metric has no period");
	if (period_ms < 0.0 || period_ms > LONGEST_PERIOD_MS)
		json_in_refuse(r, "the period of a metric is out of range");
	else
		m->period_us = llround(period_ms * 1000.0);
	m->window_s = window_member(r, metric);
}

static void read_kpi(struct json_reader *r, const json_t *kpi, struct kpi_def *defs, size_t i)
{
	struct kpi_def *k = &defs[i];

	k->name = arena_strdup(r->arena, json_in_text(r, kpi, "name", 64, "a KPI has no name"));
	if (!text_is_identifier(k->name)) /* it becomes the level of a topic */
		json_in_refuse(r, "the name of a KPI is not a name");
	for (size_t j = 0; j < i; j++)
		if (strcmp(defs[j].name, k->name) == 0)
			json_in_refuse(r, "a KPI occurs twice");
	k->expression = arena_strdup(r->arena, json_in_text(r, kpi, "expression", JSON_IN_EXPRESSION_BYTES,
							    "a KPI has no expression, or one that is too long"));
	k->unit = arena_strdup(r->arena, json_in_text(r, kpi, "unit", JSON_IN_UNIT_BYTES, "a KPI has no unit"));
	k->window_s = window_member(r, kpi);
}

static void read_contract(struct json_reader *r, const json_t *root, struct contract *out)
{
	const json_t *metrics = array_member(r, root, "metrics", "no array of metrics");
	const json_t *kpis = array_member(r, root, "kpis", "no array of KPIs");
	struct metric_def *m;
	struct kpi_def *k;

	if (r->why)
		return;
	out->n_metrics = json_array_size(metrics);
	out->n_kpis = json_array_size(kpis);
	out->metrics = m = arena_alloc(r->arena, out->n_metrics * sizeof(*m));
	out->kpis = k = arena_alloc(r->arena, out->n_kpis * sizeof(*k));
	for (size_t i = 0; i < out->n_metrics && !r->why; i++)
		read_metric(r, json_array_get(metrics, i), m, i);
	for (size_t i = 0; i < out->n_kpis && !r->why; i++)
		read_kpi(r, json_array_get(kpis, i), k, i);
}

int json_in_finish(const struct json_reader *r, const char **why)
{
	if (!r->why)
		return 0;
	*why = r->why;
	return -EBADMSG;
}

int json_in_contract(struct contract *out, struct arena *a, const char *text, size_t bytes, uint32_t hash,
		     const char **why)
{
	struct json_reader r = { .arena = a };
	CLEANUP(json_in_free_tree) json_t *root = NULL;
	struct contract c = { 0 };

	if (contract_hash(text, bytes) != hash)
		json_in_refuse(&r, "the hash in the topic is not that of the text");
	else
		root = json_in_parse(&r, text, bytes, CONTRACT_MAX_BYTES);
	if (root)
		read_contract(&r, root, &c);
	if (!r.why)
		*out = c;
	return json_in_finish(&r, why);
}
