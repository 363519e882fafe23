/* SPDX-License-Identifier: Apache-2.0 */
/* past_private.h - between past.c (who and what is meant) and past_ask.c (merging). */
#ifndef RUNNEL_COLLECTOR_PAST_PRIVATE_H
#define RUNNEL_COLLECTOR_PAST_PRIVATE_H

#include "collector/archive_private.h"
#include "collector/past.h"
#include "pipelines/partial.h"

struct past {
	struct fleet *fleet;
	struct archive *archive;
	struct arena names;
};

enum { PAST_MAX_STREAMS = 64 };

/** A device in the scope. */
struct past_member {
	const struct site *site;
	struct device *device;
	size_t group;
};

struct past_members {
	struct past_member *items;
	size_t n;
	size_t *by_row; /* of the store: index + 1; 0: not in the scope */
	size_t n_rows;
	char (*groups)[FLEET_KPI_WORST_BYTES]; /* in order of names */
	size_t n_groups;
	size_t *first; /* of each group, and past the last: members are in order of groups */
};

/** Ends with past_members_free(). */
void past_members_find(struct past_members *m, const struct past *p, const struct past_scope *scope);
void past_members_free(struct past_members *m);

/** What most members mean by a stream, at a tie the first; NULL: none has it. */
const struct metric_def *past_definition(const struct past_members *m, const char *stream);

/** The metric of a stream in a contract, or NULL. */
const struct metric_def *past_metric(const struct shared_contract *c, const char *stream);

/** A question that was understood. */
struct past_asked {
	const struct past_question *q;
	const struct expr *expr;
	const char *unit;
	size_t n_streams, streams[EXPR_MAX_STREAMS]; /* indices into definitions */
	uint64_t wl;
};

/** Which metric of a contract is which stream. */
struct past_map {
	const struct shared_contract *contract;
	size_t stream[PARTIAL_MAX_METRICS]; /* PAST_NONE: none; PAST_OTHER: means something else by its name */
};

enum { PAST_NONE = PAST_MAX_STREAMS, PAST_OTHER };

/** What a device gave to a stream in the window. */
struct past_given {
	uint64_t expected;
	bool is_there;
};

struct past_asking {
	struct past *past;
	const struct past_scope *scope;
	struct past_members members;
	struct arena arena;
	struct past_asked asked[PAST_MAX_QUESTIONS];
	size_t n_asked;
	const struct metric_def *defs[PAST_MAX_STREAMS];
	size_t n_defs;
	struct past_map *maps;
	size_t n_maps, cap_maps, last_map;
	struct agg **aggs;	  /* by group, then stream; made when they are needed */
	struct past_given *given; /* by member, then stream */
	const struct metric_def *
		*own;	 /* likewise: the definition in its current contract; NULL: it has none that agrees */
	uint64_t w0, wl; /* of the window at hand */
	bool has_window;
	const struct past_sink *sink;
	struct past_answer *answer;
};

/** Into a->asked. @return 0, or -EINVAL with the answer's error */
NODISCARD int past_understand(struct past_asking *a, const struct past_question *q);

#endif
