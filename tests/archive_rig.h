/* SPDX-License-Identifier: Apache-2.0 */
/* archive_rig.h - a fleet with a store in a directory of its own, that can be ended, killed and started again. */
#ifndef RUNNEL_TESTS_ARCHIVE_RIG_H
#define RUNNEL_TESTS_ARCHIVE_RIG_H

#include "collector/archive.h"
#include "tests/fleet_rig.h"

/* Three boards, that send a window each minute for three hours. */
enum {
	ARCHIVE_RIG_DEVICES = 3,
	ARCHIVE_RIG_MINUTES = 180,
	ARCHIVE_RIG_PARTS = ARCHIVE_RIG_DEVICES * ARCHIVE_RIG_MINUTES
};

extern const char *const archive_rig_names[ARCHIVE_RIG_DEVICES];

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

void archive_rig_introduce(struct archive_rig *r);
enum fleet_verdict archive_rig_send(struct archive_rig *r, size_t device, uint32_t minute);

/** Everything is new to the fleet. @device, @minute: which is left out; ARCHIVE_RIG_DEVICES: none */
void archive_rig_send_all_but(struct archive_rig *r, size_t device, uint32_t minute);

#endif
