/* SPDX-License-Identifier: Apache-2.0 */
/*
 * store.h - what the collector knows, in one file of SQLite: every part as it came, by its key; devices with what they said and how far they
 * are; contracts; and what was told of each window. Plain tables, to be read by anybody meanwhile. No policy: archive.h has that.
 *
 * Parts are taken at once and written by store_commit(), many in one transaction. When the disk is full they wait, bounded, and the next
 * commit tries again.
 *
 * Errors are those of db.h.
 */
#ifndef RUNNEL_COLLECTOR_STORE_H
#define RUNNEL_COLLECTOR_STORE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/check.h"
#include "collector/fleet_kpi.h"

enum {
	STORE_VERSION = 2,
	STORE_MAX_PENDING_BYTES = 64 * 1024 * 1024,
	STORE_MAX_QUARANTINED = 10000,
	STORE_MAX_UNSYNCED = 100000,
	STORE_MAX_DEVICE_UNSYNCED = 10000, /* of these, of one device */
	STORE_SHARE_UNSYNCED = 100,	   /* for each device, even if others have taken all */
	STORE_MAX_LIKE_CLOCKS = 1000	   /* parts of a device that have the key of a clock */
};

/* Parts that old hours were merged into have numbers from here on, which no device gives. */
#define STORE_ROLLED_UP (((uint32_t)1 << 31) + ((uint32_t)1 << 30))

struct store;

enum store_kind {
	STORE_PART,
	STORE_CONFLICT, /* the same key with other bytes: kept to be looked at */
	STORE_UNSYNCED, /* of a clock that nobody had set: kept apart until it is dated */
	STORE_CLOCK,	/* by which they can be: kept with them */
};

struct store_part {
	enum store_kind kind;
	int64_t device; /* its row */
	uint32_t boot, wl, part;
	uint64_t w0;
	const void *payload;
	size_t bytes;
	int64_t id;   /* its row, ascending in the order of coming; not of what is put */
	void *report; /* of what is put: for store_done, or NULL: not to be reported */
};

struct store_device {
	int64_t id;
	const char *site, *name;
	bool is_born, is_retired;
	uint64_t expected_from;
	int64_t boot, contract; /* of its birth; -1: none */
	const char *labels;	/* of its birth: NAME=VALUE, one a line */
	const void *progress;	/* of archive.c */
	size_t progress_bytes;
};

/** @path NULL: a temporary one that goes with the program. @return 0 or a negative error */
NODISCARD int store_open(struct store **out, const char *path, bool is_read_only);
void store_close(struct store *s); /* NULL is fine */

/** What an error of store_open() means, for people. */
const char *store_explain(int error);

/** A row for a new device; it is written by store_write_device(). */
int64_t store_new_device(struct store *s);

/** Copied. @return false: no room, because the disk takes nothing */
bool store_put(struct store *s, const struct store_part *p);
size_t store_n_pending(const struct store *s);

/** How it went with a part that has a report: written; or it was there before, with the same bytes or others. */
enum store_fate { STORE_WRITTEN, STORE_DUPLICATE, STORE_DIFFERS, STORE_NO_ROOM /* too many wait for a clock */ };
struct store_done {
	void (*part)(void *ctx, const struct store_part *p, enum store_fate fate);
	void *ctx;
};

/** Write what was put, durably. On an error all of it stays to be written. */
NODISCARD int store_commit(struct store *s, const struct store_done *done);

/** One transaction for the writes below. store_end() takes the result so far, and rolls back when it is an error. */
NODISCARD int store_begin(struct store *s);
NODISCARD int store_end(struct store *s, int r);
NODISCARD int store_write_device(struct store *s, const struct store_device *d);
NODISCARD int store_write_contract(struct store *s, int64_t device, uint32_t hash, const char *text, size_t bytes);
NODISCARD int store_write_kpi(struct store *s, const struct fleet_kpi *k);
NODISCARD int store_write_number(struct store *s, const char *key, int64_t value);

/** @return @otherwise when there is none */
int64_t store_read_number(struct store *s, const char *key, int64_t otherwise);

/** Walks: @each returns 0 to go on. @return 0, what @each returned, or a negative error */
NODISCARD int store_each_device(struct store *s, int (*each)(void *ctx, const struct store_device *d), void *ctx);

/** In the order in which their texts came, but the one that the device's birth names last. */
NODISCARD int store_each_contract(struct store *s, int64_t device,
				  int (*each)(void *ctx, uint32_t hash, const char *text, size_t bytes), void *ctx);

struct store_range {
	uint64_t from, to; /* of w0, without to */
	int64_t after_id;  /* only rows that came after this one */
	int64_t device;	   /* its row; 0: all. Only without after_id and is_by_device */
	bool is_by_device; /* in order of device, boot, w0; else of w0, device */
};

NODISCARD int store_each_part(struct store *s, const struct store_range *range,
			      int (*each)(void *ctx, const struct store_part *p), void *ctx);

/** What was told of windows that begin in [@from, @to) of a site. Texts are valid during the call. */
NODISCARD int store_each_kpi(struct store *s, const char *site, const struct store_range *range,
			     int (*each)(void *ctx, const struct fleet_kpi *k), void *ctx);

/** The first whole hour in which a window that was told of is provisional, and since when; UINT64_MAX: none. */
uint64_t store_provisional_hour(struct store *s, const char *site, const struct store_range *range, uint64_t *since);

NODISCARD int store_delete_part(struct store *s, int64_t id);

/** Parts and KPIs of windows that begin before @before; but the part that came last stays. */
NODISCARD int store_delete_before(struct store *s, uint64_t before);

/** The row of the newest part, 0 when there is none. */
NODISCARD int store_last_part(struct store *s, int64_t *id);

/** Inside a transaction. */
NODISCARD int store_insert_part(struct store *s, const struct store_part *p);

/** The w0 of the oldest part that does not begin before @from; UINT64_MAX: none. */
uint64_t store_oldest(struct store *s, uint64_t from);

/** How many parts are kept apart: conflicts of a device, and those of each boot of a clock that nobody had set. */
struct store_apart {
	enum store_kind kind; /* STORE_CONFLICT, STORE_UNSYNCED */
	int64_t device, n;
	uint32_t boot; /* of STORE_UNSYNCED */
};
NODISCARD int store_each_apart(struct store *s, int (*each)(void *ctx, const struct store_apart *a), void *ctx);

/** What was said of clocks, and parts that have such a key. @device 0: of all. */
NODISCARD int store_each_clock(struct store *s, int64_t device, int (*each)(void *ctx, const struct store_part *p),
			       void *ctx);

/** Whether parts of a device and boot wait for their clock, or may: then when it can not be told, too. */
bool store_has_unsynced(struct store *s, int64_t device, uint32_t boot);

/**
 * Inside a transaction, once an hour: delete what a device keeps apart for its clock if it was there @keep_hours before @hour (counted since 1970); some of it stays for up to
 * twice as long. @n: so many parts
 */
NODISCARD int store_expire_unsynced(struct store *s, int64_t device, uint64_t hour, uint64_t keep_hours, int64_t *n);

/** At most @limit parts of the device of @after that are kept apart for their clock, in order of boot, w0, wl, part, behind that key. */
NODISCARD int store_each_unsynced(struct store *s, const struct store_part *after, int64_t limit,
				  int (*each)(void *ctx, const struct store_part *p), void *ctx);

/** Inside a transaction. */
NODISCARD int store_delete_unsynced(struct store *s, const struct store_part *key);

/** What there is of the hour from @hour on. */
struct store_hour {
	int64_t n, last_id, n_rolled_up;
};
NODISCARD int store_look_at_hour(struct store *s, uint64_t hour, struct store_hour *out);

/** Whether an hour of a site was rolled up, or a part of it. @return 1: it was; 0 or a negative error */
NODISCARD int store_has_rolled_up(struct store *s, const char *site, uint64_t hour);

/** The parts of a device and boot that an hour was rolled up into. */
NODISCARD int store_each_rolled_up(struct store *s, const struct store_part *key,
				   int (*each)(void *ctx, const struct store_part *p), void *ctx);

/** Rows up to @id had come by @hour (counted since 1970); and the last such row by @hour, 0: not known. */
NODISCARD int store_mark(struct store *s, uint64_t hour, int64_t id);
int64_t store_marked(struct store *s, uint64_t hour);

/** Marks from before @hour but the last. */
NODISCARD int store_forget_marks(struct store *s, uint64_t hour);

/** The end of the newest part's window; 0: none. */
uint64_t store_newest_end(struct store *s);

#endif
