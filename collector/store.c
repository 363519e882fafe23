/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Parts are rows in the order in which they came, so that a busy collector appends; the unique index has the key, time first, because
 * questions are about ranges of time and retention cuts at one end.
 */
#include "collector/store.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "collector/sorted.h"
#include "collector/store_private.h"

enum { APPLICATION_ID = 0x72756E63 /* "runc" */, PAGE_BYTES = 8192, CACHE_KIB = 8192 };

static const char schema[] =
	"CREATE TABLE device(id INTEGER PRIMARY KEY, site TEXT NOT NULL, name TEXT NOT NULL, born INTEGER NOT NULL,"
	" retired INTEGER NOT NULL, expected_from INTEGER NOT NULL, boot INTEGER NOT NULL, contract INTEGER NOT NULL,"
	" labels TEXT NOT NULL, progress BLOB NOT NULL, UNIQUE(site, name));"
	"CREATE TABLE contract_text(id INTEGER PRIMARY KEY, text BLOB NOT NULL UNIQUE);"
	"CREATE TABLE contract(device INTEGER NOT NULL, hash INTEGER NOT NULL, text INTEGER NOT NULL,"
	" PRIMARY KEY(device, hash)) WITHOUT ROWID;"
	"CREATE TABLE part(id INTEGER PRIMARY KEY, device INTEGER NOT NULL, boot INTEGER NOT NULL, w0 INTEGER NOT NULL,"
	" wl INTEGER NOT NULL, part INTEGER NOT NULL, payload BLOB NOT NULL);"
	"CREATE UNIQUE INDEX part_key ON part(w0, device, wl, boot, part);"
	"CREATE TABLE conflict(id INTEGER PRIMARY KEY, device INTEGER NOT NULL, boot INTEGER NOT NULL, w0 INTEGER NOT "
	"NULL,"
	" wl INTEGER NOT NULL, part INTEGER NOT NULL, payload BLOB NOT NULL);"
	"CREATE TABLE unsynced(device INTEGER NOT NULL, boot INTEGER NOT NULL, w0 INTEGER NOT NULL, wl INTEGER NOT "
	"NULL,"
	" part INTEGER NOT NULL, payload BLOB NOT NULL, PRIMARY KEY(device, boot, w0, wl, part)) WITHOUT ROWID;"
	"CREATE TABLE kpi(site TEXT NOT NULL, w0 INTEGER NOT NULL, name TEXT NOT NULL, wl INTEGER NOT NULL, value REAL,"
	" unit TEXT NOT NULL, n INTEGER NOT NULL, expected INTEGER NOT NULL, devices INTEGER NOT NULL,"
	" expected_devices INTEGER NOT NULL, complete_devices INTEGER NOT NULL, coverage REAL, state TEXT NOT NULL,"
	" version INTEGER NOT NULL, spread_n INTEGER NOT NULL, low REAL, median REAL, high REAL, worst TEXT NOT NULL,"
	" since INTEGER NOT NULL, change INTEGER NOT NULL,"
	" PRIMARY KEY(site, w0, name, wl)) WITHOUT ROWID;"
	"CREATE UNIQUE INDEX kpi_change ON kpi(change);"
	"CREATE INDEX kpi_open ON kpi(site, w0) WHERE state = 'PROVISIONAL';"
	"CREATE TABLE number(key TEXT PRIMARY KEY, value INTEGER NOT NULL) WITHOUT ROWID;";

static const char *const texts[STORE_N_STATEMENTS] = {
	[STORE_PUT] = "INSERT INTO part(device, boot, w0, wl, part, payload) VALUES(?1, ?2, ?3, ?4, ?5, ?6)"
		      " ON CONFLICT DO NOTHING",
	[STORE_BYTES_OF] =
		"SELECT payload FROM part WHERE device = ?1 AND boot = ?2 AND w0 = ?3 AND wl = ?4 AND part = "
		"?5",
	[STORE_QUARANTINE] = "INSERT INTO conflict(device, boot, w0, wl, part, payload) VALUES(?1, ?2, ?3, ?4, ?5, ?6)",
	[STORE_PUT_UNSYNCED] = "INSERT OR IGNORE INTO unsynced(device, boot, w0, wl, part, payload)"
			       " VALUES(?1, ?2, ?3, ?4, ?5, ?6)",
	[STORE_BYTES_OF_UNSYNCED] = "SELECT payload FROM unsynced WHERE device = ?1 AND boot = ?2 AND w0 = ?3"
				    " AND wl = ?4 AND part = ?5",
	[STORE_PUT_DEVICE] = "INSERT OR REPLACE INTO device VALUES(?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10)",
	[STORE_PUT_TEXT] = "INSERT OR IGNORE INTO contract_text(text) VALUES(?1)",
	[STORE_PUT_CONTRACT] = "INSERT OR IGNORE INTO contract"
			       " SELECT ?1, ?2, id FROM contract_text WHERE text = ?3",
	[STORE_PUT_KPI] = "INSERT OR REPLACE INTO kpi VALUES(?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13,"
			  " ?14, ?15, ?16, ?17, ?18, ?19, ?20, ?21)",
	[STORE_PUT_NUMBER] = "INSERT OR REPLACE INTO number VALUES(?1, ?2)",
	[STORE_DELETE_PART] = "DELETE FROM part WHERE id = ?1",
	/* The newest row stays, so that no number is given twice. */
	[STORE_DELETE_PARTS] = "DELETE FROM part WHERE w0 < ?1 AND id < (SELECT max(id) FROM part)",
	[STORE_DELETE_KPIS] = "DELETE FROM kpi WHERE w0 < ?1",
};

/* --- opening --- */

static int prepare(struct store *s)
{
	int r = 0;

	for (size_t i = 0; r == 0 && i < STORE_N_STATEMENTS; i++)
		r = db_prepare(s->db, &s->statements[i], texts[i]);
	if (r == 0)
		r = db_ask(s->db, "SELECT max(id) FROM device", &s->last_device);
	if (r == 0)
		r = db_ask(s->db, "SELECT count(*) FROM conflict", &s->n_quarantined);
	if (r == 0)
		r = store_count_unsynced(s);
	s->saved_change = s->last_change = r == 0 ? store_read_number(s, "change", 0) : 0;
	return r;
}

int store_open(struct store **out, const char *path, bool is_read_only)
{
	const struct db_options o = { .path = path ? path : "",
				      .is_read_only = is_read_only,
				      .magic = APPLICATION_ID,
				      .version = STORE_VERSION,
				      .schema = schema,
				      .page_bytes = PAGE_BYTES,
				      .cache_kib = CACHE_KIB };
	struct store *s = sorted_alloc(sizeof(*s));
	int r = db_open(&s->db, &o);

	if (r == 0)
		r = prepare(s);
	if (r < 0) {
		store_close(s);
		return r;
	}
	*out = s;
	return 0;
}

void store_close(struct store *s)
{
	if (!s)
		return;
	for (size_t i = 0; i < STORE_N_STATEMENTS; i++)
		db_stmt_free(s->statements[i]);
	db_close(s->db);
	for (size_t i = 0; i < s->n_pending; i++)
		free((void *)s->pending[i].payload);
	free(s->pending);
	free(s->unsynced_of);
	free(s->saved_unsynced_of);
	free(s);
}

const char *store_explain(int error)
{
	switch (error) {
	case -EPROTO:
		return "it was written by another version, or by another program, and is left alone";
	case -EUCLEAN:
		return "the file is damaged: restore it, or move it away to begin anew";
	case -ENOSPC:
		return "the disk is full";
	case -EBUSY:
		return "another process has it open";
	default:
		return strerror(-error);
	}
}

int64_t store_new_device(struct store *s)
{
	return ++s->last_device;
}

/* --- parts --- */

size_t store_n_pending(const struct store *s)
{
	return s->n_pending;
}

bool store_put(struct store *s, const struct store_part *p)
{
	struct store_part *to;
	void *copy;

	if (s->pending_bytes + p->bytes > STORE_MAX_PENDING_BYTES)
		return false;
	if (s->n_pending == s->cap_pending) {
		size_t cap = s->cap_pending ? 2 * s->cap_pending : 256;
		struct store_part *grown = sorted_alloc(cap * sizeof(*grown));

		if (s->n_pending > 0)
			memcpy(grown, s->pending, s->n_pending * sizeof(*grown));
		free(s->pending);
		s->pending = grown;
		s->cap_pending = cap;
	}
	copy = sorted_alloc(p->bytes);
	memcpy(copy, p->payload, p->bytes);
	to = &s->pending[s->n_pending++];
	*to = *p;
	to->payload = copy;
	s->pending_bytes += p->bytes;
	return true;
}

void store_bind_key(struct db_stmt *s, const struct store_part *p)
{
	db_bind_int(s, 1, p->device);
	db_bind_int(s, 2, p->boot);
	db_bind_int(s, 3, (int64_t)p->w0);
	db_bind_int(s, 4, p->wl);
	db_bind_int(s, 5, p->part);
}

static int insert(struct store *s, enum store_statement which, const struct store_part *p)
{
	store_bind_key(s->statements[which], p);
	db_bind_blob(s->statements[which], 6, p->payload, p->bytes);
	return db_run(s->statements[which]);
}

int store_insert_part(struct store *s, const struct store_part *p)
{
	int r = insert(s, STORE_PUT, p);

	return r == 0 && db_n_changes(s->db) == 0 ? -EEXIST : r;
}

static int quarantine(struct store *s, const struct store_part *p)
{
	if (s->n_quarantined >= STORE_MAX_QUARANTINED)
		return 0;
	s->n_quarantined++;
	return insert(s, STORE_QUARANTINE, p);
}

/* A part with this key is there. */
static int compare(struct store *s, enum store_statement which, const struct store_part *p, enum store_fate *fate)
{
	struct db_stmt *q = s->statements[which];
	size_t bytes = 0;
	const void *payload;
	int r;

	store_bind_key(q, p);
	r = db_step(q);
	payload = r == 1 ? db_blob(q, 0, &bytes) : "";
	*fate = r == 1 && bytes == p->bytes && memcmp(payload, p->payload, bytes) == 0 ? STORE_DUPLICATE
										       : STORE_DIFFERS;
	db_reset(q);
	if (r < 0)
		return r;
	return *fate == STORE_DIFFERS ? quarantine(s, p) : 0;
}

static int keep_unsynced(struct store *s, const struct store_part *p, enum store_fate *fate)
{
	int r;

	if (!store_has_room_unsynced(s, p)) {
		*fate = STORE_NO_ROOM;
		return 0;
	}
	r = insert(s, STORE_PUT_UNSYNCED, p);
	if (r == 0 && db_n_changes(s->db) == 0)
		return compare(s, STORE_BYTES_OF_UNSYNCED, p, fate);
	if (r == 0)
		store_note_unsynced(s, p, 1);
	return r;
}

static int write_one(struct store *s, const struct store_part *p, enum store_fate *fate)
{
	int r;

	*fate = STORE_WRITTEN;
	if (p->kind == STORE_UNSYNCED || p->kind == STORE_CLOCK)
		return keep_unsynced(s, p, fate);
	if (p->kind == STORE_CONFLICT)
		return quarantine(s, p);
	r = insert(s, STORE_PUT, p);
	if (r == 0 && db_n_changes(s->db) == 0)
		r = compare(s, STORE_BYTES_OF, p, fate);
	return r;
}

int store_commit(struct store *s, const struct store_done *done)
{
	int64_t n_quarantined = s->n_quarantined;
	enum store_fate *fates;
	int r;

	if (s->n_pending == 0)
		return 0;
	fates = sorted_alloc(s->n_pending * sizeof(fates[0]));
	r = store_begin(s);
	for (size_t i = 0; r == 0 && i < s->n_pending; i++)
		r = write_one(s, &s->pending[i], &fates[i]);
	r = store_end(s, r);
	if (r < 0)
		s->n_quarantined = n_quarantined;
	for (size_t i = 0; r == 0 && i < s->n_pending; i++) {
		if (s->pending[i].report)
			done->part(done->ctx, &s->pending[i], fates[i]);
		free((void *)s->pending[i].payload);
	}
	if (r == 0)
		s->n_pending = s->pending_bytes = 0;
	free(fates);
	return r;
}

/* --- the rest --- */

int store_begin(struct store *s)
{
	return db_exec(s->db, "BEGIN IMMEDIATE");
}

int store_end(struct store *s, int r)
{
	if (r == 0 && s->last_change != s->saved_change)
		r = store_write_number(s, "change", s->last_change);
	if (r == 0)
		r = db_exec(s->db, "COMMIT");
	if (r < 0 && db_is_in_transaction(s->db))
		(void)!db_exec(s->db, "ROLLBACK");
	if (r == 0)
		s->saved_change = s->last_change;
	else
		s->last_change = s->saved_change;
	store_settle_unsynced(s, r == 0);
	return r;
}

int store_write_device(struct store *s, const struct store_device *d)
{
	struct db_stmt *q = s->statements[STORE_PUT_DEVICE];

	db_bind_int(q, 1, d->id);
	db_bind_text(q, 2, d->site);
	db_bind_text(q, 3, d->name);
	db_bind_int(q, 4, d->is_born);
	db_bind_int(q, 5, d->is_retired);
	db_bind_int(q, 6, (int64_t)d->expected_from);
	db_bind_int(q, 7, d->boot);
	db_bind_int(q, 8, d->contract);
	db_bind_text(q, 9, d->labels);
	db_bind_blob(q, 10, d->progress, d->progress_bytes);
	return db_run(q);
}

int store_write_contract(struct store *s, int64_t device, uint32_t hash, const char *text, size_t bytes)
{
	struct db_stmt *q = s->statements[STORE_PUT_TEXT];
	int r;

	db_bind_blob(q, 1, text, bytes);
	r = db_run(q);
	q = s->statements[STORE_PUT_CONTRACT];
	db_bind_int(q, 1, device);
	db_bind_int(q, 2, hash);
	db_bind_blob(q, 3, text, bytes);
	return r == 0 ? db_run(q) : r;
}

int store_write_kpi(struct store *s, const struct fleet_kpi *k)
{
	struct db_stmt *q = s->statements[STORE_PUT_KPI];
	const int64_t counts[] = { (int64_t)k->n, (int64_t)k->expected, (int64_t)k->devices,
				   (int64_t)k->expected_devices, (int64_t)k->complete_devices };
	char worst[FLEET_KPI_WORST_BYTES];

	db_bind_text(q, 1, k->site);
	db_bind_int(q, 2, (int64_t)k->w0);
	db_bind_text(q, 3, k->name);
	db_bind_int(q, 4, k->wl);
	db_bind_double(q, 5, k->value);
	db_bind_text(q, 6, k->unit);
	for (size_t i = 0; i < ARRAY_LEN(counts); i++)
		db_bind_int(q, 7 + (int)i, counts[i]);
	db_bind_double(q, 12, k->coverage);
	db_bind_text(q, 13, fleet_kpi_state_name(k->state));
	db_bind_int(q, 14, k->version);
	db_bind_int(q, 15, (int64_t)k->spread.n);
	db_bind_double(q, 16, k->spread.low);
	db_bind_double(q, 17, k->spread.median);
	db_bind_double(q, 18, k->spread.high);
	db_bind_text(q, 19, fleet_kpi_worst_names(k, worst));
	db_bind_int(q, 20, (int64_t)k->since);
	db_bind_int(q, 21, ++s->last_change);
	return db_run(q);
}

int store_write_number(struct store *s, const char *key, int64_t value)
{
	struct db_stmt *q = s->statements[STORE_PUT_NUMBER];

	db_bind_text(q, 1, key);
	db_bind_int(q, 2, value);
	return db_run(q);
}

int store_delete_part(struct store *s, int64_t id)
{
	db_bind_int(s->statements[STORE_DELETE_PART], 1, id);
	return db_run(s->statements[STORE_DELETE_PART]);
}

int store_delete_before(struct store *s, uint64_t before)
{
	int r;

	db_bind_int(s->statements[STORE_DELETE_PARTS], 1, (int64_t)before);
	r = db_run(s->statements[STORE_DELETE_PARTS]);
	db_bind_int(s->statements[STORE_DELETE_KPIS], 1, (int64_t)before);
	return r == 0 ? db_run(s->statements[STORE_DELETE_KPIS]) : r;
}
