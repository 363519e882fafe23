/* SPDX-License-Identifier: Apache-2.0 */
/*
 * kpi.h - one local KPI: merges the parts of its streams until its own window, a multiple of theirs, is over, then evaluates
 * its expression. Parts of windows already told are left to the collector: a local KPI is never revised.
 */
#ifndef RUNNEL_PIPELINES_KPI_H
#define RUNNEL_PIPELINES_KPI_H

#include "pipelines/alarm.h"
#include "pipelines/graph.h"

struct kpi;

/** @defs: of its streams in the order of expr_stream(); borrowed. @alarm: who wants to hear of its state; may be NULL. */
struct kpi *kpi_new(const struct graph_kpi *plan, const struct metric_def *const defs[], struct alarm *alarm,
		    struct arena *a);

/** The clock says @at_us now, which may be earlier than before: windows after this one will come (again). */
void kpi_start(struct kpi *k, int64_t at_us);

/** Go on where @old stands, a KPI with the same definition. */
void kpi_adopt(struct kpi *k, const struct kpi *old);

/** Merge a closed part of its stream @slot. */
void kpi_add(struct kpi *k, size_t slot, int64_t w0_us, const struct agg *part);

/** The watermark is @watermark_us: tell the window if it is over and something of it came. */
void kpi_advance(struct kpi *k, int64_t watermark_us, const struct graph_sink *sink);

#endif
