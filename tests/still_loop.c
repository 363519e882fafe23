/* SPDX-License-Identifier: Apache-2.0 */
/*
 * In the place of base/loop.c in tests of what is due when: its timers and its clocks, but time stands still while anything runs and
 * jumps to the next deadline when nothing does. So a test says to the microsecond what happens, on a machine of any speed, and takes no time.
 * Linked by name (Makefile), not from the library of fakes: whoever wants time to pass must not get it.
 */
#include "tests/still_loop.h"

#include <assert.h>
#include <errno.h>
#include <poll.h>
#include <stdbool.h>
#include <stdlib.h>

#include "base/check.h"
#include "base/deadlines.h"
#include "base/loop.h"

struct loop_timer {
	struct loop *loop;
	void (*fire)(void *ctx);
	void *ctx;
	struct deadline deadline;
};

struct loop_fd {
	struct loop *loop;
	void (*ready)(void *ctx, unsigned events);
	void *ctx;
	int fd;
	short watched; /* as poll(2) says it; 0: not now */
	struct loop_fd *next;
};

struct loop {
	struct deadlines deadlines;
	struct loop_fd *fds;
	int64_t served_us;
	bool is_stopped;
	int result;
};

static int64_t now_us = INT64_C(1000003217); /* since the start of the machine: no multiple of anything */

int64_t loop_mono_us(void)
{
	return now_us;
}

int64_t loop_wall_us(void)
{
	return now_us + INT64_C(1763700000000000);
}

int64_t loop_kernel_us(void)
{
	return now_us;
}

void still_loop_pass(int64_t us)
{
	now_us += us;
}

int loop_create(struct loop **out)
{
	*out = calloc(1, sizeof(**out));
	return *out ? 0 : -ENOMEM;
}

void loop_free(struct loop *l)
{
	if (!l)
		return;
	assert(l->deadlines.n_members == 0 && !l->fds);
	deadlines_free(&l->deadlines);
	free(l);
}

/* As in base/loop.c: what is set again meanwhile waits for the next turn. */
static void serve_timers(struct loop *l)
{
	uint64_t last_serial = l->deadlines.serial;
	struct deadline *d;

	l->served_us = now_us;
	while ((d = deadlines_first(&l->deadlines)) && d->at_us <= l->served_us && d->serial <= last_serial) {
		struct loop_timer *t = CONTAINER_OF(d, struct loop_timer, deadline);

		loop_timer_cancel(t);
		t->fire(t->ctx);
	}
}

/* What one of them does may end any of them, so the others wait for the next turn. */
static bool serve_fd(struct loop *l)
{
	for (struct loop_fd *w = l->fds; w; w = w->next) {
		struct pollfd p = { .fd = w->fd, .events = w->watched };

		if (!w->watched || poll(&p, 1, 0) <= 0)
			continue;
		w->ready(w->ctx, LOOP_READABLE);
		return true;
	}
	return false;
}

/* What happens at a time happens before time goes on. */
int loop_run(struct loop *l)
{
	for (; !l->is_stopped; serve_timers(l)) {
		const struct deadline *first;

		if (serve_fd(l))
			continue;
		first = deadlines_first(&l->deadlines);
		assert(first); /* or it would wait for ever */
		if (first->at_us > now_us)
			now_us = first->at_us;
	}
	l->is_stopped = false;
	return l->result;
}

void loop_stop(struct loop *l, int result)
{
	l->result = result;
	l->is_stopped = true;
}

int loop_timer_create(struct loop *l, struct loop_timer **out, void (*fire)(void *ctx), void *ctx)
{
	struct loop_timer *t = calloc(1, sizeof(*t));

	if (!t || deadlines_add_member(&l->deadlines) < 0) {
		free(t);
		return -ENOMEM;
	}
	*t = (struct loop_timer){ .loop = l, .fire = fire, .ctx = ctx };
	*out = t;
	return 0;
}

void loop_timer_set(struct loop_timer *t, int64_t at_us)
{
	deadlines_set(&t->loop->deadlines, &t->deadline, at_us < t->loop->served_us ? t->loop->served_us : at_us);
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

int loop_fd_create(struct loop *l, struct loop_fd **out, int fd, void (*ready)(void *ctx, unsigned events), void *ctx)
{
	*out = calloc(1, sizeof(**out));
	if (!*out)
		return -ENOMEM;
	**out = (struct loop_fd){ .loop = l, .ready = ready, .ctx = ctx, .fd = fd, .next = l->fds };
	l->fds = *out;
	return 0;
}

void loop_fd_watch(struct loop_fd *w, unsigned events)
{
	assert((events & ~(unsigned)LOOP_READABLE) == 0); /* nobody asked for more yet */
	w->watched = events ? POLLIN : 0;
}

void loop_fd_free(struct loop_fd *w)
{
	struct loop_fd **at;

	if (!w)
		return;
	for (at = &w->loop->fds; *at != w; at = &(*at)->next)
		;
	*at = w->next;
	free(w);
}
