/* SPDX-License-Identifier: Apache-2.0 */
/*
 * archive_late.c - hours that are not in memory any more. All windows end at whole hours at the latest, so an hour is what is brought back as a
 * piece: its parts are merged again, its KPIs computed, and what changed is told as a new version. One hour a turn, so that a device that
 * comes back after a week does not stop the others.
 */
#include "base/log.h"
#include "collector/archive_private.h"
#include "pipelines/partial.h"
#include "pipelines/wire.h"

enum { HOUR_S = FLEET_LONGEST_WINDOW_S };

static const int64_t sweep_every_us = 300 * (int64_t)1000000;

struct visit {
	struct archive *archive;
	struct site *site;
	size_t n_damaged;
};

static int replay(void *ctx, const struct store_part *p)
{
	struct visit *v = ctx;
	const struct archive_owner *o = archive_owner(v->archive, p->device);

	if (o && o->site == v->site && !fleet_replay(v->archive->fleet, o->site, o->device, p->payload, p->bytes))
		v->n_damaged++;
	return 0;
}

static int restore(void *ctx, const struct fleet_kpi *k)
{
	struct visit *v = ctx;

	fleet_kpi_restore(v->archive->fleet, v->site, k);
	return 0;
}

/* What is of the hour in memory already is of windows that go on beyond the horizon, and whole. */
static int revisit(struct archive *a, struct site *s, uint64_t hour, const struct fleet_kpi_sink *sink)
{
	const struct store_range range = { .from = hour, .to = hour + HOUR_S };
	struct visit v = { a, s, 0 };
	uint64_t horizon = s->horizon;
	int r;

	if (hour < s->horizon)
		s->horizon = hour;
	a->fleet->is_replay = true;
	r = store_each_kpi(a->store, s->name, &range, restore, &v);
	if (r == 0)
		r = store_each_part(a->store, &range, replay, &v);
	a->fleet->is_replay = false;
	if (r == 0 && v.n_damaged == 0) {
		fleet_kpi_update_site(a->fleet, s, sink);
		r = archive_save_kpis(a, s);
	}
	fleet_forget(a->fleet, s, horizon);
	if (v.n_damaged > 0 && !sorted_find(&a->damaged, &hour)) {
		sorted_insert(&a->damaged, &hour);
		log_error("store: %zu parts of %s can not be read; what was told of their hour stands", v.n_damaged,
			  s->name);
	}
	return r;
}

static bool is_complete_for_all(const struct site *s, uint64_t hour)
{
	for (size_t i = 0; i < s->devices.n; i++) {
		const struct device *d = site_device(s, i);

		if (d->is_born && hour + HOUR_S > d->expected_from && !device_is_complete(d, hour, hour + HOUR_S))
			return false;
	}
	return true;
}

/* An hour that was told as provisional, and that nothing more comes for, or that is overdue. */
static void sweep(struct archive *a, struct site *s)
{
	const struct store_range range = { .from = s->sweep_at, .to = s->horizon };
	uint64_t since = 0, hour = store_provisional_hour(a->store, s->name, &range, &since);
	uint64_t overdue_s = (since > hour + HOUR_S ? since : hour + HOUR_S) + a->fleet->deadline_s;

	if (hour == UINT64_MAX)
		return;
	if ((int64_t)overdue_s <= a->fleet->now_us / 1000000 || is_complete_for_all(s, hour))
		site_mark_late(s, hour);
	s->sweep_at = hour + HOUR_S;
}

/* Of shorter windows nothing is known any more but what was told of them: that stands. What came is in the store, and counts for the hour. */
static int is_rolled_up(struct archive *a, const struct site *s, uint64_t hour)
{
	return hour < a->fleet->sealed_until ? store_has_rolled_up(a->store, s->name, hour) : 0;
}

/* @return 0: it needs no other look */
static int look_at(struct archive *a, struct site *s, uint64_t hour, const struct fleet_kpi_sink *sink)
{
	int r = is_rolled_up(a, s, hour);

	if (r == 0)
		r = revisit(a, s, hour, sink);
	return r > 0 ? 0 : archive_note(a, r);
}

void archive_look_back(struct archive *a, const struct fleet_kpi_sink *sink)
{
	bool again = a->fleet->now_us - a->swept_us >= sweep_every_us;

	if (again)
		a->swept_us = a->fleet->now_us;
	for (size_t i = 0; i < a->fleet->sites.n; i++) {
		struct site *s = fleet_site(a->fleet, i);
		uint64_t hour;

		if (again)
			s->sweep_at = 0;
		sweep(a, s);
		if (s->late_hours.n == 0)
			continue;
		hour = *(uint64_t *)sorted_at(&s->late_hours, 0);
		if (look_at(a, s, hour, sink) == 0)
			sorted_remove(&s->late_hours, 0);
	}
}
