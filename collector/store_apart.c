/* SPDX-License-Identifier: Apache-2.0 */
/*
 * store_apart.c - what is kept apart: conflicts, for people; and parts of a clock that nobody had set, until they are dated. What a device said of
 * such a clock is a row beside them: it has no window, which is what it is known by.
 */
#include "collector/store_private.h"

#define IS_CLOCK "w0 = 0 AND wl = 3600 AND part >= 2147483648"

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

int store_each_clock(struct store *s, int (*each)(void *ctx, const struct store_part *p), void *ctx)
{
	struct db_stmt *q = NULL;
	int r = db_prepare(s->db, &q, "SELECT device, boot, w0, wl, part, payload FROM unsynced WHERE " IS_CLOCK);

	return r < 0 ? r : walk(q, each, ctx);
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
	s->n_unsynced -= r == 0 ? db_n_changes(s->db) : 0;
	db_stmt_free(q);
	return r;
}
