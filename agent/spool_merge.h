/* SPDX-License-Identifier: Apache-2.0 */
/*
 * spool_merge.h - consecutive windows that were never sent become one longer window: resolution is lost, not data.
 *
 * The lengths are those of the contract, each a multiple of the one before: 1 5 10 30 60 300 900 3600 s, and 15 to 30. A group is the messages of
 * one boot, contract and window length whose numbers follow each other without a gap and whose windows, all of them,
 * make up one longer window. Aggregates merge exactly (pipelines/agg.h), expected and covered time are said explicitly. The result may be
 * several messages, when one would have too many metrics or bytes; it must be fewer than went in.
 *
 * n messages with the numbers a..b become k with b-k+1..b. The first of them says span = n - k (and the spans that were in there before):
 * it stands for these numbers too, so a collector sees no gap. Their part is PARTIAL_MERGED + seq, which no part of
 * window.c and no other merged part of this boot can have. Only the last carries the watermark of the last; the others that from
 * before the window, so that losing one of them is seen as a loss in this window.
 *
 * Flags are ored. Parts of an unset clock, or of recorded data, are not mixed with others.
 */
#ifndef RUNNEL_AGENT_SPOOL_MERGE_H
#define RUNNEL_AGENT_SPOOL_MERGE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "agent/spool.h"
#include "base/check.h"
#include "base/dynbuf.h"
#include "pipelines/contract.h"

struct spool_merge;

/** What a contract's metrics must be known by later, to @out. */
void spool_merge_nominal(const struct contract *c, struct dynbuf *out);

/** A third of a megabyte, for the time of the work. NULL: no memory. */
struct spool_merge *spool_merge_new(void);
void spool_merge_free(struct spool_merge *m);

/** Begin a group with this message. @nominal: of its contract. @return whether it can be the first of one */
bool spool_merge_begin(struct spool_merge *m, const void *payload, size_t bytes, const void *nominal,
		       size_t nominal_bytes);

/** @return whether it was the next of the group and is now part of it */
bool spool_merge_add(struct spool_merge *m, const void *payload, size_t bytes);

/** The hash of the contract of a message. @return false: it is no partial */
bool spool_merge_contract_of(struct spool_merge *m, const void *payload, size_t bytes, uint32_t *out);

/** Whether the group is a whole longer window, of more messages than its result. @return messages of the result, 0: no */
size_t spool_merge_finish(struct spool_merge *m);

/** Message @i of the result, as it goes into the spool but for its id. Its payload is valid until the next call. */
void spool_merge_result(struct spool_merge *m, size_t i, struct spool_row *row);

#endif
