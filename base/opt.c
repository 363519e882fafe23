/* SPDX-License-Identifier: Apache-2.0 */
/*
 * opt.c - from a map of the config to the members of a struct, by a table.
 *
 * One parser for each type turns a node into a `union value`; defaults go through the same parsers, so a table with
 * a default that a user could not write does not survive its first use. Nothing is stored before it is known to be
 * good. A message names the thing, the option, what the option accepts and what was found; unknown names come with
 * the nearest known one, or the list of all.
 */
#include "base/opt.h"

#include <assert.h>
#include <errno.h>
#include <math.h>
#include <stdio.h>
#include <string.h>

#include "base/text.h"
#include "base/unit.h"

enum { EXPECTS_BYTES = 512 };

/* One call of opt_apply(). */
struct apply {
	struct arena *arena;
	struct diag *diag;
	const char *what;
	const struct opt_table *table;
	const char *const *ignore;
};

/* Of a value, before it is stored. */
union value {
	bool boolean;
	int choice;
	int64_t integer;
	double number;
	const char *text;
	const struct unit *unit;
	struct opt_span span;
	struct opt_map map;
	struct opt_list list;
};

/* By type: how many bytes the member has. */
static const size_t value_bytes[] = {
	[OPT_BOOL] = sizeof(bool),
	[OPT_INT] = sizeof(int64_t),
	[OPT_DOUBLE] = sizeof(double),
	[OPT_DURATION] = sizeof(int64_t),
	[OPT_BYTES] = sizeof(int64_t),
	[OPT_ENUM] = sizeof(int),
	[OPT_TEXT] = sizeof(const char *),
	[OPT_UNIT] = sizeof(const struct unit *),
	[OPT_SPAN] = sizeof(struct opt_span),
	[OPT_TEXT_MAP] = sizeof(struct opt_map),
	[OPT_TEXT_LIST] = sizeof(struct opt_list),
	[OPT_UNIT_MAP] = sizeof(struct opt_map),
};

static size_t count_choices(const struct opt *row)
{
	size_t n = 0;

	while (row->choices[n])
		n++;
	return n;
}

static bool is_bounded(const struct opt *row)
{
	return row->min != 0.0 || row->max != 0.0;
}

static bool in_bounds(const struct opt *row, double x)
{
	return !is_bounded(row) || (x >= row->min && x <= row->max);
}

/* The expected form of a bool or number is lost in quotes: `"5"` is a text. */
static bool is_plain_scalar_type(enum opt_type type)
{
	return type == OPT_BOOL || type == OPT_INT || type == OPT_DOUBLE;
}

static int parse_span(const char *text, const struct opt *row, struct opt_span *out)
{
	struct opt_span span = { 0 };

	if (text_to_int64(text, &span.count) == 0) {
		if (span.count <= 0 || !in_bounds(row, (double)span.count))
			return -ERANGE;
	} else if (text_to_duration_us(text, &span.us) < 0) {
		return -EINVAL;
	} else if (span.us <= 0) {
		return -ERANGE;
	}
	*out = span;
	return 0;
}

static int parse_choice(const char *text, const struct opt *row, int *out)
{
	for (size_t i = 0; row->choices[i]; i++)
		if (strcmp(row->choices[i], text) == 0) {
			*out = (int)i;
			return 0;
		}
	return -EINVAL;
}

static int parse_bounded_int64(const char *text, const struct opt *row, int64_t *out)
{
	int64_t x;
	int r;

	if (row->type == OPT_INT)
		r = text_to_int64(text, &x);
	else if (row->type == OPT_DURATION)
		r = text_to_duration_us(text, &x);
	else
		r = text_to_bytes(text, &x);
	if (r < 0)
		return r;
	if (!in_bounds(row, (double)x))
		return -ERANGE;
	*out = x;
	return 0;
}

/* @text outlives the value only where the caller copies it. */
static int parse_scalar(const char *text, const struct opt *row, union value *out)
{
	switch (row->type) {
	case OPT_BOOL:
		return text_to_bool(text, &out->boolean);
	case OPT_INT:
	case OPT_DURATION:
	case OPT_BYTES:
		return parse_bounded_int64(text, row, &out->integer);
	case OPT_DOUBLE:
		if (text_to_double(text, &out->number) < 0)
			return -EINVAL;
		return in_bounds(row, out->number) ? 0 : -ERANGE;
	case OPT_ENUM:
		return parse_choice(text, row, &out->choice);
	case OPT_TEXT:
		out->text = text;
		return 0;
	case OPT_UNIT:
		out->unit = unit_find(text);
		return out->unit ? 0 : -EINVAL;
	case OPT_SPAN:
		return parse_span(text, row, &out->span);
	case OPT_TEXT_MAP:
	case OPT_TEXT_LIST:
	case OPT_UNIT_MAP:
		break;
	}
	return -EINVAL;
}

/* The nearest thing that would have been right, or NULL. */
static const char *suggest(const struct opt *row, const char *text)
{
	if (row->type == OPT_ENUM)
		return text_nearest(text, row->choices, count_choices(row));
	if (row->type == OPT_UNIT || row->type == OPT_UNIT_MAP)
		return unit_nearest(text);
	return NULL;
}

/* @name: of the option, or of one item in it. */
static void report_value(struct apply *ap, const struct opt *row, const char *name, const struct node *n,
			 const char *expected)
{
	const char *nearest;

	if (n->kind != NODE_SCALAR) {
		diag_error(ap->diag, n->at, "%s: %s: expected %s, found %s", ap->what, name, expected,
			   node_kind_name(n));
		return;
	}
	nearest = suggest(row, n->text);
	if (nearest)
		diag_error(ap->diag, n->at, "%s: %s: unknown %s '%s', did you mean '%s'? Expected %s", ap->what, name,
			   row->type == OPT_ENUM ? "choice" : "unit", n->text, nearest, expected);
	else if (n->quoted && is_plain_scalar_type(row->type))
		diag_error(ap->diag, n->at, "%s: %s: expected %s, found the text '%s': leave the quotes out", ap->what,
			   name, expected, n->text);
	else
		diag_error(ap->diag, n->at, "%s: %s: expected %s, found '%s'", ap->what, name, expected, n->text);
}

static bool take_map(struct apply *ap, const struct opt *row, const struct node *n, struct opt_map *out)
{
	const char *expected = row->type == OPT_UNIT_MAP ? "a unit such as Cel, % or hPa" : "a text";
	size_t n_errors = ap->diag->n_errors, i = 0;
	struct opt_pair *pairs = arena_alloc(ap->arena, n->n_children * sizeof(*pairs));

	for (const struct node *child = n->children; child; child = child->next) {
		if (child->kind != NODE_SCALAR || (row->type == OPT_UNIT_MAP && !unit_find(child->text))) {
			report_value(ap, row, arena_printf(ap->arena, "%s.%s", row->name, child->key), child, expected);
			continue;
		}
		pairs[i++] = (struct opt_pair){
			.name = arena_strdup(ap->arena, child->key),
			.value = arena_strdup(ap->arena, child->text),
			.at = child->at,
		};
	}
	*out = (struct opt_map){ pairs, i };
	return ap->diag->n_errors == n_errors;
}

static bool take_list(struct apply *ap, const struct opt *row, const struct node *n, struct opt_list *out)
{
	const struct node *first = n->kind == NODE_SCALAR ? n : n->children;
	size_t n_errors = ap->diag->n_errors, i = 0;
	const char **items = arena_alloc(ap->arena, (n->n_children + 1) * sizeof(*items));

	for (const struct node *item = first; item; item = item == n ? NULL : item->next) {
		if (item->kind == NODE_SCALAR)
			items[i++] = arena_strdup(ap->arena, item->text);
		else
			report_value(ap, row, row->name, item, "a text");
	}
	*out = (struct opt_list){ items, i };
	return ap->diag->n_errors == n_errors;
}

static bool take_value(struct apply *ap, const struct opt *row, const struct node *n, union value *out)
{
	bool is_map_type = row->type == OPT_TEXT_MAP || row->type == OPT_UNIT_MAP;
	char expected[EXPECTS_BYTES];

	if (is_map_type && n->kind == NODE_MAP)
		return take_map(ap, row, n, &out->map);
	if (row->type == OPT_TEXT_LIST && (n->kind == NODE_SCALAR || n->kind == NODE_SEQUENCE))
		return take_list(ap, row, n, &out->list);

	if (n->kind != NODE_SCALAR || (n->quoted && is_plain_scalar_type(row->type)) ||
	    parse_scalar(n->text, row, out) < 0) {
		report_value(ap, row, row->name, n, opt_expects(row, expected, sizeof(expected)));
		return false;
	}
	if (row->type == OPT_TEXT)
		out->text = arena_strdup(ap->arena, out->text);
	return true;
}

static void store(const struct opt *row, const union value *v, void *target)
{
	memcpy((char *)target + row->offset, v, value_bytes[row->type]);
}

static void store_default(struct apply *ap, const struct opt *row, void *target)
{
	struct node n = { .kind = NODE_SCALAR, .text = row->def };
	union value v;
	bool is_good = true;

	memset(&v, 0, sizeof(v));
	if (row->def)
		is_good = take_value(ap, row, &n, &v);
	else if (row->type == OPT_DOUBLE)
		v.number = NAN;
	assert(is_good);
	store(row, &v, target);
}

static const struct opt *find_row(const struct opt_table *table, const char *name)
{
	for (size_t i = 0; i < table->n; i++)
		if (strcmp(table->rows[i].name, name) == 0)
			return &table->rows[i];
	return NULL;
}

static size_t count_ignored(const struct apply *ap)
{
	size_t n = 0;

	while (ap->ignore && ap->ignore[n])
		n++;
	return n;
}

static bool is_ignored(const struct apply *ap, const char *name)
{
	for (size_t i = 0, n = count_ignored(ap); i < n; i++)
		if (strcmp(ap->ignore[i], name) == 0)
			return true;
	return false;
}

static bool has_error_at(const struct diag *d, struct place at)
{
	for (const struct diag_line *l = d->first; l; l = l->next)
		if (l->at.line == at.line && l->at.column == at.column)
			return true;
	return false;
}

/* Two tables may share one map (a sensor's and its driver's): what the first did not know is said once. */
static void report_unknown(struct apply *ap, const struct node *n)
{
	size_t n_ignored = count_ignored(ap), n_names = n_ignored + ap->table->n;
	const char **names = arena_alloc(ap->arena, n_names * sizeof(*names)), *nearest;
	const char *list = "";

	for (size_t i = 0; i < n_names; i++) {
		names[i] = i < n_ignored ? ap->ignore[i] : ap->table->rows[i - n_ignored].name;
		list = arena_printf(ap->arena, "%s%s%s", list, i ? ", " : "", names[i]);
	}
	nearest = text_nearest(n->key, names, n_names);
	if (nearest)
		diag_error(ap->diag, n->key_at, "%s: unknown option '%s', did you mean '%s'?", ap->what, n->key,
			   nearest);
	else if (n_names)
		diag_error(ap->diag, n->key_at, "%s: unknown option '%s', expected one of: %s", ap->what, n->key, list);
	else
		diag_error(ap->diag, n->key_at, "%s: unknown option '%s', there are none", ap->what, n->key);
}

static void apply_one(struct apply *ap, const struct opt *row, const struct node *n, void *target)
{
	union value v;

	if (take_value(ap, row, n, &v))
		store(row, &v, target);
}

static void apply_map(struct apply *ap, const struct node *map, void *target)
{
	for (const struct node *n = map->children; n; n = n->next) {
		const struct node *first = node_get(map, n->key);
		const struct opt *row = find_row(ap->table, n->key);

		if (first != n)
			diag_error(ap->diag, n->key_at, "%s: '%s' is given twice, first in line %u", ap->what, n->key,
				   first->key_at.line);
		else if (row)
			apply_one(ap, row, n, target);
		else if (!is_ignored(ap, n->key) && !has_error_at(ap->diag, n->key_at))
			report_unknown(ap, n);
	}
}

static void apply_short_form(struct apply *ap, const struct node *n, void *target)
{
	const struct opt *row = ap->table->rows;

	if (ap->table->n == 0)
		diag_error(ap->diag, n->at, "%s: takes no options, found %s", ap->what, node_kind_name(n));
	else if (n->kind == NODE_SEQUENCE && row->type != OPT_TEXT_LIST)
		diag_error(ap->diag, n->at, "%s: expected a map of options, found a list", ap->what);
	else
		apply_one(ap, row, n, target);
}

static void report_missing(struct apply *ap, const struct node *n, struct place at)
{
	char expected[EXPECTS_BYTES];

	for (size_t i = 0; i < ap->table->n; i++) {
		const struct opt *row = &ap->table->rows[i];
		bool is_given =
			n && (n->kind == NODE_MAP ? node_get(n, row->name) != NULL : n->kind != NODE_NULL && i == 0);

		if (row->required && !is_given)
			diag_error(ap->diag, at, "%s: '%s' is missing, expected %s", ap->what, row->name,
				   opt_expects(row, expected, sizeof(expected)));
	}
}

int opt_apply(const struct opt_table *table, const struct node *n, void *target, struct arena *a, struct diag *d,
	      struct place at, const char *what, const char *const ignore[])
{
	struct apply ap = { .arena = a, .diag = d, .what = what, .table = table, .ignore = ignore };
	size_t n_errors = d->n_errors;

	for (size_t i = 0; i < table->n; i++)
		store_default(&ap, &table->rows[i], target);

	if (n && n->kind == NODE_MAP)
		apply_map(&ap, n, target);
	else if (n && n->kind != NODE_NULL)
		apply_short_form(&ap, n, target);
	report_missing(&ap, n, at);
	return (int)(d->n_errors - n_errors);
}
