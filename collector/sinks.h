/* SPDX-License-Identifier: Apache-2.0 */
/*
 * sinks.h - the sinks of a collector. Each has a thread, a reader of the store, and a cursor of its own: one that is down, slow or refuses
 * delays nothing but itself, and the collector's loop never waits for it. What it is behind stands in the store, not in memory, so it may be down for
 * as long as the store keeps its rows, and catches up from there.
 *
 * A cursor is written to the store after the other end has taken what is before it, by the collector's own thread, each second.
 */
#ifndef RUNNEL_COLLECTOR_SINKS_H
#define RUNNEL_COLLECTOR_SINKS_H

#include <stdint.h>

#include "base/check.h"
#include "collector/sink.h"
#include "collector/store.h"

enum { SINKS_MAX = 8 };

struct sinks;

/** "KIND NAME=VALUE ...": what is wrong is told on stderr, as of an option of `runnel-collector run`. @return 0 or -EINVAL */
NODISCARD int sinks_check(const char *const specs[], size_t n);

/** The kinds and their options, for --help. */
void sinks_print_help(void);

/** @specs: checked. @path: of the store; @own: the collector's, for cursors; borrowed. None: NULL. @return 0 or a negative error, which is logged */
NODISCARD int sinks_start(struct sinks **out, const char *const specs[], size_t n, const char *path, struct store *own);

/** Each second, after the store was written: wake them, and write how far they are. NULL is fine. */
void sinks_tick(struct sinks *s);

/** They get two seconds to take what is left. NULL is fine. Before the store is closed. */
void sinks_stop(struct sinks *s);

struct sink_report {
	const char *name, *kind;
	bool is_up;
	char reason[SINK_REASON_BYTES]; /* why not, or what was refused last */
	uint64_t sent, refused;		/* rows, since the start */
	int64_t behind;			/* rows of the store that it does not have yet; about */
};

/** @return whether there is a sink @i */
bool sinks_report(struct sinks *s, size_t i, struct sink_report *out);

#endif
