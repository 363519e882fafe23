/* SPDX-License-Identifier: Apache-2.0 */
/*
 * spool_db_private.h - between spool_db_open.c (how the file is made, opened and closed), spool_db.c (what is done with
 * it while it is open) and spool_db_book.c (its row of book-keeping). They see SQLite through here.
 */
#ifndef RUNNEL_AGENT_SPOOL_DB_PRIVATE_H
#define RUNNEL_AGENT_SPOOL_DB_PRIVATE_H

#include <sqlite3.h>

#include "agent/spool_db.h"

enum spool_db_statement {
	SPOOL_DB_BEGIN,
	SPOOL_DB_COMMIT,
	SPOOL_DB_PUT,
	SPOOL_DB_NEXT,
	SPOOL_DB_DELETE,
	SPOOL_DB_BOOK,
	SPOOL_DB_PAGES,
	SPOOL_DB_FREE_PAGES,
	SPOOL_DB_PUT_CONTRACT,
	SPOOL_DB_NEXT_CONTRACT,
	SPOOL_DB_DELETE_CONTRACTS,
	N_SPOOL_DB_STATEMENTS,
};

struct spool_db {
	sqlite3 *handle;
	sqlite3_stmt *statements[N_SPOOL_DB_STATEMENTS];
	sqlite3_stmt *reading; /* holds the payload that was handed out */
};

/** What a result of SQLite means: 0 or negative errno. @db: with what the system said, if it is open */
int spool_db_error(struct spool_db *db, int rc);

/** A statement that gives nothing. @return 0 or negative errno */
NODISCARD int spool_db_run(struct spool_db *db, enum spool_db_statement which);

/** Text that is run once. @return 0 or negative errno */
NODISCARD int spool_db_run_text(struct spool_db *db, const char *sql);

/* --- spool_db_book.c --- */

/** @return 0; -EUCLEAN: there is none, or it is none; or another negative errno */
NODISCARD int spool_db_read_book(struct spool_db *db, struct spool_book *book);

/** Needs the statement SPOOL_DB_BOOK alone. @return 0 or negative errno */
NODISCARD int spool_db_write_book(struct spool_db *db, const struct spool_book *b);

#endif
