/* SPDX-License-Identifier: Apache-2.0 */
/*
 * loop.h - the event loop: timers, file descriptors, signals and a bell that other threads may ring.
 *
 * One thread runs the loop and every callback; nothing here but loop_wake_ring() and the clocks may be called from
 * another thread. A callback may create and free any source, its own included: a freed source never calls back again,
 * not even for an event that had already been seen. All sources must be freed before the loop is.
 *
 * Memory is taken when a source is created, never per event.
 */
#ifndef RUNNEL_BASE_LOOP_H
#define RUNNEL_BASE_LOOP_H

#include <stdint.h>

#include "base/check.h"

struct loop;
struct loop_timer;
struct loop_fd;
struct loop_signal;
struct loop_wake;

/** CLOCK_REALTIME, microseconds since the Unix epoch. It steps when somebody sets the clock. */
int64_t loop_wall_us(void);

/** CLOCK_BOOTTIME: never steps, goes on during suspend. Deadlines of timers are on this clock. */
int64_t loop_mono_us(void);

/** CLOCK_MONOTONIC, which the kernel stamps events with: never steps, stands still during suspend. */
int64_t loop_kernel_us(void);

/** @return 0, -ENOMEM, or the error of timerfd_create(2) or epoll_create(2), e.g. -EMFILE */
NODISCARD int loop_create(struct loop **out);

/** NULL is fine. Asserts that no source is left. */
void loop_free(struct loop *l);

/** Serve events until loop_stop(). @return what loop_stop() was given */
int loop_run(struct loop *l);

/** Make loop_run() return after the callback that is running. Before loop_run(): it returns at once. */
void loop_stop(struct loop *l, int result);

/**
 * A timer, not yet set. Timers that are due together are served by one wake-up, in the order of their deadlines
 * (of equal ones, in the order in which they were set). Never early; late by the wake-up latency and the
 * callbacks before it.
 */
NODISCARD int loop_timer_create(struct loop *l, struct loop_timer **out, void (*fire)(void *ctx), void *ctx);

/**
 * Fire once at @at_us (loop_mono_us()); replaces an earlier deadline. In the past: as soon as possible.
 * For a period without drift add to the last deadline, not to the time of the call.
 */
void loop_timer_set(struct loop_timer *t, int64_t at_us);

/** No-op when it is not set. */
void loop_timer_cancel(struct loop_timer *t);
void loop_timer_free(struct loop_timer *t);

enum loop_events {
	LOOP_READABLE = 1, /* or end of file, or error: read to find out */
	LOOP_WRITABLE = 2,
	LOOP_PRIORITY = 4, /* exceptional data: sysfs attributes, some character devices */
};

/**
 * Watch @fd, which stays the caller's: free the watch first, then close the descriptor. It becomes non-blocking.
 * @ready gets the events that are there. After an error on the descriptor it gets all that were asked for, once:
 * the watch is off until the next loop_fd_watch().
 * @return 0, -ENOMEM, -EPERM (a regular file can not be watched), -EEXIST (already watched)
 */
NODISCARD int loop_fd_create(struct loop *l, struct loop_fd **out, int fd, void (*ready)(void *ctx, unsigned events),
			     void *ctx);

/** What to watch for from now on (enum loop_events, 0: nothing, as at first). Level triggered. */
void loop_fd_watch(struct loop_fd *w, unsigned events);
void loop_fd_free(struct loop_fd *w);

/** @caught is called on the loop, not in a signal handler. Several signals that arrive together may be one call. */
NODISCARD int loop_signal_create(struct loop *l, struct loop_signal **out, int signal_number,
				 void (*caught)(void *ctx, int signal_number), void *ctx);
void loop_signal_free(struct loop_signal *s);

/** @rung is called on the loop at least once after each loop_wake_ring(), which may be called from any thread. */
NODISCARD int loop_wake_create(struct loop *l, struct loop_wake **out, void (*rung)(void *ctx), void *ctx);

/** Any thread, until the wake is freed. Wakes the loop; costs one write(2) at most. */
void loop_wake_ring(struct loop_wake *w);
void loop_wake_free(struct loop_wake *w);

#endif
