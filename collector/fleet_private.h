/* SPDX-License-Identifier: Apache-2.0 */
/* fleet_private.h - between the files of fleet.h: fleet.c, fleet_metric.c (definitions), fleet_window.c (aggregates), fleet_part.c. */
#ifndef RUNNEL_COLLECTOR_FLEET_PRIVATE_H
#define RUNNEL_COLLECTOR_FLEET_PRIVATE_H

#include "collector/fleet.h"
#include "pipelines/partial.h"

/* fleet_metric.c */
int site_compare_metrics(const void *a, const void *b);

/** The metric of this definition, made if new; NULL (counted): no room. */
struct site_metric *site_take_metric(struct fleet *f, struct site *s, struct device *d, const struct metric_def *def);

/* fleet_window.c */
int site_compare_windows(const void *a, const void *b);
struct site_window *site_find_window(const struct site *s, const struct partial *p);
struct site_window *site_add_window(struct fleet *f, struct site *s, const struct partial *p);

/** Room for one more window that begins at @w0, if need be by giving up the oldest. @return whether there is */
bool fleet_make_room(struct fleet *f, struct site *s, uint64_t w0);

/** NULL when that part has not been merged. */
const struct merged_part *window_find_part(const struct site_window *w, const struct merged_part *part);
size_t window_n_parts_of(const struct site_window *w, size_t device);

/** Note the part, and merge its metrics. */
void window_merge(struct fleet *f, struct site_window *w, const struct merged_part *part);
void window_merge_agg(struct fleet *f, struct site_window *w, size_t metric, size_t device, const struct agg *from);

#endif
