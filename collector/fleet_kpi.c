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

#include "base/log.h"
#include "collector/fleet_kpi_private.h"
#include "collector/fleet_private.h"

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

struct kpi_name *fleet_kpi_name_at(const struct site_kpis *k, size_t i)
{
	return *(struct kpi_name **)sorted_at(&k->names, i);
}

void fleet_kpi_free(struct site *s)
{
	struct site_kpis *k = s->kpis;

	for (size_t i = 0; i < k->rows.n; i++)
		free(row_at(k, i));
	for (size_t i = 0; i < k->names.n; i++) {
		free(fleet_kpi_name_at(k, i)->name);
		free(fleet_kpi_name_at(k, i));
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
		if (rows[i]->w0 + rows[i]->wl <= s->horizon && !rows[i]->is_unsaved)
			free(rows[i]);
		else
			rows[n_kept++] = rows[i];
	}
	s->kpis->rows.n = n_kept;
}

/* --- which windows changed --- */

/* NULL (counted): no room. */
static struct kpi_row *row_of(struct fleet *f, struct site *s, const struct kpi_row *key)
{
	const struct kpi_row *pointer = key;
	struct kpi_row **found = sorted_find(&s->kpis->rows, &pointer), *row;

	if (found)
		return *found;
	if (s->kpis->rows.n >= FLEET_KPI_MAX_ROWS) {
		f->counters.refused++;
		return NULL;
	}
	row = sorted_alloc(sizeof(*row));
	*row = *key;
	sorted_insert(&s->kpis->rows, &row);
	return row;
}

static void touch_row(struct fleet *f, struct site *s, struct kpi_name *n, const struct site_window *w)
{
	uint32_t wl = n->group->plan->def->window_s;
	struct kpi_row key = { .name = n, .w0 = w->w0 - w->w0 % wl, .wl = wl };
	struct kpi_row *row = row_of(f, s, &key);

	if (row)
		row->is_dirty = true;
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
			if (fleet_kpi_name_at(k, j)->group && is_input(s, fleet_kpi_name_at(k, j)->group->plan, w))
				touch_row(f, s, fleet_kpi_name_at(k, j), w);
	}
	for (size_t i = 0; i < k->rows.n; i++) {
		struct kpi_row *row = row_at(k, i);

		if (row->told.state != FLEET_KPI_COMPLETE &&
		    (s->is_moved || (row->told.state == FLEET_KPI_PROVISIONAL && fleet_kpi_is_overdue(f, row))))
			row->is_dirty = true;
	}
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
	       a->complete_devices == b->complete_devices && a->state == b->state;
}

static void tell(struct fleet *f, const struct site *s, struct kpi_row *row, struct fleet_kpi *result,
		 const struct fleet_kpi_sink *sink)
{
	struct kpi_name *n = row->name;
	uint32_t version = row->told.version;
	uint64_t since = row->told.since;
	bool is_newest = !n->newest.name || n->newest.w0 <= row->w0;

	if (version > 0 && is_same_result(result, &row->told))
		return;
	if (f->spread && result->state != FLEET_KPI_PROVISIONAL && n->group)
		f->spread(f->spread_ctx, s, n->group->plan, result);
	row->told = *result;
	row->is_unsaved = f->store != NULL;
	row->told.version = version + 1;
	row->told.since = version > 0 ? since : (uint64_t)(f->now_us / 1000000);
	if (is_newest)
		n->newest = row->told;
	sink->tell(sink->ctx, &row->told, is_newest);
}

/* No device has this KPI any more: what was told stands, and nobody waits for more. */
static void close_orphan(struct fleet *f, const struct site *s, struct kpi_row *row, const struct fleet_kpi_sink *sink)
{
	struct fleet_kpi result = row->told;

	if (row->told.version == 0 || row->told.state != FLEET_KPI_PROVISIONAL || !fleet_kpi_is_overdue(f, row))
		return;
	result.state = FLEET_KPI_CLOSED;
	tell(f, s, row, &result, sink);
}

/* @return whether the row still has to be told */
static bool update_row(struct fleet *f, struct site *s, struct kpi_row *row, bool with_provisional,
		       const struct fleet_kpi_sink *sink)
{
	struct fleet_kpi result;

	/* Of a window that began before the horizon something may be forgotten: what was told stands. */
	if (row->w0 < s->horizon)
		return false;
	if (!row->name->group || row->name->group->plan->def->window_s != row->wl) {
		close_orphan(f, s, row, sink);
		return false;
	}
	if (row->w0 + row->wl > s->front)
		return true;
	if (!with_provisional && !fleet_kpi_may_be_complete(row))
		return true;
	fleet_kpi_compute(f, s, row, &result);
	if (result.state != FLEET_KPI_COMPLETE && !with_provisional)
		return true;
	tell(f, s, row, &result, sink);
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
	uint64_t oldest =
		f->store ? s->front : oldest_watermark(s); /* what is in the store comes back when it is asked for */

	if (s->front > day_s && oldest < s->front - day_s)
		oldest = s->front - day_s;
	if (oldest > f->keep_s)
		fleet_forget(f, s, (oldest - f->keep_s) / FLEET_LONGEST_WINDOW_S * FLEET_LONGEST_WINDOW_S);
}

static void update_site(struct fleet *f, struct site *s, bool with_provisional, const struct fleet_kpi_sink *sink)
{
	if (s->is_recast)
		fleet_kpi_recast(f, s);
	touch_rows(f, s);
	s->is_recast = s->is_moved = false;
	for (size_t r = 0; r < s->kpis->rows.n; r++) {
		struct kpi_row *row = row_at(s->kpis, r);

		if (row->is_dirty)
			row->is_dirty = update_row(f, s, row, with_provisional, sink);
	}
}

void fleet_kpi_update(struct fleet *f, bool with_provisional, const struct fleet_kpi_sink *sink)
{
	for (size_t i = 0; i < f->sites.n; i++) {
		struct site *s = fleet_site(f, i);

		update_site(f, s, with_provisional, sink);
		if (with_provisional)
			forget_old(f, s);
	}
}

const struct fleet_kpi *fleet_kpi_newest(const struct site *s, size_t i)
{
	for (size_t j = 0; j < s->kpis->names.n; j++)
		if (fleet_kpi_name_at(s->kpis, j)->newest.name && i-- == 0)
			return &fleet_kpi_name_at(s->kpis, j)->newest;
	return NULL;
}

void fleet_kpi_update_site(struct fleet *f, struct site *s, const struct fleet_kpi_sink *sink)
{
	update_site(f, s, true, sink);
}

void fleet_kpi_restore(struct fleet *f, struct site *s, const struct fleet_kpi *told)
{
	struct kpi_name *n = fleet_kpi_name_of(s, told->name);
	struct kpi_row key = { .name = n, .w0 = told->w0, .wl = told->wl }, *row;

	row = n ? row_of(f, s, &key) : NULL;
	if (!row)
		return;
	row->told = *told;
	row->told.site = s->name;
	row->told.name = n->name;
	row->is_dirty = true;
	if (!n->newest.name || n->newest.w0 <= told->w0)
		n->newest = row->told;
}

int fleet_kpi_each_unsaved(struct site *s, int (*each)(void *ctx, const struct fleet_kpi *k), void *ctx)
{
	int r = 0;

	for (size_t i = 0; i < s->kpis->rows.n; i++)
		if (row_at(s->kpis, i)->is_unsaved && r == 0)
			r = each(ctx, &row_at(s->kpis, i)->told);
	return r;
}

void fleet_kpi_saved(struct site *s)
{
	for (size_t i = 0; i < s->kpis->rows.n; i++)
		row_at(s->kpis, i)->is_unsaved = false;
}
