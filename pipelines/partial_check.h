/* SPDX-License-Identifier: Apache-2.0 */
/*
 * partial_check.h - what every partial satisfies, whoever made it and however it came: the bounds of its types, and the
 * laws of sums that no set of samples can break.
 */
#ifndef RUNNEL_PIPELINES_PARTIAL_CHECK_H
#define RUNNEL_PIPELINES_PARTIAL_CHECK_H

#include "base/check.h"
#include "pipelines/partial.h"

/** All but the metrics. @return NULL, or what is wrong (static string) */
NODISCARD const char *partial_check_envelope(const struct partial *p);

/** @p has passed partial_check_envelope(). @return NULL, or what is wrong (static string) */
NODISCARD const char *partial_check_metric(const struct partial *p, const struct partial_metric *m);

#endif
