/* SPDX-License-Identifier: Apache-2.0 */
/*
 * spool_db_open.c - how the spool's file is made, opened and closed. All settings of SQLite are here (spool_db.h says why),
 * the schema, and the texts of the statements, which are prepared once: a commit parses nothing.
 *
 * The order matters. Only what stays within this connection is set before it is known whose the file is: one of another
 * program, or of a newer version, is left as it was, and not even checkpointed.
 */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>

#include "agent/spool_db_private.h"

enum {
	APPLICATION_ID = 0x72756E6C, /* "runl" */
	CACHE_PAGES = 48,
	LOOKASIDE_SLOT_BYTES = 128,
	LOOKASIDE_SLOTS = 64,
	WAL_FRAME_BYTES = SPOOL_DB_PAGE_BYTES + 24,
	MAX_DAMAGED_BYTES = 1 << 20, /* what a damaged file may have memory taken for */
};

static const char *const texts[N_SPOOL_DB_STATEMENTS] = {
	[SPOOL_DB_BEGIN] = "BEGIN IMMEDIATE",
	[SPOOL_DB_COMMIT] = "COMMIT",
	[SPOOL_DB_PUT] = "INSERT OR REPLACE INTO row VALUES(?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8)",
	[SPOOL_DB_NEXT] = "SELECT * FROM row WHERE id > ?1 ORDER BY id LIMIT 1",
	[SPOOL_DB_DELETE] = "DELETE FROM row WHERE id BETWEEN ?1 AND ?2",
	[SPOOL_DB_BOOK] = "INSERT OR REPLACE INTO book VALUES(1, ?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9)",
	[SPOOL_DB_PAGES] = "PRAGMA page_count",
	[SPOOL_DB_FREE_PAGES] = "PRAGMA freelist_count",
	[SPOOL_DB_PUT_CONTRACT] = "INSERT OR REPLACE INTO contract VALUES(?1, ?2, ?3)",
	[SPOOL_DB_NEXT_CONTRACT] = "SELECT * FROM contract WHERE hash > ?1 ORDER BY hash LIMIT 1",
	[SPOOL_DB_DELETE_CONTRACTS] = "DELETE FROM contract WHERE hash <> ?1",
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

static int set_pragma(struct spool_db *db, const char *name, long long value)
{
	char sql[96];

	snprintf(sql, sizeof(sql), "PRAGMA %s = %lld", name, value);
	return spool_db_run_text(db, sql);
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
	return spool_db_error(db, rc);
}

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
	int r = spool_db_run_text(db, "BEGIN IMMEDIATE");

	if (r == 0)
		r = spool_db_run_text(db, schema);
	if (r == 0)
		r = set_pragma(db, "application_id", APPLICATION_ID);
	if (r == 0)
		r = set_pragma(db, "user_version", SPOOL_DB_VERSION);
	if (r == 0)
		r = spool_db_error(db, sqlite3_prepare_v2(db->handle, texts[SPOOL_DB_BOOK], -1,
							  &db->statements[SPOOL_DB_BOOK], NULL));
	if (r == 0)
		r = spool_db_write_book(db, &nothing);
	sqlite3_finalize(db->statements[SPOOL_DB_BOOK]);
	db->statements[SPOOL_DB_BOOK] = NULL;
	return r == 0 ? spool_db_run_text(db, "COMMIT") : r;
}

static int prepare(struct spool_db *db)
{
	int rc = SQLITE_OK;

	for (size_t i = 0; rc == SQLITE_OK && i < N_SPOOL_DB_STATEMENTS; i++)
		rc = sqlite3_prepare_v3(db->handle, texts[i], -1, SQLITE_PREPARE_PERSISTENT, &db->statements[i], NULL);
	return spool_db_error(db, rc);
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
		r = spool_db_run_text(
			db, "PRAGMA locking_mode = EXCLUSIVE; PRAGMA mmap_size = 0; PRAGMA temp_store = MEMORY");
	if (r == 0)
		r = look(db, &is_new);
	if (r == 0)
		r = spool_db_run_text(db, "PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL");
	if (r == 0)
		r = set_limits(db, o);
	if (r == 0 && is_new)
		r = create(db);
	if (r == 0)
		r = prepare(db);
	if (r == 0)
		r = spool_db_read_book(db, book);
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
	r = spool_db_error(db,
			   sqlite3_open_v2(o->path, &db->handle, SQLITE_OPEN_READWRITE | SQLITE_OPEN_NOMUTEX, o->vfs));
	if (r == 0) {
		sqlite3_db_config(db->handle, SQLITE_DBCONFIG_NO_CKPT_ON_CLOSE, 1, NULL);
		sqlite3_limit(db->handle, SQLITE_LIMIT_LENGTH, MAX_DAMAGED_BYTES);
		r = spool_db_run_text(
			db, "PRAGMA locking_mode = EXCLUSIVE; PRAGMA cell_size_check = ON; PRAGMA mmap_size = 0");
	}
	if (r == 0)
		r = look(db, &is_new);
	if (r == 0)
		r = is_new ? -EUCLEAN : prepare(db);
	if (r < 0) {
		spool_db_close(db);
		return r;
	}
	*book = spool_db_read_book(db, &found) == 0 ? found : (struct spool_book){ 0 };
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
	r = spool_db_error(db, sqlite3_open_v2(o->path, &db->handle, flags, o->vfs));
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
	for (size_t i = 0; i < N_SPOOL_DB_STATEMENTS; i++)
		sqlite3_finalize(db->statements[i]);
	sqlite3_close(db->handle);
	free(db);
}
