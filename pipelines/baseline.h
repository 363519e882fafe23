/* SPDX-License-Identifier: Apache-2.0 */
/*
 * baseline.h - what control charts compare with: target and standard deviation, given, or learnt from the first values; and
 * which direction counts.
 */
#ifndef RUNNEL_PIPELINES_BASELINE_H
#define RUNNEL_PIPELINES_BASELINE_H

#include <math.h>
#include <stdbool.h>
#include <stdint.h>

#include "pipelines/moments.h"
#include "pipelines/op.h"

enum direction { DIRECTION_BOTH, DIRECTION_UP, DIRECTION_DOWN };

extern const char *const direction_names[];

/** How far @x lies in the direction. */
static inline double direction_measure(int direction, double x)
{
	return direction == DIRECTION_BOTH ? fabs(x) : direction == DIRECTION_UP ? x : -x;
}

struct baseline {
	double target, sigma; /* as given, NaN: learnt */
	int64_t learn;	      /* how many values */

	double center, spread; /* in use */
	struct moments learnt;
	bool is_known;
};

enum { BASELINE_LEARN_MAX = 1000000 };
#define BASELINE_SIGMA_MIN 1e-100

/* The rows of an operator whose state has a struct baseline @member. */
#define BASELINE_OPTIONS(state, member)                                                                              \
	{ "target",	 OPT_DOUBLE,   offsetof(state, member.target),                                               \
	  .min = -1e100, .max = 1e100, .help = "what the values should be; default: the mean of the first values" }, \
		{ "sigma",                                                                                           \
		  OPT_DOUBLE,                                                                                        \
		  offsetof(state, member.sigma),                                                                     \
		  .min = BASELINE_SIGMA_MIN,                                                                         \
		  .max = 1e100,                                                                                      \
		  .help = "standard deviation of normal values, 1: all is in the unit of the series; default: "      \
			  "learnt, at "                                                                              \
			  "least the quantum of the unit" },                                                         \
	{                                                                                                            \
		"learn", OPT_INT, offsetof(state, member.learn),                                                     \
			.min = 2, .max = BASELINE_LEARN_MAX, .def = "100", .unit = "samples",                        \
			.help = "how many values to learn from what is not given; no result until then"              \
	}

void baseline_setup(struct baseline *b);

/** @quantum: the least standard deviation. @return false: @x was learnt from, and there is nothing yet to compare it with */
bool baseline_learn(struct baseline *b, double x, double quantum);

#endif
