/* SPDX-License-Identifier: Apache-2.0 */
/* store_read.c - walks over what is in the store. */
#include <stdio.h>
#include <string.h>

#include "collector/store_private.h"

int64_t store_read_number(struct store *s, const char *key, int64_t otherwise)
{
	struct db_stmt *q = NULL;
	int64_t value = otherwise;

	if (db_prepare(s->db, &q, "SELECT value FROM number WHERE key = ?1") < 0)
		return otherwise;
	db_bind_text(q, 1, key);
	if (db_step(q) == 1)
		value = db_int(q, 0);
	db_stmt_free(q);
	return value;
}

int store_each_device(struct store *s, int (*each)(void *ctx, const struct store_device *d), void *ctx)
{
	struct db_stmt *q = NULL;
	int r = db_prepare(s->db, &q, "SELECT * FROM device ORDER BY id");

	while (r == 0 && (r = db_step(q)) == 1) {
		struct store_device d = { .id = db_int(q, 0),
					  .site = db_text(q, 1),
					  .name = db_text(q, 2),
					  .is_born = db_int(q, 3) != 0,
					  .is_retired = db_int(q, 4) != 0,
					  .expected_from = (uint64_t)db_int(q, 5),
					  .boot = db_int(q, 6),
					  .contract = db_int(q, 7),
					  .labels = db_text(q, 8) };

		d.progress = db_blob(q, 9, &d.progress_bytes);
		r = each(ctx, &d);
	}
	db_stmt_free(q);
	return r;
}

int store_each_contract(struct store *s, int64_t device,
			int (*each)(void *ctx, uint32_t hash, const char *text, size_t bytes), void *ctx)
{
	struct db_stmt *q = NULL;
	int r = db_prepare(s->db, &q,
			   "SELECT c.hash, t.text FROM contract c JOIN contract_text t ON t.id = c.text"
			   " LEFT JOIN device d ON d.id = c.device"
			   " WHERE c.device = ?1 ORDER BY c.hash IS d.contract, t.id");

	if (r == 0)
		db_bind_int(q, 1, device);
	while (r == 0 && (r = db_step(q)) == 1) {
		size_t bytes;
		const char *text = db_blob(q, 1, &bytes);

		r = each(ctx, (uint32_t)db_int(q, 0), text, bytes);
	}
	db_stmt_free(q);
	return r;
}

int store_each_part(struct store *s, const struct store_range *range,
		    int (*each)(void *ctx, const struct store_part *p), void *ctx)
{
	static const char by_id[] = "SELECT id, device, boot, w0, wl, part, payload FROM part"
				    " WHERE id > ?3 AND w0 >= ?1 AND w0 < ?2 ORDER BY id";
	static const char by_time[] = "SELECT id, device, boot, w0, wl, part, payload FROM part INDEXED BY part_key"
				      " WHERE w0 >= ?1 AND w0 < ?2 AND id > ?3 AND (?4 = 0 OR device = ?4)"
				      " ORDER BY w0, device, wl, boot, part";
	static const char by_device[] = "SELECT id, device, boot, w0, wl, part, payload FROM part INDEXED BY part_key"
					" WHERE w0 >= ?1 AND w0 < ?2 AND id > ?3 ORDER BY device, boot, w0, wl, part";
	const char *sql = range->after_id > 0 ? by_id : range->is_by_device ? by_device : by_time;
	struct db_stmt *q = NULL;
	int r = db_prepare(s->db, &q, sql);

	if (r == 0) {
		db_bind_int(q, 1, (int64_t)range->from);
		db_bind_int(q, 2, range->to > INT64_MAX ? INT64_MAX : (int64_t)range->to);
		db_bind_int(q, 3, range->after_id);
		if (sql == by_time)
			db_bind_int(q, 4, range->device);
	}
	while (r == 0 && (r = db_step(q)) == 1) {
		struct store_part p = { .kind = STORE_PART,
					.id = db_int(q, 0),
					.device = db_int(q, 1),
					.boot = (uint32_t)db_int(q, 2),
					.w0 = (uint64_t)db_int(q, 3),
					.wl = (uint32_t)db_int(q, 4),
					.part = (uint32_t)db_int(q, 5) };

		p.payload = db_blob(q, 6, &p.bytes);
		r = each(ctx, &p);
	}
	db_stmt_free(q);
	return r;
}

void store_take_kpi(struct db_stmt *q, struct fleet_kpi *k)
{
	k->site = db_text(q, 0);
	k->w0 = (uint64_t)db_int(q, 1);
	k->name = db_text(q, 2);
	k->wl = (uint32_t)db_int(q, 3);
	k->value = db_double(q, 4);
	snprintf(k->unit, sizeof(k->unit), "%s", db_text(q, 5));
	k->n = (uint64_t)db_int(q, 6);
	k->expected = (uint64_t)db_int(q, 7);
	k->devices = (size_t)db_int(q, 8);
	k->expected_devices = (size_t)db_int(q, 9);
	k->complete_devices = (size_t)db_int(q, 10);
	k->coverage = db_double(q, 11);
	k->state = fleet_kpi_state_of(db_text(q, 12));
	k->version = (uint32_t)db_int(q, 13);
	k->spread.n = (size_t)db_int(q, 14);
	k->spread.low = db_double(q, 15);
	k->spread.median = db_double(q, 16);
	k->spread.high = db_double(q, 17);
	fleet_kpi_parse_worst(k, db_text(q, 18));
	k->since = (uint64_t)db_int(q, 19);
	k->n_definitions = 1;
}

int store_each_kpi(struct store *s, const char *site, const struct store_range *range,
		   int (*each)(void *ctx, const struct fleet_kpi *k), void *ctx)
{
	struct db_stmt *q = NULL;
	int r = db_prepare(s->db, &q,
			   "SELECT * FROM kpi WHERE site = ?1 AND w0 >= ?2 AND w0 < ?3 ORDER BY site, w0, name, wl");

	if (r == 0) {
		db_bind_text(q, 1, site);
		db_bind_int(q, 2, (int64_t)range->from);
		db_bind_int(q, 3, range->to > INT64_MAX ? INT64_MAX : (int64_t)range->to);
	}
	while (r == 0 && (r = db_step(q)) == 1) {
		struct fleet_kpi k = { 0 };

		store_take_kpi(q, &k);
		r = each(ctx, &k);
	}
	db_stmt_free(q);
	return r;
}

uint64_t store_provisional_hour(struct store *s, const char *site, const struct store_range *range, uint64_t *since)
{
	struct db_stmt *q = NULL;
	uint64_t hour = UINT64_MAX;
	int r = db_prepare(
		s->db, &q,
		"SELECT w0 - w0 % 3600, since FROM kpi INDEXED BY kpi_open WHERE site = ?1 AND w0 >= ?2 AND w0 < ?3"
		" AND state = 'PROVISIONAL' ORDER BY w0 LIMIT 1");

	if (r < 0)
		return hour;
	db_bind_text(q, 1, site);
	db_bind_int(q, 2, (int64_t)range->from);
	db_bind_int(q, 3, (int64_t)range->to);
	if (db_step(q) == 1) {
		hour = (uint64_t)db_int(q, 0);
		*since = (uint64_t)db_int(q, 1);
	}
	db_stmt_free(q);
	return hour;
}

int store_last_part(struct store *s, int64_t *id)
{
	*id = 0;
	return db_ask(s->db, "SELECT max(id) FROM part", id);
}

uint64_t store_oldest(struct store *s, uint64_t from)
{
	char sql[96];
	int64_t w0 = -1;

	snprintf(sql, sizeof(sql), "SELECT min(w0) FROM part WHERE w0 >= %llu", (unsigned long long)from);
	if (db_ask(s->db, sql, &w0) < 0 || w0 < 0)
		return UINT64_MAX;
	return (uint64_t)w0;
}

uint64_t store_newest_end(struct store *s)
{
	int64_t end = 0;

	if (db_ask(s->db, "SELECT w0 + wl FROM part WHERE wl <= 3600 ORDER BY w0 DESC LIMIT 1", &end) < 0)
		return 0;
	return (uint64_t)end;
}
