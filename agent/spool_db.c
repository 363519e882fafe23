/* SPDX-License-Identifier: Apache-2.0 */
/*
 * spool_db.c - what is done with the spool's file while it is open: transactions, rows, contracts. One statement at most
 * stays half done, that whose bytes were handed out (db->reading). It is put down by the next one that reads, by what deletes,
 * and at both ends of a transaction.
 */
#include "agent/spool_db.h"

#include <errno.h>

#include "agent/spool_db_private.h"
#include "base/check.h"
#include "base/crc32.h"

int spool_db_error(struct spool_db *db, int rc)
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

int spool_db_run_text(struct spool_db *db, const char *sql)
{
	return spool_db_error(db, sqlite3_exec(db->handle, sql, NULL, NULL, NULL));
}

int spool_db_run(struct spool_db *db, enum spool_db_statement which)
{
	int rc = sqlite3_step(db->statements[which]), r = spool_db_error(db, rc);

	sqlite3_reset(db->statements[which]);
	return r;
}

static void put_down(struct spool_db *db)
{
	if (db->reading)
		sqlite3_reset(db->reading);
	db->reading = NULL;
}

static int64_t ask_number(struct spool_db *db, enum spool_db_statement which)
{
	sqlite3_stmt *s = db->statements[which];
	int64_t value = sqlite3_step(s) == SQLITE_ROW ? sqlite3_column_int64(s, 0) : 0;

	sqlite3_reset(s);
	return value;
}

/* --- transactions --- */

int spool_db_begin(struct spool_db *db)
{
	put_down(db);
	return spool_db_run(db, SPOOL_DB_BEGIN);
}

int spool_db_commit(struct spool_db *db, const struct spool_book *book)
{
	int r;

	put_down(db);
	r = spool_db_write_book(db, book);
	return r == 0 ? spool_db_run(db, SPOOL_DB_COMMIT) : r;
}

void spool_db_rollback(struct spool_db *db)
{
	put_down(db);
	if (!sqlite3_get_autocommit(db->handle))
		(void)!spool_db_run_text(db, "ROLLBACK");
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
	sqlite3_stmt *s = db->statements[SPOOL_DB_PUT];
	int r;

	sqlite3_bind_int64(s, 1, (int64_t)row->id);
	sqlite3_bind_int(s, 2, (int)row->kind);
	sqlite3_bind_int(s, 3, row->is_offered);
	sqlite3_bind_int64(s, 4, row->boot);
	sqlite3_bind_int64(s, 5, row->seq);
	sqlite3_bind_int64(s, 6, row->span);
	sqlite3_bind_int64(s, 7, crc32_of(0, row->payload, row->payload_bytes));
	bind_blob(s, 8, row->payload, row->payload_bytes);
	r = spool_db_run(db, SPOOL_DB_PUT);
	sqlite3_clear_bindings(s);
	return r;
}

int spool_db_next(struct spool_db *db, uint64_t after, struct spool_row *row)
{
	sqlite3_stmt *s = db->statements[SPOOL_DB_NEXT];
	int rc;

	put_down(db);
	if (after >= INT64_MAX)
		return 0;
	sqlite3_bind_int64(s, 1, (int64_t)after);
	rc = sqlite3_step(s);
	if (rc != SQLITE_ROW) {
		sqlite3_reset(s);
		return spool_db_error(db, rc);
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
	sqlite3_stmt *s = db->statements[SPOOL_DB_DELETE];

	put_down(db);
	sqlite3_bind_int64(s, 1, (int64_t)first);
	sqlite3_bind_int64(s, 2, (int64_t)last);
	return spool_db_run(db, SPOOL_DB_DELETE);
}

size_t spool_db_used_pages(struct spool_db *db)
{
	int64_t pages = ask_number(db, SPOOL_DB_PAGES), n_free = ask_number(db, SPOOL_DB_FREE_PAGES);

	return pages > n_free ? (size_t)(pages - n_free) : 0;
}

/* --- contracts --- */

int spool_db_put_contract(struct spool_db *db, const struct spool_contract *c)
{
	sqlite3_stmt *s = db->statements[SPOOL_DB_PUT_CONTRACT];
	int r;

	sqlite3_bind_int64(s, 1, c->hash);
	bind_blob(s, 2, c->json, c->json_bytes);
	bind_blob(s, 3, c->nominal, c->nominal_bytes);
	r = spool_db_run(db, SPOOL_DB_PUT_CONTRACT);
	sqlite3_clear_bindings(s);
	return r;
}

int spool_db_next_contract(struct spool_db *db, int64_t after, struct spool_contract *c)
{
	sqlite3_stmt *s = db->statements[SPOOL_DB_NEXT_CONTRACT];
	int rc;

	put_down(db);
	sqlite3_bind_int64(s, 1, after);
	rc = sqlite3_step(s);
	if (rc != SQLITE_ROW) {
		sqlite3_reset(s);
		return spool_db_error(db, rc);
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
	sqlite3_stmt *s = db->statements[SPOOL_DB_DELETE_CONTRACTS];

	put_down(db);
	sqlite3_bind_int64(s, 1, hash);
	return spool_db_run(db, SPOOL_DB_DELETE_CONTRACTS);
}
