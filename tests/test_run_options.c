/* SPDX-License-Identifier: Apache-2.0 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <stdio.h>
#include <string.h>
#include <sysexits.h>
#include <unistd.h>

#include "collector/cmd_run.h"

enum { MAX_WORDS = 16 };

static const int64_t day_us = 86400000000;

/* @said: what it wrote on stderr */
static int parse(struct run_options *o, const char *line, char said[static 512])
{
	char text[256], *argv[MAX_WORDS] = { "run" }, *rest = text;
	FILE *heard = tmpfile();
	int argc = 1, r, before;
	size_t n;

	snprintf(text, sizeof(text), "%s", line);
	for (char *word; (word = strsep(&rest, " ")); argc++)
		argv[argc] = word;
	assert_non_null(heard);
	fflush(stderr);
	before = dup(STDERR_FILENO);
	assert_true(dup2(fileno(heard), STDERR_FILENO) >= 0);
	r = run_options_parse(o, argc, argv);
	fflush(stderr);
	assert_true(dup2(before, STDERR_FILENO) >= 0);
	close(before);
	rewind(heard);
	n = fread(said, 1, 511, heard);
	said[n] = '\0';
	fclose(heard);
	return r;
}

static void parts_are_kept_longer_than_anything_waits_for_them(void **state)
{
	static const struct {
		const char *line;
		int64_t keep_parts_h;
	} good[] = {
		{ "--json", 7 * 24 },
		{ "--keep 5d", 7 * 24 },
		{ "--keep 6d", 8 * 24 }, /* and the deadline of a day */
		{ "--keep 8d", 10 * 24 },
		{ "--deadline 30d --keep 1h", 31 * 24 + 1 },
		{ "--keep 3660d --deadline 3660d", 7321 * 24 },
		{ "--keep 8d --keep-parts 0", 0 },
		{ "--keep 8d --keep-parts 10d", 10 * 24 },
		{ "--keep-parts 3d --keep-hours 4d", 3 * 24 },
	};
	struct run_options o;
	char said[512];

	(void)state;
	for (size_t i = 0; i < sizeof(good) / sizeof(good[0]); i++) {
		assert_int_equal(parse(&o, good[i].line, said), -1);
		assert_int_equal(o.keep_parts_us, good[i].keep_parts_h * (day_us / 24));
		assert_string_equal(said, "");
	}
}

static void what_is_refused_is_shown_with_what_was_expected(void **state)
{
	static const char *const wrong[][3] = {
		{ "--keep 8d --keep-parts 9d", "'9d'", "more than 9d, which is --deadline and --keep together" },
		{ "--keep 2h --keep-parts 1d", "'1d'", "more than 26h" },
		{ "--keep-hours 7d", "'7d'", "more than 7d, which is --keep-parts" },
		{ "--keep 8d --keep-hours 9d", "'9d'", "more than 10d, which is --keep-parts" },
		{ "--keep-parts 0 --keep-hours 1d", "'1d'", "more than 26h" },
		{ "--keep 59s", "'59s'", "1m to 3660d" },
		{ "--keep-parts 1", "'1'", "or 0" },
	};
	struct run_options o;
	char said[512];

	(void)state;
	for (size_t i = 0; i < sizeof(wrong) / sizeof(wrong[0]); i++) {
		assert_int_equal(parse(&o, wrong[i][0], said), EX_USAGE);
		assert_non_null(strstr(said, wrong[i][1]));
		assert_non_null(strstr(said, wrong[i][2]));
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(parts_are_kept_longer_than_anything_waits_for_them),
		cmocka_unit_test(what_is_refused_is_shown_with_what_was_expected),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
