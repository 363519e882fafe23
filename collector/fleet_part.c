/* SPDX-License-Identifier: Apache-2.0 */
/*
 * fleet_part.c - one partial into the aggregates of its window.
 *
 * The checks stand in this order: can it be read; is its time to be believed; can it be explained (contract); is its window still
 * kept; has it been merged before. Whatever the answer, a message that could be explained has come, and its
 * number is noted: a part that is refused for good must not look like one that may still come.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/log.h"
#include "collector/fleet.h"
#include "collector/fleet_kpi.h"

/* --- windows --- */

static int compare_parts(const void *a, const void *b)
{
	const struct merged_part *x = a, *y = b;

	if (x->device != y->device)
		return x->device < y->device ? -1 : 1;
	if (x->boot != y->boot)
		return x->boot < y->boot ? -1 : 1;
	return (x->part > y->part) - (x->part < y->part);
}

static int compare_aggs(const void *a, const void *b)
{
	const struct site_agg *x = *(struct site_agg *const *)a, *y = *(struct site_agg *const *)b;

	return (x->metric > y->metric) - (x->metric < y->metric);
}

static int compare_shares(const void *a, const void *b)
{
	const struct share *x = a, *y = b;

	return (x->device > y->device) - (x->device < y->device);
}

struct site_agg *window_find_agg(const struct site_window *w, size_t metric)
{
	struct site_agg key = { .metric = metric }, *pointer = &key;
	struct site_agg **found = sorted_find(&w->aggs, &pointer);

	return found ? *found : NULL;
}

static void window_free(struct fleet *f, struct site_window *w)
{
	for (size_t i = 0; i < w->aggs.n; i++) {
		struct site_agg *a = *(struct site_agg **)sorted_at(&w->aggs, i);

		sorted_free(&a->shares);
		free(a);
	}
	f->n_aggs -= w->aggs.n;
	sorted_free(&w->aggs);
	sorted_free(&w->parts);
	free(w);
}

/* Windows of all lengths end together at the horizon; those that go on beyond it stay, and are between the ones that go. */
void fleet_forget(struct fleet *f, struct site *s, uint64_t horizon)
{
	struct site_window **windows = (struct site_window **)(void *)s->windows.items;
	size_t n_kept = 0;

	if (horizon <= s->horizon)
		return;
	s->horizon = horizon;
	for (size_t i = 0; i < s->windows.n; i++) {
		if (windows[i]->w0 + windows[i]->wl <= horizon)
			window_free(f, windows[i]);
		else
			windows[n_kept++] = windows[i];
	}
	s->windows.n = n_kept;
	fleet_kpi_forget(s);
}

/* Room for one window with up to @n_aggs metrics, if need be by giving up the oldest. @return whether there is */
static bool make_room(struct fleet *f, struct site *s, uint64_t w0, size_t n_aggs)
{
	while (s->windows.n >= FLEET_MAX_WINDOWS || f->n_aggs + n_aggs > FLEET_MAX_AGGREGATES) {
		const struct site_window *oldest = s->windows.n > 0 ? site_window(s, 0) : NULL;

		if (!oldest || oldest->w0 >= w0)
			return false;
		if (f->n_windows_dropped++ == 0)
			log_warning("%s: no room: windows are forgotten earlier than asked for", s->name);
		fleet_forget(f, s, oldest->w0 + oldest->wl);
	}
	return w0 >= s->horizon;
}

static struct site_window *find_window(const struct site *s, const struct partial *p)
{
	struct site_window key = { .w0 = p->w0, .wl = p->wl }, *pointer = &key;
	struct site_window **found = sorted_find(&s->windows, &pointer);

	return found ? *found : NULL;
}

static struct site_window *add_window(struct site *s, const struct partial *p)
{
	struct site_window *w = sorted_alloc(sizeof(*w));

	w->w0 = p->w0;
	w->wl = p->wl;
	w->parts = (struct sorted){ .item_bytes = sizeof(struct merged_part), .compare = compare_parts };
	w->aggs = (struct sorted){ .item_bytes = sizeof(struct site_agg *), .compare = compare_aggs };
	sorted_insert(&s->windows, &w);
	return w;
}

/* --- metrics --- */

static bool is_same_definition(const struct metric_def *a, const struct metric_def *b)
{
	if (strcmp(a->unit->code, b->unit->code) != 0 || a->kind != b->kind || a->reference != b->reference ||
	    a->quantum != b->quantum || a->has_sketch != b->has_sketch)
		return false;
	return !a->has_sketch || (a->sketch.kind == b->sketch.kind && a->sketch.width == b->sketch.width);
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
	sorted_insert(&s->metrics, &m);
	return m;
}

/* NULL (counted): it means something else here, or there is no room. */
static struct site_metric *site_metric_of(struct fleet *f, struct site *s, struct device *d,
					  const struct metric_def *def)
{
	struct site_metric *m = (struct site_metric *)site_find_metric(s, def->name);

	if (!m && s->metrics.n >= FLEET_MAX_METRICS) {
		f->counters.refused++;
		return NULL;
	}
	if (!m)
		return add_metric(s, def);
	if (is_same_definition(&m->def, def))
		return m;
	f->counters.metrics_refused++;
	d->counters.metrics_refused++;
	if (!m->is_conflict_logged)
		log_warning("%s/%s: its %s is not that of the fleet (unit, kind, K, q or sketch differ): not merged",
			    s->name, d->name, m->name);
	m->is_conflict_logged = true;
	return NULL;
}

/* NULL (counted): no room. */
static struct site_agg *agg_of(struct fleet *f, struct site_window *w, const struct site_metric *m)
{
	struct site_agg *a = window_find_agg(w, m->id);

	if (a)
		return a;
	if (f->n_aggs >= FLEET_MAX_AGGREGATES + FLEET_MAX_METRICS) {
		f->counters.refused++;
		return NULL;
	}
	a = sorted_alloc(sizeof(*a));
	a->metric = m->id;
	a->shares = (struct sorted){ .item_bytes = sizeof(struct share), .compare = compare_shares };
	sorted_insert(&w->aggs, &a);
	f->n_aggs++;
	return a;
}

static void merge_metrics(struct fleet *f, struct site *s, struct device *d, struct site_window *w,
			  const struct partial *p, const struct contract *c)
{
	for (size_t i = 0; i < p->n_metrics; i++) {
		const struct partial_metric *from = &p->metrics[i];
		const struct site_metric *m = site_metric_of(f, s, d, &c->metrics[from->id]);
		struct share key = { .device = d->id }, *share;
		struct site_agg *into;

		into = m ? agg_of(f, w, m) : NULL;
		if (!into)
			continue;
		agg_merge(&into->agg, &from->agg);
		share = sorted_find(&into->shares, &key);
		if (!share)
			share = sorted_insert(&into->shares, &key);
		share->expected += from->agg.expected;
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

/* Everything is known: merge it, if it was not before. */
static enum fleet_verdict count_in(const struct arrival *a, const struct contract *c)
{
	const struct partial *p = a->partial;
	struct merged_part part = { .device = a->device->id,
				    .boot = p->boot,
				    .part = p->part,
				    .bytes = (uint32_t)a->message->bytes,
				    .hash = hash_of(a->message->payload, a->message->bytes) };
	struct site_window *w = find_window(a->site, p);
	const struct merged_part *known = w ? sorted_find(&w->parts, &part) : NULL;

	if (known && (known->hash != part.hash || known->bytes != part.bytes))
		return conflict(a);
	if (known) {
		a->f->counters.duplicates++;
		a->device->counters.duplicates++;
		return FLEET_DUPLICATE;
	}
	if (!w && !make_room(a->f, a->site, p->w0, p->n_metrics)) {
		a->f->counters.refused++;
		return FLEET_REFUSED;
	}
	if (!w)
		w = add_window(a->site, p);
	sorted_insert(&w->parts, &part);
	w->is_changed = true;
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

/* Times that cannot be merged: of a clock that nobody set, or of the future. They move no watermark. @return FLEET_MERGED: a good one */
static enum fleet_verdict check_time(const struct arrival *a)
{
	const struct partial *p = a->partial;
	struct fleet *f = a->f;

	if (p->flags & PARTIAL_UNSYNCED) {
		f->counters.unsynced++;
		a->device->counters.unsynced++;
		return FLEET_UNSYNCED;
	}
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

static enum fleet_verdict take_decoded(const struct arrival *a, const struct wire_presence *present)
{
	struct partial *p = a->partial;
	const struct shared_contract *c;
	enum fleet_verdict verdict = check_time(a);

	if (verdict != FLEET_MERGED) {
		note_progress(a, PROGRESS_NO_WM);
		return verdict;
	}
	c = device_contract(a->device, p->contract);
	if (!c)
		return wait_for_contract(a);
	if (wire_complete(p, present, c->contract.metrics, c->contract.n_metrics) < 0)
		return bad(a, "its metrics are not those of its contract");
	if (p->w0 + p->wl <= a->site->horizon) {
		a->f->counters.late++;
		a->device->counters.late++;
		verdict = FLEET_LATE;
	} else {
		verdict = count_in(a, &c->contract);
	}
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
	a.device = fleet_device(f, m, &a.site);
	if (!a.device)
		return FLEET_REFUSED;
	a.device->counters.messages++;
	return take_decoded(&a, &present);
}
