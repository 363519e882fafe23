/* SPDX-License-Identifier: Apache-2.0 */
/*
 * archive_retain.c - old hours. After a while the parts of an hour are merged into one for each device, boot and contract: a sixtieth of the room with
 * windows of a minute, and still every atom and sketch. Much later the hours go, too.
 *
 * Rolling up forgets keys, and so what is a duplicate. What is left to tell one by is that a device numbers its messages in the order of time: the merged
 * part bears the highest number that went in. Later ones are new, and are taken at any age; of earlier ones it is not known, and they are refused as late. To
 * make that rare an hour is rolled up when nothing came for it for as long as parts are kept, which is known by marks: up to which row the store was
 * filled at which hour.
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "base/log.h"
#include "collector/archive_private.h"
#include "pipelines/partial.h"
#include "pipelines/wire.h"

enum { HOUR_S = FLEET_LONGEST_WINDOW_S, FREE_NUMBER_TRIES = 4096 };

struct roll {
	struct archive *archive;
	int64_t device;
	uint64_t hour;
	struct partial sum; /* of the parts so far; n_metrics 0: none */
	struct partial_metric metrics[PARTIAL_MAX_METRICS];
	struct partial_metric spare[PARTIAL_MAX_METRICS];
	const struct shared_contract *contract;
	uint32_t n_parts; /* made of this hour */
	int64_t *rows;	  /* that are merged */
	size_t n_rows, cap_rows;
};

static void add_row(struct roll *r, int64_t id)
{
	if (r->n_rows == r->cap_rows) {
		size_t cap = r->cap_rows ? 2 * r->cap_rows : 1024;
		int64_t *grown = sorted_alloc(cap * sizeof(*grown));

		for (size_t i = 0; i < r->n_rows; i++)
			grown[i] = r->rows[i];
		free(r->rows);
		r->rows = grown;
		r->cap_rows = cap;
	}
	r->rows[r->n_rows++] = id;
}

static int put_sum(struct roll *r, uint32_t number)
{
	uint8_t bytes[PARTIAL_MAX_BYTES];
	struct store_part part = { .device = r->device, .payload = bytes };
	int n;

	r->sum.part = STORE_ROLLED_UP + number % (1u << 30);
	n = wire_encode(&r->sum, r->contract->contract.metrics, bytes, sizeof(bytes));
	if (n < 0)
		return n;
	part.boot = r->sum.boot;
	part.w0 = r->sum.w0;
	part.wl = r->sum.wl;
	part.part = r->sum.part;
	part.bytes = (size_t)n;
	return store_insert_part(r->archive->store, &part);
}

/* A message that became too long when it was dated is two with one number: the second takes the next that is free. */
static int flush(struct roll *r)
{
	int e = -EEXIST;

	if (r->sum.n_metrics == 0)
		return 0;
	r->n_parts++;
	for (uint32_t i = 0; i < FREE_NUMBER_TRIES && e == -EEXIST; i++)
		e = put_sum(r, r->sum.seq + i);
	r->sum.n_metrics = 0;
	return e;
}

static struct partial_metric *metric_of(struct roll *r, uint32_t id)
{
	for (size_t i = 0; i < r->sum.n_metrics; i++)
		if (r->metrics[i].id == id)
			return &r->metrics[i];
	return NULL;
}

/* One message takes fewer than 2^17 samples of a stream, 64 streams and 8 KiB. */
static bool has_room(struct roll *r, const struct partial *p)
{
	size_t n_new = 0;

	for (size_t i = 0; i < p->n_metrics; i++) {
		const struct partial_metric *m = metric_of(r, p->metrics[i].id);

		n_new += !m;
		if (m && m->agg.n + p->metrics[i].agg.n >= AGG_N_LIMIT)
			return false;
	}
	return r->sum.n_metrics + n_new <= PARTIAL_MAX_METRICS;
}

static void merge(struct roll *r, const struct partial *p)
{
	for (size_t i = 0; i < p->n_metrics; i++) {
		struct partial_metric *m = metric_of(r, p->metrics[i].id);

		if (!m) {
			m = &r->metrics[r->sum.n_metrics++];
			*m = (struct partial_metric){ .id = p->metrics[i].id };
		}
		agg_merge(&m->agg, &p->metrics[i].agg);
	}
}

/* @return false: the message would be too long, and the sum is as it was */
static bool try_merge(struct roll *r, const struct partial *p)
{
	size_t n = r->sum.n_metrics;
	uint32_t seq = r->sum.seq;
	uint8_t bytes[PARTIAL_MAX_BYTES];

	memcpy(r->spare, r->metrics, n * sizeof(r->metrics[0]));
	merge(r, p);
	r->sum.part = UINT32_MAX; /* the longest: which it will be is not known yet, nor its number */
	r->sum.seq = UINT32_MAX;
	if (wire_encode(&r->sum, r->contract->contract.metrics, bytes, sizeof(bytes)) >= 0) {
		r->sum.seq = seq;
		return true;
	}
	r->sum.seq = seq;
	memcpy(r->metrics, r->spare, n * sizeof(r->metrics[0]));
	r->sum.n_metrics = n;
	return false;
}

static int merge_part(struct roll *r, const struct archive_owner *o, const struct partial *p)
{
	int e;

	if (r->sum.n_metrics > 0 && r->device == o->device->row && r->sum.boot == p->boot &&
	    r->sum.contract == p->contract && has_room(r, p) && try_merge(r, p)) {
		r->sum.seq = p->seq > r->sum.seq ? p->seq : r->sum.seq;
		return 0;
	}
	e = flush(r);
	if (e < 0)
		return e;
	r->device = o->device->row;
	r->contract = device_contract(o->device, p->contract);
	r->sum = *p;
	r->sum.w0 = p->w0 - p->w0 % HOUR_S;
	r->sum.wl = HOUR_S;
	r->sum.flags = 0;
	r->sum.span = 0;
	r->sum.n_metrics = 0;
	r->sum.metrics = r->metrics;
	merge(r, p);
	return 0;
}

/* What can not be read or explained, and what is an hour already, stays as it is. */
static int take(void *ctx, const struct store_part *row)
{
	struct roll *r = ctx;
	struct fleet *f = r->archive->fleet;
	const struct archive_owner *o = archive_owner(r->archive, row->device);
	struct partial p = { .metrics = f->metrics };
	const struct shared_contract *c;
	struct wire_presence present;
	const char *why;

	if (row->wl >= HOUR_S || !o)
		return 0;
	if (wire_decode(&p, &present, row->payload, row->bytes, &why) < 0)
		return 0;
	c = device_contract(o->device, p.contract);
	if (!c || wire_complete(&p, &present, c->contract.metrics, c->contract.n_metrics) < 0)
		return 0;
	add_row(r, row->id);
	return merge_part(r, o, &p);
}

static int replace(struct archive *a, struct roll *r)
{
	const struct store_range range = { .from = r->hour, .to = r->hour + HOUR_S, .is_by_device = true };
	int e = store_each_part(a->store, &range, take, r);

	if (e == 0)
		e = flush(r);
	for (size_t i = 0; i < r->n_rows && e == 0; i++)
		e = store_delete_part(a->store, r->rows[i]);
	if (e == 0 && r->hour + HOUR_S > a->fleet->sealed_until)
		e = store_write_number(a->store, "sealed_until", (int64_t)(r->hour + HOUR_S));
	return e;
}

static int roll_up(struct archive *a, uint64_t hour)
{
	struct roll *r = sorted_alloc(sizeof(*r));
	int e = store_begin(a->store);

	r->archive = a;
	r->hour = hour;
	if (e == 0)
		e = replace(a, r);
	e = store_end(a->store, e);
	if (e == 0) {
		if (hour + HOUR_S > a->fleet->sealed_until)
			a->fleet->sealed_until = hour + HOUR_S;
		if (r->n_rows > 0)
			log_info("store: an hour of %zu parts is rolled up into %u", r->n_rows, r->n_parts);
	}
	free(r->rows);
	free(r);
	return e;
}

static int delete_before(struct archive *a, uint64_t before)
{
	int e;

	if (store_oldest(a->store, 0) >= before)
		return 0;
	e = store_begin(a->store);
	if (e == 0)
		e = store_delete_before(a->store, before);
	return store_end(a->store, e);
}

static int note_seq(void *ctx, const struct store_part *row)
{
	struct partial_metric *metrics = sorted_alloc(PARTIAL_MAX_METRICS * sizeof(*metrics));
	struct partial p = { .metrics = metrics };
	struct wire_presence present;
	uint32_t *last = ctx;
	const char *why;

	if (wire_decode(&p, &present, row->payload, row->bytes, &why) == 0 && p.seq > *last)
		*last = p.seq;
	free(metrics);
	return 0;
}

bool archive_is_sealed(void *ctx, const struct device *d, const struct partial *p)
{
	const struct archive *a = ctx;
	const struct store_part key = { .device = d->row, .boot = p->boot, .w0 = p->w0 - p->w0 % HOUR_S };
	uint32_t last = 0;

	return store_each_rolled_up(a->store, &key, note_seq, &last) < 0 || p->seq - p->span <= last;
}

/* Once an hour. */
static int mark(struct archive *a, uint64_t hour)
{
	int64_t id = 0;
	int e = store_last_part(a->store, &id);

	if (e < 0)
		return e;
	e = store_begin(a->store);
	if (e == 0)
		e = store_mark(a->store, hour, id);
	if (e == 0 && a->o.keep_parts_s > 0)
		e = store_forget_marks(a->store, hour - a->o.keep_parts_s / HOUR_S);
	if (e == 0 && a->o.keep_hours_s > 0)
		e = archive_expire_unsynced(a, hour);
	e = store_end(a->store, e);
	if (e == 0)
		a->marked_hour = hour;
	return e;
}

/* One hour a turn, and some in which there is nothing to do. */
static void roll_up_oldest(struct archive *a, uint64_t now_s)
{
	enum { AT_ONCE = 10 };
	uint64_t last = now_s - a->o.keep_parts_s - HOUR_S;
	int64_t old_id = store_marked(a->store, (now_s - a->o.keep_parts_s) / HOUR_S);

	for (int i = 0; i < AT_ONCE; i++) {
		uint64_t hour = store_oldest(a->store, a->roll_from);
		struct store_hour h;

		hour = hour < UINT64_MAX ? hour / HOUR_S * HOUR_S : hour;
		if (hour > last || store_look_at_hour(a->store, hour, &h) < 0)
			return;
		if (h.n > h.n_rolled_up && h.last_id > old_id)
			return; /* some of it came too short a time ago */
		if (h.n > h.n_rolled_up && archive_note(a, roll_up(a, hour)) < 0)
			return;
		a->roll_from = hour + HOUR_S;
		if (h.n > h.n_rolled_up)
			return;
	}
}

void archive_retain(struct archive *a)
{
	uint64_t now_s = (uint64_t)(a->fleet->now_us / 1000000);

	if (now_s / HOUR_S != a->marked_hour && archive_note(a, mark(a, now_s / HOUR_S)) < 0)
		return;
	if (a->o.keep_parts_s > 0 && now_s > a->o.keep_parts_s + HOUR_S)
		roll_up_oldest(a, now_s);
	if (a->o.keep_hours_s > 0 && now_s > a->o.keep_hours_s)
		(void)!archive_note(a, delete_before(a, (now_s - a->o.keep_hours_s) / HOUR_S * HOUR_S));
}
