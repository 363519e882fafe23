/* SPDX-License-Identifier: Apache-2.0 */
/*
 * archive.h - the fleet and its store. The fleet in memory holds the windows of the last hours; the store holds everything. The archive takes
 * what is new from one to the other, brings it all back at a start, and brings back an hour that something came late for: it is merged again
 * from its parts, and what changed is told.
 *
 * Order. Devices and contracts are durable before parts that need them, and parts (archive_commit) before a KPI is told of them. How far the devices are is written later (archive_tick), with the number
 * of the last part it knows of; after a crash the parts behind that number are looked at again. So a crash at any point loses no part that is
 * in the store, and tells at most the same version again.
 */
#ifndef RUNNEL_COLLECTOR_ARCHIVE_H
#define RUNNEL_COLLECTOR_ARCHIVE_H

#include <stdbool.h>
#include <stdint.h>

#include "collector/fleet.h"
#include "collector/fleet_kpi.h"

struct archive;

struct archive_options {
	const char *path;      /* NULL: temporary */
	uint64_t keep_parts_s; /* older hours are rolled up into one part for each device; 0: never */
	uint64_t keep_hours_s; /* older ones are deleted, and what was told of them; 0: never */
};

/** Open, or create, and fill the fleet, which must be empty. On an error the reason is logged. @return 0 or negative errno */
NODISCARD int archive_open(struct archive **out, struct fleet *f, const struct archive_options *o, int64_t now_us);

/** Writes what is left. NULL is fine. The fleet has no store then. @return whether everything is durable */
bool archive_close(struct archive *a);

/** Make the parts that came durable. @return 0 or a negative error, which is logged when it is new; the next call tries again */
int archive_commit(struct archive *a);

/** And all that came with them, and how far everything is. @return as archive_commit() */
int archive_save(struct archive *a);

/** Whether everything that was there at the last archive_save() is durable, whatever else the store has trouble with. */
bool archive_is_saved(const struct archive *a);

/** Each second: write how far everything is, look at hours that something came late for, roll up. */
void archive_tick(struct archive *a, const struct fleet_kpi_sink *sink);

/** Why the store takes nothing, "" when it does. */
const char *archive_problem(const struct archive *a);

#endif
