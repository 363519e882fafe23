/* SPDX-License-Identifier: Apache-2.0 */
/* fleet_kpi_cast.c - who defines which KPI, and which definition counts. */
#include <assert.h>
#include <stdlib.h>
#include <string.h>

#include "base/log.h"
#include "collector/fleet_kpi_private.h"
#include "collector/fleet_private.h"

static int compare_castings(const void *a, const void *b)
{
	const struct casting *x = a, *y = b;
	int order = strcmp(x->plan->def->name, y->plan->def->name);

	if (order == 0)
		order = strcmp(x->plan->key, y->plan->key);
	if (order == 0)
		order = (x->device->id > y->device->id) - (x->device->id < y->device->id);
	return order;
}

/* Not of a device that means something else by the name of a stream than the fleet does: it is left out, and the others are complete without it. */
static bool is_of_fleet(struct fleet *f, struct site *s, struct device *d, const struct kpi_plan *plan)
{
	for (size_t i = 0; i < plan->n_streams; i++) {
		const struct site_metric *m = site_take_metric(f, s, d, plan->metrics[i]);

		if (!m || m->is_outvoted)
			return false;
	}
	return true;
}

static void collect_castings(struct fleet *f, struct site *s)
{
	struct site_kpis *k = s->kpis;
	size_t n = 0;

	for (size_t i = 0; i < s->devices.n; i++) {
		const struct shared_contract *c = device_current_contract(site_device(s, i));

		n += c ? c->n_plans : 0;
	}
	free(k->castings);
	k->castings = sorted_alloc(n * sizeof(k->castings[0]));
	k->n_castings = 0;
	for (size_t i = 0; i < s->devices.n; i++) {
		struct device *d = site_device(s, i);
		const struct shared_contract *c = device_current_contract(d);

		for (size_t p = 0; c && p < c->n_plans; p++)
			if (is_of_fleet(f, s, d, &c->plans[p]))
				k->castings[k->n_castings++] = (struct casting){ d, &c->plans[p] };
	}
	qsort(k->castings, k->n_castings, sizeof(k->castings[0]), compare_castings);
}

/* NULL: no room. */
struct kpi_name *fleet_kpi_name_of(struct site *s, const char *name)
{
	struct kpi_name key = { .name = (char *)name }, *pointer = &key;
	struct kpi_name **found = sorted_find(&s->kpis->names, &pointer);

	if (found)
		return *found;
	if (s->kpis->names.n >= FLEET_KPI_MAX_NAMES)
		return NULL;
	pointer = sorted_alloc(sizeof(*pointer));
	pointer->name = sorted_alloc(strlen(name) + 1);
	memcpy(pointer->name, name, strlen(name));
	sorted_insert(&s->kpis->names, &pointer);
	return pointer;
}

/* Castings @from up to @to define the KPI @n; they are sorted by definition, so the first of the largest groups has the smallest text. */
static void choose(const struct site *s, struct kpi_name *n, struct casting *from, const struct casting *to)
{
	n->group = NULL;
	n->n_devices = n->n_definitions = 0;
	while (from < to) {
		struct casting *end = from;

		while (end < to && strcmp(end->plan->key, from->plan->key) == 0)
			end++;
		n->n_definitions++;
		if ((size_t)(end - from) > n->n_devices) {
			n->group = from;
			n->n_devices = (size_t)(end - from);
		}
		from = end;
	}
	if (n->n_definitions > 1 && !n->is_disagreement_logged) {
		n->is_disagreement_logged = true;
		assert(n->group);
		log_warning("%s: %zu definitions of KPI %s; taking that of most devices (%zu): %s", s->name,
			    n->n_definitions, n->name, n->n_devices, n->group->plan->key);
	}
}

void fleet_kpi_recast(struct fleet *f, struct site *s)
{
	struct site_kpis *k = s->kpis;
	struct casting *from, *end;

	site_vote(f, s);
	collect_castings(f, s);
	for (size_t i = 0; i < k->names.n; i++)
		fleet_kpi_name_at(k, i)->group = NULL;
	end = k->castings + k->n_castings;
	for (from = k->castings; from < end;) {
		struct kpi_name *n = fleet_kpi_name_of(s, from->plan->def->name);
		struct casting *to = from;

		while (to < end && strcmp(to->plan->def->name, from->plan->def->name) == 0)
			to++;
		if (n)
			choose(s, n, from, to);
		else
			f->counters.refused++;
		from = to;
	}
	for (size_t i = 0; i < k->rows.n; i++)
		(*(struct kpi_row **)sorted_at(&k->rows, i))->is_dirty = true;
}
