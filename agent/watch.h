/* SPDX-License-Identifier: Apache-2.0 */
/*
 * watch.h - waits for what happens at one sensor by itself, such as the edges of a line, and dates it: kernel time becomes
 * Unix time, in order, also when the two clocks are not read at the same instant.
 */
#ifndef RUNNEL_AGENT_WATCH_H
#define RUNNEL_AGENT_WATCH_H

#include <stdint.h>

#include "agent/clock.h"
#include "base/check.h"
#include "base/loop.h"
#include "drivers/sensor.h"

/**
 * An edge is stamped in the interrupt and can be read when a thread of the kernel has run: so long after its fetch, nothing from
 * before is still on its way.
 */
enum { WATCH_SETTLE_US = 5000 };

struct watch {
	const struct sensor_driver *driver; /* with a watch */
	void *state;
	const struct clock *clock;
	void (*ready)(void *ctx);
	void (*event)(void *ctx, const struct sensor_event *e); /* at_us: Unix */
	void *ctx;
	struct loop_fd *fd; /* NULL: not begun */
	int64_t newest_us;  /* Unix; what was given last; INT64_MIN: nothing since watch_forget() */
	int64_t fetched_us; /* CLOCK_MONOTONIC; all that was there by then has been given */
};

/** The driver has been probed. Idempotent. @return 0 or the errors of loop_fd_create() */
NODISCARD int watch_begin(struct watch *w, struct loop *loop);

/** Before the driver closes its descriptor. Idempotent. */
void watch_end(struct watch *w);

/** Give all that happened up to now. @return 0 or the error of the driver */
NODISCARD int watch_fetch(struct watch *w);

/** No earlier than what was given: the time of a reading that was due at @at_us. */
int64_t watch_order(struct watch *w, int64_t at_us);

/** The clock was set: what was given before sets no bound. */
void watch_forget(struct watch *w);

/** Unix; nothing from before is to come, if watch_fetch() succeeded just now. INT64_MAX when not begun. */
int64_t watch_watermark_us(const struct watch *w);

/** Unix; when to fetch again without being asked. INT64_MAX: when the descriptor says so. */
int64_t watch_wake_us(const struct watch *w);

#endif
