/* SPDX-License-Identifier: Apache-2.0 */
/*
 * store_apart.c - what is kept apart: conflicts, for people; and parts of a clock that nobody had set, until they are dated. What a device said of
 * such a clock is a row beside them: it has no window, which is what it is known by.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "collector/sorted.h"
#include "collector/store_private.h"

#define IS_CLOCK "w0 = 0 AND wl = 3600 AND part >= 2147483648"

/* --- how many there are: each device has its own bound, so that one that never learns the time takes no other's room --- */

static bool has_key_of_clock(const struct store_part *p)
{
	return p->w0 == 0 && p->wl == 3600 && p->part >= 2147483648u;
}

static struct store_apart_count *grown(const struct store_apart_count *old, size_t n_old, size_t n)
{
	struct store_apart_count *new = sorted_alloc(n * sizeof(*new));

	if (n_old > 0)
		memcpy(new, old, n_old * sizeof(*new));
	return new;
}

/* NULL: of a device that nobody knows */
static struct store_apart_count *count_of(struct store *s, int64_t device)
{
	size_t cap = s->cap_unsynced_of ? s->cap_unsynced_of : 64, n = s->cap_unsynced_of;
	struct store_apart_count *old = s->unsynced_of, *old_saved = s->saved_unsynced_of;

	if (device <= 0 || device > s->last_device)
		return NULL;
	while (cap <= (size_t)device)
		cap *= 2;
	if (cap > n) {
		s->unsynced_of = grown(old, n, cap);
		s->saved_unsynced_of = grown(old_saved, n, cap);
		s->cap_unsynced_of = cap;
		free(old);
		free(old_saved);
	}
	return &s->unsynced_of[device];
}

int store_count_unsynced(struct store *s)
{
	struct db_stmt *q = NULL;
	int r = db_prepare(s->db, &q, "SELECT device, " IS_CLOCK ", count(*) FROM unsynced GROUP BY 1, 2");

	while (r == 0 && (r = db_step(q)) == 1) {
		struct store_apart_count *of = count_of(s, db_int(q, 0));
		bool is_clock = db_int(q, 1) != 0;

		s->n_unsynced += is_clock ? 0 : db_int(q, 2);
		if (of)
			*(is_clock ? &of->clocks : &of->parts) = db_int(q, 2);
		r = 0;
	}
	db_stmt_free(q);
	s->has_unsaved_counts = true;
	store_settle_unsynced(s, true);
	return r;
}

/* What a clock was is always kept: it is little, and dates much. */
bool store_has_room_unsynced(const struct store *s, const struct store_part *p)
{
	const struct store_apart_count none = { 0 };
	const struct store_apart_count *of =
		p->device > 0 && (size_t)p->device < s->cap_unsynced_of ? &s->unsynced_of[p->device] : &none;

	if (p->kind == STORE_CLOCK)
		return true;
	if (has_key_of_clock(p))
		return of->clocks < STORE_MAX_LIKE_CLOCKS;
	return of->parts < STORE_MAX_DEVICE_UNSYNCED &&
	       (s->n_unsynced < STORE_MAX_UNSYNCED || of->parts < STORE_SHARE_UNSYNCED);
}

void store_note_unsynced(struct store *s, const struct store_part *p, int64_t n)
{
	struct store_apart_count *of = count_of(s, p->device);
	bool is_clock = has_key_of_clock(p);

	s->n_unsynced += is_clock ? 0 : n;
	if (of)
		*(is_clock ? &of->clocks : &of->parts) += n;
	s->has_unsaved_counts = true;
}

void store_settle_unsynced(struct store *s, bool is_done)
{
	if (!s->has_unsaved_counts)
		return;
	s->has_unsaved_counts = false;
	if (is_done)
		s->saved_unsynced = s->n_unsynced;
	else
		s->n_unsynced = s->saved_unsynced;
	if (s->cap_unsynced_of > 0)
		memcpy(is_done ? s->saved_unsynced_of : s->unsynced_of, is_done ? s->unsynced_of : s->saved_unsynced_of,
		       s->cap_unsynced_of * sizeof(s->unsynced_of[0]));
}

/* --- what there is --- */

int store_each_apart(struct store *s, int (*each)(void *ctx, const struct store_apart *a), void *ctx)
{
	struct db_stmt *q = NULL;
	int r = db_prepare(s->db, &q,
			   "SELECT 0, device, 0, count(*) FROM conflict GROUP BY device UNION ALL"
			   " SELECT 1, device, boot, count(*) FROM unsynced WHERE NOT (" IS_CLOCK ")"
			   " GROUP BY device, boot ORDER BY 1, 2, 3");

	while (r == 0 && (r = db_step(q)) == 1) {
		const struct store_apart a = { .kind = db_int(q, 0) ? STORE_UNSYNCED : STORE_CONFLICT,
					       .device = db_int(q, 1),
					       .boot = (uint32_t)db_int(q, 2),
					       .n = db_int(q, 3) };

		r = each(ctx, &a);
	}
	db_stmt_free(q);
	return r;
}

static int walk(struct db_stmt *q, int (*each)(void *ctx, const struct store_part *p), void *ctx)
{
	int r = 0;

	while (r == 0 && (r = db_step(q)) == 1) {
		struct store_part p = { .kind = STORE_UNSYNCED,
					.device = db_int(q, 0),
					.boot = (uint32_t)db_int(q, 1),
					.w0 = (uint64_t)db_int(q, 2),
					.wl = (uint32_t)db_int(q, 3),
					.part = (uint32_t)db_int(q, 4) };

		p.payload = db_blob(q, 5, &p.bytes);
		r = each(ctx, &p);
	}
	db_stmt_free(q);
	return r;
}

int store_each_clock(struct store *s, int64_t device, int (*each)(void *ctx, const struct store_part *p), void *ctx)
{
	struct db_stmt *q = NULL;
	int r = db_prepare(s->db, &q,
			   device > 0 ? "SELECT device, boot, w0, wl, part, payload FROM unsynced WHERE " IS_CLOCK
					" AND device = ?1"
				      : "SELECT device, boot, w0, wl, part, payload FROM unsynced WHERE " IS_CLOCK);

	if (r < 0)
		return r;
	if (device > 0)
		db_bind_int(q, 1, device);
	return walk(q, each, ctx);
}

/* Whether it is written already, or is going to be. */
bool store_has_unsynced(struct store *s, int64_t device, uint32_t boot)
{
	struct db_stmt *q = NULL;
	int r;

	for (size_t i = 0; i < s->n_pending; i++)
		if (s->pending[i].kind == STORE_UNSYNCED && s->pending[i].device == device &&
		    s->pending[i].boot == boot)
			return true;
	r = db_prepare(s->db, &q,
		       "SELECT 1 FROM unsynced WHERE device = ?1 AND boot = ?2 AND NOT (" IS_CLOCK ") LIMIT 1");
	if (r < 0)
		return true;
	db_bind_int(q, 1, device);
	db_bind_int(q, 2, boot);
	r = db_step(q);
	db_stmt_free(q);
	return r != 0;
}

int store_each_unsynced(struct store *s, const struct store_part *after, int64_t limit,
			int (*each)(void *ctx, const struct store_part *p), void *ctx)
{
	struct db_stmt *q = NULL;
	int r = db_prepare(s->db, &q,
			   "SELECT device, boot, w0, wl, part, payload FROM unsynced WHERE device = ?1"
			   " AND (boot, w0, wl, part) > (?2, ?3, ?4, ?5) ORDER BY boot, w0, wl, part LIMIT ?6");

	if (r < 0)
		return r;
	store_bind_key(q, after);
	db_bind_int(q, 6, limit);
	return walk(q, each, ctx);
}

int store_delete_unsynced(struct store *s, const struct store_part *key)
{
	struct db_stmt *q = NULL;
	int r = db_prepare(
		s->db, &q,
		"DELETE FROM unsynced WHERE device = ?1 AND boot = ?2 AND w0 = ?3 AND wl = ?4 AND part = ?5");

	if (r < 0)
		return r;
	store_bind_key(q, key);
	r = db_run(q);
	if (r == 0)
		store_note_unsynced(s, key, -(int64_t)db_n_changes(s->db));
	db_stmt_free(q);
	return r;
}

/* --- what has waited for too long: a row does not say when it came, so a mark says which was the last one at which hour --- */

enum { KEY_BYTES = 48 };

static const char *key_of(const char *what, int64_t device, char key[static KEY_BYTES])
{
	snprintf(key, KEY_BYTES, "unsynced %s %lld", what, (long long)device);
	return key;
}

static int mark(struct store *s, int64_t device, uint64_t hour)
{
	char key[KEY_BYTES];
	struct db_stmt *q = NULL;
	int64_t boot = 0, w0 = 0;
	int r = db_prepare(s->db, &q,
			   "SELECT boot, w0 FROM unsynced WHERE device = ?1 ORDER BY boot DESC, w0 DESC LIMIT 1");

	if (r < 0)
		return r;
	db_bind_int(q, 1, device);
	r = db_step(q);
	if (r == 1) {
		boot = db_int(q, 0);
		w0 = db_int(q, 1);
	}
	db_stmt_free(q);
	if (r >= 0)
		r = store_write_number(s, key_of("hour", device, key), r == 1 ? (int64_t)hour : 0);
	if (r == 0)
		r = store_write_number(s, key_of("boot", device, key), boot);
	return r == 0 ? store_write_number(s, key_of("w0", device, key), w0) : r;
}

static int delete_marked(struct store *s, int64_t device, bool is_clock, int64_t *n)
{
	/* of which kind, to be counted as */
	const struct store_part like = { .device = device, .wl = 3600, .part = is_clock ? 2147483648u : 0 };
	char key[KEY_BYTES];
	struct db_stmt *q = NULL;
	int r = db_prepare(s->db, &q,
			   "DELETE FROM unsynced WHERE device = ?1 AND (boot, w0) <= (?2, ?3) AND (" IS_CLOCK ") = ?4");

	if (r < 0)
		return r;
	db_bind_int(q, 1, device);
	db_bind_int(q, 2, store_read_number(s, key_of("boot", device, key), 0));
	db_bind_int(q, 3, store_read_number(s, key_of("w0", device, key), 0));
	db_bind_int(q, 4, is_clock);
	r = db_run(q);
	*n = r == 0 ? db_n_changes(s->db) : 0;
	db_stmt_free(q);
	store_note_unsynced(s, &like, -*n);
	return r;
}

int store_expire_unsynced(struct store *s, int64_t device, uint64_t hour, uint64_t keep_hours, int64_t *n)
{
	const struct store_apart_count *of = count_of(s, device);
	char key[KEY_BYTES];
	uint64_t marked;
	int64_t n_clocks;
	int r = 0;

	*n = 0;
	if (!of || of->parts + of->clocks == 0)
		return 0;
	marked = (uint64_t)store_read_number(s, key_of("hour", device, key), 0);
	if (marked > 0 && hour < marked + keep_hours)
		return 0;
	if (marked > 0)
		r = delete_marked(s, device, false, n);
	if (marked > 0 && r == 0)
		r = delete_marked(s, device, true, &n_clocks);
	return r == 0 ? mark(s, device, hour) : r;
}
