/* SPDX-License-Identifier: Apache-2.0 */
/*
 * feature.h - one number of a window of values, whatever the shape of the window: its mean, its kurtosis, its median ...
 *
 * A window adds values, lets the oldest go where it slides, and asks for the number. How a number is kept up to date is its machine's
 * business (feature_private.h); none subtracts what has left from a running sum, so nothing that was ever in a window is
 * in it for longer, however large it was.
 *
 *     n duration                  counted                           O(1)
 *     sum mean                    sums of two parts, see op_moving_average.c         O(1)
 *     stddev rms skewness kurtosis crest    central moments (Pebay 2008), sums of powers where it slides   O(1)
 *     min max range peak_to_peak  queues of candidates              O(1) on average
 *     quantile median             two heaps                         O(log w)
 *     slope r2                    least squares, merged             O(1)
 *     zero_crossings entropy      counted                           O(1)
 */
#ifndef RUNNEL_PIPELINES_FEATURE_H
#define RUNNEL_PIPELINES_FEATURE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/check.h"
#include "pipelines/op.h"

struct feature_options {
	int what; /* row of the table */
	double p, low, high;
	int64_t bins, max_samples, per_us;
};

extern const char *const feature_names[];

enum { FEATURE_SAMPLES_MAX = 1000000, FEATURE_BINS_MAX = 64 };

/** Rows of an option table. @member: the struct feature_options in @type. */
#define FEATURE_OPTIONS(type, member)                                                                                       \
	{ "value",                                                                                                          \
	  OPT_ENUM,                                                                                                         \
	  offsetof(type, member.what),                                                                                      \
	  .choices = feature_names,                                                                                         \
	  .def = "mean",                                                                                                    \
	  .help = "what is told of a window" },                                                                             \
		{ "p",                                                                                                      \
		  OPT_DOUBLE,                                                                                               \
		  offsetof(type, member.p),                                                                                 \
		  .min = 0,                                                                                                 \
		  .max = 1,                                                                                                 \
		  .help = "which quantile: 0.95 is what 95 % do not exceed; between two values by their distance" },        \
		{ "low",                                                                                                    \
		  OPT_DOUBLE,                                                                                               \
		  offsetof(type, member.low),                                                                               \
		  .min = -1e100,                                                                                            \
		  .max = 1e100,                                                                                             \
		  .help = "entropy: lower end of the first bin; what is below belongs to it" },                             \
		{ "high",	 OPT_DOUBLE,   offsetof(type, member.high),                                                 \
		  .min = -1e100, .max = 1e100, .help = "entropy: upper end of the last bin; what is above belongs to it" }, \
		{ "bins",                                                                                                   \
		  OPT_INT,                                                                                                  \
		  offsetof(type, member.bins),                                                                              \
		  .min = 2,                                                                                                 \
		  .max = FEATURE_BINS_MAX,                                                                                  \
		  .def = "16",                                                                                              \
		  .help = "entropy: number of bins" },                                                                      \
		{ "per",                                                                                                    \
		  OPT_DURATION,                                                                                             \
		  offsetof(type, member.per_us),                                                                            \
		  .min = 1,                                                                                                 \
		  .max = 366.0 * 86400e6,                                                                                   \
		  .def = "1s",                                                                                              \
		  .example = "1h",                                                                                          \
		  .help = "slope: the change in such a time" },                                                             \
	{                                                                                                                   \
		"max_samples", OPT_INT, offsetof(type, member.max_samples),                                                 \
			.min = 0, .max = FEATURE_SAMPLES_MAX, .unit = "samples",                                            \
			.help = "room where values must be kept, then the oldest leave early; default: by length and "      \
				"period, 4096 without"                                                                      \
	}

/** What a window's memory bound says of its feature. */
#define FEATURE_MEMORY "quantile and median 29 B a sample, the rest none"
#define FEATURE_MEMORY_SLIDING "8 to 56 B a sample of the window, by feature"

struct feature_machine;

struct feature {
	const struct feature_machine *machine;
	void *state; /* the machine's */
	const char *name;
	int what;
	size_t n;	 /* values in the window */
	size_t n_needed; /* for a number: two for those of a spread or a line, else one */
	size_t room;	 /* for values that are kept; SIZE_MAX when none are */
	size_t head;	 /* where the oldest is */
	int64_t *times;	 /* of the values that are kept */
	int64_t first_us, newest_us;
};

/** How long the window is, as far as it is known: by number or by time, else 0. */
struct feature_window {
	int64_t count, length_us;
	bool slides; /* the oldest values are dropped one by one */
};

/** Check options, take memory, set unit and kind of the output. @return 0 or -EINVAL */
NODISCARD int feature_setup(struct feature *f, const struct feature_options *o, const struct feature_window *w,
			    struct op_setup *s);

/** Add a finite value. When there is no room for it, the oldest leaves. */
void feature_add(struct feature *f, int64_t at_us, double x);

/** The oldest value leaves. Only where the window slides, and n > 0. */
void feature_drop(struct feature *f);

/** All leave. */
void feature_clear(struct feature *f);

/** The number; NaN where there is none: of too few values, of a constant, beyond the range of double. */
double feature_value(struct feature *f);

static inline bool feature_has_enough(const struct feature *f)
{
	return f->n >= f->n_needed;
}

/** When the oldest value came. Only where the window slides, and n > 0. */
static inline int64_t feature_oldest_us(const struct feature *f)
{
	return f->times[f->head];
}

#endif
