/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The parser is jansson's, which refuses broken UTF-8, NUL in strings, numbers out of range and (asked to) duplicate keys.
 * Its tree lives for one call; what is kept is copied into the caller's arena. The only user of <jansson.h>.
 *
 * Reading stops at the first thing that is wrong: each step is skipped once a reason is known.
 */
#include "collector/json_in.h"

#include <errno.h>
#include <jansson.h>
#include <math.h>
#include <stdio.h>
#include <string.h>

#include "base/text.h"
#include "pipelines/wire.h"

static const double LONGEST_PERIOD_MS = 366.0 * 86400e3;
static const uint64_t END_OF_TIME_S = 253402300800; /* 10000-01-01, as in partials */

struct reader {
	struct arena *arena;
	const char *why; /* NULL: good so far */
};

static void refuse(struct reader *r, const char *why)
{
	if (!r->why)
		r->why = why;
}

static void free_tree(json_t **root)
{
	json_decref(*root);
}

/* NULL with a reason when it is not one object. */
static json_t *parse(struct reader *r, const char *text, size_t bytes, size_t max_bytes)
{
	json_error_t error;
	json_t *root = NULL;

	if (bytes > max_bytes) {
		refuse(r, "too long");
		return NULL;
	}
	root = json_loadb(text, bytes, JSON_REJECT_DUPLICATES, &error);
	if (!root || !json_is_object(root)) {
		refuse(r, "not one JSON object without duplicate keys");
		json_decref(root);
		return NULL;
	}
	return root;
}

/* --- members --- */

static const char *text_member(struct reader *r, const json_t *object, const char *key, size_t max_bytes,
			       const char *why)
{
	const json_t *member = json_object_get(object, key);

	if (!json_is_string(member) || json_string_length(member) == 0 || json_string_length(member) > max_bytes) {
		refuse(r, why);
		return "";
	}
	return json_string_value(member);
}

static uint64_t uint_member(struct reader *r, const json_t *object, const char *key, uint64_t max, const char *why)
{
	const json_t *member = json_object_get(object, key);

	if (!json_is_integer(member) || json_integer_value(member) < 0 || (uint64_t)json_integer_value(member) > max) {
		refuse(r, why);
		return 0;
	}
	return (uint64_t)json_integer_value(member);
}

static double number_member(struct reader *r, const json_t *object, const char *key, const char *why)
{
	const json_t *member = json_object_get(object, key);

	if (!json_is_number(member) || !isfinite(json_number_value(member))) {
		refuse(r, why);
		return 1.0;
	}
	return json_number_value(member);
}

static const json_t *array_member(struct reader *r, const json_t *object, const char *key, const char *why)
{
	const json_t *member = json_object_get(object, key);

	if (!json_is_array(member))
		refuse(r, why);
	return member;
}

static uint32_t window_member(struct reader *r, const json_t *object)
{
	uint64_t window = uint_member(r, object, "window", UINT32_MAX, "a window is not a number of seconds");

	if (!wire_is_window_length((uint32_t)window))
		refuse(r, "a window has a length that does not exist");
	return (uint32_t)window;
}

/* --- contracts --- */

/* A unit that we do not know is still the name of one: its values are merged by K and q, which the contract tells. */
static const struct unit *unit_of(struct reader *r, const char *code, const struct metric_def *m)
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

static void read_sketch(struct reader *r, const json_t *sketch, struct metric_def *m)
{
	const char *kind;

	if (json_is_null(sketch))
		return;
	if (!json_is_object(sketch)) {
		refuse(r, "a sketch is neither null nor an object");
		return;
	}
	m->has_sketch = true;
	m->sketch = (struct sketch_mapping){ .quantum = m->quantum, .reference = m->reference };
	kind = text_member(r, sketch, "kind", 8, "a sketch has no kind");
	if (strcmp(kind, "lin") == 0) {
		m->sketch.kind = SKETCH_LIN;
		m->sketch.width =
			(uint32_t)uint_member(r, sketch, "width", AGG_K_LIMIT, "the width of a sketch is wrong");
		if (m->sketch.width == 0)
			refuse(r, "the width of a sketch is 0");
	} else if (strcmp(kind, "exp2") == 0) {
		m->sketch.kind = SKETCH_EXP2;
		if (uint_member(r, sketch, "scale", 32, "a sketch has no scale") != SKETCH_SCALE)
			refuse(r, "the scale of a sketch is not 5");
	} else {
		refuse(r, "a sketch is neither lin nor exp2");
	}
}

static enum series_kind read_kind(struct reader *r, const json_t *metric)
{
	static const char *const names[] = {
		[SERIES_GAUGE] = "gauge", [SERIES_STATE] = "state", [SERIES_COUNTER] = "counter"
	};
	const char *kind = text_member(r, metric, "kind", 16, "a metric has no kind");

	for (size_t i = 0; i < ARRAY_LEN(names); i++)
		if (strcmp(kind, names[i]) == 0)
			return (enum series_kind)i;
	refuse(r, "a metric is neither gauge, state nor counter");
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

static void read_scale(struct reader *r, const json_t *metric, struct metric_def *m)
{
	m->reference = number_member(r, metric, "K", "a metric has no finite K");
	m->quantum = number_member(r, metric, "q", "a metric has no finite q");
	if (m->quantum <= 0.0)
		refuse(r, "the q of a metric is not above 0");
	else if (!isfinite(fabs(m->reference) + m->quantum * AGG_K_LIMIT))
		refuse(r, "K and q of a metric give values beyond a double");
}

static void read_metric(struct reader *r, const json_t *metric, struct metric_def *defs, size_t i)
{
	struct metric_def *m = &defs[i];
	double period_ms;
	const char *name, *code;

	if (uint_member(r, metric, "id", UINT32_MAX, "a metric has no id") != i)
		refuse(r, "the ids of the metrics do not count from 0");
	name = text_member(r, metric, "name", 80, "a metric has no name");
	if (!is_versioned_name(name))
		refuse(r, "the name of a metric is not NAME@VERSION");
	for (size_t j = 0; j < i; j++)
		if (is_same_stream(defs[j].name, name))
			refuse(r, "a stream occurs twice");
	m->name = arena_strdup(r->arena, name);
	m->kind = read_kind(r, metric);
	read_scale(r, metric, m);
	read_sketch(r, json_object_get(metric, "sketch"), m);
	code = text_member(r, metric, "unit", JSON_IN_UNIT_BYTES, "a metric has no unit");
	m->unit = unit_of(r, code, m);
	period_ms = number_member(r, metric, "period_ms", "a metric has no period");
	if (period_ms < 0.0 || period_ms > LONGEST_PERIOD_MS)
		refuse(r, "the period of a metric is out of range");
	else
		m->period_us = llround(period_ms * 1000.0);
	m->window_s = window_member(r, metric);
}

static void read_kpi(struct reader *r, const json_t *kpi, struct kpi_def *defs, size_t i)
{
	struct kpi_def *k = &defs[i];

	k->name = arena_strdup(r->arena, text_member(r, kpi, "name", 64, "a KPI has no name"));
	if (!text_is_identifier(k->name)) /* it becomes the level of a topic */
		refuse(r, "the name of a KPI is not a name");
	for (size_t j = 0; j < i; j++)
		if (strcmp(defs[j].name, k->name) == 0)
			refuse(r, "a KPI occurs twice");
	k->expression = arena_strdup(r->arena, text_member(r, kpi, "expression", JSON_IN_EXPRESSION_BYTES,
							   "a KPI has no expression, or one that is too long"));
	k->unit = arena_strdup(r->arena, text_member(r, kpi, "unit", JSON_IN_UNIT_BYTES, "a KPI has no unit"));
	k->window_s = window_member(r, kpi);
}

static void read_contract(struct reader *r, const json_t *root, struct contract *out)
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

static int finish(const struct reader *r, const char **why)
{
	if (!r->why)
		return 0;
	*why = r->why;
	return -EBADMSG;
}

int json_in_contract(struct contract *out, struct arena *a, const char *text, size_t bytes, uint32_t hash,
		     const char **why)
{
	struct reader r = { .arena = a };
	CLEANUP(free_tree) json_t *root = NULL;
	struct contract c = { 0 };

	if (contract_hash(text, bytes) != hash)
		refuse(&r, "the hash in the topic is not that of the text");
	else
		root = parse(&r, text, bytes, CONTRACT_MAX_BYTES);
	if (root)
		read_contract(&r, root, &c);
	if (!r.why)
		*out = c;
	return finish(&r, why);
}

/* --- birth and status --- */

bool json_in_hash(const char *text, uint32_t *out)
{
	uint32_t hash = 0;

	if (strlen(text) != 8 || strspn(text, "0123456789abcdef") != 8)
		return false;
	for (; *text; text++)
		hash = hash << 4 | (uint32_t)(*text <= '9' ? *text - '0' : *text - 'a' + 10);
	*out = hash;
	return true;
}

static uint64_t read_nonce(struct reader *r, const json_t *root)
{
	const char *text = text_member(r, root, "nonce", 16, "the nonce is not 16 hexadecimal digits");
	uint32_t hi = 0, lo = 0;
	char half[9];

	snprintf(half, sizeof(half), "%.8s", text);
	if (strlen(text) != 16 || !json_in_hash(half, &hi) || !json_in_hash(text + 8, &lo))
		refuse(r, "the nonce is not 16 hexadecimal digits");
	return (uint64_t)hi << 32 | lo;
}

/* What is no text is left out. Not for the screen as it is. */
static void read_labels(json_t *labels, char *out, size_t bytes)
{
	const char *name;
	json_t *value;
	size_t at = 0;

	json_object_foreach(labels, name, value)
	{
		const char *text = json_is_string(value) ? json_string_value(value) : "\n";

		if (text_is_identifier(name) && !strpbrk(text, "\n\r") && at + strlen(name) + strlen(text) + 2 < bytes)
			at += (size_t)snprintf(out + at, bytes - at, "%s=%s\n", name, text);
	}
}

static void read_birth(struct reader *r, const json_t *root, struct birth *b)
{
	const json_t *contract = json_object_get(root, "contract"), *agent = json_object_get(root, "agent");

	b->boot = (uint32_t)uint_member(r, root, "boot", UINT32_MAX, "no boot number");
	if (json_object_get(root, "revision"))
		b->revision = (int64_t)uint_member(r, root, "revision", INT64_MAX, "the revision is not a number");
	if (json_object_get(root, "nonce"))
		b->nonce = read_nonce(r, root);
	if (json_is_string(agent)) {
		snprintf(b->agent, sizeof(b->agent), "%s", json_string_value(agent));
		text_make_printable(b->agent);
	}
	read_labels(json_object_get(root, "labels"), b->labels, sizeof(b->labels));
	if (!contract || json_is_null(contract))
		return; /* born, but nothing to measure yet */
	b->has_contract = true;
	if (!json_is_string(contract) || !json_in_hash(json_string_value(contract), &b->contract))
		refuse(r, "the contract is not named by 8 hexadecimal digits");
}

int json_in_birth(struct birth *out, const char *text, size_t bytes, const char **why)
{
	struct reader r = { 0 };
	CLEANUP(free_tree) json_t *root = parse(&r, text, bytes, JSON_IN_MAX_BYTES);
	struct birth b = { 0 };

	if (root)
		read_birth(&r, root, &b);
	if (!r.why)
		*out = b;
	return finish(&r, why);
}

static void read_status(struct reader *r, const json_t *root, struct status *s)
{
	const char *state = text_member(r, root, "state", 16, "no state");
	const json_t *clock = json_object_get(json_object_get(root, "clock"), "state");
	const json_t *rows = json_object_get(json_object_get(root, "spool"), "rows");

	s->is_online = strcmp(state, "online") == 0;
	if (!s->is_online && strcmp(state, "offline") != 0)
		refuse(r, "the state is neither online nor offline");
	s->boot = (uint32_t)uint_member(r, root, "boot", UINT32_MAX, "no boot number");
	if (json_is_string(clock))
		snprintf(s->clock, sizeof(s->clock), "%s", json_string_value(clock));
	text_make_printable(s->clock);
	s->has_spool = json_is_integer(rows) && json_integer_value(rows) >= 0;
	s->n_spooled = s->has_spool ? (uint64_t)json_integer_value(rows) : 0;
	s->has_progress = json_object_get(root, "seq") && json_object_get(root, "wm");
	if (!s->has_progress)
		return;
	s->seq = (uint32_t)uint_member(r, root, "seq", UINT32_MAX, "seq is not a 32-bit number");
	s->wm = uint_member(r, root, "wm", END_OF_TIME_S, "wm is not a time");
}

int json_in_status(struct status *out, const char *text, size_t bytes, const char **why)
{
	struct reader r = { 0 };
	CLEANUP(free_tree) json_t *root = parse(&r, text, bytes, JSON_IN_MAX_BYTES);
	struct status s = { 0 };

	if (root)
		read_status(&r, root, &s);
	if (!r.why)
		*out = s;
	return finish(&r, why);
}
