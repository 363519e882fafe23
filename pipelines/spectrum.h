/* SPDX-License-Identifier: Apache-2.0 */
/*
 * spectrum.h - power spectral densities of a stream by Welch's method, for the operators that tell one number of them.
 *
 * Values are gathered in blocks of `size` that overlap; each block loses its mean, is tapered by a Hann window and transformed; the
 * powers of `average` blocks are averaged. The result is what scipy.signal.welch() gives: one-sided, per Hz.
 *
 * A block is of values at an even pace or it is none: a gap, a lost sample, and a sample more than half a period from where it was due
 * (late, early, twice) drop what has been gathered of a block, and the next value begins another. Whole blocks stay in the average, but
 * not over a pause that is longer than a block. Constant input has no power but that of rounding; below 1e-28 of the square of the
 * block's greatest value a power is taken for none.
 */
#ifndef RUNNEL_PIPELINES_SPECTRUM_H
#define RUNNEL_PIPELINES_SPECTRUM_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/check.h"
#include "pipelines/fft.h"
#include "pipelines/op.h"
#include "pipelines/rate.h"

struct spectrum_options {
	double low, high; /* Hz; NaN: not given */
	int64_t size, average;
	double overlap, rate_hz;
};

enum { SPECTRUM_SIZE_MAX = 65536 };

/** Rows of an option table. @member: the struct spectrum_options in @type. */
#define SPECTRUM_OPTIONS(type, member)                                                              \
	{ "low",                                                                                    \
	  OPT_DOUBLE,                                                                               \
	  offsetof(type, member.low),                                                               \
	  .min = 0,                                                                                 \
	  .max = 1e6,                                                                               \
	  .unit = "Hz",                                                                             \
	  .help = "lower end of the band; default: the lowest frequency above 0" },                 \
		{ "high",                                                                           \
		  OPT_DOUBLE,                                                                       \
		  offsetof(type, member.high),                                                      \
		  .min = 0,                                                                         \
		  .max = 1e6,                                                                       \
		  .unit = "Hz",                                                                     \
		  .help = "upper end of the band; default: half the rate" },                        \
		{ "size",                                                                           \
		  OPT_INT,                                                                          \
		  offsetof(type, member.size),                                                      \
		  .min = 16,                                                                        \
		  .max = SPECTRUM_SIZE_MAX,                                                         \
		  .def = "1024",                                                                    \
		  .unit = "samples",                                                                \
		  .help = "values in a block, a power of two: frequencies are rate / size apart" }, \
		{ "overlap",                                                                        \
		  OPT_DOUBLE,                                                                       \
		  offsetof(type, member.overlap),                                                   \
		  .min = 0,                                                                         \
		  .max = 0.9,                                                                       \
		  .def = "0.5",                                                                     \
		  .help = "share of a block that it has in common with the next one" },             \
		{ "average",                                                                        \
		  OPT_INT,                                                                          \
		  offsetof(type, member.average),                                                   \
		  .min = 1,                                                                         \
		  .max = 10000,                                                                     \
		  .def = "1",                                                                       \
		  .unit = "blocks",                                                                 \
		  .help = "blocks in a result; more make it steadier" },                            \
		RATE_OPTION(offsetof(type, member.rate_hz))

#define SPECTRUM_MEMORY "60 B times size"

struct spectrum {
	struct rate rate;
	struct fft *fft;
	size_t size, hop, n_average;
	double *block, *taper, *tapered, *power, *density;
	double scale;	    /* from |X|^2 to density */
	double step_hz;	    /* from one frequency to the next */
	size_t first, last; /* the band, in steps */
	size_t fill, n_blocks;
	uint32_t lost;
};

/** Takes memory, sets the kind and the period of the output. @return 0 or -EINVAL */
NODISCARD int spectrum_setup(struct spectrum *sp, const struct spectrum_options *o, struct op_setup *s);

/** Take a sample. @return sp->density is new; what was lost until then is in *@lost */
bool spectrum_push(struct spectrum *sp, const struct sample *in, uint32_t *lost);

#endif
