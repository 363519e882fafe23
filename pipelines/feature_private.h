/* SPDX-License-Identifier: Apache-2.0 */
/* feature_private.h - for the files of feature.h. A machine keeps one kind of number up to date. */
#ifndef RUNNEL_PIPELINES_FEATURE_PRIVATE_H
#define RUNNEL_PIPELINES_FEATURE_PRIVATE_H

#include <math.h>

#include "base/arena.h"
#include "pipelines/feature.h"

/** The rows of the table of features, in its order. */
enum {
	FEATURE_N,
	FEATURE_SUM,
	FEATURE_MIN,
	FEATURE_MAX,
	FEATURE_MEAN,
	FEATURE_STDDEV,
	FEATURE_RANGE,
	FEATURE_QUANTILE,
	FEATURE_MEDIAN,
	FEATURE_RMS,
	FEATURE_CREST,
	FEATURE_KURTOSIS,
	FEATURE_SKEWNESS,
	FEATURE_PEAK_TO_PEAK,
	FEATURE_ZERO_CROSSINGS,
	FEATURE_ENTROPY,
	FEATURE_SLOPE,
	FEATURE_R2,
	FEATURE_DURATION,
	N_FEATURES
};

struct feature_machine {
	bool keeps; /* needs all values of the window, also when it does not slide */
	/** Allocate f->state. @room 0: values need not be kept, only feature_clear() takes them away. */
	void (*setup)(struct feature *f, size_t room, const struct feature_options *o, struct arena *a);
	/** @slot: where in a ring of @room; 0 when nothing is kept. f->n is what it was before. */
	void (*add)(struct feature *f, size_t slot, double x);
	/** The oldest leaves, which is at @slot. f->n still counts it. NULL where there is nothing to do. */
	void (*drop)(struct feature *f, size_t slot);
	void (*clear)(struct feature *f);
	double (*value)(struct feature *f); /* f->n > 0 */
};

/** Slot of the @i-th value, the oldest being 0. */
static inline size_t feature_slot(const struct feature *f, size_t i)
{
	size_t at = f->head + i;

	return at < f->room ? at : at - f->room;
}

extern const struct feature_machine feature_counts; /* n, duration */
extern const struct feature_machine feature_crossings;
extern const struct feature_machine feature_entropy;
extern const struct feature_machine feature_sums;
extern const struct feature_machine feature_moments; /* of a window that fills */
extern const struct feature_machine feature_crest;
extern const struct feature_machine feature_sliding; /* the same of one that slides */
extern const struct feature_machine feature_sliding_crest;
extern const struct feature_machine feature_extremes;
extern const struct feature_machine feature_order;
extern const struct feature_machine feature_trend;

/** rms, skewness or kurtosis of the mean and the central moments. NaN: of what is constant but for rounding. */
static inline double feature_shape(int what, double mean, double variance, double third, double fourth)
{
	if (what == FEATURE_RMS)
		return sqrt(mean * mean + variance);
	if (!(variance > 0x1p-104 * mean * mean))
		return NAN;
	return what == FEATURE_KURTOSIS ? fourth / (variance * variance) : third / (variance * sqrt(variance));
}

/** Queues of the values that are or may become the greatest of a sliding window, see feature_extremes.c. */
struct feature_peaks {
	double *values; /* falling; NULL: nothing leaves, one number is enough */
	uint32_t *serials;
	size_t head, n, room;
	uint32_t newest; /* serial of the newest value */
	double greatest;
};

void feature_peaks_init(struct feature_peaks *p, size_t room, struct arena *a);
void feature_peaks_add(struct feature_peaks *p, double x);
/** The oldest of @n values leaves. */
void feature_peaks_drop(struct feature_peaks *p, size_t n);
void feature_peaks_clear(struct feature_peaks *p);
double feature_peaks_greatest(const struct feature_peaks *p);

#endif
