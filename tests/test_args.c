/* SPDX-License-Identifier: Apache-2.0 */
/* What people mistype, and what they are told. */
#include "base/args.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <stdio.h>
#include <string.h>
#include <unistd.h>

static const struct option options[] = {
	{ "config", required_argument, NULL, 'c' },
	{ "json", no_argument, NULL, 'j' },
	{ NULL, 0, NULL, 0 },
};

/** The last answer to "run ARGUMENT", and what was said on stderr. */
static int take(const char *argument, char said[400])
{
	char command[] = "run", copy[64], *argv[] = { command, copy, NULL };
	FILE *file = tmpfile();
	int kept = dup(STDERR_FILENO), c;
	size_t n;

	assert_non_null(file);
	snprintf(copy, sizeof(copy), "%s", argument);
	fflush(stderr);
	assert_true(dup2(fileno(file), STDERR_FILENO) >= 0);
	optind = 0;
	c = args_next(2, argv, "runnel", "c:h", options);
	fflush(stderr);
	assert_true(dup2(kept, STDERR_FILENO) >= 0);
	close(kept);
	rewind(file);
	n = fread(said, 1, 399, file);
	said[n] = '\0';
	fclose(file);
	return c;
}

static void expect(const char *argument, int answer, const char *message)
{
	char said[400];

	assert_int_equal(take(argument, said), answer);
	assert_string_equal(said, message);
}

static void good_options_are_taken_in_silence(void **state)
{
	(void)state;
	expect("--json", 'j', "");
	expect("-cx", 'c', "");
	expect("--config=x", 'c', "");
	expect("file", -1, "");
}

static void every_mistake_is_told_in_one_way(void **state)
{
	(void)state;
	expect("--nonsense", ARGS_WRONG, "runnel run: unknown option '--nonsense'; see `runnel run --help`\n");
	expect("--jsno", ARGS_WRONG,
	       "runnel run: unknown option '--jsno', did you mean '--json'?; see `runnel run --help`\n");
	expect("--cofnig=a", ARGS_WRONG,
	       "runnel run: unknown option '--cofnig', did you mean '--config'?; see `runnel run --help`\n");
	expect("-x", ARGS_WRONG, "runnel run: unknown option '-x'; see `runnel run --help`\n");
	expect("--config", ARGS_WRONG, "runnel run: option '--config' needs a value; see `runnel run --help`\n");
	expect("-c", ARGS_WRONG, "runnel run: option '-c' needs a value; see `runnel run --help`\n");
	expect("--json=1", ARGS_WRONG, "runnel run: option '--json' takes no value; see `runnel run --help`\n");
	expect("--\033[2J", ARGS_WRONG, "runnel run: unknown option '--?[2J'; see `runnel run --help`\n");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(good_options_are_taken_in_silence),
		cmocka_unit_test(every_mistake_is_told_in_one_way),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
