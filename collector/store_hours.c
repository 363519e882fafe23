/* SPDX-License-Identifier: Apache-2.0 */
/* store_hours.c - what rolling up asks the store: which hours, and since when their parts are there. */
#include <stdio.h>

#include "collector/store_private.h"

enum { HOUR_S = 3600, KEY_BYTES = 32 };

int store_look_at_hour(struct store *s, uint64_t hour, struct store_hour *out)
{
	/* All of it is in the index. */
	static const char sql[] =
		"SELECT count(*), max(id), sum(part >= ?3) FROM part INDEXED BY part_key WHERE w0 >= ?1 AND w0 < ?2";
	struct db_stmt *q = NULL;
	int r = db_prepare(s->db, &q, sql);

	if (r < 0)
		return r;
	db_bind_int(q, 1, (int64_t)hour);
	db_bind_int(q, 2, (int64_t)(hour + HOUR_S));
	db_bind_int(q, 3, STORE_ROLLED_UP);
	r = db_step(q);
	if (r == 1)
		*out = (struct store_hour){ .n = db_int(q, 0), .last_id = db_int(q, 1), .n_rolled_up = db_int(q, 2) };
	db_stmt_free(q);
	return r < 0 ? r : 0;
}

int store_has_rolled_up(struct store *s, const char *site, uint64_t hour)
{
	/* The index has all of a part's that is asked for. */
	static const char sql[] = "SELECT 1 FROM part AS p INDEXED BY part_key JOIN device AS d ON d.id = p.device"
				  " WHERE p.w0 = ?1 AND p.wl = 3600 AND p.part >= ?2 AND d.site = ?3 LIMIT 1";
	struct db_stmt *q = NULL;
	int r = db_prepare(s->db, &q, sql);

	if (r < 0)
		return r;
	db_bind_int(q, 1, (int64_t)hour);
	db_bind_int(q, 2, STORE_ROLLED_UP);
	db_bind_text(q, 3, site);
	r = db_step(q);
	db_stmt_free(q);
	return r;
}

int store_each_rolled_up(struct store *s, const struct store_part *key,
			 int (*each)(void *ctx, const struct store_part *p), void *ctx)
{
	static const char sql[] =
		"SELECT payload FROM part WHERE w0 = ?1 AND device = ?2 AND wl = 3600 AND boot = ?3 AND part >= ?4";
	struct db_stmt *q = NULL;
	int r = db_prepare(s->db, &q, sql);

	if (r == 0) {
		db_bind_int(q, 1, (int64_t)key->w0);
		db_bind_int(q, 2, key->device);
		db_bind_int(q, 3, key->boot);
		db_bind_int(q, 4, STORE_ROLLED_UP);
	}
	while (r == 0 && (r = db_step(q)) == 1) {
		struct store_part p = *key;

		p.payload = db_blob(q, 0, &p.bytes);
		r = each(ctx, &p);
	}
	db_stmt_free(q);
	return r;
}

/* --- marks: numbers whose keys are in the order of time --- */

static const char *key_of(uint64_t hour, char key[static KEY_BYTES])
{
	snprintf(key, KEY_BYTES, "rows %012llu", (unsigned long long)hour);
	return key;
}

int store_mark(struct store *s, uint64_t hour, int64_t id)
{
	char key[KEY_BYTES];

	return store_write_number(s, key_of(hour, key), id);
}

int64_t store_marked(struct store *s, uint64_t hour)
{
	struct db_stmt *q = NULL;
	char key[KEY_BYTES];
	int64_t id = 0;

	if (db_prepare(s->db, &q,
		       "SELECT value FROM number WHERE key > 'rows ' AND key <= ?1 ORDER BY key DESC LIMIT 1") < 0)
		return 0;
	db_bind_text(q, 1, key_of(hour, key));
	if (db_step(q) == 1)
		id = db_int(q, 0);
	db_stmt_free(q);
	return id;
}

int store_forget_marks(struct store *s, uint64_t hour)
{
	static const char sql[] = "DELETE FROM number WHERE key > 'rows ' AND key < (SELECT max(key) FROM number"
				  " WHERE key > 'rows ' AND key <= ?1)";
	struct db_stmt *q = NULL;
	char key[KEY_BYTES];
	int r = db_prepare(s->db, &q, sql);

	if (r < 0)
		return r;
	db_bind_text(q, 1, key_of(hour, key));
	r = db_run(q);
	db_stmt_free(q);
	return r;
}
