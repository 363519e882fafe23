/* SPDX-License-Identifier: Apache-2.0 */
/*
 * opt_value.c - from one node of the config to the value of an option. One parser for each type; a message names the thing, the
 * option, what the option accepts and what was found. Of a list each item is looked at, so that one run reports all mistakes.
 */
#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "base/opt_private.h"
#include "base/text.h"
#include "base/unit.h"

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
	[OPT_DOUBLE_LIST] = sizeof(struct opt_doubles),
	[OPT_POINTS] = sizeof(struct opt_points),
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
	return type == OPT_BOOL || type == OPT_INT || type == OPT_DOUBLE || type == OPT_DOUBLE_LIST;
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
static int parse_scalar(const char *text, const struct opt *row, union opt_value *out)
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
	case OPT_DOUBLE_LIST:
	case OPT_POINTS:
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
static void report_value(const struct opt_context *ap, const struct opt *row, const char *name, const struct node *n,
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

static bool take_map(const struct opt_context *ap, const struct opt *row, const struct node *n, struct opt_map *out)
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

static bool take_list(const struct opt_context *ap, const struct opt *row, const struct node *n, struct opt_list *out)
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

static bool has_right_length(const struct opt_context *ap, const struct opt *row, const struct node *n, size_t found)
{
	char expected[OPT_EXPECTS_BYTES];

	if (found >= row->min_items && (row->max_items == 0 || found <= row->max_items))
		return true;
	diag_error(ap->diag, n->at, "%s: %s: expected %s, found %zu", ap->what, row->name,
		   opt_expects(row, expected, sizeof(expected)), found);
	return false;
}

/* One number of a list. @name says which, in messages. */
static bool take_number(const struct opt_context *ap, const struct opt *row, const char *name, const struct node *n,
			double *out)
{
	struct opt number = { .name = row->name, .type = OPT_DOUBLE, .min = row->min, .max = row->max };
	char expected[OPT_EXPECTS_BYTES];
	union opt_value v;

	number.unit = row->unit;
	if (n->kind == NODE_SCALAR && !n->quoted && parse_scalar(n->text, &number, &v) == 0) {
		*out = v.number;
		return true;
	}
	report_value(ap, &number, name, n, opt_expects(&number, expected, sizeof(expected)));
	return false;
}

static bool take_doubles(const struct opt_context *ap, const struct opt *row, const struct node *n,
			 struct opt_doubles *out)
{
	const struct node *item = n->kind == NODE_SCALAR ? n : n->children;
	size_t n_items = n->kind == NODE_SCALAR ? 1 : n->n_children;
	double *values = arena_alloc(ap->arena, n_items * sizeof(*values));
	bool is_good = has_right_length(ap, row, n, n_items);

	for (size_t i = 0; i < n_items; i++, item = item->next) {
		const char *name =
			n->kind == NODE_SCALAR ? row->name : arena_printf(ap->arena, "%s, item %zu", row->name, i + 1);

		is_good = take_number(ap, row, name, item, &values[i]) && is_good;
	}
	*out = (struct opt_doubles){ values, n_items };
	return is_good;
}

static bool take_point(const struct opt_context *ap, const struct opt *row, size_t number, const struct node *n,
		       struct opt_point *out)
{
	const char *name = arena_printf(ap->arena, "%s, point %zu", row->name, number);

	if (n->kind == NODE_SEQUENCE && n->n_children == 2)
		/* Not &&: both are looked at, so that one run reports all mistakes. */
		return (int)take_number(ap, row, name, n->children, &out->x) &
		       (int)take_number(ap, row, name, n->children->next, &out->y);
	if (n->kind == NODE_SEQUENCE)
		diag_error(ap->diag, n->at, "%s: %s: expected two numbers [x, y], found a list of %zu", ap->what, name,
			   n->n_children);
	else
		report_value(ap, row, name, n, "two numbers [x, y]");
	return false;
}

static bool take_points(const struct opt_context *ap, const struct opt *row, const struct node *n,
			struct opt_points *out)
{
	struct opt_point *points = arena_alloc(ap->arena, n->n_children * sizeof(*points));
	bool is_good = has_right_length(ap, row, n, n->n_children);
	size_t i = 0;

	for (const struct node *item = n->children; item; item = item->next, i++)
		is_good = take_point(ap, row, i + 1, item, &points[i]) && is_good;
	*out = (struct opt_points){ points, i };
	return is_good;
}

bool opt_is_list(enum opt_type type)
{
	return type == OPT_TEXT_LIST || type == OPT_DOUBLE_LIST || type == OPT_POINTS;
}

/* Types that are made of several nodes. False: this node is no form of such a value. */
static bool is_composite(const struct opt *row, const struct node *n)
{
	switch (row->type) {
	case OPT_TEXT_MAP:
	case OPT_UNIT_MAP:
		return n->kind == NODE_MAP;
	case OPT_TEXT_LIST:
		return n->kind == NODE_SEQUENCE || n->kind == NODE_SCALAR;
	case OPT_DOUBLE_LIST:
		return n->kind == NODE_SEQUENCE || (n->kind == NODE_SCALAR && row->min_items <= 1);
	case OPT_POINTS:
		return n->kind == NODE_SEQUENCE;
	default:
		return false;
	}
}

static bool take_composite(const struct opt_context *ap, const struct opt *row, const struct node *n,
			   union opt_value *out)
{
	switch (row->type) {
	case OPT_TEXT_LIST:
		return take_list(ap, row, n, &out->list);
	case OPT_DOUBLE_LIST:
		return take_doubles(ap, row, n, &out->doubles);
	case OPT_POINTS:
		return take_points(ap, row, n, &out->points);
	default:
		return take_map(ap, row, n, &out->map);
	}
}

bool opt_take(const struct opt_context *ap, const struct opt *row, const struct node *n, union opt_value *out)
{
	char expected[OPT_EXPECTS_BYTES];

	if (is_composite(row, n))
		return take_composite(ap, row, n, out);
	if (n->kind != NODE_SCALAR || (n->quoted && is_plain_scalar_type(row->type)) ||
	    parse_scalar(n->text, row, out) < 0) {
		report_value(ap, row, row->name, n, opt_expects(row, expected, sizeof(expected)));
		return false;
	}
	if (row->type == OPT_TEXT)
		out->text = arena_strdup(ap->arena, out->text);
	return true;
}

void opt_store(const struct opt *row, const union opt_value *v, void *target)
{
	memcpy((char *)target + row->offset, v, value_bytes[row->type]);
}
