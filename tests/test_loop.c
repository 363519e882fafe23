/* SPDX-License-Identifier: Apache-2.0 */
#define _GNU_SOURCE /* RUSAGE_THREAD */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stdlib.h>
#include <sys/resource.h>
#include <unistd.h>

#include "base/loop.h"

enum { MS = 1000, N_TIMERS = 50 };

struct rig {
	struct loop *loop;
	struct loop_timer *watchdog; /* no test may hang */
};

static void give_up(void *ctx)
{
	struct rig *rig = ctx;

	loop_stop(rig->loop, -ETIMEDOUT);
}

static int rig_up(void **state)
{
	struct rig *rig = calloc(1, sizeof(*rig));

	if (!rig || loop_create(&rig->loop) || loop_timer_create(rig->loop, &rig->watchdog, give_up, rig))
		return -1;
	loop_timer_set(rig->watchdog, loop_mono_us() + 10000 * MS);
	*state = rig;
	return 0;
}

static int rig_down(void **state)
{
	struct rig *rig = *state;

	loop_timer_free(rig->watchdog);
	loop_free(rig->loop);
	free(rig);
	return 0;
}

struct item {
	struct rig *rig;
	struct loop_timer *timer, *victim;
	int64_t at_us, fired_us;
	int *n_fired;
	int stop_after, rank;
};

static void note(void *ctx)
{
	struct item *it = ctx;

	it->fired_us = loop_mono_us();
	it->rank = (*it->n_fired)++;
	if (*it->n_fired == it->stop_after)
		loop_stop(it->rig->loop, 1);
}

static void set_items(struct rig *rig, struct item *items, int n, int *n_fired)
{
	for (int i = 0; i < n; i++) {
		items[i].rig = rig;
		items[i].n_fired = n_fired;
		items[i].stop_after = n;
		assert_int_equal(loop_timer_create(rig->loop, &items[i].timer, note, &items[i]), 0);
		loop_timer_set(items[i].timer, items[i].at_us);
	}
}

static void free_items(struct item *items, int n)
{
	for (int i = 0; i < n; i++)
		loop_timer_free(items[i].timer);
}

static void timers_fire_in_order_and_never_early(void **state)
{
	struct rig *rig = *state;
	struct item items[N_TIMERS] = { 0 };
	int64_t start_us = loop_mono_us();
	int n_fired = 0;

	for (int i = 0; i < N_TIMERS; i++)
		items[i].at_us = start_us + (i * 7919) % 30011;
	set_items(rig, items, N_TIMERS, &n_fired);
	assert_int_equal(loop_run(rig->loop), 1);
	for (int i = 0; i < N_TIMERS; i++) {
		assert_true(items[i].fired_us >= items[i].at_us);
		for (int j = 0; j < N_TIMERS; j++)
			assert_true(items[i].at_us >= items[j].at_us || items[i].rank < items[j].rank);
	}
	free_items(items, N_TIMERS);
}

static void timers_due_together_take_one_wake_up(void **state)
{
	struct rig *rig = *state;
	struct item items[N_TIMERS] = { 0 };
	int64_t at_us = loop_mono_us() + 20 * MS;
	struct rusage before, after;
	int n_fired = 0;

	for (int i = 0; i < N_TIMERS; i++)
		items[i].at_us = at_us;
	set_items(rig, items, N_TIMERS, &n_fired);
	getrusage(RUSAGE_THREAD, &before);
	assert_int_equal(loop_run(rig->loop), 1);
	getrusage(RUSAGE_THREAD, &after);
	assert_true(after.ru_nvcsw - before.ru_nvcsw < 5); /* one; a loaded machine may add a few */
	for (int i = 0; i < N_TIMERS; i++)
		assert_int_equal(items[i].rank, i);
	free_items(items, N_TIMERS);
}

static void free_victim_and_self(void *ctx)
{
	struct item *it = ctx;

	loop_timer_free(it->victim);
	loop_timer_free(it->timer);
	it->timer = it->victim = NULL;
	(*it->n_fired)++;
}

static void a_timer_freed_in_a_callback_does_not_fire_even_when_it_was_due(void **state)
{
	struct rig *rig = *state;
	int n_fired = 0, n_end = 0;
	struct item killer = { .rig = rig, .n_fired = &n_fired }, victim = killer;
	struct item end = { .rig = rig, .n_fired = &n_end, .stop_after = 1 };

	assert_int_equal(loop_timer_create(rig->loop, &killer.timer, free_victim_and_self, &killer), 0);
	assert_int_equal(loop_timer_create(rig->loop, &victim.timer, note, &victim), 0);
	assert_int_equal(loop_timer_create(rig->loop, &end.timer, note, &end), 0);
	killer.victim = victim.timer;
	loop_timer_set(killer.timer, 1);
	loop_timer_set(victim.timer, 2);
	loop_timer_set(end.timer, 3);
	assert_int_equal(loop_run(rig->loop), 1);
	assert_int_equal(n_fired, 1);
	loop_timer_free(end.timer);
}

static void a_cancelled_timer_does_not_fire_and_can_be_set_again(void **state)
{
	struct rig *rig = *state;
	struct item items[2] = { 0 };
	int64_t now_us = loop_mono_us();
	int n_fired = 0;

	items[0].at_us = now_us + 1 * MS;
	items[1].at_us = now_us + 5 * MS;
	set_items(rig, items, 2, &n_fired);
	items[1].stop_after = 1;
	loop_timer_cancel(items[0].timer);
	loop_timer_cancel(items[0].timer);
	assert_int_equal(loop_run(rig->loop), 1);
	assert_int_equal(n_fired, 1);
	items[0].stop_after = 2;
	loop_timer_set(items[0].timer, loop_mono_us() + 1 * MS);
	assert_int_equal(loop_run(rig->loop), 1);
	assert_int_equal(n_fired, 2);
	free_items(items, 2);
}

static void set_again_in_the_past(void *ctx)
{
	struct item *it = ctx;

	(*it->n_fired)++;
	loop_timer_set(it->timer, 0);
}

static void stop_with_bytes(void *ctx, unsigned events)
{
	struct rig *rig = ctx;

	loop_stop(rig->loop, (int)events);
}

static void a_timer_that_is_always_overdue_starves_nobody(void **state)
{
	struct rig *rig = *state;
	int n_busy = 0, n_fired = 0, fds[2];
	struct item busy = { .rig = rig, .n_fired = &n_busy };
	struct item other = { .at_us = loop_mono_us() - 1 };
	struct loop_fd *watch;

	assert_int_equal(loop_timer_create(rig->loop, &busy.timer, set_again_in_the_past, &busy), 0);
	loop_timer_set(busy.timer, 0);
	set_items(rig, &other, 1, &n_fired);
	assert_int_equal(loop_run(rig->loop), 1);

	assert_int_equal(pipe(fds), 0);
	assert_int_equal(loop_fd_create(rig->loop, &watch, fds[0], stop_with_bytes, rig), 0);
	loop_fd_watch(watch, LOOP_READABLE);
	assert_int_equal(write(fds[1], "x", 1), 1);
	assert_int_equal(loop_run(rig->loop), LOOP_READABLE);
	loop_fd_free(watch);
	close(fds[0]);
	close(fds[1]);
	loop_timer_free(busy.timer);
	free_items(&other, 1);
}

struct pipe_rig {
	struct rig *rig;
	struct loop_fd *watch;
	int fds[2];
	char got[16];
	size_t n_got;
};

static void read_then_replace_the_watch(void *ctx, unsigned events)
{
	struct pipe_rig *p = ctx;
	ssize_t n = read(p->fds[0], p->got + p->n_got, 1);

	assert_true(events & LOOP_READABLE);
	if (n == 0) {
		loop_stop(p->rig->loop, 5);
		return;
	}
	assert_int_equal(n, 1);
	p->n_got++;
	/* The same descriptor is watched anew before the old watch is gone for good. */
	loop_fd_free(p->watch);
	assert_int_equal(loop_fd_create(p->rig->loop, &p->watch, p->fds[0], read_then_replace_the_watch, p), 0);
	loop_fd_watch(p->watch, LOOP_READABLE);
}

static void a_descriptor_is_level_triggered_and_its_watch_may_be_replaced_in_the_callback(void **state)
{
	struct pipe_rig p = { .rig = *state };

	assert_int_equal(pipe(p.fds), 0);
	assert_int_equal(loop_fd_create(p.rig->loop, &p.watch, p.fds[0], read_then_replace_the_watch, &p), 0);
	loop_fd_watch(p.watch, LOOP_READABLE);
	assert_int_equal(write(p.fds[1], "abc", 3), 3);
	close(p.fds[1]);
	assert_int_equal(loop_run(p.rig->loop), 5);
	assert_string_equal(p.got, "abc");
	loop_fd_free(p.watch);
	close(p.fds[0]);
}

static void a_pipe_without_reader_is_reported(void **state)
{
	struct rig *rig = *state;
	struct loop_fd *watch;
	int fds[2];

	assert_int_equal(pipe(fds), 0);
	close(fds[0]);
	assert_int_equal(loop_fd_create(rig->loop, &watch, fds[1], stop_with_bytes, rig), 0);
	loop_fd_watch(watch, LOOP_WRITABLE);
	assert_int_equal(loop_run(rig->loop), LOOP_WRITABLE);
	loop_fd_free(watch);
	close(fds[1]);
}

static void what_can_not_be_watched_is_refused(void **state)
{
	struct rig *rig = *state;
	struct loop_fd *watch = NULL, *first;
	int fds[2], file = open("/proc/self/exe", O_RDONLY | O_CLOEXEC);

	assert_int_equal(loop_fd_create(rig->loop, &watch, file, stop_with_bytes, rig), -EPERM);
	assert_int_equal(pipe(fds), 0);
	assert_int_equal(loop_fd_create(rig->loop, &first, fds[0], stop_with_bytes, rig), 0);
	loop_fd_watch(first, LOOP_READABLE);
	assert_int_equal(loop_fd_create(rig->loop, &watch, fds[0], stop_with_bytes, rig), -EEXIST);
	assert_null(watch);
	loop_fd_free(first);
	close(fds[0]);
	close(fds[1]);
	close(file);
}

static void stop_with_signal(void *ctx, int signal_number)
{
	struct rig *rig = ctx;

	loop_stop(rig->loop, signal_number);
}

static void a_signal_arrives_on_the_loop(void **state)
{
	static const int signals[] = { SIGINT, SIGTERM, SIGHUP };
	struct rig *rig = *state;

	for (size_t i = 0; i < ARRAY_LEN(signals); i++) {
		struct loop_signal *s;

		assert_int_equal(loop_signal_create(rig->loop, &s, signals[i], stop_with_signal, rig), 0);
		raise(signals[i]);
		assert_int_equal(loop_run(rig->loop), signals[i]);
		loop_signal_free(s);
	}
}

enum { N_RINGS = 20000 };

struct bell {
	struct rig *rig;
	struct loop_wake *wake;
	_Atomic int work;
	int seen;
};

static void *ring_often(void *arg)
{
	struct bell *b = arg;

	for (int i = 0; i < N_RINGS; i++) {
		atomic_fetch_add(&b->work, 1);
		loop_wake_ring(b->wake);
	}
	return NULL;
}

static void take_work(void *ctx)
{
	struct bell *b = ctx;

	b->seen = atomic_load(&b->work);
	if (b->seen == 2 * N_RINGS)
		loop_stop(b->rig->loop, 1);
}

static void no_ring_of_another_thread_is_lost(void **state)
{
	struct bell b = { .rig = *state };
	pthread_t threads[2];

	assert_int_equal(loop_wake_create(b.rig->loop, &b.wake, take_work, &b), 0);
	for (int i = 0; i < 2; i++)
		assert_int_equal(pthread_create(&threads[i], NULL, ring_often, &b), 0);
	assert_int_equal(loop_run(b.rig->loop), 1);
	for (int i = 0; i < 2; i++)
		pthread_join(threads[i], NULL);
	loop_wake_free(b.wake);
}

static void a_stop_before_the_run_ends_it_at_once(void **state)
{
	struct rig *rig = *state;

	loop_stop(rig->loop, 42);
	assert_int_equal(loop_run(rig->loop), 42);
}

#define ON_LOOP(test) cmocka_unit_test_setup_teardown(test, rig_up, rig_down)

int main(void)
{
	static const struct CMUnitTest tests[] = {
		ON_LOOP(timers_fire_in_order_and_never_early),
		ON_LOOP(timers_due_together_take_one_wake_up),
		ON_LOOP(a_timer_freed_in_a_callback_does_not_fire_even_when_it_was_due),
		ON_LOOP(a_cancelled_timer_does_not_fire_and_can_be_set_again),
		ON_LOOP(a_timer_that_is_always_overdue_starves_nobody),
		ON_LOOP(a_descriptor_is_level_triggered_and_its_watch_may_be_replaced_in_the_callback),
		ON_LOOP(a_pipe_without_reader_is_reported),
		ON_LOOP(what_can_not_be_watched_is_refused),
		ON_LOOP(a_signal_arrives_on_the_loop),
		ON_LOOP(no_ring_of_another_thread_is_lost),
		ON_LOOP(a_stop_before_the_run_ends_it_at_once),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
