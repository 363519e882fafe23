/* SPDX-License-Identifier: Apache-2.0 */
/*
 * spool_db.h - the spool's file: the only part that knows SQLite. Rows by id, contracts by hash, and one row of book-keeping
 * that is written in the same transaction as what it speaks of. No policy: agent/spool.c has that.
 *
 * What is set, and why. WAL: a transaction is one sequential write and one fsync, and a torn one is recognised by its
 * checksums. synchronous=FULL: what is committed is on the disk; with NORMAL a power cut takes back everything since the last
 * checkpoint, which at one window a minute can be an hour. locking_mode=EXCLUSIVE: no shared memory file, fewer system calls, and a
 * second agent is refused. page_size 1024: a window of eight streams is about one page, so that a transaction writes 4 KB and not 16. No auto_vacuum: free
 * pages are used again; the file keeps the size it once needed, which is bounded, and costs no writes to shrink. cache_size 48
 * pages, no mmap, no lookaside beyond a few slots: memory does not depend on what waits.
 *
 * Every row carries a CRC-32 of its payload: SQLite has none, and SD cards lie.
 *
 * Errors: -ENOSPC (also the limit of pages), -EROFS, -EACCES, -ENOENT, -EIO, -EBUSY (another process has it), -EUCLEAN: what is there is
 * damaged or no spool, -EPROTO: written by a newer version, -ENOMEM.
 */
#ifndef RUNNEL_AGENT_SPOOL_DB_H
#define RUNNEL_AGENT_SPOOL_DB_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "agent/spool.h"
#include "agent/spool_ids.h"

struct spool_db;

enum { SPOOL_DB_VERSION = 1, SPOOL_DB_PAGE_BYTES = 1024 };

/** The row of book-keeping. Written at each commit. */
struct spool_book {
	uint64_t last_id;    /* the highest id ever given */
	uint64_t offered_id; /* rows up to here may have been sent; those above only if they are marked */
	uint64_t n_waiting;  /* rows that are not done */
	uint64_t trimmed_id; /* done rows up to here are deleted */
	uint64_t n_dropped, n_merged, n_damaged;
	uint32_t boot;
	struct spool_ids done; /* acknowledged, merged, dropped or refused */
};

struct spool_db_options {
	const char *path;
	const char *vfs; /* NULL: the system's */
	size_t max_pages, wal_pages;
};

/** Open or create. @book: what was committed last, zero in a new one. On an error nothing stays open. */
NODISCARD int spool_db_open(struct spool_db **out, const struct spool_db_options *o, struct spool_book *book);

/** Open to read what can be read; nothing is checkpointed. @book: zero if it is not readable. On an error nothing stays open. */
NODISCARD int spool_db_open_damaged(struct spool_db **out, const struct spool_db_options *o, struct spool_book *book);
void spool_db_close(struct spool_db *db); /* NULL is fine. Checkpoints. */

NODISCARD int spool_db_begin(struct spool_db *db);
NODISCARD int spool_db_commit(struct spool_db *db, const struct spool_book *book);
void spool_db_rollback(struct spool_db *db);

/** Insert, or replace the row of that id. */
NODISCARD int spool_db_put(struct spool_db *db, const struct spool_row *row);

/**
 * The first row with an id above @after. A row whose bytes do not have their CRC has is_damaged set.
 * @return 1 with @row filled, its payload valid until the next call; 0: none; negative errno
 */
NODISCARD int spool_db_next(struct spool_db *db, uint64_t after, struct spool_row *row);

NODISCARD int spool_db_delete(struct spool_db *db, uint64_t first, uint64_t last);

/** Pages that hold something. */
size_t spool_db_used_pages(struct spool_db *db);

NODISCARD int spool_db_put_contract(struct spool_db *db, const struct spool_contract *c);

/** The first contract with a hash above @after (-1: any). As spool_db_next(). */
NODISCARD int spool_db_next_contract(struct spool_db *db, int64_t after, struct spool_contract *c);
NODISCARD int spool_db_delete_contracts_but(struct spool_db *db, uint32_t hash);

#endif
