/* SPDX-License-Identifier: Apache-2.0 */
/*
 * reader.h - what a sink, a page or a question reads of the store: devices, fleet KPIs, and what is new since a cursor.
 *
 * A reader stands on a file (reader_open: another process may be writing it) or on the store of the collector it runs in (reader_attach, with
 * fleet->store). It never sees half of a commit. What is live only (clock, spool depth, who is online) is in fleet.h.
 *
 * Cursors. Each time a fleet KPI is written its row gets the next change number, which grows over restarts and is never given twice. So a sink that
 * has all changes up to N asks for those after N: it gets each row that was told since, once, in its newest version. Parts have such numbers, too. A sink
 * keeps its cursor under its own name (reader_set_cursor) after the other end has taken what is before it: then a crash repeats, and loses nothing; the
 * keys (site, name, wl, w0, and version) let the other end see that it is a repetition.
 * KPIs are written a second after they were told at the latest.
 *
 * Errors are those of db.h.
 */
#ifndef RUNNEL_COLLECTOR_READER_H
#define RUNNEL_COLLECTOR_READER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/check.h"
#include "collector/fleet_kpi.h"
#include "collector/store.h"

struct reader;

/** store_explain() tells what an error means. @return 0 or a negative error */
NODISCARD int reader_open(struct reader **out, const char *path);

/** @s: borrowed; freed after the reader. */
NODISCARD int reader_attach(struct reader **out, struct store *s);

void reader_close(struct reader *r); /* NULL is fine */

/* All walks: @each returns 0 to go on; texts are valid during the call. @return 0, what @each returned, or a negative error */

/** In order of coming. @site NULL: all */
NODISCARD int reader_each_device(struct reader *r, const char *site,
				 int (*each)(void *ctx, const struct store_device *d), void *ctx);

struct reader_kpi {
	struct fleet_kpi kpi;
	int64_t change; /* the cursor: the number of this row */
};

struct reader_range {
	const char *site, *name; /* NULL: all */
	uint64_t from, to;	 /* of w0, without to */
	size_t limit;		 /* rows; 0: no limit */
	bool newest_first;
};

/** In order of w0, of each site by itself when @range->site is NULL. */
NODISCARD int reader_each_kpi(struct reader *r, const struct reader_range *range,
			      int (*each)(void *ctx, const struct reader_kpi *k), void *ctx);

/** The newest row of each KPI and window length that was told in the last day before the newest of its site. @site NULL: all */
NODISCARD int reader_each_newest(struct reader *r, const char *site, int (*each)(void *ctx, const struct reader_kpi *k),
				 void *ctx);

/** At most @limit rows written after change @after, in the order of their numbers. */
NODISCARD int reader_each_change(struct reader *r, int64_t after, size_t limit,
				 int (*each)(void *ctx, const struct reader_kpi *k), void *ctx);

/** The newest change; 0: none yet. */
int64_t reader_last_change(struct reader *r);

struct reader_part {
	int64_t id; /* the cursor: ascending in the order of coming */
	const char *site, *device;
	uint32_t boot, wl, part;
	uint64_t w0;
	const void *payload; /* runnel.v1.Partial, as it came */
	size_t bytes;
};

/** At most @limit parts after row @after, as they came: without those that old hours were rolled up into. */
NODISCARD int reader_each_part(struct reader *r, int64_t after, size_t limit,
			       int (*each)(void *ctx, const struct reader_part *p), void *ctx);

int64_t reader_last_part(struct reader *r);

/** How far a sink is, by its name; 0: it is new. */
int64_t reader_cursor(struct reader *r, const char *sink);

/** Durable on return. @return -EROFS: not the collector's own store */
NODISCARD int reader_set_cursor(struct reader *r, const char *sink, int64_t cursor);

#endif
