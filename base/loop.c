/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The event loop on libuv; the only file that includes <uv.h>.
 *
 * libuv brings epoll, signals, the wake-up from other threads and handles that may be closed in any callback (memory goes
 * when the close is complete). Its own timers are not used: they count milliseconds of CLOCK_MONOTONIC, which
 * rounds deadlines and stands still during suspend. Here a heap of absolute CLOCK_BOOTTIME deadlines sits on
 * one timerfd, which is set at most once per turn of the loop, just before it sleeps, and only when the first deadline changed.
 *
 * A timer that is set again while timers are served waits for the next turn, so that a timer which is always overdue
 * can starve neither the other timers nor the descriptors.
 */
#include "base/loop.h"

#include <assert.h>
#include <errno.h>
#include <stdlib.h>
#include <sys/timerfd.h>
#include <time.h>
#include <unistd.h>
#include <uv.h>

#include "base/deadlines.h"

enum { US_PER_S = 1000000, NS_PER_US = 1000 };

struct loop_timer {
	struct loop *loop;
	void (*fire)(void *ctx);
	void *ctx;
	struct deadline deadline;
};

struct loop_fd {
	uv_poll_t handle;
	struct loop *loop;
	void (*ready)(void *ctx, unsigned events);
	void *ctx;
	unsigned events;
};

struct loop_signal {
	uv_signal_t handle;
	struct loop *loop;
	void (*caught)(void *ctx, int signal_number);
	void *ctx;
};

struct loop_wake {
	uv_async_t handle;
	struct loop *loop;
	void (*rung)(void *ctx);
	void *ctx;
};

struct loop {
	uv_loop_t uv;
	uv_prepare_t before_sleep;
	uv_poll_t timer_ready;
	struct deadlines deadlines;
	int64_t armed_us;  /* what timer_fd is set to; NEVER_US when it is not */
	int64_t served_us; /* when timers were last served */
	int timer_fd;
	size_t n_sources;
	int result;
};

#define NEVER_US INT64_MAX

static void serve_timers(struct loop *l)
{
	uint64_t last_serial = l->deadlines.serial;
	struct deadline *d;

	l->served_us = loop_mono_us();
	while ((d = deadlines_first(&l->deadlines)) && d->at_us <= l->served_us && d->serial <= last_serial) {
		struct loop_timer *t = CONTAINER_OF(d, struct loop_timer, deadline);

		loop_timer_cancel(t);
		t->fire(t->ctx); /* may free t */
	}
}

static void on_timer_ready(uv_poll_t *handle, int status UNUSED, int events UNUSED)
{
	struct loop *l = CONTAINER_OF(handle, struct loop, timer_ready);
	uint64_t n_expired;

	if (read(l->timer_fd, &n_expired, sizeof(n_expired)) != sizeof(n_expired))
		return; /* it was set anew since it expired */
	l->armed_us = NEVER_US;
	serve_timers(l);
}

static void arm_timer_fd(uv_prepare_t *handle)
{
	struct loop *l = CONTAINER_OF(handle, struct loop, before_sleep);
	const struct deadline *first = deadlines_first(&l->deadlines);
	int64_t next_us = first ? first->at_us : NEVER_US;
	struct itimerspec when = { 0 };
	int r;

	if (next_us == l->armed_us)
		return;
	if (next_us != NEVER_US) {
		when.it_value.tv_sec = (time_t)(next_us / US_PER_S);
		when.it_value.tv_nsec = (long)(next_us % US_PER_S) * NS_PER_US;
	}
	r = timerfd_settime(l->timer_fd, TFD_TIMER_ABSTIME, &when, NULL);
	assert(r == 0);
	l->armed_us = next_us;
}

static int start_timer_fd(struct loop *l)
{
	int r;

	l->timer_fd = timerfd_create(CLOCK_BOOTTIME, TFD_NONBLOCK | TFD_CLOEXEC);
	if (l->timer_fd < 0)
		return -errno;
	r = uv_poll_init(&l->uv, &l->timer_ready, l->timer_fd);
	if (r < 0) {
		close(l->timer_fd);
		return r;
	}
	r = uv_poll_start(&l->timer_ready, UV_READABLE, on_timer_ready);
	assert(r == 0);
	r = uv_prepare_init(&l->uv, &l->before_sleep);
	assert(r == 0);
	r = uv_prepare_start(&l->before_sleep, arm_timer_fd);
	assert(r == 0);
	return 0;
}

int loop_create(struct loop **out)
{
	struct loop *l = calloc(1, sizeof(*l));
	int r;

	if (!l)
		return -ENOMEM;
	l->armed_us = NEVER_US;
	r = uv_loop_init(&l->uv);
	if (r < 0) {
		free(l);
		return r;
	}
	r = start_timer_fd(l);
	if (r < 0) {
		uv_run(&l->uv, UV_RUN_NOWAIT);
		uv_loop_close(&l->uv);
		free(l);
		return r;
	}
	*out = l;
	return 0;
}

void loop_free(struct loop *l)
{
	int r;

	if (!l)
		return;
	assert(l->n_sources == 0 && l->deadlines.n_members == 0);
	uv_close((uv_handle_t *)&l->timer_ready, NULL);
	uv_close((uv_handle_t *)&l->before_sleep, NULL);
	uv_run(&l->uv, UV_RUN_DEFAULT);
	r = uv_loop_close(&l->uv);
	assert(r == 0);
	close(l->timer_fd);
	deadlines_free(&l->deadlines);
	free(l);
}

int loop_run(struct loop *l)
{
	uv_run(&l->uv, UV_RUN_DEFAULT);
	return l->result;
}

void loop_stop(struct loop *l, int result)
{
	l->result = result;
	uv_stop(&l->uv);
}

int loop_timer_create(struct loop *l, struct loop_timer **out, void (*fire)(void *ctx), void *ctx)
{
	struct loop_timer *t = malloc(sizeof(*t));
	int r;

	if (!t)
		return -ENOMEM;
	*t = (struct loop_timer){ .loop = l, .fire = fire, .ctx = ctx };
	r = deadlines_add_member(&l->deadlines);
	if (r < 0) {
		free(t);
		return r;
	}
	*out = t;
	return 0;
}

void loop_timer_set(struct loop_timer *t, int64_t at_us)
{
	struct loop *l = t->loop;

	/* An overdue timer queues behind all that are due by now; 0 would turn the timerfd off. */
	if (at_us < l->served_us)
		at_us = l->served_us;
	deadlines_set(&l->deadlines, &t->deadline, at_us < 1 ? 1 : at_us);
}

void loop_timer_cancel(struct loop_timer *t)
{
	deadlines_cancel(&t->loop->deadlines, &t->deadline);
}

void loop_timer_free(struct loop_timer *t)
{
	if (!t)
		return;
	loop_timer_cancel(t);
	deadlines_remove_member(&t->loop->deadlines);
	free(t);
}

static void on_closed(uv_handle_t *handle)
{
	free(handle->data);
}

/* Nothing is called back any more from now on; the memory goes when libuv has let go of it. */
static void close_source(struct loop *l, uv_handle_t *handle)
{
	assert(l->n_sources > 0);
	l->n_sources--;
	uv_close(handle, on_closed);
}

static void on_fd(uv_poll_t *handle, int status, int events)
{
	struct loop_fd *w = handle->data;
	unsigned seen = 0;

	if (status < 0) /* hang-up with error: libuv has stopped watching */
		seen = w->events;
	if (events & UV_READABLE)
		seen |= LOOP_READABLE;
	if (events & UV_WRITABLE)
		seen |= LOOP_WRITABLE;
	if (events & UV_PRIORITIZED)
		seen |= LOOP_PRIORITY;
	w->ready(w->ctx, seen);
}

int loop_fd_create(struct loop *l, struct loop_fd **out, int fd, void (*ready)(void *ctx, unsigned events), void *ctx)
{
	struct loop_fd *w = malloc(sizeof(*w));
	int r;

	if (!w)
		return -ENOMEM;
	*w = (struct loop_fd){ .loop = l, .ready = ready, .ctx = ctx };
	r = uv_poll_init(&l->uv, &w->handle, fd);
	if (r < 0) {
		free(w);
		return r;
	}
	w->handle.data = w;
	l->n_sources++;
	*out = w;
	return 0;
}

void loop_fd_watch(struct loop_fd *w, unsigned events)
{
	int flags = 0, r;

	if (events & LOOP_READABLE)
		flags |= UV_READABLE;
	if (events & LOOP_WRITABLE)
		flags |= UV_WRITABLE;
	if (events & LOOP_PRIORITY)
		flags |= UV_PRIORITIZED;
	w->events = events;
	r = flags ? uv_poll_start(&w->handle, flags, on_fd) : uv_poll_stop(&w->handle);
	assert(r == 0);
}

void loop_fd_free(struct loop_fd *w)
{
	if (w)
		close_source(w->loop, (uv_handle_t *)&w->handle);
}

static void on_signal(uv_signal_t *handle, int signal_number)
{
	struct loop_signal *s = handle->data;

	s->caught(s->ctx, signal_number);
}

int loop_signal_create(struct loop *l, struct loop_signal **out, int signal_number,
		       void (*caught)(void *ctx, int signal_number), void *ctx)
{
	struct loop_signal *s = malloc(sizeof(*s));
	int r;

	if (!s)
		return -ENOMEM;
	*s = (struct loop_signal){ .loop = l, .caught = caught, .ctx = ctx };
	r = uv_signal_init(&l->uv, &s->handle);
	if (r < 0) {
		free(s);
		return r;
	}
	s->handle.data = s;
	l->n_sources++;
	r = uv_signal_start(&s->handle, on_signal, signal_number);
	if (r < 0) {
		loop_signal_free(s);
		return r;
	}
	*out = s;
	return 0;
}

void loop_signal_free(struct loop_signal *s)
{
	if (s)
		close_source(s->loop, (uv_handle_t *)&s->handle);
}

static void on_wake(uv_async_t *handle)
{
	struct loop_wake *w = handle->data;

	w->rung(w->ctx);
}

int loop_wake_create(struct loop *l, struct loop_wake **out, void (*rung)(void *ctx), void *ctx)
{
	struct loop_wake *w = malloc(sizeof(*w));
	int r;

	if (!w)
		return -ENOMEM;
	*w = (struct loop_wake){ .loop = l, .rung = rung, .ctx = ctx };
	r = uv_async_init(&l->uv, &w->handle, on_wake);
	if (r < 0) {
		free(w);
		return r;
	}
	w->handle.data = w;
	l->n_sources++;
	*out = w;
	return 0;
}

void loop_wake_ring(struct loop_wake *w)
{
	int r = uv_async_send(&w->handle);

	assert(r == 0);
}

void loop_wake_free(struct loop_wake *w)
{
	if (w)
		close_source(w->loop, (uv_handle_t *)&w->handle);
}
