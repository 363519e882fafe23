/* SPDX-License-Identifier: Apache-2.0 */
/* What a line says is tested with partial_json; here: when it is written, and what happens when it cannot be. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "agent/printer.h"

/* Stdout of the test, while something else is in its place. */
static int saved = -1;

static void take_stdout(int fd)
{
	fflush(stdout);
	saved = dup(STDOUT_FILENO);
	assert_true(saved >= 0);
	assert_int_equal(dup2(fd, STDOUT_FILENO), STDOUT_FILENO);
}

static void give_stdout_back(void)
{
	dup2(saved, STDOUT_FILENO);
	close(saved);
}

static void make_pipe(int pipes[2])
{
	assert_int_equal(pipe(pipes), 0);
	assert_int_equal(fcntl(pipes[0], F_SETFL, O_NONBLOCK), 0);
}

static size_t read_all(int fd, char *text, size_t bytes)
{
	ssize_t n = read(fd, text, bytes - 1);

	text[n > 0 ? n : 0] = '\0';
	return n > 0 ? (size_t)n : 0;
}

static void a_line_is_written_at_once_when_somebody_looks_on(void **state)
{
	static const char line[] =
		"{\"type\":\"event\",\"stream\":\"hot\",\"event\":\"raised\",\"at\":\"2023-11-14T22:13:20.250Z\","
		"\"value\":28.5}\n";
	struct printer p;
	char text[512];
	int pipes[2];

	(void)state;
	make_pipe(pipes);
	take_stdout(pipes[1]);
	printer_init(&p, true);
	printer_event(&p, "hot", "raised", 1700000000250000, 28.5);
	read_all(pipes[0], text, sizeof(text));
	printer_free(&p);
	give_stdout_back();
	assert_string_equal(text, line);
	close(pipes[0]);
	close(pipes[1]);
}

static void else_lines_are_collected_and_the_last_are_not_forgotten(void **state)
{
	struct printer p;
	char text[4096];
	size_t early, n_lines = 0;
	int pipes[2];

	(void)state;
	make_pipe(pipes);
	take_stdout(pipes[1]);
	printer_init(&p, false);
	for (int i = 0; i < 10; i++)
		printer_event(&p, "hot", "raised", 0, i);
	early = read_all(pipes[0], text, sizeof(text));
	printer_free(&p);
	read_all(pipes[0], text, sizeof(text));
	give_stdout_back();
	assert_int_equal(early, 0);
	for (const char *c = text; *c; c++)
		n_lines += *c == '\n';
	assert_int_equal(n_lines, 10);
	close(pipes[0]);
	close(pipes[1]);
}

static void many_lines_all_arrive_in_order(void **state)
{
	enum { LINES = 5000 };
	struct printer p;
	char line[256], expected[64];
	FILE *f = tmpfile();

	(void)state;
	assert_non_null(f);
	take_stdout(fileno(f));
	printer_init(&p, false);
	for (int i = 0; i < LINES; i++)
		printer_event(&p, "hot", "raised", 0, i);
	printer_free(&p);
	give_stdout_back();
	rewind(f);
	for (int i = 0; i < LINES; i++) {
		assert_non_null(fgets(line, sizeof(line), f));
		snprintf(expected, sizeof(expected), "\"value\":%d}\n", i);
		assert_non_null(strstr(line, expected));
	}
	assert_null(fgets(line, sizeof(line), f));
	fclose(f);
}

static void the_first_error_stays_and_nothing_more_is_written(void **state)
{
	struct printer p;
	char text[64];
	int error, later, full = open("/dev/full", O_WRONLY | O_CLOEXEC), pipes[2];

	(void)state;
	assert_true(full >= 0);
	make_pipe(pipes);
	take_stdout(full);
	printer_init(&p, true);
	printer_event(&p, "hot", "raised", 0, 1);
	error = p.error;
	dup2(pipes[1], STDOUT_FILENO); /* there is room again, but lines are missing */
	printer_event(&p, "hot", "cleared", 0, 1);
	later = printer_flush(&p);
	printer_free(&p);
	give_stdout_back();
	assert_int_equal(error, -ENOSPC);
	assert_int_equal(later, -ENOSPC);
	assert_int_equal(read_all(pipes[0], text, sizeof(text)), 0);
	close(full);
	close(pipes[0]);
	close(pipes[1]);
}

static void a_reader_that_has_gone_is_an_error(void **state)
{
	struct printer p;
	int pipes[2], error;

	(void)state;
	signal(SIGPIPE, SIG_IGN); /* as main() does */
	assert_int_equal(pipe(pipes), 0);
	close(pipes[0]);
	take_stdout(pipes[1]);
	printer_init(&p, true);
	printer_event(&p, "hot", "raised", 0, 1);
	error = p.error;
	printer_free(&p);
	give_stdout_back();
	assert_int_equal(error, -EPIPE);
	close(pipes[1]);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_line_is_written_at_once_when_somebody_looks_on),
		cmocka_unit_test(else_lines_are_collected_and_the_last_are_not_forgotten),
		cmocka_unit_test(many_lines_all_arrive_in_order),
		cmocka_unit_test(the_first_error_stays_and_nothing_more_is_written),
		cmocka_unit_test(a_reader_that_has_gone_is_an_error),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
