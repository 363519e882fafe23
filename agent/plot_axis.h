/* SPDX-License-Identifier: Apache-2.0 */
/* plot_axis.h - where the ticks of an axis are, and what is written at them. */
#ifndef RUNNEL_AGENT_PLOT_AXIS_H
#define RUNNEL_AGENT_PLOT_AXIS_H

#include <stddef.h>
#include <stdint.h>

/** 1, 2 or 5 times a power of ten, so that @min to @max has at most @n_max ticks and at least half of that, less one. @min < @max. */
double plot_step(double min, double max, unsigned n_max);

/** As many decimals as the multiples of @step need, at most 9. */
unsigned plot_decimals(double step);

/** A round number of seconds, minutes, hours or days, or microseconds below a second; at most @n_max ticks in @span_us > 0. */
int64_t plot_time_step_us(int64_t span_us, unsigned n_max);

enum { PLOT_LABEL_BYTES = 32 };

/** What is written at a tick: the time as finely as the step needs, the date for days. @buf of PLOT_LABEL_BYTES; returns @buf. */
const char *plot_time_label(int64_t at_us, int64_t step_us, char *buf);

#endif
