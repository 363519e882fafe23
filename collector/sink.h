/* SPDX-License-Identifier: Apache-2.0 */
/*
 * sink.h - what hands results on to one kind of system. A kind is a row of a table: its options as data, and four functions that know the other
 * end and nothing else. Threads, cursors and patience are sinks.h's.
 *
 * A batch is added row by row, then flushed. What a sink writes must have a key of its own, so that a row that comes again, in the same version or
 * a newer one, takes the place of the first: after a crash the rows of the last second come again.
 */
#ifndef RUNNEL_COLLECTOR_SINK_H
#define RUNNEL_COLLECTOR_SINK_H

#include <stdatomic.h>
#include <stdbool.h>
#include <stddef.h>

#include "base/opt.h"
#include "collector/fleet_kpi.h"
#include "collector/part_book.h"

enum { SINK_NAME_BYTES = 65, SINK_REASON_BYTES = 256, SINK_MAX_CONFIG_BYTES = 256 };

enum sink_feed { SINK_KPIS, SINK_PARTS, SINK_N_FEEDS };

enum sink_rows { SINK_ROWS_KPIS, SINK_ROWS_PARTS, SINK_ROWS_BOTH };

/** The first member of every kind's config. */
struct sink_common {
	const char *name; /* of its cursor */
	int rows;	  /* enum sink_rows */
};

extern const char *const sink_rows_names[];

/* The first rows of every kind's table. */
#define SINK_COMMON_OPTIONS(type)                                                     \
	{ "name", OPT_TEXT, offsetof(type, common.name),                              \
	  .help = "of its cursor, when there are two of a kind; default: the kind" }, \
	{                                                                             \
		"rows", OPT_ENUM, offsetof(type, common.rows),                        \
			.choices = sink_rows_names, .def = "kpis",                    \
			.help = "fleet KPIs, the parts they are merged from, or both" \
	}

/** A thing that a sink's thread and the program share. */
struct sink_wait {
	atomic_bool is_ending; /* give up waiting */
};

struct sink_kind {
	const char *name, *help;
	const char *lacks; /* a library that the program was built without; NULL: it can be used */
	struct opt_table options;
	size_t config_bytes; /* at most SINK_MAX_CONFIG_BYTES */
	size_t max_rows;     /* of a batch */

	/** @config: valid as long as the state. @return 0, or negative with the reason: a mistake of the config */
	int (*open)(void **state, const void *config, struct sink_wait *wait, char reason[static SINK_REASON_BYTES]);
	void (*close)(void *state);
	void (*add_kpi)(void *state, const struct fleet_kpi *k);
	void (*add_part)(void *state, const struct part_view *p);

	/**
	 * May block, for seconds. @return 0 or more: the other end has the batch, but for as many rows, which it refuses; -EAGAIN: not yet, the batch
	 * is kept, flush again later; -EBADMSG: it refuses something in it and nobody knows what, the batch is dropped. With a reason.
	 */
	int (*flush)(void *state, char reason[static SINK_REASON_BYTES]);
};

/** NULL past the end. */
const struct sink_kind *sink_kind_at(size_t i);

extern const struct sink_kind sink_influx, sink_kafka;

#endif
