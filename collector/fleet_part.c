/* SPDX-License-Identifier: Apache-2.0 */
/*
 * fleet_part.c - one partial into the aggregates of its window.
 *
 * The checks stand in this order: can it be read; is its time to be believed; can it be explained (contract); is its window still
 * kept; has it been merged before. Whatever the answer, a message that could be explained has come, and its
 * number is noted: a part that is refused for good must not look like one that may still come.
 *
 * With a store every part that counts goes there too. Of a window that is not in memory any more it goes there alone, and the hour is marked to
 * be looked at again: a part is never too late.
 */
#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "base/log.h"
#include "collector/fleet_private.h"
#include "collector/store.h"

enum { HOUR_S = FLEET_LONGEST_WINDOW_S };

/* --- metrics --- */

static void merge_metrics(struct fleet *f, struct site *s, struct device *d, struct site_window *w,
			  const struct partial *p, const struct contract *c)
{
	for (size_t i = 0; i < p->n_metrics; i++) {
		const struct partial_metric *from = &p->metrics[i];
		struct site_metric *m = site_take_metric(f, s, d, &c->metrics[from->id]);

		if (!m)
			continue;
		if (m->is_outvoted && !f->is_replay) {
			f->counters.metrics_refused++;
			d->counters.metrics_refused++;
			if (!m->is_conflict_logged)
				log_warning("%s/%s: its %s is not that of the fleet (unit, kind, K, q or sketch "
					    "differ): merged apart",
					    s->name, d->name, m->name);
			m->is_conflict_logged = true;
		}
		window_merge_agg(f, w, m->id, d->id, &from->agg);
	}
}

/* --- parts --- */

struct arrival {
	struct fleet *f;
	struct site *site;
	struct device *device;
	const struct fleet_message *message;
	struct partial *partial;
};

/* FNV-1a, 64 bits. Chance does not produce a conflict, or hide one; who forges one only harms their own device. */
static uint64_t hash_of(const uint8_t *data, size_t bytes)
{
	uint64_t hash = 0xcbf29ce484222325u;

	for (size_t i = 0; i < bytes; i++)
		hash = (hash ^ data[i]) * 0x100000001b3u;
	return hash;
}

static void note_progress(const struct arrival *a, uint64_t wm)
{
	struct progress *boot = device_boot(a->device, a->partial->boot);

	if (boot) {
		boot->is_backfill = boot->is_backfill || (a->partial->flags & PARTIAL_BACKFILL) != 0;
		progress_range(boot, a->partial->seq - a->partial->span, a->partial->seq, wm);
	}
	a->device->is_unsaved = true;
	site_move(a->site, wm);
}

static enum fleet_verdict conflict(const struct arrival *a)
{
	const struct partial *p = a->partial;

	snprintf(a->f->last_conflict, sizeof(a->f->last_conflict), "%s/%s boot %u w0 %llu wl %u part %u", p->site,
		 p->device, p->boot, (unsigned long long)p->w0, p->wl, p->part);
	a->f->counters.conflicts++;
	if (a->device->counters.conflicts++ == 0)
		log_warning("%s: a part with the same key and other bytes: is the device there twice?",
			    a->f->last_conflict);
	return FLEET_CONFLICT;
}

/* For the store. @return false: the disk is full, and so is the memory for what waits for it */
static bool put(const struct arrival *a, enum store_kind kind, void *report)
{
	const struct partial *p = a->partial;
	const struct store_part part = { .kind = kind,
					 .device = a->device->row,
					 .boot = p->boot,
					 .wl = p->wl,
					 .part = p->part,
					 .w0 = p->w0,
					 .payload = a->message->payload,
					 .bytes = a->message->bytes,
					 .report = report };

	return !a->f->store || store_put(a->f->store, &part);
}

static enum fleet_verdict refuse(const struct arrival *a, const char *why)
{
	a->f->counters.refused++;
	if (a->device->counters.refused++ == 0)
		log_warning("%s/%s: a part is refused: %s", a->site->name, a->device->name, why);
	return FLEET_REFUSED;
}

void site_mark_late(struct site *s, uint64_t w0)
{
	uint64_t hour = w0 - w0 % HOUR_S;

	if (s->late_hours.n < FLEET_MAX_LATE_HOURS && !sorted_find(&s->late_hours, &hour))
		sorted_insert(&s->late_hours, &hour);
}

/* Its window is not in memory. */
static enum fleet_verdict take_late(const struct arrival *a)
{
	bool is_sealed = a->f->is_sealed && a->partial->w0 < a->f->sealed_until && a->partial->wl <= HOUR_S &&
			 a->f->is_sealed(a->f->spread_ctx, a->device, a->partial);

	if (!a->f->store || is_sealed) {
		a->f->counters.late++;
		a->device->counters.late++;
		return FLEET_LATE;
	}
	if (!put(a, STORE_PART, a->device))
		return refuse(a, "the store takes nothing");
	a->f->counters.stored_late++;
	a->device->counters.stored_late++;
	return FLEET_STORED;
}

static enum fleet_verdict compare(const struct arrival *a, const struct merged_part *known,
				  const struct merged_part *part)
{
	if (known->hash != part->hash || known->bytes != part->bytes) {
		(void)!put(a, STORE_CONFLICT, NULL);
		return conflict(a);
	}
	a->f->counters.duplicates++;
	a->device->counters.duplicates++;
	return FLEET_DUPLICATE;
}

/* Everything is known: merge it, if it was not before. */
static enum fleet_verdict count_in(const struct arrival *a, const struct contract *c)
{
	const struct partial *p = a->partial;
	struct merged_part part = { .device = a->device->id,
				    .boot = p->boot,
				    .part = p->part,
				    .bytes = (uint32_t)a->message->bytes,
				    .hash = hash_of(a->message->payload, a->message->bytes) };
	struct site_window *w = site_find_window(a->site, p);
	const struct merged_part *known = w ? window_find_part(w, &part) : NULL;

	if (known)
		return compare(a, known, &part);
	if (w && window_n_parts_of(w, part.device) >= FLEET_MAX_DEVICE_PARTS)
		return refuse(a, "too many parts of one window");
	if (!w && !fleet_make_room(a->f, a->site, p->w0))
		return a->f->store ? take_late(a) : refuse(a, "no room for its window");
	if (!put(a, STORE_PART, NULL))
		return refuse(a, "the store takes nothing");
	if (!w)
		w = site_add_window(a->f, a->site, p);
	window_merge(a->f, w, &part);
	merge_metrics(a->f, a->site, a->device, w, p, c);
	a->f->counters.parts++;
	a->device->counters.parts++;
	return FLEET_MERGED;
}

static enum fleet_verdict wait_for_contract(const struct arrival *a)
{
	struct fleet *f = a->f;

	if (f->waiting_bytes + a->message->bytes <= FLEET_MAX_WAITING_BYTES &&
	    device_wait(a->device, a->partial->contract, a->message->payload, a->message->bytes)) {
		f->waiting_bytes += a->message->bytes;
		return FLEET_WAITS;
	}
	f->counters.dropped++;
	if (a->device->counters.dropped++ == 0)
		log_warning("%s/%s: too many partials wait for contract %08x", a->site->name, a->device->name,
			    a->partial->contract);
	return FLEET_DROPPED;
}

/* By how much its clock was off. What was said first stands: by that parts may have been dated already. */
static enum fleet_verdict take_clock(const struct arrival *a)
{
	const struct partial_clock *c = &a->partial->clock;
	struct device *d = a->device;
	enum device_clock_news news = device_judge_clock(d, c);

	if (news == DEVICE_CLOCK_TOO_MANY && device_make_clock_room(d, a->f->store, c->boot))
		news = DEVICE_CLOCK_NEW;
	switch (news) {
	case DEVICE_CLOCK_NEW:
		break;
	case DEVICE_CLOCK_KNOWN:
		a->f->counters.duplicates++;
		d->counters.duplicates++;
		return FLEET_DUPLICATE;
	case DEVICE_CLOCK_CONTRADICTS:
		(void)!put(a, STORE_CONFLICT, NULL);
		return conflict(a);
	default:
		note_progress(a, PROGRESS_NO_WM); /* asking for it again would not help */
		return refuse(a, "its clock was wrong too often");
	}
	if (!put(a, STORE_CLOCK, NULL))
		return refuse(a, "the store takes nothing");
	device_add_clock(d, c);
	d->dating.is_due = a->f->store != NULL;
	a->f->counters.clocks++;
	d->counters.clocks++;
	return FLEET_CLOCK;
}

/* In the store, until it is known what its clock was: it is dated there (archive_date.c), never as it comes, so that no order matters. */
static enum fleet_verdict keep_apart(const struct arrival *a)
{
	const struct partial *p = a->partial;
	struct device *d = a->device;

	if (p->clock.last > 0)
		return take_clock(a);
	if (!put(a, STORE_UNSYNCED, d))
		return refuse(a, "the store takes nothing");
	if (a->f->store && device_find_clock(d, p->boot, p->seq - p->span, p->seq))
		d->dating.is_due = true;
	a->f->counters.unsynced++;
	d->counters.unsynced++;
	return FLEET_UNSYNCED;
}

/* Of the future: it moves no watermark. @return FLEET_MERGED: it can be merged */
static enum fleet_verdict check_time(const struct arrival *a)
{
	const struct partial *p = a->partial;
	struct fleet *f = a->f;

	if (p->w0 <= (uint64_t)(a->message->now_us / 1000000) + FLEET_FUTURE_S)
		return FLEET_MERGED;
	f->counters.future++;
	if (a->device->counters.future++ == 0)
		log_warning("%s/%s: partials from the future: is its clock right?", a->site->name, a->device->name);
	if (p->w0 > f->newest_future_w0)
		f->newest_future_w0 = p->w0;
	return FLEET_FUTURE;
}

static enum fleet_verdict bad(const struct arrival *a, const char *why)
{
	fleet_count_bad(a->f, a->message, why);
	return FLEET_BAD;
}

static enum fleet_verdict place(const struct arrival *a, const struct contract *c)
{
	const struct partial *p = a->partial;
	bool is_late = p->w0 + p->wl <= a->site->horizon || p->w0 < a->f->sealed_until || p->wl > HOUR_S;

	return is_late ? take_late(a) : count_in(a, c);
}

static enum fleet_verdict take_decoded(const struct arrival *a, const struct wire_presence *present)
{
	struct partial *p = a->partial;
	const struct shared_contract *c;
	enum fleet_verdict verdict = p->flags & PARTIAL_UNSYNCED ? keep_apart(a) : check_time(a);

	if (verdict == FLEET_REFUSED && a->f->store)
		return verdict; /* it is asked for again when there is room */
	if (verdict != FLEET_MERGED) {
		note_progress(a, PROGRESS_NO_WM);
		return verdict;
	}
	c = device_contract(a->device, p->contract);
	if (!c)
		return wait_for_contract(a);
	if (wire_complete(p, present, c->contract.metrics, c->contract.n_metrics) < 0)
		return bad(a, "its metrics are not those of its contract");
	verdict = place(a, &c->contract);
	if (verdict == FLEET_REFUSED && a->f->store)
		return verdict;
	note_progress(a, fleet_credible_wm(p->wm, a->message->now_us));
	return verdict;
}

enum fleet_verdict fleet_partial(struct fleet *f, const struct fleet_message *m)
{
	struct partial p = { .metrics = f->metrics };
	struct arrival a = { .f = f, .message = m, .partial = &p };
	struct wire_presence present;
	const char *why = NULL;

	f->counters.messages++;
	if (wire_decode(&p, &present, m->payload, m->bytes, &why) < 0)
		return bad(&a, why);
	if (strcmp(p.site, m->site) != 0 || strcmp(p.device, m->device) != 0)
		return bad(&a, "the names in the partial are not those of its topic");
	if (p.seq == 0)
		return bad(&a, "seq counts from 1");
	if (p.part >= STORE_ROLLED_UP)
		return bad(&a, "parts with such a number are made by a collector only");
	a.device = fleet_device(f, m, &a.site);
	if (!a.device)
		return FLEET_REFUSED;
	a.device->counters.messages++;
	return take_decoded(&a, &present);
}

enum fleet_verdict fleet_take_dated(struct fleet *f, struct site *s, struct device *d, struct partial *p,
				    const void *payload, size_t bytes)
{
	const struct fleet_message m = {
		.site = s->name, .device = d->name, .payload = payload, .bytes = bytes, .now_us = f->now_us
	};
	const struct arrival a = { .f = f, .site = s, .device = d, .message = &m, .partial = p };
	const struct shared_contract *c = device_contract(d, p->contract);
	enum fleet_verdict verdict = c ? check_time(&a) : FLEET_REFUSED;

	if (verdict == FLEET_MERGED)
		verdict = place(&a, &c->contract);
	if (verdict == FLEET_MERGED || verdict == FLEET_STORED) {
		f->counters.dated++;
		d->counters.dated++;
	}
	return verdict;
}

int fleet_note_stored(struct fleet *f, struct site *s, struct device *d, const void *payload, size_t bytes)
{
	struct partial p = { .metrics = f->metrics };
	struct arrival a = { .f = f, .site = s, .device = d, .partial = &p };
	struct wire_presence present;
	const char *why;

	if (wire_decode(&p, &present, payload, bytes, &why) < 0)
		return -EBADMSG;
	/* One that was dated later bears a number from when nobody knew the time. */
	note_progress(&a, p.flags & PARTIAL_UNSYNCED ? PROGRESS_NO_WM : fleet_credible_wm(p.wm, f->now_us));
	return 0;
}

bool fleet_replay(struct fleet *f, struct site *s, struct device *d, const void *payload, size_t bytes)
{
	struct partial p = { .metrics = f->metrics };
	struct merged_part part = { .device = d->id, .bytes = (uint32_t)bytes, .hash = hash_of(payload, bytes) };
	const struct shared_contract *c;
	struct wire_presence present;
	struct site_window *w;
	const char *why;

	if (wire_decode(&p, &present, payload, bytes, &why) < 0)
		return false;
	if (p.wl > HOUR_S) /* no KPI has such a window */
		return true;
	c = device_contract(d, p.contract);
	if (!c || wire_complete(&p, &present, c->contract.metrics, c->contract.n_metrics) < 0)
		return false;
	part.boot = p.boot;
	part.part = p.part;
	w = site_find_window(s, &p);
	if (w && window_find_part(w, &part))
		return true;
	if (!w)
		w = site_add_window(f, s, &p);
	window_merge(f, w, &part);
	merge_metrics(f, s, d, w, &p, &c->contract);
	return true;
}
