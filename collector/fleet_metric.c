/* SPDX-License-Identifier: Apache-2.0 */
/*
 * fleet_metric.c - what a name@version means in a site. Unit, kind, K, q and sketch must be the same wherever it is merged; devices that
 * disagree are merged apart, and a vote decides whose numbers are the fleet's: one voice for each device with a contract. At a tie the
 * smaller definition wins, so that the answer does not depend on who came first.
 */
#include <assert.h>
#include <string.h>

#include "base/log.h"
#include "collector/fleet_private.h"

static int compare_doubles(double a, double b)
{
	return (a > b) - (a < b);
}

static int compare_sketches(const struct metric_def *a, const struct metric_def *b)
{
	if (a->has_sketch != b->has_sketch)
		return a->has_sketch ? 1 : -1;
	if (!a->has_sketch)
		return 0;
	if (a->sketch.kind != b->sketch.kind)
		return a->sketch.kind < b->sketch.kind ? -1 : 1;
	return (a->sketch.width > b->sketch.width) - (a->sketch.width < b->sketch.width);
}

/* Without a unit it is before all definitions of its name. */
int site_compare_metrics(const void *a, const void *b)
{
	const struct site_metric *x = *(struct site_metric *const *)a, *y = *(struct site_metric *const *)b;
	int order = strcmp(x->name, y->name);

	if (order != 0 || !x->def.unit || !y->def.unit)
		return order != 0 ? order : (x->def.unit != NULL) - (y->def.unit != NULL);
	order = strcmp(x->def.unit->code, y->def.unit->code);
	if (order == 0)
		order = (x->def.kind > y->def.kind) - (x->def.kind < y->def.kind);
	if (order == 0)
		order = compare_doubles(x->def.reference, y->def.reference);
	if (order == 0)
		order = compare_doubles(x->def.quantum, y->def.quantum);
	return order != 0 ? order : compare_sketches(&x->def, &y->def);
}

static struct site_metric *metric_at(const struct site *s, size_t i)
{
	assert(i < s->metrics.n);
	return *(struct site_metric **)sorted_at(&s->metrics, i);
}

static size_t first_of_name(const struct site *s, const char *name)
{
	struct site_metric key = { .name = (char *)name }, *pointer = &key;

	return sorted_lower_bound(&s->metrics, &pointer);
}

const struct site_metric *site_find_metric(const struct site *s, const char *name)
{
	for (size_t i = first_of_name(s, name); i < s->metrics.n; i++) {
		const struct site_metric *m = metric_at(s, i);

		if (strcmp(m->name, name) != 0)
			break;
		if (!m->is_outvoted)
			return m;
	}
	return NULL;
}

static struct site_metric *add_metric(struct site *s, const struct metric_def *def)
{
	struct site_metric *m = arena_alloc(&s->arena, sizeof(*m));
	struct unit *unit = arena_alloc(&s->arena, sizeof(*unit));

	unit->code = unit->name = arena_strdup(&s->arena, def->unit->code);
	unit->quantity = "";
	m->id = s->metrics.n;
	m->name = arena_strdup(&s->arena, def->name);
	m->def = *def;
	m->def.name = m->name;
	m->def.unit = unit;
	m->is_outvoted = site_find_metric(s, def->name) != NULL; /* until there was a vote */
	sorted_insert(&s->metrics, &m);
	return m;
}

struct site_metric *site_take_metric(struct fleet *f, struct site *s, struct device *d, const struct metric_def *def)
{
	struct site_metric key = { .name = (char *)def->name, .def = *def }, *pointer = &key;
	struct site_metric **found = sorted_find(&s->metrics, &pointer);

	if (found)
		return *found;
	if (s->metrics.n >= FLEET_MAX_METRICS || d->n_metrics_made >= FLEET_MAX_DEVICE_METRICS) {
		f->counters.refused++;
		if (d->counters.refused++ == 0)
			log_warning("%s/%s: no room for its metrics", s->name, d->name);
		return NULL;
	}
	d->n_metrics_made++;
	return add_metric(s, def);
}

static void count_votes(struct fleet *f, struct site *s)
{
	for (size_t i = 0; i < s->metrics.n; i++)
		metric_at(s, i)->n_votes = 0;
	for (size_t i = 0; i < s->devices.n; i++) {
		struct device *d = site_device(s, i);
		const struct shared_contract *c = device_current_contract(d);

		for (size_t j = 0; c && j < c->contract.n_metrics; j++) {
			struct site_metric *m = site_take_metric(f, s, d, &c->contract.metrics[j]);

			if (m)
				m->n_votes++;
		}
	}
}

/* Nobody's voice changes nothing: what was decided when there were devices stands. */
static struct site_metric *winner(const struct site *s, size_t from, size_t to)
{
	struct site_metric *best = metric_at(s, from);
	size_t n_votes = 0;

	for (size_t i = from; i < to; i++) {
		struct site_metric *m = metric_at(s, i);

		if (m->n_votes > n_votes || (n_votes == 0 && !m->is_outvoted)) {
			best = m;
			n_votes = m->n_votes;
		}
	}
	return best;
}

void site_vote(struct fleet *f, struct site *s)
{
	size_t to;

	count_votes(f, s);
	for (size_t from = 0; from < s->metrics.n; from = to) {
		struct site_metric *best;

		for (to = from + 1; to < s->metrics.n && strcmp(metric_at(s, to)->name, metric_at(s, from)->name) == 0;)
			to++;
		best = winner(s, from, to);
		for (size_t i = from; i < to; i++)
			metric_at(s, i)->is_outvoted = metric_at(s, i) != best;
	}
}
