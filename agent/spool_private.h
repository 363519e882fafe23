/* SPDX-License-Identifier: Apache-2.0 */
/*
 * spool_private.h - what the files of the spool share.
 *
 * An id is either waiting (in the file, or in the list of what is not yet there) or done (in book.done). All ids in the file are below those in
 * the list. While no file could be opened yet, ids count from UNKNOWN_BASE; when one is, those in the list are given
 * ids that follow the file's, and acknowledgements of the old ids are translated.
 */
#ifndef RUNNEL_AGENT_SPOOL_PRIVATE_H
#define RUNNEL_AGENT_SPOOL_PRIVATE_H

#include "agent/spool.h"
#include "agent/spool_db.h"

#define SPOOL_UNKNOWN_BASE ((uint64_t)1 << 62)

struct spool_item {
	struct spool_item *next;
	struct spool_row row; /* payload: what follows */
	unsigned char payload[];
};

/** First in, first out; all-zero is empty. */
struct spool_list {
	struct spool_item *first, *last;
	size_t n, bytes;
};

NODISCARD int spool_list_append(struct spool_list *l, const struct spool_row *row);
size_t spool_list_cost(size_t payload_bytes);

/** @return false: it is not in the list */
bool spool_list_remove(struct spool_list *l, uint64_t id);
const struct spool_item *spool_list_next(const struct spool_list *l, uint64_t after);

struct spool {
	struct spool_options o; /* path is a copy */
	char *path;
	int lock_fd;
	struct spool_db *db; /* NULL: in memory */
	struct spool_book book;
	struct spool_list list;
	size_t max_memory_bytes, max_pages, wal_pages;
	size_t pages_at_most;	/* in use in the file; asking costs more than a row does */
	bool is_live, is_dirty; /* dirty: something in the book is not on the disk */
	bool is_left_alone;	/* the file is none of ours: never tried again */
	bool was_open;		/* once; ids are those of the file */
	bool must_reopen;	/* at the next attempt; until then what can be read is read */
	bool is_trouble_told;
	bool must_salvage;   /* PATH.corrupt-1 has been set aside and not been looked through */
	uint64_t n_at_stake; /* rows that waited in it */
	uint64_t file_id;    /* the highest id that may be in the file, as a commit that failed may have come through */
	uint64_t offered_on_disk; /* of book.offered_id */
	uint64_t shift;		  /* from ids above SPOOL_UNKNOWN_BASE to those of the file */
	uint32_t boot;		  /* to be noted with the next commit */
	unsigned epoch;
	int64_t retry_at_us, retry_wait_us, committed_us;
	uint64_t merge_at;	 /* rows up to here have been looked at for merging */
	uint64_t merge_again_id; /* there is nothing to merge before this one is there */
	char problem[SPOOL_REASON_BYTES];
	struct spool_contract contract; /* owned copies */
	bool is_contract_kept;
};

/* --- spool_file.c: opening, setting aside, telling --- */

/** @return 0 or -EBUSY: another process has it. Whatever else is wrong with the place shows when it is opened */
NODISCARD int spool_file_lock(struct spool *s);

/** Open the file and take over what is in it. On an error the spool is in memory, and it has been told. @return 0 or negative errno */
NODISCARD int spool_file_open(struct spool *s);

/** An operation on the file failed with @error: tell, set aside what is damaged, plan the next attempt. @return @error */
int spool_file_failed(struct spool *s, int error, int64_t now_us);
void spool_file_works(struct spool *s);

/* --- spool_salvage.c --- */

/** Take over what can be read of PATH.corrupt-1 into the new file. @found: its book then. */
void spool_salvage(struct spool *s, struct spool_book *found);

/* --- spool_contract.c --- */

/** Within a transaction: the contract of this start. */
NODISCARD int spool_contract_write(struct spool *s);
void spool_contract_free(struct spool *s);

/* --- spool_room.c: within a transaction --- */

/** Make room for @pages more. @return 0 or negative errno; the book has changed then too, and the caller puts it back */
NODISCARD int spool_room_make(struct spool *s, size_t pages);

/** Delete done rows beyond those that are kept. */
NODISCARD int spool_room_trim(struct spool *s);
size_t spool_room_pages_of(size_t payload_bytes);

#endif
