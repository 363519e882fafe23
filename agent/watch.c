/* SPDX-License-Identifier: Apache-2.0 */
#include "agent/watch.h"

enum { FETCH_AT_ONCE = 64, MAX_ROUNDS = 32 };

static void on_ready(void *ctx, unsigned events)
{
	struct watch *w = ctx;

	(void)events;
	w->ready(w->ctx);
}

int watch_begin(struct watch *w, struct loop *loop)
{
	int r;

	if (w->fd)
		return 0;
	r = loop_fd_create(loop, &w->fd, w->driver->watch->fd(w->state), on_ready, w);
	if (r < 0)
		return r;
	loop_fd_watch(w->fd, LOOP_READABLE);
	w->fetched_us = loop_kernel_us();
	return 0;
}

void watch_end(struct watch *w)
{
	if (w->fd)
		loop_fd_free(w->fd);
	w->fd = NULL;
}

int64_t watch_order(struct watch *w, int64_t at_us)
{
	if (at_us > w->newest_us)
		w->newest_us = at_us;
	return w->newest_us;
}

/* A time stamp from the future is one we do not understand (kernels before 5.7 stamp with the wall clock): now, then. */
static void give(struct watch *w, const struct sensor_event events[], int n)
{
	int64_t kernel_us = loop_kernel_us(), now_us = clock_of_kernel_us(w->clock, kernel_us);

	for (int i = 0; i < n; i++) {
		struct sensor_event dated = events[i];
		int64_t age_us = kernel_us - dated.at_us;

		dated.at_us = watch_order(w, now_us - (age_us > 0 ? age_us : 0));
		w->event(w->ctx, &dated);
	}
}

/* A line that swings faster than we can read must not keep the agent from all else. */
int watch_fetch(struct watch *w)
{
	struct sensor_event events[FETCH_AT_ONCE];
	int64_t begun_us = loop_kernel_us();
	int n, rounds = 0;

	do {
		n = w->driver->watch->fetch(w->state, loop_kernel_us(), events, FETCH_AT_ONCE);
		if (n < 0)
			return n;
		give(w, events, n);
	} while (n > 0 && ++rounds < MAX_ROUNDS);
	w->fetched_us = n > 0 ? events[n - 1].at_us : begun_us;
	return 0;
}

void watch_forget(struct watch *w)
{
	w->newest_us = INT64_MIN;
}

int64_t watch_watermark_us(const struct watch *w)
{
	return w->fd ? clock_of_kernel_us(w->clock, w->fetched_us) - WATCH_SETTLE_US : INT64_MAX;
}

int64_t watch_wake_us(const struct watch *w)
{
	int64_t wake_us = w->fd ? w->driver->watch->wake_us(w->state) : INT64_MAX;

	return wake_us == INT64_MAX ? INT64_MAX : clock_of_kernel_us(w->clock, wake_us);
}
