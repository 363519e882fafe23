/* SPDX-License-Identifier: Apache-2.0 */
/*
 * fault_vfs.h - a file system for SQLite that fails when asked: it stands on the system's and counts what changes files (writes,
 * syncs, truncations, deletions). At a chosen one it returns an error, for a while or for good, or the power goes: what
 * was written since the last sync of a file is taken back, each write with a chance of one half (so pages and frames are torn
 * from each other), the last write in its middle, and the process ends with FAULT_EXIT.
 */
#ifndef RUNNEL_TESTS_FAULT_VFS_H
#define RUNNEL_TESTS_FAULT_VFS_H

#include <stdbool.h>
#include <stdint.h>

enum { FAULT_EXIT = 99 };

enum fault { FAULT_NONE, FAULT_FULL, FAULT_IO, FAULT_READ_IO, FAULT_POWER, FAULT_KILL };

struct fault_plan {
	enum fault fault;
	unsigned long at;    /* the operation that fails, from 1 */
	unsigned long count; /* how many fail from there on; 0: all */
	uint64_t seed;
};

extern const char fault_vfs_name[];

/** Register it once; from then on as planned. Counting begins anew. */
void fault_vfs_plan(const struct fault_plan *plan);

/** While @closed no sync ends, as on a card that is busy with itself. */
void fault_vfs_gate(bool closed);

/** Until a sync waits at the gate. */
void fault_vfs_wait_for_sync(void);

/** Operations since the plan. */
unsigned long fault_vfs_count(void);

#endif
