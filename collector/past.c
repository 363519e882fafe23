/* SPDX-License-Identifier: Apache-2.0 */
/* past.c - who and what a question means: devices, groups, definitions. */
#include "collector/past.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/text.h"
#include "collector/past_private.h"

int past_open(struct past **out, const char *path, int64_t now_us)
{
	struct past *p = sorted_alloc(sizeof(*p));
	int r;

	p->fleet = fleet_new(0);
	p->fleet->now_us = now_us;
	r = archive_open_past(&p->archive, p->fleet, path, now_us);
	if (r < 0) {
		fleet_free(p->fleet);
		free(p);
		return r;
	}
	*out = p;
	return 0;
}

void past_close(struct past *p)
{
	if (!p)
		return;
	archive_close(p->archive);
	arena_free(&p->names);
	fleet_free(p->fleet);
	free(p);
}

struct fleet *past_fleet(const struct past *p)
{
	return p->fleet;
}

struct store *past_store(const struct past *p)
{
	return p->archive->store;
}

const struct shared_contract *past_contract(struct device *d)
{
	const struct shared_contract *c = device_current_contract(d);

	return c || d->n_contracts == 0 ? c : d->contracts[d->n_contracts - 1].contract;
}

bool past_range(const struct past *p, uint64_t *from, uint64_t *to)
{
	*from = store_oldest(p->archive->store, 0);
	*to = store_newest_end(p->archive->store);
	return *from < UINT64_MAX;
}

bool past_device_of(const struct past *p, int64_t row, const char **site, const char **device)
{
	const struct archive_owner *o = archive_owner(p->archive, row);

	if (!o)
		return false;
	*site = o->site->name;
	*device = o->device->name;
	return true;
}

/* --- devices --- */

/* The value of label @name in lines of NAME=VALUE; "" when there is none. */
static void label_value(const char *labels, const char *name, char *out, size_t bytes)
{
	size_t len = strlen(name);

	out[0] = '\0';
	for (const char *line = labels; *line; line += strcspn(line, "\n"), line += *line == '\n')
		if (strncmp(line, name, len) == 0 && line[len] == '=')
			snprintf(out, bytes, "%.*s", (int)strcspn(line + len + 1, "\n"), line + len + 1);
}

static bool has_label(const char *labels, const char *pair)
{
	size_t len = strlen(pair);

	for (const char *line = labels; *line; line += strcspn(line, "\n"), line += *line == '\n')
		if (strncmp(line, pair, len) == 0 && (line[len] == '\n' || !line[len]))
			return true;
	return false;
}

static bool is_meant(const struct past_scope *scope, const struct site *s, const struct device *d)
{
	return (!scope->site || strcmp(scope->site, s->name) == 0) &&
	       (!scope->device || strcmp(scope->device, d->name) == 0) &&
	       (!scope->label || has_label(d->birth.labels, scope->label));
}

static void name_group(const struct past *p, const struct past_scope *scope, const struct past_member *m,
		       char out[static FLEET_KPI_WORST_BYTES])
{
	out[0] = '\0';
	if (scope->by == PAST_BY_SITE)
		snprintf(out, FLEET_KPI_WORST_BYTES, "%s", m->site->name);
	else if (scope->by == PAST_BY_DEVICE && p->fleet->sites.n > 1 && !scope->site)
		snprintf(out, FLEET_KPI_WORST_BYTES, "%s/%s", m->site->name, m->device->name);
	else if (scope->by == PAST_BY_DEVICE)
		snprintf(out, FLEET_KPI_WORST_BYTES, "%s", m->device->name);
	else if (scope->by == PAST_BY_LABEL)
		label_value(m->device->birth.labels, scope->by_label, out, FLEET_KPI_WORST_BYTES);
}

static int compare_groups(const void *a, const void *b)
{
	return strcmp(a, b);
}

static void sort_groups(struct past_members *m)
{
	size_t n = 0;

	if (m->n == 0)
		return;
	qsort(m->groups, m->n, sizeof(m->groups[0]), compare_groups);
	for (size_t i = 0; i < m->n; i++)
		if (n == 0 || strcmp(m->groups[n - 1], m->groups[i]) != 0)
			memmove(m->groups[n++], m->groups[i], sizeof(m->groups[0]));
	m->n_groups = n;
}

static void add_member(struct past_members *m, struct site *s, struct device *d)
{
	m->items[m->n++] = (struct past_member){ .site = s, .device = d };
}

static size_t find_group(const struct past_members *m, const char *name)
{
	const char *found = bsearch(name, m->groups, m->n_groups, sizeof(m->groups[0]), compare_groups);

	return (size_t)(found - m->groups[0]) / sizeof(m->groups[0]);
}

static int compare_members(const void *a, const void *b)
{
	const struct past_member *x = a, *y = b;

	if (x->group != y->group)
		return x->group < y->group ? -1 : 1;
	return (x->device->row > y->device->row) - (x->device->row < y->device->row);
}

static void index_members(struct past_members *m)
{
	if (m->n > 0)
		qsort(m->items, m->n, sizeof(m->items[0]), compare_members);
	m->first = sorted_alloc((m->n_groups + 1) * sizeof(m->first[0]));
	for (size_t i = 0; i < m->n; i++) {
		m->by_row[m->items[i].device->row] = i + 1;
		m->first[m->items[i].group + 1] = i + 1;
	}
}

void past_members_find(struct past_members *m, const struct past *p, const struct past_scope *scope)
{
	char group[FLEET_KPI_WORST_BYTES];

	*m = (struct past_members){ .n_rows = p->archive->n_owners };
	m->items = sorted_alloc((p->fleet->n_devices + 1) * sizeof(m->items[0]));
	m->by_row = sorted_alloc((m->n_rows + 1) * sizeof(m->by_row[0]));
	m->groups = sorted_alloc((p->fleet->n_devices + 1) * sizeof(m->groups[0]));
	for (size_t i = 0; i < p->fleet->sites.n; i++) {
		struct site *s = fleet_site(p->fleet, i);

		for (size_t j = 0; j < s->devices.n; j++)
			if (is_meant(scope, s, site_device(s, j)))
				add_member(m, s, site_device(s, j));
	}
	for (size_t i = 0; i < m->n; i++)
		name_group(p, scope, &m->items[i], m->groups[i]);
	sort_groups(m);
	for (size_t i = 0; i < m->n; i++) {
		name_group(p, scope, &m->items[i], group);
		m->items[i].group = find_group(m, group);
	}
	index_members(m);
}

void past_members_free(struct past_members *m)
{
	free(m->items);
	free(m->by_row);
	free(m->groups);
	free(m->first);
}

/* --- definitions --- */

const struct metric_def *past_metric(const struct shared_contract *c, const char *stream)
{
	size_t len = strlen(stream);

	for (size_t i = 0; i < c->contract.n_metrics; i++)
		if (strncmp(c->contract.metrics[i].name, stream, len) == 0 && c->contract.metrics[i].name[len] == '@')
			return &c->contract.metrics[i];
	return NULL;
}

/* Of its current contract, or else of the first that has it. */
static const struct metric_def *metric_of_device(struct device *d, const char *stream)
{
	const struct shared_contract *c = device_current_contract(d);
	const struct metric_def *m = c ? past_metric(c, stream) : NULL;

	for (size_t i = 0; i < d->n_contracts && !m; i++)
		m = past_metric(d->contracts[i].contract, stream);
	return m;
}

struct vote {
	const void *choice;
	size_t n;
};

/* What to vote for, with what two choices are compared. The first of most voices wins. */
static const void *elect(const struct past_members *m, const char *name,
			 const void *(*choose)(struct device *d, const char *name),
			 bool (*is_same)(const void *a, const void *b))
{
	struct vote *votes = sorted_alloc((m->n + 1) * sizeof(*votes));
	const void *winner = NULL;
	size_t n = 0, best = 0;

	for (size_t i = 0; i < m->n; i++) {
		const void *choice = choose(m->items[i].device, name);
		size_t v = 0;

		if (!choice)
			continue;
		while (v < n && !is_same(votes[v].choice, choice))
			v++;
		if (v == n)
			votes[n++] = (struct vote){ .choice = choice };
		votes[v].n++;
	}
	for (size_t v = 0; v < n; v++) {
		if (votes[v].n <= best)
			continue;
		best = votes[v].n;
		winner = votes[v].choice;
	}
	free(votes);
	return winner;
}

static const void *choose_metric(struct device *d, const char *name)
{
	return metric_of_device(d, name);
}

static bool is_same_metric(const void *a, const void *b)
{
	return a == b || archive_is_same_metric(a, b);
}

const struct metric_def *past_definition(const struct past_members *m, const char *stream)
{
	return elect(m, stream, choose_metric, is_same_metric);
}

static const struct kpi_plan *plan_in(const struct shared_contract *c, const char *name)
{
	for (size_t i = 0; i < c->n_plans; i++)
		if (strcmp(c->plans[i].def->name, name) == 0)
			return &c->plans[i];
	return NULL;
}

static const void *choose_plan(struct device *d, const char *name)
{
	const struct shared_contract *c = device_current_contract(d);
	const struct kpi_plan *plan = c ? plan_in(c, name) : NULL;

	for (size_t i = 0; i < d->n_contracts && !plan; i++)
		plan = plan_in(d->contracts[i].contract, name);
	return plan;
}

static bool is_same_plan(const void *a, const void *b)
{
	const struct kpi_plan *x = a, *y = b;

	return x == y || strcmp(x->key, y->key) == 0;
}

int past_find_kpi(const struct past *p, const struct past_scope *scope, const char *name, struct past_question *out)
{
	const struct kpi_plan *plan;
	struct past_members m;

	past_members_find(&m, p, scope);
	plan = elect(&m, name, choose_plan, is_same_plan);
	past_members_free(&m);
	if (!plan)
		return -ENOENT;
	*out = (struct past_question){ .name = plan->def->name,
				       .expression = plan->def->expression,
				       .unit = plan->def->unit,
				       .window_s = plan->def->window_s };
	return 0;
}

/* --- did you mean --- */

enum { MAX_CANDIDATES = 1024 };

static size_t add_names(const struct shared_contract *c, bool is_stream, struct arena *a, const char **names, size_t n)
{
	if (!is_stream)
		for (size_t i = 0; i < c->n_plans && n < MAX_CANDIDATES; i++)
			names[n++] = c->plans[i].def->name;
	for (size_t i = 0; is_stream && i < c->contract.n_metrics && n < MAX_CANDIDATES; i++)
		names[n++] = arena_printf(a, "%.*s", (int)strcspn(c->contract.metrics[i].name, "@"),
					  c->contract.metrics[i].name);
	return n;
}

const char *past_nearest(struct past *p, const struct past_scope *scope, const char *name, bool is_stream)
{
	const char **names = sorted_alloc(MAX_CANDIDATES * sizeof(*names)), *nearest;
	const struct shared_contract *last = NULL;
	struct past_members m;
	size_t n = 0;

	past_members_find(&m, p, scope);
	for (size_t i = 0; i < m.n; i++) {
		const struct shared_contract *c = past_contract(m.items[i].device);

		if (c && c != last)
			n = add_names(c, is_stream, &p->names, names, n);
		last = c;
	}
	nearest = text_nearest(name, names, n);
	past_members_free(&m);
	free(names);
	return nearest;
}
