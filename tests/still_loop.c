/* SPDX-License-Identifier: Apache-2.0 */
/*
 * In the place of base/loop.c in tests of what is due when: its timers and its clocks, but time stands still while anything runs and
 * jumps to the next deadline when nothing does. So a test says to the microsecond what happens, on a machine of any speed, and takes no time.
 * Linked by name (Makefile), not from the library of fakes: whoever wants time to pass must not get it.
 */
#include "tests/still_loop.h"

#include <assert.h>
#include <errno.h>
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

struct loop {
	struct deadlines deadlines;
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
	assert(l->deadlines.n_members == 0);
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

int loop_run(struct loop *l)
{
	for (; !l->is_stopped; serve_timers(l)) {
		const struct deadline *first = deadlines_first(&l->deadlines);

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

/* What comes from outside would come at no time. */
int loop_fd_create(struct loop *l UNUSED, struct loop_fd **out UNUSED, int fd UNUSED,
		   void (*ready)(void *ctx, unsigned events) UNUSED, void *ctx UNUSED)
{
	return -EPERM;
}

void loop_fd_watch(struct loop_fd *w UNUSED, unsigned events UNUSED)
{
}

void loop_fd_free(struct loop_fd *w)
{
	assert(!w);
}
