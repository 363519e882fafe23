/* SPDX-License-Identifier: Apache-2.0 */
/*
 * outflow.h - in which order, and how fast, rows of the spool go to the broker. Pure: time comes in, rows go out by a callback.
 *
 * What is new goes first, so that those who watch see the present; beside it the backlog, oldest first, at most RATE rows a second and
 * with some of the places in flight left free: a broker that comes back after an outage gets a fleet's backlogs as a stream and not as a
 * wall. A row leaves the spool when it was acknowledged. What the broker refuses is kept, and everything of its
 * kind waits, at first 5 s, then up to 5 minutes, and goes on with one row to see; other kinds flow. What no repetition can help
 * (too large, malformed) is taken out, and counted. Without any acknowledgement for a minute the connection is
 * called stuck.
 */
#ifndef RUNNEL_AGENT_OUTFLOW_H
#define RUNNEL_AGENT_OUTFLOW_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "agent/spool.h"

enum {
	OUTFLOW_MAX_OPEN = 16,
	OUTFLOW_KEPT_FREE = 4, /* for what is new */
	OUTFLOW_RATE = 100,    /* rows of the backlog, a second */
	OUTFLOW_BURST = 100,
	OUTFLOW_KINDS = 2,
};

struct outflow_hold {
	int64_t until_us, wait_us; /* wait_us 0: flows */
	bool is_probing;	   /* one row is on its way */
};

struct outflow {
	struct spool *spool;
	/** @return 0, -EAGAIN: not now, -EMSGSIZE: never, or another negative errno: as not now */
	int (*send)(void *ctx, const struct spool_row *row);
	void *ctx;
	bool is_paced; /* false: as fast as it goes */
	bool is_connected;
	uint64_t live_at, backlog_at, backlog_end; /* rows up to *_at have been looked at */
	unsigned epoch;
	double tokens;
	int64_t tokens_at_us, answered_us;
	size_t n_open;
	struct {
		uint64_t id;
		enum spool_kind kind;
	} open[OUTFLOW_MAX_OPEN];
	struct outflow_hold holds[OUTFLOW_KINDS];
	bool has_skipped;
	bool wants_commit; /* the backlog waits for a spool_commit() with acknowledgements */
	uint64_t n_refused, n_given_up;
};

void outflow_connect(struct outflow *f, int64_t now_us);
void outflow_disconnect(struct outflow *f);

/** Send what may go. @return when to call again, INT64_MAX: after the next event */
int64_t outflow_run(struct outflow *f, int64_t now_us);

void outflow_arrived(struct outflow *f, uint64_t id, int64_t now_us);

/** @code: of MQTT 5.0 */
void outflow_refused(struct outflow *f, uint64_t id, int code, int64_t now_us);

/** Look at everything that waits again. */
void outflow_restart(struct outflow *f);

/** Whether what is open has had no answer for too long. */
bool outflow_is_stuck(const struct outflow *f, int64_t now_us);

/** Whether something is held back because it was refused. */
bool outflow_is_held(const struct outflow *f);

#endif
