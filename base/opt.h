/* SPDX-License-Identifier: Apache-2.0 */
/*
 * opt.h - options as data. A driver, an operator or a section of the config declares what it accepts in one
 * table next to its code; parsing, bounds, defaults, error messages, help, JSON Schema and the reference
 * docs all come from that table.
 */
#ifndef RUNNEL_BASE_OPT_H
#define RUNNEL_BASE_OPT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/arena.h"
#include "base/diag.h"
#include "base/node.h"

enum opt_type {
	OPT_BOOL,	 /* bool */
	OPT_INT,	 /* int64_t */
	OPT_DOUBLE,	 /* double */
	OPT_DURATION,	 /* int64_t, microseconds */
	OPT_BYTES,	 /* int64_t */
	OPT_ENUM,	 /* int, index into choices */
	OPT_TEXT,	 /* const char *, in the arena */
	OPT_UNIT,	 /* const struct unit * */
	OPT_SPAN,	 /* struct opt_span: a count or a duration */
	OPT_TEXT_MAP,	 /* struct opt_map: names to texts */
	OPT_TEXT_LIST,	 /* struct opt_list */
	OPT_UNIT_MAP,	 /* struct opt_map whose values must be known units */
	OPT_DOUBLE_LIST, /* struct opt_doubles */
	OPT_POINTS,	 /* struct opt_points: [[x, y], ...] */
};

/** Exactly one of the two is positive, unless nothing was given (both 0). */
struct opt_span {
	int64_t count, us;
};

struct opt_map {
	const struct opt_pair {
		const char *name, *value;
		struct place at;
	} * pairs;
	size_t n;
};

struct opt_list {
	const char *const *items;
	size_t n;
};

struct opt_doubles {
	const double *values;
	size_t n;
};

struct opt_points {
	const struct opt_point {
		double x, y;
	} * points;
	size_t n;
};

struct opt {
	const char *name;
	enum opt_type type;
	size_t offset;		     /* of the member, by offsetof() */
	double min, max;	     /* of numbers, us, bytes, counts of a span; infinite: no bound; both 0: none */
	size_t min_items, max_items; /* of a list of numbers or points; max 0: no bound */
	const char *def;	     /* as a user would write it; NULL: not given, NaN for OPT_DOUBLE, else all-zero */
	const char *const *choices;  /* OPT_ENUM: names, NULL-terminated */
	const char *unit;	     /* of a number, for help: "Hz", "samples"; may be NULL */
	bool required;
	const char *help;    /* one line, no full stop */
	const char *example; /* for a ready-made config; NULL: only a required option is in it */
};

struct opt_table {
	const struct opt *rows;
	size_t n;
};

/**
 * Fill @target from the map @n by the rows of @table. A scalar (or a sequence, for a list option) instead of a
 * map sets the first row: `median: 5` is `median: {size: 5}`. One number is a list of one. NODE_NULL or a NULL @n gives the defaults.
 * Unknown and duplicate keys, wrong types and values out of bounds are added to @d with place and what was
 * expected. Keys listed in @ignore (NULL-terminated, may be NULL) are left to the caller, but count as known
 * names for "did you mean". Strings live in @a. @at: where to report a missing required option.
 * @what names the thing in messages, e.g. "driver sim".
 * @return  number of errors added
 */
int opt_apply(const struct opt_table *table, const struct node *n, void *target, struct arena *a, struct diag *d,
	      struct place at, const char *what, const char *const ignore[]);

/** "a number from 0 to 1 (Hz)", "a duration such as 10s", "one of: sine, noise": what a row accepts. Returns @buf. */
const char *opt_expects(const struct opt *row, char *buf, size_t buf_bytes);

struct json;

/** The JSON Schema of one option's value, as the member @key. "required" is a matter of the map around it. */
void opt_schema(const struct opt *row, struct json *j, const char *key);

#endif
