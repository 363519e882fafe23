/* SPDX-License-Identifier: Apache-2.0 */
/*
 * agg.h - the mergeable state of one stream over one window: the atoms of contract section 3. Integers about a fixed
 * reference, so merging is SUM, MIN and MAX and gives the same bits in any order, grouping or engine.
 * All-zero memory is the empty state and the identity.
 */
#ifndef RUNNEL_PIPELINES_AGG_H
#define RUNNEL_PIPELINES_AGG_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/u128.h"
#include "base/unit.h"
#include "pipelines/sample.h"
#include "pipelines/sketch.h"

enum {
	AGG_K_LIMIT = 1 << 23, /* |k| stays below */
	AGG_N_LIMIT = 1 << 17, /* samples per partial stay below */
};

enum metric_flag { METRIC_CLIPPED = 1, METRIC_FAULT = 2, METRIC_SKETCH_SHIFTED = 4 };

/** What turns the integers into a quantity: the contract of one stream, the same on every device for the same name@version. */
struct metric_def {
	const char *name; /* "temp@1" */
	const struct unit *unit;
	enum series_kind kind;
	double reference, quantum; /* K, q */
	bool has_sketch;
	struct sketch_mapping sketch;
	int64_t period_us; /* 0: irregular */
	uint32_t window_s; /* length of its partials */
};

struct agg {
	uint64_t n;			 /* values, clipped ones included */
	int64_t s1;			 /* sum of k */
	struct u128 s2;			 /* sum of k^2 */
	int64_t min, max, first, last;	 /* mean nothing when n is 0 */
	int64_t first_at_ms, last_at_ms; /* Unix milliseconds of first and last */
	uint64_t expected;		 /* samples that were due */
	uint64_t bad;			 /* gaps, and values clipped to the range of k */
	uint64_t lost;			 /* known to be lost before they got here */
	int64_t tw;			 /* integral of k over time, k * ms */
	uint64_t tw_ms;			 /* time under that integral */
	uint64_t covered_ms;		 /* time for which a reading vouched */
	uint64_t due_ms;   /* time that should be covered: the windows (of each device) that went in. Not transported */
	uint64_t increase; /* sum of increments, in q */
	uint64_t resets;
	uint32_t flags;	 /* enum metric_flag, ored */
	bool has_sketch; /* some sketch went in */
	struct sketch sketch;
};

/**
 * Merge @from into @into. Commutative and associative bit for bit: first and last go by time, and at equal times
 * first takes the smaller and last the larger k.
 */
void agg_merge(struct agg *into, const struct agg *from);

/* --- what one can read from it; NaN for "no value". @def: the stream's contract --- */

double agg_mean(const struct agg *a, const struct metric_def *def);
double agg_sum(const struct agg *a, const struct metric_def *def);    /* n*K + q*s1 */
double agg_stddev(const struct agg *a, const struct metric_def *def); /* sample, n - 1; NaN below 2 samples */
double agg_min(const struct agg *a, const struct metric_def *def);
double agg_max(const struct agg *a, const struct metric_def *def);
double agg_first(const struct agg *a, const struct metric_def *def);
double agg_last(const struct agg *a, const struct metric_def *def);
double agg_time_mean(const struct agg *a, const struct metric_def *def); /* K + q*tw/tw_ms */
double agg_integral(const struct agg *a, const struct metric_def *def);	 /* unit * second: (K*tw_ms + q*tw) / 1000 */
double agg_increase(const struct agg *a, const struct metric_def *def);	 /* q*increase */
double agg_rate(const struct agg *a, const struct metric_def *def);	 /* increase per second of covered time */
double agg_coverage(const struct agg *a, const struct metric_def *def);	 /* covered_ms / due_ms, 0..1 */
double agg_quantile(const struct agg *a, const struct metric_def *def, double p); /* clipped to [min, max] */

#endif
