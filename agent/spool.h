/* SPDX-License-Identifier: Apache-2.0 */
/*
 * spool.h - what waits for the broker's acknowledgement, oldest first. A row leaves only by spool_ack(), or, when the bound
 * is reached, by being the oldest: dropped rows are counted, and the reader of `seq` sees the gap.
 *
 * This version keeps the rows in memory: they survive an outage of the broker, not of the program.
 */
#ifndef RUNNEL_AGENT_SPOOL_H
#define RUNNEL_AGENT_SPOOL_H

#include <stddef.h>
#include <stdint.h>

#include "base/check.h"

struct spool;

enum spool_kind { SPOOL_PARTIAL, SPOOL_EVENT };

struct spool_row {
	uint64_t id; /* > 0, grows */
	enum spool_kind kind;
	const void *payload; /* valid until the row leaves */
	size_t payload_bytes;
};

struct spool_stats {
	size_t n_rows, bytes, max_bytes;
	uint64_t n_dropped;
};

/** @max_bytes: payloads and their book-keeping. @return 0 or -ENOMEM */
NODISCARD int spool_open(struct spool **out, size_t max_bytes);
void spool_close(struct spool *s);

/** Append a copy; makes room by dropping the oldest. @return 0, -ENOMEM, or -EMSGSIZE: larger than the whole spool; both count as dropped */
int spool_append(struct spool *s, enum spool_kind kind, const void *payload, size_t bytes);

/** The oldest row with an id above @after. @return 1 with @row filled, or 0: none */
int spool_next(const struct spool *s, uint64_t after, struct spool_row *row);

/** The row @id has arrived. Unknown ids are fine. */
void spool_ack(struct spool *s, uint64_t id);

void spool_get_stats(const struct spool *s, struct spool_stats *out);

#endif
