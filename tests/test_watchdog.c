/* SPDX-License-Identifier: Apache-2.0 */
/* The rules are those of sd_watchdog_enabled(3) and sd_notify(3); in a loop whose time stands still while anything runs. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include "agent/watchdog.h"
#include "base/check.h"
#include "base/loop.h"

struct service {
	struct loop *loop;
	struct watchdog *watchdog;
	struct loop_timer *end;
	int manager; /* the other end of NOTIFY_SOCKET */
	char path[64];
	bool is_well;
	int64_t tolerance_us;
};

static void on_end(void *ctx)
{
	struct service *s = ctx;

	loop_stop(s->loop, 0);
}

static bool is_well(void *ctx, int64_t tolerance_us)
{
	struct service *s = ctx;

	s->tolerance_us = tolerance_us;
	return s->is_well;
}

static int set_up(void **state)
{
	struct service *s = calloc(1, sizeof(*s));
	struct sockaddr_un at = { .sun_family = AF_UNIX };

	if (!s)
		return -1;
	snprintf(s->path, sizeof(s->path), "/tmp/runnel-watchdog-%d", (int)getpid());
	unlink(s->path);
	snprintf(at.sun_path, sizeof(at.sun_path), "%s", s->path);
	s->manager = socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
	if (s->manager < 0 || bind(s->manager, (struct sockaddr *)&at, sizeof(at)) < 0)
		return -1;
	setenv("NOTIFY_SOCKET", s->path, 1);
	unsetenv("WATCHDOG_PID");
	s->is_well = true;
	*state = s;
	return loop_create(&s->loop) < 0 || loop_timer_create(s->loop, &s->end, on_end, s) < 0;
}

static int tear_down(void **state)
{
	struct service *s = *state;

	watchdog_free(s->watchdog);
	loop_timer_free(s->end);
	loop_free(s->loop);
	close(s->manager);
	unlink(s->path);
	unsetenv("NOTIFY_SOCKET");
	unsetenv("WATCHDOG_USEC");
	free(s);
	return 0;
}

/* The meals of a watchdog of 100 ms within 220 ms: at 0, 50, 100, 150 and 200. */
static int count_meals(struct service *s)
{
	char text[64];
	int n = 0;
	ssize_t got;

	setenv("WATCHDOG_USEC", "100000", 1);
	assert_int_equal(watchdog_create(&s->watchdog, s->loop, is_well, s), 0);
	loop_timer_set(s->end, loop_mono_us() + 220000);
	assert_int_equal(loop_run(s->loop), 0);
	while ((got = recv(s->manager, text, sizeof(text), 0)) > 0) {
		assert_int_equal(got, strlen("WATCHDOG=1"));
		assert_memory_equal(text, "WATCHDOG=1", (size_t)got);
		n++;
	}
	return n;
}

static void a_service_that_works_feeds_twice_in_the_time_allowed(void **state)
{
	int n = count_meals(*state);

	assert_int_equal(n, 5);
}

static void a_service_whose_work_stands_still_is_not_fed(void **state)
{
	struct service *s = *state;

	s->is_well = false;
	assert_int_equal(count_meals(s), 0);
	assert_int_equal(s->tolerance_us, 50000);
}

static void without_a_watchdog_nothing_is_sent(void **state)
{
	struct service *s = *state;

	unsetenv("WATCHDOG_USEC");
	assert_int_equal(watchdog_create(&s->watchdog, s->loop, is_well, s), 0);
	assert_null(s->watchdog);
}

static void the_interval_is_half_of_what_systemd_allows(void **state)
{
	static const struct {
		const char *timeout, *pid;
		int64_t us;
	} rows[] = {
		{ "30000000", NULL, 15000000 },
		{ "30000000", "77", 15000000 },
		{ "30000000", "78", 0 } /* meant for another process */,
		{ NULL, "77", 0 },
		{ "", NULL, 0 },
		{ "0", NULL, 0 },
		{ "-5", NULL, 0 },
		{ "5s", NULL, 0 },
		{ "99999999999999999999", NULL, 0 },
		{ "30000000", "x", 0 },
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(rows); i++)
		assert_int_equal(watchdog_interval_us(rows[i].timeout, rows[i].pid, 77), rows[i].us);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(a_service_that_works_feeds_twice_in_the_time_allowed, set_up,
						tear_down),
		cmocka_unit_test_setup_teardown(a_service_whose_work_stands_still_is_not_fed, set_up, tear_down),
		cmocka_unit_test_setup_teardown(without_a_watchdog_nothing_is_sent, set_up, tear_down),
		cmocka_unit_test(the_interval_is_half_of_what_systemd_allows),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
