/* SPDX-License-Identifier: Apache-2.0 */
/*
 * partial.h - a closed window of one device: the value that is spooled, published, merged and printed.
 * Immutable once closed: the key (site, device, boot, w0, wl, part) names one fixed set of samples.
 */
#ifndef RUNNEL_PIPELINES_PARTIAL_H
#define RUNNEL_PIPELINES_PARTIAL_H

#include <stddef.h>
#include <stdint.h>

#include "pipelines/agg.h"

enum { PARTIAL_VERSION = 1, PARTIAL_MAX_METRICS = 64, PARTIAL_MAX_BYTES = 8192, PARTIAL_NAME_BYTES = 65 };

/**
 * Parts from here on are windows that a full spool merged into a longer one before any of them was sent: wl is a multiple of the
 * contract's window, the part number is this plus seq. So are parts that were dated by another time than they came with.
 */
#define PARTIAL_MERGED ((uint32_t)1 << 31)

enum partial_flag {
	PARTIAL_UNSYNCED = 1,
	PARTIAL_RETIMED = 2,
	PARTIAL_STEP = 4,
	PARTIAL_CUT_START = 8,
	PARTIAL_CUT_END = 16,
	PARTIAL_BACKFILL = 32,
};

/** As long as the shortest of these is the window of a part that was dated later, and that ends in another hour than it begins in. No agent sends one. */
enum { PARTIAL_DAY_S = 86400 };

/** One stream's share. Of @agg, counts are below 2^17 (n), 2^32 (the others) and 2^63 (s2); times are inside the window. */
struct partial_metric {
	uint32_t id; /* index in the contract */
	struct agg agg;
};

/**
 * What a message may say instead of metrics: messages @first to @last of @boot are of a clock that nobody had set, and the true time is what
 * they bear plus @offset_us.
 */
struct partial_clock {
	uint32_t boot, first, last;
	int64_t offset_us;
};

struct partial {
	uint32_t version;
	char site[PARTIAL_NAME_BYTES], device[PARTIAL_NAME_BYTES];
	uint32_t boot, seq;
	uint64_t w0; /* Unix seconds */
	uint32_t wl; /* seconds */
	uint32_t part;
	uint32_t contract;	    /* hash */
	uint32_t flags;		    /* enum partial_flag */
	uint64_t wm;		    /* Unix seconds */
	uint32_t span;		    /* numbers before seq that this message stands for too; 0 unless merged */
	struct partial_clock clock; /* last 0: nothing is said of a clock */
	size_t n_metrics;
	struct partial_metric *metrics; /* room for PARTIAL_MAX_METRICS in a decoder's, see wire.h */
};

#endif
