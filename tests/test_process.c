/* SPDX-License-Identifier: Apache-2.0 */
/* process: what a child gets, what it can not reach, and that it goes when it must. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/process.h"

static void read_all(int fd, char *buf, size_t bytes)
{
	size_t len = 0;
	ssize_t n = 1;

	while (n > 0 && len + 1 < bytes) {
		struct pollfd p = { .fd = fd, .events = POLLIN };

		assert_int_equal(poll(&p, 1, 10000), 1);
		n = read(fd, buf + len, bytes - 1 - len);
		assert_true(n >= 0);
		len += (size_t)n;
	}
	buf[len] = '\0';
}

static void run(const char *script, char *out, size_t bytes, int *status)
{
	const char *const argv[] = { "sh", "-c", script, NULL };
	struct process p;

	assert_int_equal(process_start(&p, argv), 0);
	read_all(p.out, out, bytes);
	assert_int_equal(waitpid(p.pid, status, 0), p.pid);
	p.pid = 0;
	process_end(&p);
	assert_int_equal(p.in, -1);
}

/* A zombie is as good as gone. */
static bool is_gone(pid_t pid)
{
	char path[64], text[64] = "";
	bool is_zombie = false;
	int fd;

	snprintf(path, sizeof(path), "/proc/%d/stat", (int)pid);
	fd = open(path, O_RDONLY);
	if (fd < 0)
		return true;
	is_zombie = read(fd, text, sizeof(text) - 1) <= 0 || strstr(text, ") Z");
	close(fd);
	return is_zombie;
}

static void assert_goes(pid_t pid)
{
	for (int i = 0; i < 500 && !is_gone(pid); i++)
		poll(NULL, 0, 10);
	assert_true(is_gone(pid));
}

static void pipes_lead_to_its_standard_descriptors(void **state)
{
	const char *const argv[] = { "sh", "-c", "read a; echo out $a; echo err $a >&2; exit 3", NULL };
	struct process p;
	char out[100], err[100];
	int status;

	(void)state;
	assert_int_equal(process_start(&p, argv), 0);
	assert_int_equal(write(p.in, "x\n", 2), 2);
	read_all(p.out, out, sizeof(out));
	read_all(p.err, err, sizeof(err));
	assert_string_equal(out, "out x\n");
	assert_string_equal(err, "err x\n");
	while (!process_reap(&p, &status))
		poll(NULL, 0, 1);
	assert_int_equal(p.pid, 0);
	assert_int_equal(WEXITSTATUS(status), 3);
	process_end(&p);
}

static void it_has_no_other_descriptor(void **state)
{
	int fd = open("/dev/null", O_RDONLY); /* not close-on-exec */
	char out[200];
	int status;

	(void)state;
	assert_true(fd >= 0);
	run("i=0; while [ $i -lt 99 ]; do [ ! -e /proc/$$/fd/$i ] || echo $i; i=$((i+1)); done", out, sizeof(out),
	    &status);
	assert_string_equal(out, "0\n1\n2\n");
	close(fd);
}

static void it_has_a_small_environment_and_a_group_of_its_own(void **state)
{
	char out[4000];
	int status;

	(void)state;
	setenv("RUNNEL_SECRET", "x", 1);
	run("env; echo pid $$; ps -o pgid= -p $$ 2>/dev/null || cut -d' ' -f5 /proc/$$/stat", out, sizeof(out),
	    &status);
	assert_null(strstr(out, "RUNNEL_SECRET"));
	assert_non_null(strstr(out, "PYTHONUNBUFFERED=1"));
	assert_non_null(strstr(out, "PATH="));
	unsetenv("RUNNEL_SECRET");
}

static void why_a_program_cannot_be_started_is_told(void **state)
{
	const char *const absent[] = { "/nonexistent/program", NULL }, *const directory[] = { "/tmp", NULL };
	struct process p = { .in = -7 };

	(void)state;
	assert_int_equal(process_start(&p, absent), -ENOENT);
	assert_int_equal(process_start(&p, directory), -EACCES);
	assert_int_equal(p.in, -7);
}

static void its_end_takes_all_it_started(void **state)
{
	const char *const argv[] = { "sh", "-c", "trap '' TERM; sleep 1000 & echo $!; wait", NULL };
	struct process p;
	char pid[32] = "";
	struct pollfd ready;

	(void)state;
	assert_int_equal(process_start(&p, argv), 0);
	ready = (struct pollfd){ .fd = p.out, .events = POLLIN };
	assert_int_equal(poll(&ready, 1, 10000), 1);
	assert_true(read(p.out, pid, sizeof(pid) - 1) > 0);
	assert_int_equal(kill((pid_t)strtol(pid, NULL, 10), 0), 0);
	process_end(&p);
	assert_goes((pid_t)strtol(pid, NULL, 10));
}

static void it_dies_with_its_parent(void **state)
{
	int report[2];
	pid_t child, grandchild = 0;

	(void)state;
	assert_int_equal(pipe(report), 0);
	child = fork();
	if (child == 0) {
		const char *const argv[] = { "sleep", "1000", NULL };
		struct process p;

		if (process_start(&p, argv) == 0 && write(report[1], &p.pid, sizeof(p.pid)) > 0)
			_exit(0); /* without a word to it */
		_exit(1);
	}
	assert_int_equal(read(report[0], &grandchild, sizeof(grandchild)), sizeof(grandchild));
	waitpid(child, NULL, 0);
	assert_goes(grandchild);
	close(report[0]);
	close(report[1]);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(pipes_lead_to_its_standard_descriptors),
		cmocka_unit_test(it_has_no_other_descriptor),
		cmocka_unit_test(it_has_a_small_environment_and_a_group_of_its_own),
		cmocka_unit_test(why_a_program_cannot_be_started_is_told),
		cmocka_unit_test(its_end_takes_all_it_started),
		cmocka_unit_test(it_dies_with_its_parent),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
