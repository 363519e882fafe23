/* SPDX-License-Identifier: Apache-2.0 */
/*
 * atom.h - the functions of KPI expressions over a stream's aggregate: one row each. The reference, the parser,
 * the unit rules and the tests all go by this table.
 */
#ifndef RUNNEL_PIPELINES_ATOM_H
#define RUNNEL_PIPELINES_ATOM_H

#include <stdbool.h>
#include <stddef.h>

#include "pipelines/agg.h"

/** What the unit of the result is. */
enum atom_unit {
	ATOM_UNIT_OF_STREAM,
	ATOM_UNIT_DIFFERENCE, /* the same, but K for Cel */
	ATOM_UNIT_SUM,	      /* the same, but of Cel no temperature */
	ATOM_UNIT_ONE,
	ATOM_UNIT_PER_SECOND,
	ATOM_UNIT_TIMES_SECOND,
};

struct atom {
	const char *name;
	const char *help;
	bool needs_p; /* quantile(s, p) */
	enum atom_unit unit;
	bool for_counters; /* has a meaning for SERIES_COUNTER */
	bool for_gauges;   /* ... and for SERIES_GAUGE; for states all have one */
	/** @p: NaN unless needs_p. */
	double (*value)(const struct agg *a, const struct metric_def *def, double p);
};

/** Sorted by name; NULL past the end. */
const struct atom *atom_at(size_t i);
const struct atom *atom_find(const char *name);

#endif
