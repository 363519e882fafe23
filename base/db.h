/* SPDX-License-Identifier: Apache-2.0 */
/*
 * db.h - a file of SQLite: statements, values and errors, and nothing of what is kept in it. With the agent's spool the only code that knows
 * SQLite's header. WAL and synchronous=FULL: what is committed is on the disk, and a torn commit is recognised by its checksums.
 *
 * Errors: -ENOSPC, -EROFS, -EACCES, -ENOENT, -EIO, -EBUSY, -ENOMEM, -EUCLEAN (what is there is damaged, or no database), -EPROTO (another
 * program's, or of a newer version).
 */
#ifndef RUNNEL_BASE_DB_H
#define RUNNEL_BASE_DB_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/check.h"

struct db;
struct db_stmt;

struct db_options {
	const char *path;   /* "" is a temporary file that nobody else sees and that goes with db_close() */
	bool is_read_only;  /* others may write meanwhile */
	uint32_t magic;	    /* application_id */
	int version;	    /* user_version */
	const char *schema; /* of a new file */
	int page_bytes, cache_kib;
};

/** Open or create. @return 0 or a negative error; then nothing stays open */
NODISCARD int db_open(struct db **out, const struct db_options *o);

/** All statements must be freed. NULL is fine. */
void db_close(struct db *db);

/** Statements without results, separated by ";". */
NODISCARD int db_exec(struct db *db, const char *sql);

/** The first column of the first row, untouched when there is none or it is NULL. */
NODISCARD int db_ask(struct db *db, const char *sql, int64_t *out);

/** Whether a transaction is open: some errors end it. */
bool db_is_in_transaction(const struct db *db);

/** Rows that the last INSERT, UPDATE or DELETE changed. */
int64_t db_n_changes(const struct db *db);

NODISCARD int db_prepare(struct db *db, struct db_stmt **out, const char *sql);
void db_stmt_free(struct db_stmt *s);

/** Parameters count from 1. Texts and bytes must stay until db_reset(). A NaN becomes NULL. */
void db_bind_int(struct db_stmt *s, int i, int64_t value);
void db_bind_double(struct db_stmt *s, int i, double value);
void db_bind_text(struct db_stmt *s, int i, const char *text);
void db_bind_blob(struct db_stmt *s, int i, const void *data, size_t bytes);

/** @return 1: a row; 0: no more; negative error. */
NODISCARD int db_step(struct db_stmt *s);
void db_reset(struct db_stmt *s);

/** Step once and reset. @return 0 or a negative error */
NODISCARD int db_run(struct db_stmt *s);

/** Columns count from 0; texts and bytes are valid until the next step or reset. A double that is NULL is NaN; a text is "" then. */
int64_t db_int(struct db_stmt *s, int i);
double db_double(struct db_stmt *s, int i);
const char *db_text(struct db_stmt *s, int i);
const void *db_blob(struct db_stmt *s, int i, size_t *bytes);

#endif
