/* SPDX-License-Identifier: Apache-2.0 */
/*
 * wire.h - partials as protobuf bytes: message runnel.v1.Partial (pipelines/runnel.proto), deterministic: the same
 * partial always gives the same bytes, fields ascending, zero fields absent.
 */
#ifndef RUNNEL_PIPELINES_WIRE_H
#define RUNNEL_PIPELINES_WIRE_H

#include <stddef.h>
#include <stdint.h>

#include "base/check.h"
#include "pipelines/contract.h"
#include "pipelines/partial.h"

/**
 * Encode @p into @out of @cap bytes. @defs: the contract's metrics by id, for what is sent "only if not as in
 * the contract": expected (nominal: window / period) and covered_ms (nominal: the whole window). NULL: both are sent.
 * @return  bytes written, or -EMSGSIZE: does not fit into @cap or into PARTIAL_MAX_BYTES
 */
NODISCARD int wire_encode(const struct partial *p, const struct metric_def *defs, uint8_t *out, size_t cap);

/** What an absent field means is not known without the contract; the decoder keeps which were there. */
struct wire_presence {
	uint64_t expected, covered_ms; /* bit per metric index: field was present */
};

/**
 * Decode @bytes. p->metrics points to room for PARTIAL_MAX_METRICS, owned by the caller, and is filled (also on an error,
 * with what came before it; nothing else changes then).
 * Hostile input is an error, never a crash: bounds of names, counts, buckets, n < 2^17, |k| < 2^23, window lengths that are
 * not of the contract, times outside the window: see partial_check.h. Unknown fields and versions are skipped over.
 * @return  0, or -EBADMSG with the reason in @why (static string)
 */
NODISCARD int wire_decode(struct partial *p, struct wire_presence *present, const uint8_t *in, size_t bytes,
			  const char **why);

/**
 * Fill in what was left out because it is as in the contract, and due_ms: the window. Parts of the same window share it, so
 * who merges them counts it once. @n_defs: metrics in the contract. On an error nothing changes.
 * @return  0, -ENOENT: an id is not in the contract, or there with another window length, or
 *          -EBADMSG: a sketch that the contract's mapping cannot give
 */
NODISCARD int wire_complete(struct partial *p, const struct wire_presence *present, const struct metric_def *defs,
			    size_t n_defs);

/** The window lengths of the contract: 1 5 10 15 30 60 300 900 3600 s. */
int wire_is_window_length(uint32_t seconds);

#endif
