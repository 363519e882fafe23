/* SPDX-License-Identifier: Apache-2.0 */
/*
 * spool.h - what waits for the broker's acknowledgement, oldest first, on the disk (SQLite) or, when there is none, in memory.
 *
 * What is appended is in memory until spool_commit(), which puts all of it, and every acknowledgement since, to the disk in one
 * transaction with one fsync. So a crash or a power cut at any instruction costs the open windows and the batch in hand
 * (what was appended since the last commit), and nothing else; a lost acknowledgement makes a duplicate, which is no harm (contract 3.3).
 *
 * Done rows (acknowledged) are kept for a while, so that they can be sent again on request. They go first when room is needed.
 *
 * When the bound is reached, in this order: done rows go; then resolution: the oldest windows become longer ones; then
 * the oldest rows, counted as dropped. Windows are merged like this (see spool_merge.h):
 *  - Only rows that were never offered to a broker are merged. That a row of the file is offered is on the disk before it is sent; one that is
 *    in memory alone may be sent, for it gets to the disk together with that mark. So no key that could have been seen changes its
 *    bytes, and no sample is counted twice.
 *  - All windows of the longer one must be there, in messages whose numbers follow each other without a gap. The longer one
 *    therefore covers exactly what the shorter ones covered.
 *  - The key of the result is new: a part number from PARTIAL_MERGED on, which is followed by the seq.
 *  - The result has the last of their numbers and says in `span` for how many before it it stands: no gap stays.
 *
 * When the disk fails (full, read-only, no permission, gone, damaged, of a newer version), the spool goes on in memory, says so
 * once, and tries again, at first after 5 s, then up to every 5 minutes: what is in memory then goes to the disk. Rows of the
 * backlog that are in such a file wait there until it works again; what is new goes out from memory. A damaged
 * file is set aside as PATH.corrupt-1 to -3, a new one begun, and what can still be read taken over, no longer to be merged. One of
 * a newer version, or of another program, is left alone.
 */
#ifndef RUNNEL_AGENT_SPOOL_H
#define RUNNEL_AGENT_SPOOL_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/check.h"

struct spool;

enum spool_kind { SPOOL_PARTIAL, SPOOL_EVENT };

struct spool_row {
	uint64_t id; /* > 0, grows */
	enum spool_kind kind;
	bool is_offered; /* appended while there was a connection */
	bool is_damaged; /* only inside the spool */
	uint32_t boot, seq;
	uint32_t span;	     /* numbers before seq that it stands for too */
	const void *payload; /* valid until the next call of any function here but spool_offer() */
	size_t payload_bytes;
};

struct spool_contract {
	uint32_t hash;
	const void *json;
	size_t json_bytes;
	const void *nominal; /* what merging needs to know of it: spool_merge.h */
	size_t nominal_bytes;
};

enum { SPOOL_REASON_BYTES = 160 };

struct spool_stats {
	size_t n_rows;	    /* waiting, on disk and in memory */
	size_t n_in_memory; /* of these, not on the disk */
	size_t bytes;	    /* on disk (pages in use) and in memory */
	size_t max_bytes;
	uint64_t
		n_dropped; /* messages that are lost, those in a merged one each: no room, or in a file that was damaged */
	uint64_t n_merged;  /* messages that went into longer windows */
	uint64_t n_damaged; /* of the dropped: their bytes were not what had been written */
	uint32_t boot;	    /* the last one noted here, by any start; 0: none */
	unsigned epoch; /* changes when rows have appeared before those already read: start over with spool_next() */
	bool is_on_disk;
	const char *problem; /* why not, "" when nothing is wrong */
};

struct spool_options {
	const char *path; /* NULL: memory alone */
	size_t max_bytes; /* of the files; of memory too, but never more than 4 MiB there unless path is NULL */
	const char *vfs;  /* of SQLite; NULL: the system's. Tests let it fail */
};

/**
 * A disk that does not work is no error. A missing directory is made.
 * @return 0, -ENOMEM, or -EBUSY: another process has this spool (a lock on PATH.lock)
 */
NODISCARD int spool_open(struct spool **out, const struct spool_options *o);

/** Commits first. NULL is fine. */
void spool_close(struct spool *s);

/** Note the number of this start, at once. @return 0 or negative errno: not noted */
int spool_note_boot(struct spool *s, uint32_t boot);

/** From now on rows are offered as soon as they are appended, or no longer. */
void spool_set_live(struct spool *s, bool is_live);

/**
 * Append a copy. boot and seq of @row are those of a partial, 0 for others; its id is not looked at.
 * @return 0, -ENOMEM, or -EMSGSIZE: larger than the whole spool; both count as dropped
 */
int spool_append(struct spool *s, const struct spool_row *row);

/**
 * Put what is in memory to the disk. Acknowledgements alone wait for up to a minute, unless @with_acks.
 * @return 0: nothing waits for the disk; or negative errno, -EAGAIN when it is too early to try again
 */
int spool_commit(struct spool *s, int64_t now_us, bool with_acks);

/** Whether spool_commit() would do something now. */
bool spool_is_due(const struct spool *s, int64_t now_us, bool with_acks);

/** The last commit failed. */
bool spool_is_in_trouble(const struct spool *s);

/** The oldest row above @after that is not done. @return 1 with @row filled, or 0: none */
int spool_next(struct spool *s, uint64_t after, struct spool_row *row);

/**
 * Rows up to @id may be sent from now on, though they were appended without a connection: noted, a few dozen rows ahead. Must be called
 * before such a row is sent, and it must not be sent while this is false: the file could merge it into another one at a later start, and its
 * samples would be counted twice.
 * @return whether that is on the disk, where it must be; if not, it is after a spool_commit() with acknowledgements
 */
NODISCARD bool spool_offer(struct spool *s, uint64_t id);

/** The row @id is done: it has arrived, or never will. Unknown ids are fine. */
void spool_ack(struct spool *s, uint64_t id);

/** Let done rows wait again. @return how many were still there, at most 1000 */
size_t spool_revive(struct spool *s, uint32_t boot, uint32_t first_seq, uint32_t last_seq);

/** Keep a contract as long as rows may need it. @return 0 or negative errno: kept in memory, and tried again */
int spool_keep_contract(struct spool *s, const struct spool_contract *c);

/** The first kept contract with a hash above @after (-1: any). @return 1 with @c filled, valid until the next call; or 0 */
int spool_next_contract(struct spool *s, int64_t after, struct spool_contract *c);

/** The highest id that was given. */
uint64_t spool_last_id(const struct spool *s);

/** Of the stats those that are asked for at each turn: the bytes cost a look into the file. */
unsigned spool_epoch(const struct spool *s);
uint64_t spool_n_merged(const struct spool *s);
uint64_t spool_n_dropped(const struct spool *s);

void spool_get_stats(const struct spool *s, struct spool_stats *out);

#endif
