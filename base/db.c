/* SPDX-License-Identifier: Apache-2.0 */
#include "base/db.h"

#include <errno.h>
#include <math.h>
#include <sqlite3.h>
#include <stdio.h>
#include <stdlib.h>

enum { BUSY_MS = 5000, WAL_PAGES = 4000, WAL_LIMIT_BYTES = 64 * 1024 * 1024 };

struct db {
	sqlite3 *handle;
};

/* Never completed: a statement is SQLite's own. */
struct db_stmt;

static sqlite3_stmt *own(struct db_stmt *s)
{
	return (sqlite3_stmt *)(void *)s;
}

static int error_of(const struct db *db, int rc)
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
	if ((rc & 0xFF) == SQLITE_IOERR && system == ENOSPC)
		return -ENOSPC;
	for (size_t i = 0; i < ARRAY_LEN(table); i++)
		if (table[i].rc == (rc & 0xFF))
			return -table[i].error;
	return -EIO;
}

int db_exec(struct db *db, const char *sql)
{
	return error_of(db, sqlite3_exec(db->handle, sql, NULL, NULL, NULL));
}

int db_ask(struct db *db, const char *sql, int64_t *out)
{
	sqlite3_stmt *s = NULL;
	int rc = sqlite3_prepare_v2(db->handle, sql, -1, &s, NULL);

	if (rc == SQLITE_OK)
		rc = sqlite3_step(s);
	if (rc == SQLITE_ROW && sqlite3_column_type(s, 0) != SQLITE_NULL)
		*out = sqlite3_column_int64(s, 0);
	sqlite3_finalize(s);
	return error_of(db, rc);
}

static int set_number(struct db *db, const char *name, long long value)
{
	char sql[96];

	snprintf(sql, sizeof(sql), "PRAGMA %s = %lld", name, value);
	return db_exec(db, sql);
}

/* Nothing of another program's, or of a newer version, is changed. */
static int look(struct db *db, const struct db_options *o, bool *is_new)
{
	int64_t version = 0, magic = 0, n_tables = 0;
	int r = db_ask(db, "PRAGMA user_version", &version);

	if (r == 0)
		r = db_ask(db, "PRAGMA application_id", &magic);
	if (r == 0)
		r = db_ask(db, "SELECT count(*) FROM sqlite_master", &n_tables);
	if (r < 0)
		return r;
	*is_new = version == 0 && magic == 0 && n_tables == 0;
	return *is_new || (version == o->version && magic == o->magic) ? 0 : -EPROTO;
}

static int create(struct db *db, const struct db_options *o)
{
	int r = db_exec(db, "BEGIN IMMEDIATE");

	if (r == 0)
		r = db_exec(db, o->schema);
	if (r == 0)
		r = set_number(db, "application_id", o->magic);
	if (r == 0)
		r = set_number(db, "user_version", o->version);
	return r == 0 ? db_exec(db, "COMMIT") : r;
}

static int set_up(struct db *db, const struct db_options *o)
{
	bool is_new = false;
	int r;

	sqlite3_extended_result_codes(db->handle, 1);
	sqlite3_busy_timeout(db->handle, BUSY_MS);
	r = o->is_read_only ? 0 : set_number(db, "page_size", o->page_bytes);
	if (r == 0)
		r = look(db, o, &is_new);
	if (r == 0)
		r = set_number(db, "cache_size", -o->cache_kib);
	if (r < 0 || o->is_read_only)
		return r == 0 && is_new ? -ENOENT : r;
	r = db_exec(db, "PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL; PRAGMA temp_store = FILE");
	if (r == 0)
		r = set_number(db, "wal_autocheckpoint", WAL_PAGES);
	if (r == 0)
		r = set_number(db, "journal_size_limit", WAL_LIMIT_BYTES);
	return r == 0 && is_new ? create(db, o) : r;
}

int db_open(struct db **out, const struct db_options *o)
{
	const int flags = SQLITE_OPEN_NOMUTEX |
			  (o->is_read_only ? SQLITE_OPEN_READONLY : SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE);
	struct db *db = calloc(1, sizeof(*db));
	int r;

	if (!db)
		return -ENOMEM;
	r = error_of(db, sqlite3_open_v2(o->path, &db->handle, flags, NULL));
	if (r == 0 && !o->is_read_only && sqlite3_db_readonly(db->handle, "main") == 1)
		r = -EACCES;
	if (r == 0)
		r = set_up(db, o);
	if (r < 0) {
		db_close(db);
		return r;
	}
	*out = db;
	return 0;
}

void db_close(struct db *db)
{
	if (!db)
		return;
	sqlite3_close(db->handle);
	free(db);
}

bool db_is_in_transaction(const struct db *db)
{
	return !sqlite3_get_autocommit(db->handle);
}

int64_t db_n_changes(const struct db *db)
{
	return sqlite3_changes(db->handle);
}

/* --- statements --- */

int db_prepare(struct db *db, struct db_stmt **out, const char *sql)
{
	sqlite3_stmt *s = NULL;
	int r = error_of(db, sqlite3_prepare_v3(db->handle, sql, -1, SQLITE_PREPARE_PERSISTENT, &s, NULL));

	if (r == 0)
		*out = (struct db_stmt *)(void *)s;
	return r;
}

void db_stmt_free(struct db_stmt *s)
{
	sqlite3_finalize(own(s));
}

void db_bind_int(struct db_stmt *s, int i, int64_t value)
{
	sqlite3_bind_int64(own(s), i, value);
}

void db_bind_double(struct db_stmt *s, int i, double value)
{
	if (isnan(value))
		sqlite3_bind_null(own(s), i);
	else
		sqlite3_bind_double(own(s), i, value);
}

void db_bind_text(struct db_stmt *s, int i, const char *text)
{
	sqlite3_bind_text(own(s), i, text, -1, SQLITE_STATIC);
}

void db_bind_blob(struct db_stmt *s, int i, const void *data, size_t bytes)
{
	if (bytes > 0)
		sqlite3_bind_blob64(own(s), i, data, bytes, SQLITE_STATIC);
	else
		sqlite3_bind_zeroblob(own(s), i, 0);
}

int db_step(struct db_stmt *s)
{
	int rc = sqlite3_step(own(s));
	struct db db = { sqlite3_db_handle(own(s)) };

	return rc == SQLITE_ROW ? 1 : error_of(&db, rc);
}

void db_reset(struct db_stmt *s)
{
	sqlite3_reset(own(s));
}

int db_run(struct db_stmt *s)
{
	int r = db_step(s);

	sqlite3_reset(own(s));
	return r < 0 ? r : 0;
}

int64_t db_int(struct db_stmt *s, int i)
{
	return sqlite3_column_int64(own(s), i);
}

double db_double(struct db_stmt *s, int i)
{
	return sqlite3_column_type(own(s), i) == SQLITE_NULL ? NAN : sqlite3_column_double(own(s), i);
}

const char *db_text(struct db_stmt *s, int i)
{
	const unsigned char *text = sqlite3_column_text(own(s), i);

	return text ? (const char *)text : "";
}

const void *db_blob(struct db_stmt *s, int i, size_t *bytes)
{
	const void *data = sqlite3_column_blob(own(s), i);

	*bytes = (size_t)sqlite3_column_bytes(own(s), i);
	return data ? data : "";
}
