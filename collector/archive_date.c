/* SPDX-License-Identifier: Apache-2.0 */
/*
 * archive_date.c - parts of a clock that nobody had set, dated. They wait in the store, and so does what their devices say of their clocks, so that it
 * does not matter which comes first, or whether the collector ends in between. When a part and its clock are both there, a part is made of them that bears its true time
 * (remap.h); it goes the way of any part, and when it is durable the one that waited goes. A crash before that makes it once more: the same
 * key, the same bytes, no effect.
 *
 * What cannot be dated stays: of a boot that ended without knowing the time, or astride of midnight.
 */
#include <stdlib.h>

#include "base/log.h"
#include "collector/archive_private.h"
#include "collector/remap.h"
#include "pipelines/wire.h"

enum { AT_ONCE = 2000, CLOCKS_AT_ONCE = 256 }; /* rows in a turn */

static const int64_t retry_every_us = 60 * (int64_t)1000000;

struct dating {
	struct archive *archive;
	struct archive_owner owner;
	int64_t n_seen;
	size_t n_done, n_clocks;
	bool is_retrying;
	struct store_part done[AT_ONCE + CLOCKS_AT_ONCE]; /* to be deleted */
};

/* --- clocks --- */

struct loading {
	struct archive *archive;
	bool is_due;
};

static int load_clock(void *ctx, const struct store_part *row)
{
	const struct loading *l = ctx;
	const struct archive_owner *o = archive_owner(l->archive, row->device);
	struct partial p = { .metrics = l->archive->fleet->metrics };
	struct wire_presence present;
	enum device_clock_news news;
	const char *why;

	if (!o || wire_decode(&p, &present, row->payload, row->bytes, &why) < 0 || p.clock.last == 0)
		return 0;
	news = device_judge_clock(o->device, &p.clock);
	if (news == DEVICE_CLOCK_NEW ||
	    (news == DEVICE_CLOCK_TOO_MANY && device_make_clock_room(o->device, l->archive->store, p.clock.boot)))
		device_add_clock(o->device, &p.clock);
	o->device->dating.is_due = l->is_due;
	return 0;
}

int archive_load_clocks(struct archive *a, bool is_due)
{
	struct loading l = { a, is_due };

	return store_each_clock(a->store, 0, load_clock, &l);
}

/* It goes from the store if its device does not remember it any more. */
static int find_dropped(void *ctx, const struct store_part *row)
{
	struct dating *d = ctx;
	struct partial p = { .metrics = d->archive->fleet->metrics };
	struct wire_presence present;
	const char *why;

	if (wire_decode(&p, &present, row->payload, row->bytes, &why) < 0 || p.clock.last == 0 ||
	    device_judge_clock(d->owner.device, &p.clock) == DEVICE_CLOCK_KNOWN)
		return 0;
	if (d->n_clocks == CLOCKS_AT_ONCE) {
		d->owner.device->has_dropped_clocks = true;
		return 0;
	}
	d->n_clocks++;
	d->done[d->n_done] = *row;
	d->done[d->n_done++].payload = NULL;
	return 0;
}

static int drop_clocks(struct dating *d)
{
	d->owner.device->has_stuck_clocks = false;
	if (!d->owner.device->has_dropped_clocks)
		return 0;
	d->owner.device->has_dropped_clocks = false;
	return store_each_clock(d->archive->store, d->owner.device->row, find_dropped, d);
}

/* --- parts --- */

static enum fleet_verdict put(struct dating *d, struct partial *p, const struct metric_def *defs)
{
	uint8_t bytes[PARTIAL_MAX_BYTES];
	int n = wire_encode(p, defs, bytes, sizeof(bytes));

	return n < 0 ? FLEET_BAD
		     : fleet_take_dated(d->archive->fleet, d->owner.site, d->owner.device, p, bytes, (size_t)n);
}

/* With what was left out before the message may be too long: then it is two. */
static enum fleet_verdict put_all(struct dating *d, struct partial *p, const struct metric_def *defs)
{
	struct partial first = *p, second = *p;
	enum fleet_verdict verdict = put(d, p, defs), other;

	if (verdict != FLEET_BAD || p->n_metrics < 2)
		return verdict;
	first.n_metrics = p->n_metrics / 2;
	second.n_metrics = p->n_metrics - first.n_metrics;
	second.metrics = p->metrics + first.n_metrics;
	second.part = remap_second_half(p->seq);
	verdict = put(d, &first, defs);
	other = put(d, &second, defs);
	return verdict == FLEET_REFUSED || verdict == FLEET_FUTURE ? verdict : other;
}

/* @return whether it needs to wait no more */
static bool date(struct dating *d, const struct store_part *row)
{
	struct partial p = { .metrics = d->archive->fleet->metrics };
	const struct partial_clock *clock;
	const struct shared_contract *c;
	struct wire_presence present;
	enum fleet_verdict verdict;
	const char *why;

	if (wire_decode(&p, &present, row->payload, row->bytes, &why) < 0 || p.clock.last > 0)
		return false;
	clock = device_find_clock(d->owner.device, p.boot, p.seq - p.span, p.seq);
	c = clock ? device_contract(d->owner.device, p.contract) : NULL;
	if (!c || wire_complete(&p, &present, c->contract.metrics, c->contract.n_metrics) < 0)
		return false;
	if (remap_part(&p, c->contract.metrics, clock->offset_us) != REMAP_DATED)
		return false;
	verdict = put_all(d, &p, c->contract.metrics);
	if (verdict == FLEET_REFUSED)
		d->owner.device->dating.is_again = true;
	return verdict != FLEET_REFUSED && verdict != FLEET_FUTURE && verdict != FLEET_BAD;
}

static int take(void *ctx, const struct store_part *row)
{
	struct dating *d = ctx;
	struct device_dating *at = &d->owner.device->dating;

	d->n_seen++;
	at->boot = row->boot;
	at->w0 = row->w0;
	at->wl = row->wl;
	at->part = row->part;
	if (!date(d, row))
		return 0;
	d->done[d->n_done] = *row;
	d->done[d->n_done++].payload = NULL;
	return 0;
}

/* Some rows of one device. */
static int go_on(struct dating *d)
{
	struct device *device = d->owner.device;
	struct device_dating *at = &device->dating;
	int64_t limit = AT_ONCE - d->n_seen, before = d->n_seen;
	struct store_part after;
	int r;

	if (!at->is_running)
		*at = (struct device_dating){ .is_running = true };
	after = (struct store_part){
		.device = device->row, .boot = at->boot, .w0 = at->w0, .wl = at->wl, .part = at->part
	};
	r = store_each_unsynced(d->archive->store, &after, limit, take, d);
	if (r == 0 && d->n_seen - before < limit) {
		at->is_running = false;
		site_move(d->owner.site, PROGRESS_NO_WM); /* it may be complete now */
	}
	return r;
}

static bool is_wanted(const struct dating *d, const struct device_dating *at)
{
	return at->is_due || at->is_running || (at->is_again && d->is_retrying);
}

/* In turn: one that has much that can not be dated keeps no other waiting. */
static int go_on_all(struct dating *d)
{
	struct archive *a = d->archive;
	size_t before = a->dated_row;
	int r = 0;

	archive_find_owners(a);
	for (size_t i = 1; i <= a->n_owners && r == 0; i++) {
		size_t row = (before + i) % a->n_owners;

		d->owner = a->owners[row];
		if (!d->owner.device)
			continue;
		r = drop_clocks(d);
		if (r < 0 || d->n_seen >= AT_ONCE || !is_wanted(d, &d->owner.device->dating))
			continue;
		r = go_on(d);
		a->dated_row = row;
	}
	return r;
}

/* The parts that were made of them are durable. */
static int forget(struct dating *d)
{
	struct store *s = d->archive->store;
	int r = d->n_done > 0 ? store_begin(s) : 0;

	for (size_t i = 0; i < d->n_done && r == 0; i++)
		r = store_delete_unsynced(s, &d->done[i]);
	return d->n_done > 0 ? store_end(s, r) : r;
}

void archive_date(struct archive *a)
{
	struct dating *d = sorted_alloc(sizeof(*d));
	int r;

	d->archive = a;
	d->is_retrying = a->fleet->now_us - a->retried_us >= retry_every_us;
	if (d->is_retrying)
		a->retried_us = a->fleet->now_us;
	r = archive_note(a, go_on_all(d));
	if (r == 0)
		r = archive_commit(a);
	if (r == 0)
		(void)!archive_note(a, forget(d));
	free(d);
}

int archive_expire_unsynced(struct archive *a, uint64_t hour)
{
	uint64_t keep_hours = a->o.keep_hours_s / 3600;
	int r = 0;

	for (size_t row = 1; row < a->n_owners && r == 0; row++) {
		const struct archive_owner *o = &a->owners[row];
		int64_t n = 0;

		r = store_expire_unsynced(a->store, (int64_t)row, hour, keep_hours > 0 ? keep_hours : 1, &n);
		if (n == 0)
			continue;
		a->fleet->counters.expired += (uint64_t)n;
		if (o->device)
			o->device->counters.expired += (uint64_t)n;
		log_warning("%s/%s: %lld parts have waited for their clock for too long, and are deleted",
			    o->site ? o->site->name : "?", o->device ? o->device->name : "?", (long long)n);
	}
	return r;
}
