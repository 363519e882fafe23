/* SPDX-License-Identifier: Apache-2.0 */
/*
 * spool_ids.h - a set of row ids as a few ranges. Acknowledgements come nearly in order, from two places (the oldest rows and the
 * newest), so two or three ranges are the rule; what does not fit must be made to fit by the owner.
 */
#ifndef RUNNEL_AGENT_SPOOL_IDS_H
#define RUNNEL_AGENT_SPOOL_IDS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum { SPOOL_IDS_MAX_RANGES = 64 };

struct spool_id_range {
	uint64_t first, last;
};

/** All-zero is empty. */
struct spool_ids {
	size_t n;
	struct spool_id_range ranges[SPOOL_IDS_MAX_RANGES]; /* ascending, not adjacent */
};

/** @return false: it would need one more range than there is room for; then nothing has changed */
bool spool_ids_add(struct spool_ids *s, uint64_t id);

bool spool_ids_has(const struct spool_ids *s, uint64_t id);

/** The highest id from @id on without a gap, or @id - 1 when @id is not in the set. */
uint64_t spool_ids_run_end(const struct spool_ids *s, uint64_t id);

/** Take it out again. @return false: it is not in the set, or there is no room for the range that this splits */
bool spool_ids_remove(struct spool_ids *s, uint64_t id);

/** The lowest id above @after, 0 when there is none. */
uint64_t spool_ids_next(const struct spool_ids *s, uint64_t after);

/** How many are above @after. */
uint64_t spool_ids_count(const struct spool_ids *s, uint64_t after);

/** Whether it may stand in a file: ascending and not adjacent. */
bool spool_ids_is_valid(const struct spool_ids *s);

#endif
