/* SPDX-License-Identifier: Apache-2.0 */
/*
 * remap.h - a part of a clock that was wrong, dated anew: which window is it of, now that it is known by how much the clock was off?
 *
 * A part is sums over its window and cannot be cut, and the true window hardly ever begins where the fleet's windows do. So it becomes a part of the shortest
 * window length in which it lies as a whole: a minute that was from 10:03:40 to 10:04:40 is of the five minutes from 10:00, and counts in all
 * KPIs of that window and of longer ones. Nothing is moved to where it was not measured; the shorter windows say by their coverage
 * that it is missing there. If an hour ends in it, which is as long as a KPI's window can be, it is of the day, for questions about days. A part that is off by no more than a hundredth of its length, and half a second, counts as aligned: within that
 * an agent does not follow its clock either. Pure, and of nothing but the part and the offset: so the result has the same bytes in
 * whatever order things come.
 */
#ifndef RUNNEL_COLLECTOR_REMAP_H
#define RUNNEL_COLLECTOR_REMAP_H

#include <stdint.h>

#include "pipelines/contract.h"
#include "pipelines/partial.h"

enum remap_result {
	REMAP_DATED,
	REMAP_ASTRIDE, /* midnight is in it: no window holds it */
	REMAP_NEVER,   /* there is no such time */
};

/** @p: complete (wire.h), by the contract's @defs; the true time is its own plus @offset_us. Anything but REMAP_DATED changes nothing. */
enum remap_result remap_part(struct partial *p, const struct metric_def *defs, int64_t offset_us);

/** A part that became too long for a message is sent as two: the second half of its metrics has this number. */
uint32_t remap_second_half(uint32_t seq);

#endif
