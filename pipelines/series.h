/* SPDX-License-Identifier: Apache-2.0 */
/* series.h - small things that every operator needs. */
#ifndef RUNNEL_PIPELINES_SERIES_H
#define RUNNEL_PIPELINES_SERIES_H

#include <math.h>
#include <stdbool.h>
#include <stdint.h>

#include "pipelines/op.h"
#include "pipelines/sample.h"

/** No value: NaN, and an infinity too, which no sensor means. */
static inline bool series_is_gap(double value)
{
	return !isfinite(value);
}

/** Hand on @value in the place of @in. A result that is not finite (an overflow, a division by zero) becomes a gap. */
static inline void series_emit(const struct emitter *out, const struct sample *in, double value)
{
	struct sample s = { .at_us = in->at_us, .value = isfinite(value) ? value : NAN, .lost = in->lost };

	emit(out, &s);
}

/** Counts of lost samples that wait for the next result; they stay at the greatest number. */
static inline uint32_t series_add_lost(uint32_t a, uint32_t b)
{
	return b > UINT32_MAX - a ? UINT32_MAX : a + b;
}

/**
 * As series_emit(), for operators that need several values before they can answer. Not @is_ready: no sample, because nothing failed
 * and a gap would be counted as bad. What was lost waits in @lost for the next result.
 */
static inline void series_emit_if(bool is_ready, const struct emitter *out, const struct sample *in, double value,
				  uint32_t *lost)
{
	struct sample s = { .at_us = in->at_us, .value = value, .lost = series_add_lost(*lost, in->lost) };

	*lost = is_ready ? 0 : s.lost;
	if (is_ready)
		series_emit(out, &s, value);
}

/** Time between two instants, in either order; exact for any two. */
static inline uint64_t series_distance_us(int64_t a_us, int64_t b_us)
{
	return a_us > b_us ? (uint64_t)a_us - (uint64_t)b_us : (uint64_t)b_us - (uint64_t)a_us;
}

#endif
