/* SPDX-License-Identifier: Apache-2.0 */
/* Messages as the journal wants them, as a person wants them, and never more than one line each. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <errno.h>
#include <regex.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/log.h"

struct rig {
	FILE *file;
	int stderr_fd; /* the real one, kept */
	char text[4096];
};

static int set_up(void **state)
{
	struct rig *rig = calloc(1, sizeof(*rig));

	if (!rig)
		return -1;
	*state = rig;
	rig->file = tmpfile();
	rig->stderr_fd = dup(STDERR_FILENO);
	unsetenv("JOURNAL_STREAM");
	log_set_level(LOG_LEVEL_INFO);
	return rig->file && dup2(fileno(rig->file), STDERR_FILENO) >= 0 ? 0 : -1;
}

static int tear_down(void **state)
{
	struct rig *rig = *state;

	dup2(rig->stderr_fd, STDERR_FILENO);
	close(rig->stderr_fd);
	fclose(rig->file);
	free(rig);
	return 0;
}

static const char *written(struct rig *rig)
{
	ssize_t n = pread(fileno(rig->file), rig->text, sizeof(rig->text) - 1, 0);

	assert_true(n >= 0);
	rig->text[n] = '\0';
	return rig->text;
}

static void set_journal(struct rig *rig, unsigned plus)
{
	char stream[64];
	struct stat st;

	assert_int_equal(fstat(fileno(rig->file), &st), 0);
	snprintf(stream, sizeof(stream), "%ju:%ju", (uintmax_t)st.st_dev, (uintmax_t)st.st_ino + plus);
	setenv("JOURNAL_STREAM", stream, 1);
}

static bool matches(const char *text, const char *pattern)
{
	regex_t re;
	int r;

	assert_int_equal(regcomp(&re, pattern, REG_EXTENDED | REG_NOSUB), 0);
	r = regexec(&re, text, 0, NULL, 0);
	regfree(&re);
	return r == 0;
}

static void the_journal_gets_priorities(void **state)
{
	struct rig *rig = *state;

	set_journal(rig, 0);
	log_set_level(LOG_LEVEL_DEBUG);
	log_error("a %d", 1);
	log_warning("b");
	log_notice("c");
	log_info("d");
	log_debug("e");
	assert_string_equal(written(rig), "<3>a 1\n<4>b\n<5>c\n<6>d\n<7>e\n");
}

static void a_person_gets_time_and_level(void **state)
{
	struct rig *rig = *state;

	log_warning("disk %s", "full");
	assert_true(matches(written(rig), "^[0-2][0-9]:[0-5][0-9]:[0-6][0-9] warning: disk full\n$"));
}

static void the_journal_of_someone_else_does_not_count(void **state)
{
	struct rig *rig = *state;

	set_journal(rig, 1);
	log_error("x");
	setenv("JOURNAL_STREAM", "nonsense", 1);
	log_error("y");
	assert_true(matches(written(rig), "^[0-9:]{8} error: x\n[0-9:]{8} error: y\n$"));
}

static void messages_above_the_level_are_dropped(void **state)
{
	struct rig *rig = *state;

	set_journal(rig, 0);
	log_debug("no");
	log_info("yes");
	log_set_level(LOG_LEVEL_ERROR);
	log_warning("no");
	log_error("yes");
	assert_string_equal(written(rig), "<6>yes\n<3>yes\n");
}

static void a_message_is_one_printable_line(void **state)
{
	struct rig *rig = *state;
	char word[3000];

	set_journal(rig, 0);
	log_info("a\n<0>forged \x1B[31m");
	assert_string_equal(written(rig), "<6>a?<0>forged ?[31m\n");
	memset(word, 'w', sizeof(word) - 1);
	word[sizeof(word) - 1] = '\0';
	log_info("%s", word);
	log_info("next");
	assert_true(matches(written(rig), "\n<6>w{200,255}w{200,255}w{200,255}w*\n<6>next\n$"));
}

static void errno_survives(void **state)
{
	(void)state;
	close(STDERR_FILENO);
	errno = ENOENT;
	log_error("into nothing");
	assert_int_equal(errno, ENOENT);
}

#define LOG_TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

int main(void)
{
	const struct CMUnitTest tests[] = {
		LOG_TEST(the_journal_gets_priorities),
		LOG_TEST(a_person_gets_time_and_level),
		LOG_TEST(the_journal_of_someone_else_does_not_count),
		LOG_TEST(messages_above_the_level_are_dropped),
		LOG_TEST(a_message_is_one_printable_line),
		LOG_TEST(errno_survives),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
