/* SPDX-License-Identifier: Apache-2.0 */
/* sink_worker.h - one sink at work: from the store, row by row in the order of changes, to the other end. */
#ifndef RUNNEL_COLLECTOR_SINK_WORKER_H
#define RUNNEL_COLLECTOR_SINK_WORKER_H

#include <pthread.h>

#include "base/backoff.h"
#include "collector/sink.h"
#include "collector/sink_spec.h"

/** What both threads look at, under the lock. */
struct sink_shared {
	pthread_mutex_t lock;
	pthread_cond_t changed; /* on CLOCK_MONOTONIC */
	bool is_woken, is_finishing, is_done, is_up;
	int64_t finish_by_us; /* CLOCK_MONOTONIC, when finishing */
	int64_t cursor[SINK_N_FEEDS];
	int64_t newest[SINK_N_FEEDS]; /* of the store, when it was looked at last */
	uint64_t sent, refused;
	char reason[SINK_REASON_BYTES];
};

struct sink_worker {
	struct sink_spec spec;
	const char *path; /* of the store */
	pthread_t thread;
	bool is_started;
	struct sink_wait wait;
	struct sink_shared shared;
	int64_t saved[SINK_N_FEEDS]; /* cursors in the store; of the other thread */
};

/** Spec, path, cursors and @saved are set. @return 0 or negative errno */
NODISCARD int sink_worker_start(struct sink_worker *w);

/** Something may be new. */
void sink_worker_wake(struct sink_worker *w);

/** Take what is left, until then at the latest. */
void sink_worker_finish(struct sink_worker *w, int64_t by_us);

/** Wait for that, and then for the end of the thread, which does not take long. The cursors stay to be looked at. */
void sink_worker_join(struct sink_worker *w, int64_t by_us);

bool sink_worker_has(const struct sink_worker *w, enum sink_feed feed);

int64_t sink_worker_now_us(void);

#endif
