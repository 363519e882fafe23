/* SPDX-License-Identifier: Apache-2.0 */
/*
 * past.h - questions about what is in a store: any expression, over any range, grouped as nobody thought of when the data came. The parts are merged
 * again for each question; they are sums, so the answer is as exact as that of the collector itself.
 *
 * Reads only; the collector may be writing meanwhile.
 */
#ifndef RUNNEL_COLLECTOR_PAST_H
#define RUNNEL_COLLECTOR_PAST_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "collector/fleet_kpi.h"
#include "collector/store.h"

struct past;

enum { PAST_MAX_QUESTIONS = 16, PAST_ERROR_BYTES = 300, PAST_LONGEST_WINDOW_S = 366 * 86400 };

/** @now_us: our clock, Unix. store_explain() tells what an error means. @return 0 or a negative error */
NODISCARD int past_open(struct past **out, const char *path, int64_t now_us);
void past_close(struct past *p); /* NULL is fine */

struct fleet *past_fleet(const struct past *p);
struct store *past_store(const struct past *p);

/** What a device measures: its current contract, or when its birth names none the one that came last; NULL: none. */
const struct shared_contract *past_contract(struct device *d);

/** The first w0 and the end of the last window of a part. @return false: there is none */
bool past_range(const struct past *p, uint64_t *from, uint64_t *to);

/** Whose a row of the store is. @return false: nobody's */
bool past_device_of(const struct past *p, int64_t row, const char **site, const char **device);

enum past_by { PAST_BY_SITE, PAST_BY_DEVICE, PAST_BY_LABEL, PAST_BY_NOTHING };

struct past_scope {
	const char *site, *device, *label; /* NULL: all; label: NAME=VALUE */
	enum past_by by;
	const char *by_label; /* its name; devices without it are the group "" */
	uint64_t from, to;    /* windows that begin in it, Unix s */
	uint32_t window_s;    /* 0: each question's own */
	bool is_whole;	      /* one window, from @from to @to */
	uint64_t deadline_s;  /* what is not complete by then is CLOSED */
};

struct past_question {
	const char *name; /* as it is told: of a KPI, or the expression */
	const char *expression;
	const char *unit;  /* NULL: what follows from the streams */
	uint32_t window_s; /* 0: that of its streams */
};

/** The KPI of this name as most devices in @scope define it. @return 0 or -ENOENT */
NODISCARD int past_find_kpi(const struct past *p, const struct past_scope *scope, const char *name,
			    struct past_question *out);

/** The KPI or stream in @scope whose name is nearest to @name; NULL: none is near. */
const char *past_nearest(struct past *p, const struct past_scope *scope, const char *name, bool is_stream);

struct past_row {
	const struct past_question *question;
	const char *group, *unit;
	uint64_t w0, wl;
	double value, coverage; /* NaN: missing */
	uint64_t n, expected;
	size_t devices, expected_devices, complete_devices;
	enum fleet_kpi_state state;
};

/** What was left out of the answer. */
struct past_notes {
	uint64_t n_parts;    /* that were read */
	uint64_t n_too_long; /* parts longer than the windows, or across their edges: of hours that are rolled up */
	uint32_t longest_s;  /* of these */
	uint64_t n_other;    /* streams of parts that mean something else by the name than most devices do */
	uint64_t n_unreadable;
};

struct past_sink {
	int (*row)(void *ctx, const struct past_row *row); /* 0 to go on */
	void *ctx;
};

struct past_answer {
	struct past_notes notes;
	char error[PAST_ERROR_BYTES]; /* what is wrong with a question */
};

/**
 * Rows in order of time, group and question; one window length after the other when questions have several.
 * @n: at most PAST_MAX_QUESTIONS. @return 0, what the sink returned, -EINVAL with the error, or an error of db.h
 */
NODISCARD int past_ask(struct past *p, const struct past_scope *scope, const struct past_question *q, size_t n,
		       const struct past_sink *sink, struct past_answer *answer);

#endif
