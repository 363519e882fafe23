/* SPDX-License-Identifier: Apache-2.0 */
#include "agent/spool_db.h"

#include <errno.h>
#include <sqlite3.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/check.h"
#include "base/crc32.h"

enum {
	APPLICATION_ID = 0x72756E6C, /* "runl" */
	CACHE_PAGES = 48,
	LOOKASIDE_SLOT_BYTES = 128,
	LOOKASIDE_SLOTS = 64,
	WAL_FRAME_BYTES = SPOOL_DB_PAGE_BYTES + 24,
	RANGE_BYTES = 16,
	MAX_DAMAGED_BYTES = 1 << 20, /* what a damaged file may have memory taken for */
};

enum statement {
	BEGIN,
	COMMIT,
	PUT,
	NEXT,
	DELETE,
	BOOK,
	PAGES,
	FREE_PAGES,
	PUT_CONTRACT,
	NEXT_CONTRACT,
	DELETE_CONTRACTS,
	N_STATEMENTS,
};

static const char *const texts[N_STATEMENTS] = {
	[BEGIN] = "BEGIN IMMEDIATE",
	[COMMIT] = "COMMIT",
	[PUT] = "INSERT OR REPLACE INTO row VALUES(?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8)",
	[NEXT] = "SELECT * FROM row WHERE id > ?1 ORDER BY id LIMIT 1",
	[DELETE] = "DELETE FROM row WHERE id BETWEEN ?1 AND ?2",
	[BOOK] = "INSERT OR REPLACE INTO book VALUES(1, ?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9)",
	[PAGES] = "PRAGMA page_count",
	[FREE_PAGES] = "PRAGMA freelist_count",
	[PUT_CONTRACT] = "INSERT OR REPLACE INTO contract VALUES(?1, ?2, ?3)",
	[NEXT_CONTRACT] = "SELECT * FROM contract WHERE hash > ?1 ORDER BY hash LIMIT 1",
	[DELETE_CONTRACTS] = "DELETE FROM contract WHERE hash <> ?1",
};

static const char schema[] =
	"CREATE TABLE row(id INTEGER PRIMARY KEY, kind INTEGER NOT NULL, offered INTEGER NOT NULL, boot INTEGER NOT "
	"NULL,"
	" seq INTEGER NOT NULL, span INTEGER NOT NULL, crc INTEGER NOT NULL, payload BLOB NOT NULL);"
	"CREATE TABLE contract(hash INTEGER PRIMARY KEY, json BLOB NOT NULL, nominal BLOB NOT NULL);"
	"CREATE TABLE book(one INTEGER PRIMARY KEY CHECK(one = 1), last_id INTEGER NOT NULL, offered_id INTEGER NOT "
	"NULL,"
	" waiting INTEGER NOT NULL, dropped INTEGER NOT NULL, merged INTEGER NOT NULL, damaged INTEGER NOT NULL,"
	" boot INTEGER NOT NULL, trimmed INTEGER NOT NULL, done BLOB NOT NULL);";

struct spool_db {
	sqlite3 *handle;
	sqlite3_stmt *statements[N_STATEMENTS];
	sqlite3_stmt *reading; /* holds the payload that was handed out */
};

static int error_of(struct spool_db *db, int rc)
{
	static const struct {
		int rc, error;
	} table[] = {
		{ SQLITE_FULL, ENOSPC },    { SQLITE_READONLY, EROFS },	 { SQLITE_PERM, EACCES },
		{ SQLITE_BUSY, EBUSY },	    { SQLITE_LOCKED, EBUSY },	 { SQLITE_NOMEM, ENOMEM },
		{ SQLITE_IOERR, EIO },	    { SQLITE_TOOBIG, EMSGSIZE }, { SQLITE_CORRUPT, EUCLEAN },
		{ SQLITE_NOTADB, EUCLEAN }, { SQLITE_ERROR, EUCLEAN },
	};
	int system = db && db->handle ? sqlite3_system_errno(db->handle) : 0;

	if (rc == SQLITE_OK || rc == SQLITE_ROW || rc == SQLITE_DONE)
		return 0;
	if ((rc & 0xFF) == SQLITE_CANTOPEN)
		return system > 0 ? -system : -EACCES;
	for (size_t i = 0; i < ARRAY_LEN(table); i++)
		if (table[i].rc == (rc & 0xFF))
			return -table[i].error;
	return -EIO;
}

static int run_text(struct spool_db *db, const char *sql)
{
	return error_of(db, sqlite3_exec(db->handle, sql, NULL, NULL, NULL));
}

static int set_pragma(struct spool_db *db, const char *name, long long value)
{
	char sql[96];

	snprintf(sql, sizeof(sql), "PRAGMA %s = %lld", name, value);
	return run_text(db, sql);
}

static void put_down(struct spool_db *db)
{
	if (db->reading)
		sqlite3_reset(db->reading);
	db->reading = NULL;
}

/* A statement that gives nothing. */
static int run(struct spool_db *db, enum statement which)
{
	int rc = sqlite3_step(db->statements[which]), r = error_of(db, rc);

	sqlite3_reset(db->statements[which]);
	return r;
}

static int64_t ask_number(struct spool_db *db, enum statement which)
{
	sqlite3_stmt *s = db->statements[which];
	int64_t value = sqlite3_step(s) == SQLITE_ROW ? sqlite3_column_int64(s, 0) : 0;

	sqlite3_reset(s);
	return value;
}

/* Before the statements are there. */
static int ask_pragma(struct spool_db *db, const char *sql, int64_t *out)
{
	sqlite3_stmt *s;
	int rc = sqlite3_prepare_v2(db->handle, sql, -1, &s, NULL);

	if (rc == SQLITE_OK)
		rc = sqlite3_step(s);
	if (rc == SQLITE_ROW)
		*out = sqlite3_column_int64(s, 0);
	sqlite3_finalize(s);
	return error_of(db, rc);
}

/* --- the book --- */

static size_t pack_ids(const struct spool_ids *ids, uint8_t *out)
{
	for (size_t i = 0; i < ids->n; i++)
		for (unsigned shift = 0; shift < 64; shift += 8) {
			out[i * RANGE_BYTES + shift / 8] = (uint8_t)(ids->ranges[i].first >> shift);
			out[i * RANGE_BYTES + 8 + shift / 8] = (uint8_t)(ids->ranges[i].last >> shift);
		}
	return ids->n * RANGE_BYTES;
}

static uint64_t le64(const uint8_t *p)
{
	uint64_t value = 0;

	for (unsigned i = 8; i-- > 0;)
		value = value << 8 | p[i];
	return value;
}

static int unpack_ids(const uint8_t *in, size_t bytes, struct spool_ids *out)
{
	if (bytes % RANGE_BYTES != 0 || bytes / RANGE_BYTES > SPOOL_IDS_MAX_RANGES)
		return -EUCLEAN;
	out->n = bytes / RANGE_BYTES;
	for (size_t i = 0; i < out->n; i++)
		out->ranges[i] = (struct spool_id_range){ le64(in + i * RANGE_BYTES), le64(in + i * RANGE_BYTES + 8) };
	return spool_ids_is_valid(out) ? 0 : -EUCLEAN;
}

static int take_book(sqlite3_stmt *s, struct spool_book *book)
{
	const uint8_t *done = sqlite3_column_blob(s, 9);
	size_t bytes = (size_t)sqlite3_column_bytes(s, 9);

	book->last_id = (uint64_t)sqlite3_column_int64(s, 1);
	book->offered_id = (uint64_t)sqlite3_column_int64(s, 2);
	book->n_waiting = (uint64_t)sqlite3_column_int64(s, 3);
	book->n_dropped = (uint64_t)sqlite3_column_int64(s, 4);
	book->n_merged = (uint64_t)sqlite3_column_int64(s, 5);
	book->n_damaged = (uint64_t)sqlite3_column_int64(s, 6);
	book->boot = (uint32_t)sqlite3_column_int64(s, 7);
	book->trimmed_id = (uint64_t)sqlite3_column_int64(s, 8);
	return bytes > 0 ? unpack_ids(done, bytes, &book->done) : 0;
}

static int read_book(struct spool_db *db, struct spool_book *book)
{
	sqlite3_stmt *s;
	int rc = sqlite3_prepare_v2(db->handle, "SELECT * FROM book", -1, &s, NULL), r;

	if (rc == SQLITE_OK)
		rc = sqlite3_step(s);
	r = rc == SQLITE_DONE ? -EUCLEAN : error_of(db, rc);
	if (rc == SQLITE_ROW)
		r = take_book(s, book);
	sqlite3_finalize(s);
	return r;
}

static int write_book(struct spool_db *db, const struct spool_book *b)
{
	uint8_t done[SPOOL_IDS_MAX_RANGES * RANGE_BYTES] = { 0 };
	size_t bytes = pack_ids(&b->done, done);
	const int64_t numbers[] = { (int64_t)b->last_id,
				    (int64_t)b->offered_id,
				    (int64_t)b->n_waiting,
				    (int64_t)b->n_dropped,
				    (int64_t)b->n_merged,
				    (int64_t)b->n_damaged,
				    b->boot,
				    (int64_t)b->trimmed_id };
	int r;

	for (size_t i = 0; i < ARRAY_LEN(numbers); i++)
		sqlite3_bind_int64(db->statements[BOOK], (int)i + 1, numbers[i]);
	sqlite3_bind_blob(db->statements[BOOK], 9, done, (int)bytes, SQLITE_STATIC);
	r = run(db, BOOK);
	sqlite3_clear_bindings(db->statements[BOOK]);
	return r;
}

/* --- opening --- */

/* Nothing of another program's, or of a newer version, is changed: these are only read, and not even checkpointed. */
static int look(struct spool_db *db, bool *is_new)
{
	int64_t version = 0, application = 0, n_tables = 0;
	int r = ask_pragma(db, "PRAGMA user_version", &version);

	if (r == 0)
		r = ask_pragma(db, "PRAGMA application_id", &application);
	if (r == 0)
		r = ask_pragma(db, "SELECT count(*) FROM sqlite_master", &n_tables);
	if (r < 0)
		return r;
	*is_new = version == 0 && application == 0 && n_tables == 0;
	if (*is_new || (version == SPOOL_DB_VERSION && application == APPLICATION_ID))
		return 0;
	return -EPROTO;
}

static int set_limits(struct spool_db *db, const struct spool_db_options *o)
{
	int r = set_pragma(db, "max_page_count", (long long)o->max_pages);

	if (r == 0)
		r = set_pragma(db, "wal_autocheckpoint", (long long)o->wal_pages);
	if (r == 0)
		r = set_pragma(db, "journal_size_limit", (long long)o->wal_pages * WAL_FRAME_BYTES);
	if (r == 0)
		r = set_pragma(db, "cache_size", CACHE_PAGES);
	return r;
}

static int create(struct spool_db *db)
{
	static const struct spool_book nothing;
	int r = run_text(db, "BEGIN IMMEDIATE");

	if (r == 0)
		r = run_text(db, schema);
	if (r == 0)
		r = set_pragma(db, "application_id", APPLICATION_ID);
	if (r == 0)
		r = set_pragma(db, "user_version", SPOOL_DB_VERSION);
	if (r == 0)
		r = error_of(db, sqlite3_prepare_v2(db->handle, texts[BOOK], -1, &db->statements[BOOK], NULL));
	if (r == 0)
		r = write_book(db, &nothing);
	sqlite3_finalize(db->statements[BOOK]);
	db->statements[BOOK] = NULL;
	return r == 0 ? run_text(db, "COMMIT") : r;
}

static int prepare(struct spool_db *db)
{
	int rc = SQLITE_OK;

	for (size_t i = 0; rc == SQLITE_OK && i < N_STATEMENTS; i++)
		rc = sqlite3_prepare_v3(db->handle, texts[i], -1, SQLITE_PREPARE_PERSISTENT, &db->statements[i], NULL);
	return error_of(db, rc);
}

static int set_up(struct spool_db *db, const struct spool_db_options *o, struct spool_book *book)
{
	bool is_new = false;
	int r;

	sqlite3_extended_result_codes(db->handle, 1);
	sqlite3_db_config(db->handle, SQLITE_DBCONFIG_LOOKASIDE, NULL, LOOKASIDE_SLOT_BYTES, LOOKASIDE_SLOTS);
	sqlite3_db_config(db->handle, SQLITE_DBCONFIG_NO_CKPT_ON_CLOSE, 1, NULL);
	if (sqlite3_db_readonly(db->handle, "main") == 1)
		return -EACCES;
	r = set_pragma(db, "page_size", SPOOL_DB_PAGE_BYTES);
	if (r == 0)
		r = run_text(db, "PRAGMA locking_mode = EXCLUSIVE; PRAGMA mmap_size = 0; PRAGMA temp_store = MEMORY");
	if (r == 0)
		r = look(db, &is_new);
	if (r == 0)
		r = run_text(db, "PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL");
	if (r == 0)
		r = set_limits(db, o);
	if (r == 0 && is_new)
		r = create(db);
	if (r == 0)
		r = prepare(db);
	if (r == 0)
		r = read_book(db, book);
	if (r == 0)
		sqlite3_db_config(db->handle, SQLITE_DBCONFIG_NO_CKPT_ON_CLOSE, 0, NULL);
	return r;
}

int spool_db_open_damaged(struct spool_db **out, const struct spool_db_options *o, struct spool_book *book)
{
	struct spool_db *db = calloc(1, sizeof(*db));
	struct spool_book found = { 0 };
	bool is_new = false;
	int r;

	if (!db)
		return -ENOMEM;
	r = error_of(db, sqlite3_open_v2(o->path, &db->handle, SQLITE_OPEN_READWRITE | SQLITE_OPEN_NOMUTEX, o->vfs));
	if (r == 0) {
		sqlite3_db_config(db->handle, SQLITE_DBCONFIG_NO_CKPT_ON_CLOSE, 1, NULL);
		sqlite3_limit(db->handle, SQLITE_LIMIT_LENGTH, MAX_DAMAGED_BYTES);
		r = run_text(db, "PRAGMA locking_mode = EXCLUSIVE; PRAGMA cell_size_check = ON; PRAGMA mmap_size = 0");
	}
	if (r == 0)
		r = look(db, &is_new);
	if (r == 0)
		r = is_new ? -EUCLEAN : prepare(db);
	if (r < 0) {
		spool_db_close(db);
		return r;
	}
	*book = read_book(db, &found) == 0 ? found : (struct spool_book){ 0 };
	*out = db;
	return 0;
}

int spool_db_open(struct spool_db **out, const struct spool_db_options *o, struct spool_book *book)
{
	const int flags = SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE | SQLITE_OPEN_NOMUTEX;
	struct spool_db *db = calloc(1, sizeof(*db));
	struct spool_book found = { 0 };
	int r;

	if (!db)
		return -ENOMEM;
	r = error_of(db, sqlite3_open_v2(o->path, &db->handle, flags, o->vfs));
	if (r == 0)
		r = set_up(db, o, &found);
	if (r < 0) {
		spool_db_close(db);
		return r;
	}
	*book = found;
	*out = db;
	return 0;
}

void spool_db_close(struct spool_db *db)
{
	if (!db)
		return;
	for (size_t i = 0; i < N_STATEMENTS; i++)
		sqlite3_finalize(db->statements[i]);
	sqlite3_close(db->handle);
	free(db);
}

/* --- transactions --- */

int spool_db_begin(struct spool_db *db)
{
	put_down(db);
	return run(db, BEGIN);
}

int spool_db_commit(struct spool_db *db, const struct spool_book *book)
{
	int r;

	put_down(db);
	r = write_book(db, book);
	return r == 0 ? run(db, COMMIT) : r;
}

void spool_db_rollback(struct spool_db *db)
{
	put_down(db);
	if (!sqlite3_get_autocommit(db->handle))
		(void)!run_text(db, "ROLLBACK");
}

/* --- rows --- */

static void bind_blob(sqlite3_stmt *s, int i, const void *data, size_t bytes)
{
	if (bytes > 0)
		sqlite3_bind_blob64(s, i, data, bytes, SQLITE_STATIC);
	else
		sqlite3_bind_zeroblob(s, i, 0);
}

int spool_db_put(struct spool_db *db, const struct spool_row *row)
{
	sqlite3_stmt *s = db->statements[PUT];
	int r;

	sqlite3_bind_int64(s, 1, (int64_t)row->id);
	sqlite3_bind_int(s, 2, (int)row->kind);
	sqlite3_bind_int(s, 3, row->is_offered);
	sqlite3_bind_int64(s, 4, row->boot);
	sqlite3_bind_int64(s, 5, row->seq);
	sqlite3_bind_int64(s, 6, row->span);
	sqlite3_bind_int64(s, 7, crc32_of(0, row->payload, row->payload_bytes));
	bind_blob(s, 8, row->payload, row->payload_bytes);
	r = run(db, PUT);
	sqlite3_clear_bindings(s);
	return r;
}

int spool_db_next(struct spool_db *db, uint64_t after, struct spool_row *row)
{
	sqlite3_stmt *s = db->statements[NEXT];
	int rc;

	put_down(db);
	if (after >= INT64_MAX)
		return 0;
	sqlite3_bind_int64(s, 1, (int64_t)after);
	rc = sqlite3_step(s);
	if (rc != SQLITE_ROW) {
		sqlite3_reset(s);
		return error_of(db, rc);
	}
	db->reading = s;
	*row = (struct spool_row){
		.id = (uint64_t)sqlite3_column_int64(s, 0),
		.kind = sqlite3_column_int(s, 1) == SPOOL_EVENT ? SPOOL_EVENT : SPOOL_PARTIAL,
		.is_offered = sqlite3_column_int(s, 2) != 0,
		.boot = (uint32_t)sqlite3_column_int64(s, 3),
		.seq = (uint32_t)sqlite3_column_int64(s, 4),
		.span = (uint32_t)sqlite3_column_int64(s, 5),
		.payload = sqlite3_column_blob(s, 7),
		.payload_bytes = (size_t)sqlite3_column_bytes(s, 7),
	};
	if (row->id <= after) /* a damaged tree */
		return -EUCLEAN;
	row->is_damaged = sqlite3_column_int64(s, 6) != crc32_of(0, row->payload, row->payload_bytes);
	return 1;
}

int spool_db_delete(struct spool_db *db, uint64_t first, uint64_t last)
{
	sqlite3_stmt *s = db->statements[DELETE];

	put_down(db);
	sqlite3_bind_int64(s, 1, (int64_t)first);
	sqlite3_bind_int64(s, 2, (int64_t)last);
	return run(db, DELETE);
}

size_t spool_db_used_pages(struct spool_db *db)
{
	int64_t pages = ask_number(db, PAGES), n_free = ask_number(db, FREE_PAGES);

	return pages > n_free ? (size_t)(pages - n_free) : 0;
}

/* --- contracts --- */

int spool_db_put_contract(struct spool_db *db, const struct spool_contract *c)
{
	sqlite3_stmt *s = db->statements[PUT_CONTRACT];
	int r;

	sqlite3_bind_int64(s, 1, c->hash);
	bind_blob(s, 2, c->json, c->json_bytes);
	bind_blob(s, 3, c->nominal, c->nominal_bytes);
	r = run(db, PUT_CONTRACT);
	sqlite3_clear_bindings(s);
	return r;
}

int spool_db_next_contract(struct spool_db *db, int64_t after, struct spool_contract *c)
{
	sqlite3_stmt *s = db->statements[NEXT_CONTRACT];
	int rc;

	put_down(db);
	sqlite3_bind_int64(s, 1, after);
	rc = sqlite3_step(s);
	if (rc != SQLITE_ROW) {
		sqlite3_reset(s);
		return error_of(db, rc);
	}
	db->reading = s;
	*c = (struct spool_contract){
		.hash = (uint32_t)sqlite3_column_int64(s, 0),
		.json = sqlite3_column_blob(s, 1),
		.json_bytes = (size_t)sqlite3_column_bytes(s, 1),
		.nominal = sqlite3_column_blob(s, 2),
		.nominal_bytes = (size_t)sqlite3_column_bytes(s, 2),
	};
	return 1;
}

int spool_db_delete_contracts_but(struct spool_db *db, uint32_t hash)
{
	sqlite3_stmt *s = db->statements[DELETE_CONTRACTS];

	put_down(db);
	sqlite3_bind_int64(s, 1, hash);
	return run(db, DELETE_CONTRACTS);
}
