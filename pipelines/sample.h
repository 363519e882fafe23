/* SPDX-License-Identifier: Apache-2.0 */
/* sample.h - what flows through a stream. */
#ifndef RUNNEL_PIPELINES_SAMPLE_H
#define RUNNEL_PIPELINES_SAMPLE_H

#include <stdbool.h>
#include <stdint.h>

struct unit;

/** NaN is a gap: a reading was due and there is none. Gaps travel through operators, so that silence is never taken for a value. */
struct sample {
	int64_t at_us; /* event time, Unix microseconds */
	double value;
	uint32_t lost; /* samples known to be lost just before this one */
};

/** How the values of a stream behave, which decides what may be computed from them. */
enum series_kind {
	SERIES_GAUGE,	/* a measured quantity */
	SERIES_STATE,	/* 0 or 1; holds until it changes */
	SERIES_COUNTER, /* only grows, may restart from 0: increase() and rate() */
};

/** What is known of a stream before any sample flows. */
struct series_info {
	const struct unit *unit;
	enum series_kind kind;
	int64_t period_us; /* expected time between samples; 0: irregular */
};

#endif
