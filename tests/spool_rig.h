/* SPDX-License-Identifier: Apache-2.0 */
/* spool_rig.h - a spool in a directory of its own, on the file system that fails when asked, and rows that prove themselves. */
#ifndef RUNNEL_TESTS_SPOOL_RIG_H
#define RUNNEL_TESTS_SPOOL_RIG_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "agent/spool.h"

enum { SPOOL_RIG_MAX_BYTES = 1 << 20, SPOOL_RIG_BOOT = 7 };

struct spool_rig {
	char dir[64], path[96];
};

/** Set-up and teardown of cmocka. */
int spool_rig_make(void **state);
int spool_rig_remove(void **state);

struct spool *spool_rig_open(const char *path, size_t max_bytes);

/** The row @seq: its payload, in @text, says which it is. */
void spool_rig_row(uint32_t seq, char text[static 4096], struct spool_row *out);

/** Append it. */
void spool_rig_put(struct spool *s, uint32_t seq);
bool spool_rig_is_whole(const struct spool_row *row);

/** The numbers (1 to 63) of what waits as bits; fails on one that comes twice, out of order or with other bytes. */
uint64_t spool_rig_waiting(struct spool *s);

/** Rows up to @id may be sent, if this is 0: on the disk. */
int spool_rig_offer(struct spool *s, uint64_t id, int64_t now_us);

/** The row @seq is done, if it is there. */
void spool_rig_ack(struct spool *s, uint32_t seq);
struct spool_stats spool_rig_stats(const struct spool *s);

#endif
