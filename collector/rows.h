/* SPDX-License-Identifier: Apache-2.0 */
/*
 * rows.h - what is handed on as rows of tables: CSV for people and programs that learn, SQL for databases. A table is data; what writes a row does
 * not know the form. docs/sql/schema.sql has the same tables, and what merges them.
 */
#ifndef RUNNEL_COLLECTOR_ROWS_H
#define RUNNEL_COLLECTOR_ROWS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/dynbuf.h"
#include "collector/fleet_kpi.h"
#include "collector/part_book.h"

enum rows_table {
	ROWS_KPIS,     /* what was told of the fleet: one row for each window of a KPI, its newest version */
	ROWS_FEATURES, /* one row for each device, metric and window: quantities */
	ROWS_METRICS,  /* definitions of metrics */
	ROWS_MOMENTS,  /* one row for each part and metric: integers to be merged */
	ROWS_BUCKETS,  /* and its sketch */
	ROWS_N_TABLES,
};

enum rows_format { ROWS_CSV, ROWS_SQL };

const char *rows_name(enum rows_table table);
const char *rows_help(enum rows_table table);

struct rows {
	enum rows_table table;
	enum rows_format format;
	bool is_first_field, is_begun;
	size_t n;	   /* rows so far */
	struct dynbuf out; /* to be taken and reset by the owner between rows: see rows_end() */
};

/** @max_bytes: of what waits to be taken */
void rows_init(struct rows *r, enum rows_table table, enum rows_format format, size_t max_bytes);
void rows_free(struct rows *r);

/** The first line of a CSV; nothing in SQL. */
void rows_header(struct rows *r);

/** A statement is complete: may be called at any time between rows, and must be before what waits is taken. */
void rows_end(struct rows *r);

void rows_kpi(struct rows *r, const struct fleet_kpi *k, int64_t change);

/** Metric @i of the part: ROWS_MOMENTS, ROWS_BUCKETS (as many rows as it has buckets) or ROWS_METRICS. */
void rows_part(struct rows *r, const struct part_view *p, size_t i);

/** @def, @agg: of @p's window, merged over its parts. */
void rows_feature(struct rows *r, const struct part_view *p, const struct metric_def *def, const struct agg *agg);

#endif
