/* SPDX-License-Identifier: Apache-2.0 */
/* The terminal is a pseudo-terminal, and a small screen below understands the four sequences that a table uses. */
#define _GNU_SOURCE /* posix_openpt */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <termios.h>
#include <unistd.h>

#include "base/term.h"

enum { OUT_BYTES = 8192, SCREEN_ROWS = 30, ROW_BYTES = 256 };

static const struct term_column columns[] = {
	{ .title = "NAME", .is_flexible = true },
	{ .title = "VALUE", .is_right = true },
	{ .title = "UNIT" },
};

static void fill_two_rows(struct term_table *t)
{
	term_table_cell(t, TERM_PLAIN, "temperature");
	term_table_cellf(t, TERM_GREEN, "%.2f", 21.5);
	term_table_cell(t, TERM_PLAIN, "Cel");
	term_table_cell(t, TERM_PLAIN, "h\xC3\xB6he"); /* 4 code points, 5 bytes */
	term_table_cellf(t, TERM_PLAIN, "%d", 7);
	term_table_cell(t, TERM_PLAIN, "m");
}

/* --- not a terminal --- */

static void read_all(int fd, char out[static OUT_BYTES])
{
	size_t n = 0;
	ssize_t got;

	while (n < OUT_BYTES - 1 && (got = read(fd, out + n, OUT_BYTES - 1 - n)) > 0)
		n += (size_t)got;
	out[n] = '\0';
}

static void elsewhere_it_is_appended_as_plain_text_with_one_title(void **state UNUSED)
{
	struct term_table *t;
	char out[OUT_BYTES];
	int fds[2];

	assert_int_equal(pipe(fds), 0);
	assert_int_equal(term_table_create(&t, fds[1], columns, ARRAY_LEN(columns)), 0);
	fill_two_rows(t);
	assert_int_equal(term_table_show(t), 0);
	term_table_linef(t, TERM_RED, "%d more", 3);
	term_table_cell(t, TERM_PLAIN, "x");
	assert_int_equal(term_table_show(t), 0);
	close(fds[1]);
	read_all(fds[0], out);
	assert_string_equal(out, "NAME         VALUE  UNIT\n"
				 "temperature  21.50  Cel\n"
				 "h\xC3\xB6he             7  m\n"
				 "3 more\n"
				 "x\n");
	close(fds[0]);
	term_table_free(t);
}

static void what_would_move_the_cursor_is_shown_as_a_question_mark(void **state UNUSED)
{
	struct term_table *t;
	char out[OUT_BYTES];
	int fds[2];

	assert_int_equal(pipe(fds), 0);
	assert_int_equal(term_table_create(&t, fds[1], columns, 1), 0);
	term_table_cell(t, TERM_PLAIN, "a\033[2Jb\nc\x7F");
	term_table_cell(t, TERM_PLAIN,
			"\xC2\x9B"
			"31m"); /* the one-byte CSI as UTF-8 */
	term_table_cell(t, TERM_PLAIN, "\xFF\xC3");
	term_table_cell(t, TERM_PLAIN, "\xC2\xB5m");
	assert_int_equal(term_table_show(t), 0);
	close(fds[1]);
	read_all(fds[0], out);
	assert_string_equal(out, "NAME\na?[2Jb?c?\n??31m\n??\n\xC2\xB5m\n");
	close(fds[0]);
	term_table_free(t);
}

static void a_reader_that_went_away_is_an_error(void **state UNUSED)
{
	struct term_table *t;
	int fds[2];

	signal(SIGPIPE, SIG_IGN);
	assert_int_equal(pipe(fds), 0);
	close(fds[0]);
	assert_int_equal(term_table_create(&t, fds[1], columns, ARRAY_LEN(columns)), 0);
	fill_two_rows(t);
	assert_int_equal(term_table_show(t), -EPIPE);
	close(fds[1]);
	term_table_free(t);
}

static void width_counts_code_points(void **state UNUSED)
{
	assert_int_equal(term_text_width(""), 0);
	assert_int_equal(term_text_width("21.5 \xC2\xB0"
					 "C"),
			 7);
	assert_int_equal(term_text_width("\xE2\x80\xA6"), 1);
}

/* --- a terminal --- */

struct screen {
	int master, slave;
	char rows[SCREEN_ROWS][ROW_BYTES];
	size_t row, column, width;
};

static void screen_open(struct screen *s, unsigned width, unsigned height)
{
	struct winsize size = { .ws_row = (unsigned short)height, .ws_col = (unsigned short)width };
	struct termios raw;

	*s = (struct screen){ .width = width };
	s->master = posix_openpt(O_RDWR | O_NOCTTY);
	assert_true(s->master >= 0);
	assert_int_equal(grantpt(s->master), 0);
	assert_int_equal(unlockpt(s->master), 0);
	s->slave = open(ptsname(s->master), O_RDWR | O_NOCTTY);
	assert_true(s->slave >= 0);
	assert_int_equal(tcgetattr(s->slave, &raw), 0);
	raw.c_oflag &= ~(tcflag_t)OPOST;
	assert_int_equal(tcsetattr(s->slave, TCSANOW, &raw), 0);
	assert_int_equal(ioctl(s->slave, TIOCSWINSZ, &size), 0);
	setenv("TERM", "xterm", 1);
	setenv("NO_COLOR", "1", 1);
}

static void screen_close(struct screen *s)
{
	close(s->slave);
	close(s->master);
}

static size_t sequence(struct screen *s, const char *p)
{
	size_t n = strcspn(p, "AJKm") + 1;

	if (p[n - 1] == 'A') {
		size_t up = strtoul(p + 2, NULL, 10);

		assert_true(s->row >= up);
		s->row -= up;
	} else if (p[n - 1] == 'K' || p[n - 1] == 'J') {
		s->rows[s->row][s->column] = '\0';
		for (size_t i = s->row + 1; p[n - 1] == 'J' && i < SCREEN_ROWS; i++)
			s->rows[i][0] = '\0';
	} else {
		assert_int_equal(p[n - 1], 'm');
	}
	return n;
}

/* ASCII only: a byte is a column. Returns what was sent. */
static void screen_read(struct screen *s, char out[static OUT_BYTES])
{
	ssize_t n = read(s->master, out, OUT_BYTES - 1);

	assert_true(n > 0);
	out[n] = '\0';
	for (const char *p = out; *p;) {
		if (*p == '\033') {
			p += sequence(s, p);
			continue;
		}
		if (*p == '\n') {
			s->row++;
			s->column = 0;
		} else if (*p == '\r') {
			s->column = 0;
		} else {
			s->rows[s->row][s->column++] = *p;
			assert_true(s->column <= s->width);
		}
		p++;
	}
}

static void a_live_table_replaces_itself_in_place(void **state UNUSED)
{
	struct term_table *t;
	char out[OUT_BYTES];
	struct screen s;

	screen_open(&s, 40, 20);
	assert_int_equal(term_table_create(&t, s.slave, columns, ARRAY_LEN(columns)), 0);
	for (int i = 0; i < 3; i++) {
		term_table_cell(t, TERM_PLAIN, i == 2 ? "short" : "a long name");
		term_table_cellf(t, TERM_RED, "%d", i);
		term_table_cell(t, TERM_PLAIN, "V");
		if (i < 2)
			term_table_linef(t, TERM_PLAIN, "second line %d", i);
		assert_int_equal(term_table_show(t), 0);
		screen_read(&s, out);
		assert_null(strstr(out, "\033[2J")); /* no clearing, no flicker */
	}
	assert_string_equal(s.rows[0], "NAME         VALUE  UNIT");
	assert_string_equal(s.rows[1], "short            2  V"); /* the columns did not jump */
	assert_string_equal(s.rows[2], "");
	assert_null(strstr(out, "\033[31m")); /* NO_COLOR */

	term_table_keep(t);
	term_table_linef(t, TERM_PLAIN, "below");
	assert_int_equal(term_table_show(t), 0);
	screen_read(&s, out);
	assert_string_equal(s.rows[1], "short            2  V");
	assert_string_equal(s.rows[3], "below");
	term_table_free(t);
	screen_close(&s);
}

static void colour_is_for_terminals_that_want_it(void **state UNUSED)
{
	struct term_table *t;
	char out[OUT_BYTES];
	struct screen s;
	struct term term;

	screen_open(&s, 40, 20);
	unsetenv("NO_COLOR");
	term_probe(&term, s.slave);
	assert_true(term.is_terminal && term.has_colour);
	assert_int_equal(term.width, 40);
	assert_int_equal(term.height, 20);
	assert_int_equal(term_table_create(&t, s.slave, columns, ARRAY_LEN(columns)), 0);
	fill_two_rows(t);
	assert_int_equal(term_table_show(t), 0);
	assert_true(read(s.master, out, sizeof(out)) > 0);
	assert_non_null(strstr(out, "\033[32m21.50\033[0m"));
	term_table_free(t);

	setenv("TERM", "dumb", 1);
	term_probe(&term, s.slave);
	assert_false(term.is_terminal || term.has_colour);
	setenv("TERM", "xterm", 1);
	setenv("NO_COLOR", "", 1); /* no-color.org: only when not empty */
	term_probe(&term, s.slave);
	assert_true(term.has_colour);
	screen_close(&s);
}

static void a_narrow_terminal_cuts_the_flexible_column_and_never_wraps(void **state UNUSED)
{
	struct term_table *t;
	char out[OUT_BYTES];
	struct screen s;

	for (unsigned width = 1; width < 30; width++) {
		screen_open(&s, width, 20);
		assert_int_equal(term_table_create(&t, s.slave, columns, ARRAY_LEN(columns)), 0);
		term_table_cell(t, TERM_PLAIN, "temperature");
		term_table_cell(t, TERM_PLAIN, "21.50");
		term_table_cell(t, TERM_PLAIN, "Cel");
		assert_int_equal(term_table_show(t), 0);
		if (width == 20) { /* 20 - 5 - 4 - 2 * 2: seven for the name */
			ssize_t n = read(s.master, out, sizeof(out) - 1);

			assert_true(n > 0);
			out[n] = '\0';
			assert_non_null(strstr(out, "temper\xE2\x80\xA6  21.50  Cel\033[K\n"));
		} else if (width >= 24) {
			screen_read(&s, out);
		}
		term_table_free(t);
		screen_close(&s);
	}
}

static void rows_that_do_not_fit_are_counted(void **state UNUSED)
{
	struct term_table *t;
	char out[OUT_BYTES];
	struct screen s;

	screen_open(&s, 40, 8);
	assert_int_equal(term_table_create(&t, s.slave, columns, 1), 0);
	for (int frame = 0; frame < 2; frame++) {
		for (int i = 0; i < 20; i++)
			term_table_cellf(t, TERM_PLAIN, "row %d", i);
		assert_int_equal(term_table_show(t), 0);
		screen_read(&s, out);
	}
	assert_string_equal(s.rows[5], "row 4");
	assert_string_equal(s.rows[6], "... 15 more");
	assert_int_equal(s.row, 7); /* 8 lines with the cursor's */
	term_table_free(t);
	screen_close(&s);
}

static void a_terminal_that_got_narrower_is_overwritten_from_the_top(void **state UNUSED)
{
	struct winsize narrow = { .ws_row = 20, .ws_col = 10 };
	struct term_table *t;
	char out[OUT_BYTES];
	struct screen s;

	screen_open(&s, 40, 20);
	assert_int_equal(term_table_create(&t, s.slave, columns, ARRAY_LEN(columns)), 0);
	fill_two_rows(t); /* lines of 24, 23 and 21 columns: three rows each when wrapped at 10 */
	assert_int_equal(term_table_show(t), 0);
	assert_true(read(s.master, out, sizeof(out)) > 0);
	assert_int_equal(ioctl(s.slave, TIOCSWINSZ, &narrow), 0);
	fill_two_rows(t);
	assert_int_equal(term_table_show(t), 0);
	assert_true(read(s.master, out, sizeof(out)) > 0);
	assert_non_null(strstr(out, "\033[9A"));
	term_table_free(t);
	screen_close(&s);
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(elsewhere_it_is_appended_as_plain_text_with_one_title),
		cmocka_unit_test(what_would_move_the_cursor_is_shown_as_a_question_mark),
		cmocka_unit_test(a_reader_that_went_away_is_an_error),
		cmocka_unit_test(width_counts_code_points),
		cmocka_unit_test(a_live_table_replaces_itself_in_place),
		cmocka_unit_test(colour_is_for_terminals_that_want_it),
		cmocka_unit_test(a_narrow_terminal_cuts_the_flexible_column_and_never_wraps),
		cmocka_unit_test(rows_that_do_not_fit_are_counted),
		cmocka_unit_test(a_terminal_that_got_narrower_is_overwritten_from_the_top),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
