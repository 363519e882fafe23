/* SPDX-License-Identifier: Apache-2.0 */
/* archive_rig.h - a fleet with a store in a directory of its own, that can be ended, killed and started again. */
#ifndef RUNNEL_TESTS_ARCHIVE_RIG_H
#define RUNNEL_TESTS_ARCHIVE_RIG_H

#include "collector/archive.h"
#include "tests/fleet_rig.h"

struct archive_rig {
	struct fleet_rig fleet;
	struct archive *archive;
	char dir[64], path[96];
};

void archive_rig_make(struct archive_rig *r);
void archive_rig_remove(struct archive_rig *r);

/** @return that of archive_open() */
int archive_rig_try(struct archive_rig *r, uint64_t keep_parts_s);

/** A new fleet, that keeps 1 h in memory, of what is in the store. */
void archive_rig_begin(struct archive_rig *r);
void archive_rig_end(struct archive_rig *r);

/** As a kill -9 leaves it: the files as they are, and another process that opens them. */
void archive_rig_crash(struct archive_rig *r);

/** A second of the collector's life. */
void archive_rig_tick(struct archive_rig *r);

/** The first column of the first row of a query over the store, as another program reads it. */
void archive_rig_ask_text(const struct archive_rig *r, const char *sql, char *out, size_t bytes);
double archive_rig_ask(const struct archive_rig *r, const char *sql);

#endif
