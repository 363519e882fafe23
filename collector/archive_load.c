/* SPDX-License-Identifier: Apache-2.0 */
/* archive_load.c - the fleet as it was: devices, contracts, how far they are, the windows of the last hours, and what was told of them. */
#include <stdio.h>

#include "base/log.h"
#include "collector/archive_private.h"

/* --- progress as bytes: little-endian numbers of 64 bits --- */

static size_t put(uint8_t *out, size_t at, uint64_t value)
{
	for (unsigned i = 0; i < 8; i++)
		out[at + i] = (uint8_t)(value >> (8 * i));
	return at + 8;
}

size_t archive_pack_progress(const struct device *d, uint8_t *out)
{
	size_t at = put(out, 0, d->n_boots);

	for (size_t i = 0; i < d->n_boots; i++) {
		const struct progress *p = d->boots[i];
		const uint64_t head[] = { p->boot,	  p->is_backfill, p->has_promise,
					  p->promise_seq, p->promise_wm,  p->n_runs };

		for (size_t j = 0; j < ARRAY_LEN(head); j++)
			at = put(out, at, head[j]);
		for (size_t j = 0; j < p->n_runs; j++) {
			at = put(out, at, p->runs[j].first);
			at = put(out, at, p->runs[j].last);
			at = put(out, at, p->runs[j].wm_first);
			at = put(out, at, p->runs[j].wm_last);
		}
	}
	return at;
}

struct unpacking {
	const uint8_t *in;
	size_t bytes, at;
	bool is_short;
};

static uint64_t get(struct unpacking *u)
{
	uint64_t value = 0;

	if (u->bytes - u->at < 8) {
		u->is_short = true;
		return 0;
	}
	for (unsigned i = 0; i < 8; i++)
		value |= (uint64_t)u->in[u->at + i] << (8 * i);
	u->at += 8;
	return value;
}

static void unpack_boot(struct unpacking *u, struct device *d)
{
	struct progress p = { .boot = (uint32_t)get(u) }, *into;
	uint64_t n_runs;

	p.is_backfill = get(u) != 0;
	p.has_promise = get(u) != 0;
	p.promise_seq = (uint32_t)get(u);
	p.promise_wm = get(u);
	n_runs = get(u);
	p.n_runs = n_runs > PROGRESS_MAX_RUNS ? 0 : (size_t)n_runs;
	if (n_runs > PROGRESS_MAX_RUNS)
		u->is_short = true;
	for (size_t i = 0; i < p.n_runs && !u->is_short; i++) {
		p.runs[i].first = (uint32_t)get(u);
		p.runs[i].last = (uint32_t)get(u);
		p.runs[i].wm_first = get(u);
		p.runs[i].wm_last = get(u);
	}
	into = u->is_short ? NULL : device_boot(d, p.boot);
	if (into)
		*into = p;
}

bool archive_unpack_progress(struct device *d, const uint8_t *in, size_t bytes)
{
	struct unpacking u = { .in = in, .bytes = bytes };
	uint64_t n = get(&u);

	for (uint64_t i = 0; i < n && !u.is_short; i++)
		unpack_boot(&u, d);
	return !u.is_short;
}

/* --- loading --- */

struct loading {
	struct archive *archive;
	int64_t now_us;
	struct archive_owner owner;
	uint64_t from; /* of the oldest window that is to be in memory */
	size_t n_parts, n_damaged;
};

static int load_device(void *ctx, const struct store_device *row)
{
	struct loading *l = ctx;
	struct site *s;
	struct device *d = fleet_take_device(l->archive->fleet, row->site, row->name, &s);

	if (!d)
		return 0;
	d->row = row->id;
	d->is_unsaved = false;
	d->is_born = row->is_born;
	d->is_retired = row->is_retired;
	d->expected_from = row->expected_from;
	d->birth.boot = (uint32_t)row->boot;
	d->birth.has_contract = row->contract >= 0;
	d->birth.contract = d->birth.has_contract ? (uint32_t)row->contract : 0;
	snprintf(d->birth.labels, sizeof(d->birth.labels), "%s", row->labels);
	if (!archive_unpack_progress(d, row->progress, row->progress_bytes))
		l->n_damaged++;
	site_move(s, fleet_credible_wm(device_wm(d), l->now_us));
	s->is_recast = true;
	return 0;
}

static int load_contract(void *ctx, uint32_t hash, const char *text, size_t bytes)
{
	struct loading *l = ctx;
	struct device *d = l->owner.device;
	const char *why;

	if (device_add_contract(d, &l->archive->fleet->contracts, hash, text, bytes, &why) < 0) {
		l->n_damaged++;
		return 0;
	}
	d->contracts[d->n_contracts - 1].is_saved = true;
	d->has_unsaved_contract = d->is_unsaved = false;
	return 0;
}

static int load_contracts(struct loading *l)
{
	struct archive *a = l->archive;
	int r = 0;

	for (size_t i = 0; i < a->n_owners && r == 0; i++) {
		l->owner = a->owners[i];
		if (l->owner.device)
			r = store_each_contract(a->store, l->owner.device->row, load_contract, l);
	}
	return r;
}

static int load_part(void *ctx, const struct store_part *p)
{
	struct loading *l = ctx;
	const struct archive_owner *o = archive_owner(l->archive, p->device);
	bool is_new = p->id > l->archive->seen_id, is_hot;

	if (!o)
		return 0;
	is_hot = p->w0 + p->wl > o->site->horizon;
	l->n_parts += is_hot;
	if (is_new && fleet_note_stored(l->archive->fleet, o->site, o->device, p->payload, p->bytes) < 0)
		l->n_damaged++;
	if (is_hot && !fleet_replay(l->archive->fleet, o->site, o->device, p->payload, p->bytes))
		l->n_damaged++;
	if (is_new && !is_hot)
		site_mark_late(o->site, p->w0);
	return 0;
}

struct restoring {
	struct fleet *fleet;
	struct site *site;
};

static int restore_kpi(void *ctx, const struct fleet_kpi *k)
{
	struct restoring *r = ctx;

	fleet_kpi_restore(r->fleet, r->site, k);
	return 0;
}

/* From a whole hour on, as if it had been forgotten up to there. */
static int set_horizons(struct loading *l)
{
	struct fleet *f = l->archive->fleet;
	int r = 0;

	l->from = UINT64_MAX;
	for (size_t i = 0; i < f->sites.n && r == 0; i++) {
		struct site *s = fleet_site(f, i);
		struct restoring restoring = { f, s };
		struct store_range range = { .to = UINT64_MAX };

		if (s->front > f->keep_s)
			s->horizon = (s->front - f->keep_s) / FLEET_LONGEST_WINDOW_S * FLEET_LONGEST_WINDOW_S;
		if (s->horizon < f->sealed_until) /* what is rolled up cannot be computed again */
			s->horizon = f->sealed_until;
		if (s->horizon < l->from)
			l->from = s->horizon;
		range.from = s->horizon;
		r = store_each_kpi(l->archive->store, s->name, &range, restore_kpi, &restoring);
	}
	return r;
}

static int load_parts(struct loading *l)
{
	const struct store_range hot = { .from = l->from, .to = UINT64_MAX };
	const struct store_range unseen = { .to = l->from, .after_id = l->archive->seen_id };
	int r = l->from < UINT64_MAX ? store_each_part(l->archive->store, &hot, load_part, l) : 0;

	return r == 0 ? store_each_part(l->archive->store, &unseen, load_part, l) : r;
}

int archive_load(struct archive *a, int64_t now_us)
{
	struct loading l = { .archive = a, .now_us = now_us };
	int r;

	a->fleet->now_us = now_us;
	a->fleet->is_replay = true;
	a->seen_id = store_read_number(a->store, "seen", 0);
	a->fleet->sealed_until = (uint64_t)store_read_number(a->store, "sealed_until", 0);
	r = store_each_device(a->store, load_device, &l);
	archive_find_owners(a);
	if (r == 0)
		r = load_contracts(&l);
	if (r == 0)
		r = archive_load_clocks(a, true);
	if (r == 0)
		r = set_horizons(&l);
	if (r == 0)
		r = load_parts(&l);
	a->fleet->is_replay = a->fleet->is_unexplained = false;
	a->fleet->counters = (struct counters){ 0 };
	if (l.n_damaged > 0)
		log_error("store: %zu rows can not be read", l.n_damaged);
	if (r == 0 && a->fleet->n_devices > 0)
		log_info("store: %zu devices, %zu parts of the last hours", a->fleet->n_devices, l.n_parts);
	return r;
}

int archive_open_past(struct archive **out, struct fleet *f, const char *path, int64_t now_us)
{
	struct archive *a = sorted_alloc(sizeof(*a));
	struct loading l = { .archive = a, .now_us = now_us };
	int r;

	*a = (struct archive){ .fleet = f, .lock_fd = -1, .problem = "", .is_read_only = true };
	f->is_replay = true;
	r = store_open(&a->store, path, true);
	if (r == 0)
		r = store_each_device(a->store, load_device, &l);
	if (r == 0)
		archive_find_owners(a);
	if (r == 0)
		r = load_contracts(&l);
	if (r == 0)
		r = archive_load_clocks(a, false);
	if (r < 0) {
		archive_close(a);
		return r;
	}
	*out = a;
	return 0;
}
