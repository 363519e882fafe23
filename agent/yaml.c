/* SPDX-License-Identifier: Apache-2.0 */
/*
 * yaml.c - libyaml's events into nodes, with a stack of open containers instead of recursion.
 *
 * Duplicate keys are found by sorting when a map is closed: n log n, also for a file made to be slow.
 */
#include "agent/yaml.h"

#include <assert.h>
#include <errno.h>
#include <fcntl.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include <yaml.h>

#include "agent/yaml_problem.h"

/* An open container. */
struct frame {
	struct node *container;
	struct node **tail; /* where the next child goes */
	const char *key;    /* NODE_MAP: waiting for its value */
	struct place key_at;
	bool is_refused; /* the key was reported; its value is read, but left out */
};

struct reader {
	yaml_parser_t parser;
	struct arena *arena;
	struct diag *diag;
	struct node *root;
	struct frame stack[YAML_MAX_DEPTH];
	size_t depth, n_nodes, n_documents;
};

static struct place place_of(yaml_mark_t mark)
{
	return (struct place){ (unsigned)mark.line + 1, (unsigned)mark.column + 1 };
}

static void report_syntax(struct reader *r, const char *text, size_t bytes)
{
	const yaml_parser_t *p = &r->parser;
	struct place at = place_of(p->problem_mark);
	const struct yaml_problem *known;

	if (p->error == YAML_MEMORY_ERROR || !p->problem) {
		diag_error(r->diag, at, "not enough memory to read this file");
		return;
	}
	if (p->error == YAML_READER_ERROR) {
		diag_error(r->diag, yaml_place_of_offset(text, bytes, p->problem_offset), "expected text: %s",
			   p->problem);
		return;
	}
	known = yaml_problem_find(p->problem, p->context, yaml_char_at(text, bytes, p->problem_mark.index));
	if (!known)
		diag_error(r->diag, at, "%s%s%s", p->context ? p->context : "", p->context ? ", " : "", p->problem);
	else
		diag_error(r->diag, known->is_at_context && p->context ? place_of(p->context_mark) : at, "%s",
			   known->text);
}

/* --- events to nodes --- */

static bool is_waiting_for_key(const struct frame *f)
{
	return f && f->container->kind == NODE_MAP && !f->key;
}

static struct frame *top(struct reader *r)
{
	return r->depth ? &r->stack[r->depth - 1] : NULL;
}

/* A new node as child of the open container, or as root. */
static struct node *add_node(struct reader *r, enum node_kind kind, struct place at)
{
	struct frame *f = top(r);
	struct node *n;

	if (++r->n_nodes > YAML_MAX_NODES) {
		diag_error(r->diag, at, "more than %d values, expected a smaller file", YAML_MAX_NODES);
		return NULL;
	}
	n = arena_alloc(r->arena, sizeof(*n));
	*n = (struct node){ .kind = kind, .at = at };
	if (!f) {
		r->root = n;
		return n;
	}
	n->key = f->key;
	n->key_at = f->key_at;
	if (!f->is_refused) {
		*f->tail = n;
		f->tail = &n->next;
		f->container->n_children++;
	}
	f->key = NULL;
	f->is_refused = false;
	return n;
}

static void refuse_properties(struct reader *r, const yaml_char_t *anchor, const yaml_char_t *tag, struct place at)
{
	if (anchor)
		diag_error(r->diag, at, "anchor '&%s': anchors are not part of a config, write the value out",
			   (const char *)anchor);
	if (tag)
		diag_error(r->diag, at, "tag '%s': tags are not part of a config, expected a plain value",
			   (const char *)tag);
}

static bool is_null_word(const char *text)
{
	static const char *const words[] = { "", "~", "null", "Null", "NULL" };

	for (size_t i = 0; i < ARRAY_LEN(words); i++)
		if (strcmp(text, words[i]) == 0)
			return true;
	return false;
}

static void on_key(struct reader *r, struct frame *f, const char *text, bool quoted, struct place at)
{
	bool is_merge = !quoted && strcmp(text, "<<") == 0;

	if (is_merge)
		diag_error(r->diag, at, "merge keys '<<' are not part of a config, write the options out");
	else if (*text == '\0')
		diag_error(r->diag, at, "expected a name before ':'");
	f->key = text;
	f->key_at = at;
	f->is_refused = is_merge || *text == '\0';
}

static int on_scalar(struct reader *r, const yaml_event_t *e, struct place at)
{
	const char *text = (const char *)e->data.scalar.value;
	bool quoted = e->data.scalar.style != YAML_PLAIN_SCALAR_STYLE;
	struct frame *f = top(r);
	struct node *n;

	refuse_properties(r, e->data.scalar.anchor, e->data.scalar.tag, at);
	if (strlen(text) != e->data.scalar.length) {
		diag_error(r->diag, at, "a text with a NUL character, expected one without");
		return -EINVAL;
	}
	text = arena_strndup(r->arena, text, e->data.scalar.length);
	if (is_waiting_for_key(f)) {
		on_key(r, f, text, quoted, at);
		return 0;
	}
	n = add_node(r, NODE_SCALAR, at);
	if (!n)
		return -EINVAL;
	n->quoted = quoted;
	if (!quoted && is_null_word(text))
		n->kind = NODE_NULL;
	else
		n->text = text;
	return 0;
}

static int on_container(struct reader *r, enum node_kind kind, struct place at)
{
	struct node *n;

	if (is_waiting_for_key(top(r))) {
		diag_error(r->diag, at, "%s as a key, expected a name; a text that starts with '%c' needs quotes",
			   kind == NODE_MAP ? "a map" : "a list", kind == NODE_MAP ? '{' : '[');
		return -EINVAL;
	}
	if (r->depth == YAML_MAX_DEPTH) {
		diag_error(r->diag, at, "nested too deeply, expected at most %d levels", YAML_MAX_DEPTH);
		return -EINVAL;
	}
	n = add_node(r, kind, at);
	if (!n)
		return -EINVAL;
	r->stack[r->depth++] = (struct frame){ .container = n, .tail = &n->children };
	return 0;
}

static int on_alias(struct reader *r, const yaml_event_t *e, struct place at)
{
	struct frame *f = top(r);

	if (is_waiting_for_key(f)) {
		diag_error(r->diag, at, "alias '*%s' as a key, expected a name", (const char *)e->data.alias.anchor);
		return -EINVAL;
	}
	if (!f || !f->is_refused)
		diag_error(r->diag, at, "alias '*%s': aliases are not part of a config, write the value out",
			   (const char *)e->data.alias.anchor);
	return add_node(r, NODE_NULL, at) ? 0 : -EINVAL;
}

/* By key, then by place: the first of equal ones is the one that counts. */
static int compare_keys(const void *a, const void *b)
{
	const struct node *x = *(const struct node *const *)a, *y = *(const struct node *const *)b;
	int order = strcmp(x->key, y->key);

	if (order)
		return order;
	if (x->key_at.line != y->key_at.line)
		return x->key_at.line < y->key_at.line ? -1 : 1;
	return x->key_at.column < y->key_at.column ? -1 : x->key_at.column > y->key_at.column;
}

/* Duplicates lose their key, by which close_map() leaves them out. */
static void report_duplicates(struct reader *r, struct node **sorted, size_t n)
{
	size_t first = 0;

	for (size_t i = 1; i < n; i++) {
		if (strcmp(sorted[i]->key, sorted[first]->key) != 0) {
			first = i;
			continue;
		}
		diag_error(r->diag, sorted[i]->key_at, "'%s' is given twice, first in line %u", sorted[i]->key,
			   sorted[first]->key_at.line);
		sorted[i]->key = NULL;
	}
}

static int close_map(struct reader *r, struct node *map)
{
	struct node **sorted = malloc((map->n_children + 1) * sizeof(struct node *)), **tail = &map->children;
	size_t n = 0;

	if (!sorted) {
		diag_error(r->diag, map->at, "not enough memory to read this file");
		return -ENOMEM;
	}
	for (struct node *child = map->children; child; child = child->next)
		sorted[n++] = child;
	qsort(sorted, n, sizeof(struct node *), compare_keys);
	report_duplicates(r, sorted, n);
	free(sorted);

	map->n_children = 0;
	for (struct node *child = map->children; child; child = child->next) {
		if (!child->key)
			continue;
		*tail = child;
		tail = &child->next;
		map->n_children++;
	}
	*tail = NULL;
	return 0;
}

static int on_end_of_container(struct reader *r)
{
	struct frame *f = top(r);

	assert(f);
	r->depth--;
	return f->container->kind == NODE_MAP ? close_map(r, f->container) : 0;
}

static int on_document(struct reader *r, struct place at)
{
	if (++r->n_documents == 1)
		return 0;
	diag_error(r->diag, at, "a second document after '---', expected one");
	return -EINVAL;
}

static int on_event(struct reader *r, const yaml_event_t *e)
{
	struct place at = place_of(e->start_mark);

	switch (e->type) {
	case YAML_DOCUMENT_START_EVENT:
		return on_document(r, at);
	case YAML_ALIAS_EVENT:
		return on_alias(r, e, at);
	case YAML_SCALAR_EVENT:
		return on_scalar(r, e, at);
	case YAML_SEQUENCE_START_EVENT:
		refuse_properties(r, e->data.sequence_start.anchor, e->data.sequence_start.tag, at);
		return on_container(r, NODE_SEQUENCE, at);
	case YAML_MAPPING_START_EVENT:
		refuse_properties(r, e->data.mapping_start.anchor, e->data.mapping_start.tag, at);
		return on_container(r, NODE_MAP, at);
	case YAML_SEQUENCE_END_EVENT:
	case YAML_MAPPING_END_EVENT:
		return on_end_of_container(r);
	case YAML_NO_EVENT:
	case YAML_STREAM_START_EVENT:
	case YAML_STREAM_END_EVENT:
	case YAML_DOCUMENT_END_EVENT:
		break;
	}
	return 0;
}

static int read_events(struct reader *r, const char *text, size_t bytes)
{
	yaml_event_type_t type;
	yaml_event_t e;
	int result;

	do {
		if (!yaml_parser_parse(&r->parser, &e)) {
			report_syntax(r, text, bytes);
			return -EINVAL;
		}
		type = e.type;
		result = on_event(r, &e);
		yaml_event_delete(&e);
	} while (result == 0 && type != YAML_STREAM_END_EVENT);
	return result;
}

int yaml_parse(const char *text, size_t bytes, struct arena *a, struct diag *d, const struct node **root)
{
	struct reader r = { .arena = a, .diag = d };
	size_t bom = bytes >= 3 && memcmp(text, "\xEF\xBB\xBF", 3) == 0 ? 3 : 0;
	int result;

	text += bom; /* editors put it there; it must not shift the columns */
	bytes -= bom;
	result = yaml_check_bytes(d, text, bytes);
	if (result < 0)
		return result;
	if (!yaml_parser_initialize(&r.parser)) {
		diag_error(d, (struct place){ 0 }, "not enough memory to read this file");
		return -ENOMEM;
	}
	yaml_parser_set_encoding(&r.parser, YAML_UTF8_ENCODING);
	yaml_parser_set_input_string(&r.parser, (const unsigned char *)text, bytes);
	result = read_events(&r, text, bytes);
	yaml_parser_delete(&r.parser);
	if (result < 0)
		return -EINVAL;
	if (!r.root)
		(void)add_node(&r, NODE_NULL, (struct place){ 1, 1 });
	*root = r.root;
	return 0;
}

/* @return bytes read, or negative errno; one byte more than allowed is read to know that there is one */
static ssize_t read_file(const char *path, char *buf, size_t buf_bytes)
{
	int fd = open(path, O_RDONLY | O_CLOEXEC);
	size_t len = 0;
	ssize_t n;

	if (fd < 0)
		return -errno;
	do {
		n = read(fd, buf + len, buf_bytes - len);
		if (n > 0)
			len += (size_t)n;
	} while ((n > 0 && len < buf_bytes) || (n < 0 && errno == EINTR));
	if (n < 0)
		n = -errno;
	close(fd);
	if (n < 0)
		return n;
	return len < buf_bytes ? (ssize_t)len : -EFBIG;
}

int yaml_parse_file(const char *path, struct arena *a, struct diag *d, const struct node **root)
{
	char *text = malloc(YAML_MAX_FILE_BYTES + 1);
	ssize_t n = text ? read_file(path, text, YAML_MAX_FILE_BYTES + 1) : -ENOMEM;
	int r = (int)n;

	if (n == -EFBIG)
		diag_error(d, (struct place){ 0 }, "larger than 1 MiB, expected a config");
	else if (n < 0)
		diag_error(d, (struct place){ 0 }, "cannot be read: %s", strerror(-r));
	else
		r = yaml_parse(text, (size_t)n, a, d, root);
	free(text);
	return r;
}
