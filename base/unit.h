/* SPDX-License-Identifier: Apache-2.0 */
/*
 * unit.h - the units a stream can have, by UCUM code, and the fleet-wide default contract of each:
 * reference K, quantum q and sketch mapping. These rows are part of the wire contract: a change of K, q or
 * sketch makes partials of old and new devices unmergeable.
 */
#ifndef RUNNEL_BASE_UNIT_H
#define RUNNEL_BASE_UNIT_H

#include <stddef.h>

enum sketch_kind { SKETCH_EXP2, SKETCH_LIN };

struct unit {
	const char *code;     /* UCUM, case-sensitive: "Cel", "%", "m/s2" */
	const char *name;     /* "degree Celsius" */
	const char *quantity; /* "temperature" */
	double reference;     /* K */
	double quantum;	      /* q, > 0 */
	enum sketch_kind sketch;
	double sketch_width; /* SKETCH_LIN: bucket width in the unit, a multiple of q; else 0 */
};

/** The row with this UCUM code, or NULL. Static, immutable. */
const struct unit *unit_find(const char *code);

/** Of two values of @unit, one less the other: 25 Cel is a place on a scale, 5 K the way from 20 Cel. Static, immutable. */
const struct unit *unit_of_difference(const struct unit *unit);

/** The known code nearest to @code, or NULL ("C" and "degC" give "Cel"). */
const char *unit_nearest(const char *code);

/** Row @i in order of the table, NULL past the end. */
const struct unit *unit_at(size_t i);

#endif
