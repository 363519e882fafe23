/* SPDX-License-Identifier: Apache-2.0 */
/*
 * conf_streams.c - the section `streams`. Streams may take from each other in any order in the file; each is made after its
 * inputs, depth first, which also finds circles. What a stream measures (unit, kind, period) follows from its inputs through
 * its operators, so most mistakes are found here, with their place, and not on the board.
 */
#include <math.h>
#include <string.h>

#include "agent/conf_private.h"
#include "base/text.h"
#include "base/unit.h"

enum visit { UNSEEN, UNDER_WAY, DONE };

struct entry {
	const struct node *node;
	enum visit visit;
	bool is_good;
	size_t index; /* in the plan, when good */
	struct series_info info;
};

struct maker {
	struct conf *c;
	struct diag *d;
	struct entry *entries;
	size_t n, depth;
	struct graph_stream *streams;	  /* in the order of the plan */
	const char *names[OP_MAX_INPUTS]; /* of the inputs of the operator under way */
	struct arena *own;		  /* of the stream under way, for what its operators keep */
};

static bool make(struct maker *m, struct entry *e);

static struct entry *find_entry(struct maker *m, const char *name)
{
	for (size_t i = 0; i < m->n; i++)
		if (strcmp(m->entries[i].node->key, name) == 0)
			return &m->entries[i];
	return NULL;
}

static void report_unknown_input(struct maker *m, const struct node *from)
{
	size_t n = m->n + m->c->plan.n_sources;
	const char **known = arena_alloc(&m->c->arena, n * sizeof(*known));

	for (size_t i = 0; i < m->n; i++)
		known[i] = m->entries[i].node->key;
	for (size_t i = 0; i < m->c->plan.n_sources; i++)
		known[m->n + i] = m->c->source_names[i];
	conf_unknown(m->d, from->at, strchr(from->text, '.') ? "SENSOR.CHANNEL" : "stream", from->text, known, n);
}

/* False: the channel's sensor has errors of its own, which have been told. */
static bool is_sensor_sound(struct maker *m, const char *reference)
{
	size_t len = strcspn(reference, ".");

	for (size_t i = 0; i < m->c->n_sensors; i++) {
		const struct conf_sensor *s = &m->c->sensors[i];

		if (s->name && strlen(s->name) == len && strncmp(s->name, reference, len) == 0)
			return s->n_channels > 0;
	}
	return true;
}

static bool resolve(struct maker *m, const struct node *from, const struct entry *self, struct graph_ref *ref,
		    struct series_info *info)
{
	struct entry *e;

	if (from->kind != NODE_SCALAR) {
		diag_error(m->d, from->at, "'from' takes SENSOR.CHANNEL or a stream, found %s", node_kind_name(from));
		return false;
	}
	for (size_t i = 0; i < m->c->plan.n_sources; i++) {
		if (strcmp(m->c->source_names[i], from->text) == 0) {
			*ref = (struct graph_ref){ false, i };
			*info = m->c->sources[i];
			return true;
		}
	}
	e = find_entry(m, from->text);
	if (!e) {
		if (is_sensor_sound(m, from->text))
			report_unknown_input(m, from);
		return false;
	}
	if (e->visit == UNDER_WAY) {
		diag_error(m->d, from->at, "stream '%s' takes from itself%s%s", self->node->key,
			   e == self ? "" : " through ", e == self ? "" : from->text);
		return false;
	}
	if (m->depth == CONF_MAX_CHAIN) {
		diag_error(m->d, from->at, "more than %d streams that take from each other, one after the other",
			   CONF_MAX_CHAIN);
		return false;
	}
	if (!make(m, e))
		return false; /* its errors have been told */
	*ref = (struct graph_ref){ true, e->index };
	*info = e->info;
	return true;
}

static const struct op_class *find_op(struct maker *m, const char *name, struct place at)
{
	const struct op_class *class = op_find(name);
	const char *known[128];
	size_t n = 0;

	if (class)
		return class;
	if (op_word_meaning(name)) {
		diag_error(m->d, at, "unknown operator '%s', did you mean '%s'?", name, op_word_meaning(name));
		return NULL;
	}
	for (size_t i = 0; (class = op_at(i)) && n < ARRAY_LEN(known); i++)
		known[n++] = class->name;
	conf_unknown(m->d, at, "operator", name, known, n);
	return NULL;
}

/* One step of `through`: a name, or a map of one name with its options. */
static bool split_step(struct maker *m, const struct node *step, const char **name, struct place *at,
		       const struct node **options)
{
	if (step->kind == NODE_SCALAR) {
		*name = step->text;
		*at = step->at;
		*options = NULL;
		return true;
	}
	if (step->kind == NODE_MAP && step->n_children == 1) {
		*name = step->children->key;
		*at = step->children->key_at;
		*options = step->children;
		return true;
	}
	diag_error(m->d, step->at, "an operator is a name, or a name with its options such as `median: 5`, found %s",
		   step->kind == NODE_MAP ? "a map of several names (each needs a '-' of its own)"
					  : node_kind_name(step));
	return false;
}

static bool make_op(struct maker *m, const struct node *step, const struct series_info *in, size_t n_in,
		    struct graph_op *op, struct series_info *out)
{
	const struct node *options;
	const char *name;
	struct place at;
	char what[80];
	struct op_setup setup = { .inputs = in, .n_inputs = n_in, .names = m->names, .output = out, .arena = m->own };
	struct series_info result = in[0];

	if (!split_step(m, step, &name, &at, &options))
		return false;
	op->class = find_op(m, name, at);
	if (!op->class)
		return false;
	if (n_in < op->class->min_inputs || n_in > op->class->max_inputs) {
		diag_error(m->d, at, "%s takes %zu to %zu inputs, found %zu", name, op->class->min_inputs,
			   op->class->max_inputs, n_in);
		return false;
	}
	op->state = arena_alloc(m->own, op->class->state_size);
	snprintf(what, sizeof(what), "operator %s", name);
	if (opt_apply(&op->class->options, options, op->state, m->own, m->d, at, what, NULL) > 0)
		return false;
	if (m->c->is_confined && op->class->needs_local_trust && op->class->needs_local_trust(op->state)) {
		diag_error(m->d, at,
			   "%s reaches beyond the pipeline here, which a pushed config may not (remote_config: "
			   "{local_files: yes})",
			   name);
		return false;
	}
	setup.output = &result;
	if (op->class->setup && op->class->setup(op->state, &setup) < 0) {
		diag_error(m->d, options ? options->at : at, "%s: %s", what, setup.error);
		return false;
	}
	*out = result;
	return true;
}

static bool is_empty(const struct node *n)
{
	return !n || n->kind == NODE_NULL || (n->kind == NODE_SEQUENCE && n->n_children == 0);
}

/* The first operator of a stream takes from what the config names, the others from the stream itself. */
static void name_inputs(struct maker *m, const struct node *stream, bool is_first)
{
	const struct node *from = node_get(stream, "from");
	size_t i = 0;

	if (!is_first || from->kind != NODE_SEQUENCE) {
		m->names[0] = arena_strdup(m->own, is_first ? from->text : stream->key);
		return;
	}
	for (const struct node *input = from->children; input; input = input->next)
		m->names[i++] = arena_strdup(m->own, input->text);
}

static bool make_ops(struct maker *m, const struct node *n, const struct series_info *in, struct graph_stream *s,
		     struct series_info *out)
{
	const struct node *through = node_get(n, "through");
	struct graph_op *ops;
	bool is_good = true;

	*out = in[0];
	if (is_empty(through)) {
		if (s->n_from > 1)
			diag_error(m->d, n->at,
				   "a stream with several inputs needs an operator that joins them, such as combine");
		return s->n_from == 1;
	}
	if (through->kind == NODE_MAP) {
		diag_error(m->d, through->at, "'through' is a list of operators, each with a '-'");
		return false;
	}
	s->n_ops = through->kind == NODE_SEQUENCE ? through->n_children : 1;
	s->ops = ops = arena_alloc(&m->c->arena, (s->n_ops + 1) * sizeof(*ops));
	for (const struct node *step = through->kind == NODE_SEQUENCE ? through->children : through; step;
	     step = step->next, ops++) {
		bool is_first = ops == s->ops;
		struct series_info info = *out;

		name_inputs(m, n, is_first);
		is_good = make_op(m, step, is_first ? in : &info, is_first ? s->n_from : 1, ops, out) && is_good;
		if (through->kind != NODE_SEQUENCE)
			break;
	}
	return is_good;
}

static bool read_inputs(struct maker *m, struct entry *e, struct graph_stream *s, struct series_info *in)
{
	const struct node *from = node_get(e->node, "from"), *first;
	struct graph_ref *refs;
	size_t n;
	bool is_good = true;

	if (!from || from->kind == NODE_NULL || from->kind == NODE_MAP) {
		diag_error(m->d, from ? from->at : e->node->at,
			   "stream '%s' needs 'from': SENSOR.CHANNEL, a stream, or a list of them", e->node->key);
		return false;
	}
	n = from->kind == NODE_SEQUENCE ? from->n_children : 1;
	first = from->kind == NODE_SEQUENCE ? from->children : from;
	if (n == 0 || n > OP_MAX_INPUTS) {
		diag_error(m->d, from->at, "a stream takes 1 to %d inputs, found %zu", OP_MAX_INPUTS, n);
		return false;
	}
	s->from = refs = arena_alloc(&m->c->arena, n * sizeof(*refs));
	s->n_from = n;
	for (size_t i = 0; i < n; i++, first = first->next)
		is_good = resolve(m, first, e, &refs[i], &in[i]) && is_good;
	return is_good;
}

/* The inputs have been made: no other stream comes between. */
static bool make_ops_in(struct maker *m, struct arena *own, struct entry *e, const struct series_info *in,
			struct graph_stream *s)
{
	m->own = own;
	return make_ops(m, e->node, in, s, &e->info);
}

static bool make(struct maker *m, struct entry *e)
{
	struct graph_stream s = { .name = e->node->key };
	struct series_info in[OP_MAX_INPUTS];
	struct arena own = { 0 };

	if (e->visit != UNSEEN)
		return e->is_good;
	e->visit = UNDER_WAY;
	m->depth++;
	if (e->node->kind != NODE_MAP) {
		diag_error(m->d, e->node->at, "a stream is a map such as {from: air.temperature}, found %s",
			   node_kind_name(e->node));
	} else if (conf_name_ok(e->node, "stream", m->d) && read_inputs(m, e, &s, in) &&
		   make_ops_in(m, &own, e, in, &s) && conf_read_stream_options(m->c, e->node, &e->info, &s, m->d)) {
		e->info.kind = s.def.kind;
		e->index = m->c->plan.n_streams++;
		m->streams[e->index] = s;
		m->c->stream_parts[e->index] = (struct conf_part){ conf_define(m->c, e->node), own };
		e->is_good = true;
	}
	if (!e->is_good)
		arena_free(&own);
	e->visit = DONE;
	m->depth--;
	return e->is_good;
}

void conf_read_streams(struct conf *c, const struct node *streams, struct diag *d)
{
	struct maker m = { .c = c, .d = d, .n = conf_map_length(streams, "streams", d) };
	size_t i = 0;

	if (m.n == 0)
		return;
	m.entries = arena_alloc(&c->arena, m.n * sizeof(m.entries[0]));
	m.streams = arena_alloc(&c->arena, m.n * sizeof(m.streams[0]));
	c->plan.streams = m.streams;
	c->stream_parts = arena_alloc(&c->arena, m.n * sizeof(c->stream_parts[0]));
	for (const struct node *n = streams->children; n; n = n->next)
		m.entries[i++].node = n;
	for (i = 0; i < m.n; i++)
		make(&m, &m.entries[i]);
}
