/* SPDX-License-Identifier: Apache-2.0 */
/*
 * opt.c - from a map of the config to the members of a struct, by a table.
 *
 * opt_value.c turns a node into a value; defaults take the same road, so a table with a default that a user could not
 * write does not survive its first use. Nothing is stored before it is known to be good. Unknown names come with the
 * nearest known one, or the list of all.
 */
#include "base/opt.h"

#include <assert.h>
#include <math.h>
#include <string.h>

#include "base/opt_private.h"
#include "base/text.h"

/* One call of opt_apply(). */
struct apply {
	struct opt_context context;
	const struct opt_table *table;
	const char *const *ignore;
};

static void store_default(struct apply *ap, const struct opt *row, void *target)
{
	struct node n = { .kind = NODE_SCALAR, .text = row->def };
	union opt_value v;
	bool is_good = true;

	memset(&v, 0, sizeof(v));
	if (row->def)
		is_good = opt_take(&ap->context, row, &n, &v);
	else if (row->type == OPT_DOUBLE)
		v.number = NAN;
	assert(is_good);
	opt_store(row, &v, target);
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
	const char **names = arena_alloc(ap->context.arena, n_names * sizeof(*names)), *nearest;
	const char *list = "";

	for (size_t i = 0; i < n_names; i++) {
		names[i] = i < n_ignored ? ap->ignore[i] : ap->table->rows[i - n_ignored].name;
		list = arena_printf(ap->context.arena, "%s%s%s", list, i ? ", " : "", names[i]);
	}
	nearest = text_nearest(n->key, names, n_names);
	if (nearest)
		diag_error(ap->context.diag, n->key_at, "%s: unknown option '%s', did you mean '%s'?", ap->context.what,
			   n->key, nearest);
	else if (n_names)
		diag_error(ap->context.diag, n->key_at, "%s: unknown option '%s', expected one of: %s",
			   ap->context.what, n->key, list);
	else
		diag_error(ap->context.diag, n->key_at, "%s: unknown option '%s', there are none", ap->context.what,
			   n->key);
}

static void apply_one(struct apply *ap, const struct opt *row, const struct node *n, void *target)
{
	union opt_value v;

	if (opt_take(&ap->context, row, n, &v))
		opt_store(row, &v, target);
}

static void apply_map(struct apply *ap, const struct node *map, void *target)
{
	for (const struct node *n = map->children; n; n = n->next) {
		const struct node *first = node_get(map, n->key);
		const struct opt *row = find_row(ap->table, n->key);

		if (first != n)
			diag_error(ap->context.diag, n->key_at, "%s: '%s' is given twice, first in line %u",
				   ap->context.what, n->key, first->key_at.line);
		else if (row)
			apply_one(ap, row, n, target);
		else if (!is_ignored(ap, n->key) && !has_error_at(ap->context.diag, n->key_at))
			report_unknown(ap, n);
	}
}

static void apply_short_form(struct apply *ap, const struct node *n, void *target)
{
	const struct opt *row = ap->table->rows;

	if (ap->table->n == 0)
		diag_error(ap->context.diag, n->at, "%s: takes no options, found %s", ap->context.what,
			   node_kind_name(n));
	else if (n->kind == NODE_SEQUENCE && !opt_is_list(row->type))
		diag_error(ap->context.diag, n->at, "%s: expected a map of options, found a list", ap->context.what);
	else
		apply_one(ap, row, n, target);
}

static void report_missing(struct apply *ap, const struct node *n, struct place at)
{
	char expected[OPT_EXPECTS_BYTES];

	for (size_t i = 0; i < ap->table->n; i++) {
		const struct opt *row = &ap->table->rows[i];
		bool is_given =
			n && (n->kind == NODE_MAP ? node_get(n, row->name) != NULL : n->kind != NODE_NULL && i == 0);

		if (row->required && !is_given)
			diag_error(ap->context.diag, at, "%s: '%s' is missing, expected %s", ap->context.what,
				   row->name, opt_expects(row, expected, sizeof(expected)));
	}
}

int opt_apply(const struct opt_table *table, const struct node *n, void *target, struct arena *a, struct diag *d,
	      struct place at, const char *what, const char *const ignore[])
{
	struct apply ap = { .context = { a, d, what }, .table = table, .ignore = ignore };
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
