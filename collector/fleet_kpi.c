/* SPDX-License-Identifier: Apache-2.0 */
/*
 * fleet_kpi.c - which windows of which KPIs have to be told again. The numbers are computed in fleet_kpi_compute.c.
 *
 * A row is one window of one KPI. It becomes dirty when a part of one of its streams is merged, when a watermark moves while it is not
 * complete, and when births or contracts change. Computing it again may give what was told already: then nothing is told.
 */
#include "collector/fleet_kpi.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/json.h"
#include "base/log.h"
#include "collector/fleet_kpi_private.h"

static int compare_names(const void *a, const void *b)
{
	return strcmp((*(struct kpi_name *const *)a)->name, (*(struct kpi_name *const *)b)->name);
}

static int compare_rows(const void *a, const void *b)
{
	const struct kpi_row *x = *(struct kpi_row *const *)a, *y = *(struct kpi_row *const *)b;

	if (x->w0 != y->w0)
		return x->w0 < y->w0 ? -1 : 1;
	if (x->wl != y->wl)
		return x->wl < y->wl ? -1 : 1;
	return strcmp(x->name->name, y->name->name);
}

void fleet_kpi_init(struct site *s)
{
	s->kpis = sorted_alloc(sizeof(*s->kpis));
	s->kpis->names = (struct sorted){ .item_bytes = sizeof(struct kpi_name *), .compare = compare_names };
	s->kpis->rows = (struct sorted){ .item_bytes = sizeof(struct kpi_row *), .compare = compare_rows };
}

static struct kpi_row *row_at(const struct site_kpis *k, size_t i)
{
	return *(struct kpi_row **)sorted_at(&k->rows, i);
}

static struct kpi_name *name_at(const struct site_kpis *k, size_t i)
{
	return *(struct kpi_name **)sorted_at(&k->names, i);
}

void fleet_kpi_free(struct site *s)
{
	struct site_kpis *k = s->kpis;

	for (size_t i = 0; i < k->rows.n; i++)
		free(row_at(k, i));
	for (size_t i = 0; i < k->names.n; i++) {
		free(name_at(k, i)->name);
		free(name_at(k, i));
	}
	sorted_free(&k->rows);
	sorted_free(&k->names);
	free(k->castings);
	free(k);
}

void fleet_kpi_forget(struct site *s)
{
	struct kpi_row **rows = (struct kpi_row **)(void *)s->kpis->rows.items;
	size_t n_kept = 0;

	for (size_t i = 0; i < s->kpis->rows.n; i++) {
		if (rows[i]->w0 + rows[i]->wl <= s->horizon)
			free(rows[i]);
		else
			rows[n_kept++] = rows[i];
	}
	s->kpis->rows.n = n_kept;
}

/* --- who defines what --- */

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

static void collect_castings(struct site *s)
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
			k->castings[k->n_castings++] = (struct casting){ d, &c->plans[p] };
	}
	qsort(k->castings, k->n_castings, sizeof(k->castings[0]), compare_castings);
}

/* NULL: no room. */
static struct kpi_name *name_of(struct site *s, const char *name)
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
		log_warning("%s: %zu definitions of KPI %s; taking that of most devices (%zu): %s", s->name,
			    n->n_definitions, n->name, n->n_devices, n->group->plan->key);
	}
}

static void recast(struct fleet *f, struct site *s)
{
	struct site_kpis *k = s->kpis;
	struct casting *from, *end;

	collect_castings(s);
	for (size_t i = 0; i < k->names.n; i++)
		name_at(k, i)->group = NULL;
	end = k->castings + k->n_castings;
	for (from = k->castings; from < end;) {
		struct kpi_name *n = name_of(s, from->plan->def->name);
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
		row_at(k, i)->is_dirty = true;
}

/* --- which windows changed --- */

static void touch_row(struct fleet *f, struct site *s, struct kpi_name *n, const struct site_window *w)
{
	uint32_t wl = n->group->plan->def->window_s;
	struct kpi_row key = { .name = n, .w0 = w->w0 - w->w0 % wl, .wl = wl }, *pointer = &key;
	struct kpi_row **found = sorted_find(&s->kpis->rows, &pointer);

	if (!found && s->kpis->rows.n >= FLEET_KPI_MAX_ROWS) {
		f->counters.refused++;
		return;
	}
	if (!found) {
		pointer = sorted_alloc(sizeof(*pointer));
		*pointer = key;
		found = sorted_insert(&s->kpis->rows, &pointer);
	}
	(*found)->is_dirty = true;
}

static bool is_input(const struct site *s, const struct kpi_plan *plan, const struct site_window *w)
{
	if (plan->def->window_s % w->wl != 0)
		return false;
	for (size_t i = 0; i < plan->n_streams; i++) {
		const struct site_metric *m = site_find_metric(s, plan->metrics[i]->name);

		if (m && window_find_agg(w, m->id))
			return true;
	}
	return false;
}

static void touch_rows(struct fleet *f, struct site *s)
{
	struct site_kpis *k = s->kpis;

	for (size_t i = 0; i < s->windows.n; i++) {
		struct site_window *w = site_window(s, i);

		if (!w->is_changed && !s->is_recast)
			continue;
		w->is_changed = false;
		for (size_t j = 0; j < k->names.n; j++)
			if (name_at(k, j)->group && is_input(s, name_at(k, j)->group->plan, w))
				touch_row(f, s, name_at(k, j), w);
	}
	for (size_t i = 0; s->is_moved && i < k->rows.n; i++)
		if (!row_at(k, i)->told.is_complete)
			row_at(k, i)->is_dirty = true;
}

/* --- telling --- */

static bool is_same_double(double a, double b)
{
	return a == b || (isnan(a) && isnan(b));
}

static bool is_same_result(const struct fleet_kpi *a, const struct fleet_kpi *b)
{
	return is_same_double(a->value, b->value) && is_same_double(a->coverage, b->coverage) &&
	       strcmp(a->unit, b->unit) == 0 && a->n == b->n && a->expected == b->expected &&
	       a->devices == b->devices && a->expected_devices == b->expected_devices &&
	       a->complete_devices == b->complete_devices && a->is_complete == b->is_complete;
}

static void tell(struct kpi_row *row, const struct fleet_kpi *result, const struct fleet_kpi_sink *sink)
{
	struct kpi_name *n = row->name;
	uint32_t version = row->told.version;
	bool is_newest = !n->newest.name || n->newest.w0 <= row->w0;

	if (version > 0 && is_same_result(result, &row->told))
		return;
	row->told = *result;
	row->told.version = version + 1;
	if (is_newest)
		n->newest = row->told;
	sink->tell(sink->ctx, &row->told, is_newest);
}

/* @return whether the row still has to be told */
static bool update_row(struct fleet *f, struct site *s, struct kpi_row *row, bool with_provisional,
		       const struct fleet_kpi_sink *sink)
{
	struct fleet_kpi result;

	/* Of a window that began before the horizon something may be forgotten: what was told stands. */
	if (!row->name->group || row->name->group->plan->def->window_s != row->wl || row->w0 < s->horizon)
		return false;
	if (row->w0 + row->wl > s->front)
		return true;
	if (!with_provisional && !fleet_kpi_may_be_complete(row))
		return true;
	fleet_kpi_compute(f, s, row, &result);
	if (!result.is_complete && !with_provisional)
		return true;
	tell(row, &result, sink);
	return false;
}

/* The newest window that is complete for all, as far as a look at the watermarks tells; a device that is gone for good must be retired. */
static uint64_t oldest_watermark(const struct site *s)
{
	uint64_t oldest = UINT64_MAX;

	for (size_t i = 0; i < s->devices.n; i++) {
		const struct device *d = site_device(s, i);

		if (d->is_born && device_wm(d) < oldest)
			oldest = device_wm(d);
	}
	return oldest == UINT64_MAX ? 0 : oldest;
}

/*
 * Down to a whole hour, so that windows of all lengths end there, and none is forgotten in part. A device that is gone without
 * being retired holds the others' windows for a day at most.
 */
static void forget_old(struct fleet *f, struct site *s)
{
	const uint64_t day_s = 86400;
	uint64_t oldest = oldest_watermark(s);

	if (s->front > day_s && oldest < s->front - day_s)
		oldest = s->front - day_s;
	if (oldest > f->keep_s)
		fleet_forget(f, s, (oldest - f->keep_s) / FLEET_LONGEST_WINDOW_S * FLEET_LONGEST_WINDOW_S);
}

void fleet_kpi_update(struct fleet *f, bool with_provisional, const struct fleet_kpi_sink *sink)
{
	for (size_t i = 0; i < f->sites.n; i++) {
		struct site *s = fleet_site(f, i);

		if (s->is_recast)
			recast(f, s);
		touch_rows(f, s);
		s->is_recast = s->is_moved = false;
		for (size_t r = 0; r < s->kpis->rows.n; r++) {
			struct kpi_row *row = row_at(s->kpis, r);

			if (row->is_dirty)
				row->is_dirty = update_row(f, s, row, with_provisional, sink);
		}
		if (with_provisional)
			forget_old(f, s);
	}
}

const struct fleet_kpi *fleet_kpi_newest(const struct site *s, size_t i)
{
	for (size_t j = 0; j < s->kpis->names.n; j++)
		if (name_at(s->kpis, j)->newest.name && i-- == 0)
			return &name_at(s->kpis, j)->newest;
	return NULL;
}

void fleet_kpi_to_json(const struct fleet_kpi *k, struct dynbuf *out)
{
	struct json j = { .out = out };

	json_object_begin(&j, NULL);
	json_text(&j, "type", "fleet_kpi");
	json_text(&j, "site", k->site);
	json_text(&j, "name", k->name);
	json_uint(&j, "w0", k->w0);
	json_uint(&j, "wl", k->wl);
	json_double(&j, "value", k->value);
	json_text(&j, "unit", k->unit);
	json_uint(&j, "n", k->n);
	json_uint(&j, "expected", k->expected);
	json_uint(&j, "devices", k->devices);
	json_uint(&j, "expected_devices", k->expected_devices);
	json_uint(&j, "complete_devices", k->complete_devices);
	json_double(&j, "coverage", k->coverage);
	json_text(&j, "state", k->is_complete ? "COMPLETE" : "PROVISIONAL");
	json_uint(&j, "version", k->version);
	json_object_end(&j);
}
