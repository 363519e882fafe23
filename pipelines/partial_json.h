/* SPDX-License-Identifier: Apache-2.0 */
/* partial_json.h - the JSON lines of contract section 1.1: partials, KPIs and events, one object a line. */
#ifndef RUNNEL_PIPELINES_PARTIAL_JSON_H
#define RUNNEL_PIPELINES_PARTIAL_JSON_H

#include <stddef.h>

#include "base/dynbuf.h"
#include "pipelines/contract.h"
#include "pipelines/partial.h"
#include "pipelines/wire.h"

/**
 * {"type":"partial",...}\n. @defs: metrics of the contract by id; NULL: ids and exact integers alone, where expected and covered_ms
 * are printed only if @present says they were sent. @present may be NULL: all are known.
 */
void partial_to_json(const struct partial *p, const struct metric_def *defs, size_t n_defs,
		     const struct wire_presence *present, struct dynbuf *out);

/** {"type":"kpi",...}\n */
void kpi_to_json(const struct kpi_def *k, uint64_t w0, double value, double coverage, struct dynbuf *out);

/** {"type":"event",...}\n. @event: "raised", "cleared", ... */
void event_to_json(const char *stream, const char *event, int64_t at_us, double value, struct dynbuf *out);

#endif
