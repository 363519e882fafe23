/* SPDX-License-Identifier: Apache-2.0 */
/* Each walk is one statement, and so one state of the store. */
#include "collector/reader.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "collector/sorted.h"
#include "collector/store_private.h"

struct reader {
	struct store *store;
	bool is_own;
};

int reader_open(struct reader **out, const char *path)
{
	struct store *s = NULL;
	int r = store_open(&s, path, true);

	if (r == 0)
		r = reader_attach(out, s);
	if (r == 0)
		(*out)->is_own = true;
	return r;
}

int reader_attach(struct reader **out, struct store *s)
{
	*out = sorted_alloc(sizeof(**out));
	(*out)->store = s;
	return 0;
}

void reader_close(struct reader *r)
{
	if (r && r->is_own)
		store_close(r->store);
	free(r);
}

/* --- devices --- */

struct filter {
	const char *site;
	int (*each)(void *ctx, const struct store_device *d);
	void *ctx;
};

static int each_of_site(void *ctx, const struct store_device *d)
{
	const struct filter *f = ctx;

	return !f->site || strcmp(f->site, d->site) == 0 ? f->each(f->ctx, d) : 0;
}

int reader_each_device(struct reader *r, const char *site, int (*each)(void *ctx, const struct store_device *d),
		       void *ctx)
{
	struct filter f = { site, each, ctx };

	return store_each_device(r->store, each_of_site, &f);
}

/* --- KPIs --- */

static int walk(struct db_stmt *q, int (*each)(void *ctx, const struct reader_kpi *k), void *ctx)
{
	int r;

	while ((r = db_step(q)) == 1) {
		struct reader_kpi k = { .change = db_int(q, STORE_KPI_CHANGE) };

		store_take_kpi(q, &k.kpi);
		r = each(ctx, &k);
		if (r != 0)
			break;
	}
	db_stmt_free(q);
	return r;
}

static int64_t bounded(uint64_t t)
{
	return t > INT64_MAX ? INT64_MAX : (int64_t)t;
}

int reader_each_kpi(struct reader *r, const struct reader_range *range,
		    int (*each)(void *ctx, const struct reader_kpi *k), void *ctx)
{
	struct db_stmt *q = NULL;
	char sql[256];
	int e;

	snprintf(sql, sizeof(sql),
		 "SELECT * FROM kpi WHERE%s w0 >= ?1 AND w0 < ?2%s ORDER BY site, w0%s, name, wl LIMIT ?3",
		 range->site ? " site = ?4 AND" : "", range->name ? " AND name = ?5" : "",
		 range->newest_first ? " DESC" : "");
	e = db_prepare(r->store->db, &q, sql);
	if (e < 0)
		return e;
	db_bind_int(q, 1, bounded(range->from));
	db_bind_int(q, 2, bounded(range->to));
	db_bind_int(q, 3, range->limit > 0 ? bounded(range->limit) : -1);
	if (range->site)
		db_bind_text(q, 4, range->site);
	if (range->name)
		db_bind_text(q, 5, range->name);
	return walk(q, each, ctx);
}

int reader_each_newest(struct reader *r, const char *site, int (*each)(void *ctx, const struct reader_kpi *k),
		       void *ctx)
{
	/* Beside a max() SQLite takes the other columns from the row that has it. */
	static const char sql[] =
		"SELECT k.site, max(k.w0), k.name, k.wl, k.value, k.unit, k.n, k.expected, k.devices, "
		"k.expected_devices,"
		" k.complete_devices, k.coverage, k.state, k.version, k.spread_n, k.low, k.median, k.high, k.worst, "
		"k.since, k.change"
		" FROM (SELECT DISTINCT site FROM device) d JOIN kpi k ON k.site = d.site"
		" AND k.w0 > (SELECT max(w0) FROM kpi WHERE site = d.site) - 86400"
		" WHERE ?1 IS NULL OR d.site = ?1 GROUP BY k.site, k.name, k.wl ORDER BY k.site, k.name, k.wl";
	struct db_stmt *q = NULL;
	int e = db_prepare(r->store->db, &q, sql);

	if (e < 0)
		return e;
	if (site)
		db_bind_text(q, 1, site);
	return walk(q, each, ctx);
}

int reader_each_change(struct reader *r, int64_t after, size_t limit,
		       int (*each)(void *ctx, const struct reader_kpi *k), void *ctx)
{
	struct db_stmt *q = NULL;
	int e = db_prepare(r->store->db, &q, "SELECT * FROM kpi WHERE change > ?1 ORDER BY change LIMIT ?2");

	if (e < 0)
		return e;
	db_bind_int(q, 1, after);
	db_bind_int(q, 2, bounded(limit));
	return walk(q, each, ctx);
}

int64_t reader_last_change(struct reader *r)
{
	return store_read_number(r->store, "change", 0);
}

/* --- parts --- */

int reader_each_part(struct reader *r, int64_t after, size_t limit, int (*each)(void *ctx, const struct reader_part *p),
		     void *ctx)
{
	struct db_stmt *q = NULL;
	int e = db_prepare(r->store->db, &q,
			   "SELECT p.id, d.site, d.name, p.boot, p.wl, p.part, p.w0, p.payload FROM part p"
			   " JOIN device d ON d.id = p.device WHERE p.id > ?1 AND p.part < ?3 ORDER BY p.id LIMIT ?2");

	if (e < 0)
		return e;
	db_bind_int(q, 1, after);
	db_bind_int(q, 2, bounded(limit));
	db_bind_int(q, 3, STORE_ROLLED_UP);
	while ((e = db_step(q)) == 1) {
		struct reader_part p = { .id = db_int(q, 0),
					 .site = db_text(q, 1),
					 .device = db_text(q, 2),
					 .boot = (uint32_t)db_int(q, 3),
					 .wl = (uint32_t)db_int(q, 4),
					 .part = (uint32_t)db_int(q, 5),
					 .w0 = (uint64_t)db_int(q, 6) };

		p.payload = db_blob(q, 7, &p.bytes);
		e = each(ctx, &p);
		if (e != 0)
			break;
	}
	db_stmt_free(q);
	return e;
}

int64_t reader_last_part(struct reader *r)
{
	int64_t id = 0;

	return store_last_part(r->store, &id) == 0 ? id : 0;
}

/* --- cursors --- */

enum { KEY_BYTES = 80 };

static const char *key_of(const char *sink, char key[static KEY_BYTES])
{
	snprintf(key, KEY_BYTES, "sink %s", sink);
	return key;
}

int64_t reader_cursor(struct reader *r, const char *sink)
{
	char key[KEY_BYTES];

	return store_read_number(r->store, key_of(sink, key), 0);
}

int reader_set_cursor(struct reader *r, const char *sink, int64_t cursor)
{
	char key[KEY_BYTES];
	int e;

	if (r->is_own)
		return -EROFS;
	e = store_begin(r->store);
	if (e == 0)
		e = store_write_number(r->store, key_of(sink, key), cursor);
	return store_end(r->store, e);
}
