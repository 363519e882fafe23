/* SPDX-License-Identifier: Apache-2.0 */
/*
 * plain_log.h - natural logarithm by additions, multiplications and divisions alone: the same bits on every processor, which
 * the C library does not promise. Within 1 unit in the last place.
 */
#ifndef RUNNEL_PIPELINES_PLAIN_LOG_H
#define RUNNEL_PIPELINES_PLAIN_LOG_H

/** ln x. 0: -infinity; below 0 or NaN: NaN; infinity: itself. */
double plain_log(double x);

#endif
