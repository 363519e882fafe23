/* SPDX-License-Identifier: Apache-2.0 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "agent/clock_word.h"
#include "base/fileio.h"

#define OFFSET INT64_C(1763700000123456)

static char path[64];

static int set_up(void **state)
{
	(void)state;
	snprintf(path, sizeof(path), "/tmp/runnel-clock-word-%d", (int)getpid());
	return clock_word_take_back(path);
}

static int tear_down(void **state)
{
	(void)state;
	return clock_word_take_back(path);
}

static void a_word_holds_for_the_time_it_was_given_for(void **state)
{
	(void)state;
	assert_int_equal(clock_word_give(path, OFFSET), 0);
	assert_true(clock_word_holds(path, OFFSET));
	assert_true(clock_word_holds(path, OFFSET + 499999));
	assert_true(clock_word_holds(path, OFFSET - 499999));
	assert_int_equal(clock_word_give(path, -5), 0);
	assert_true(clock_word_holds(path, 0));
}

static void others_may_read_it(void **state)
{
	struct stat st;

	(void)state;
	assert_int_equal(clock_word_give(path, OFFSET), 0);
	assert_int_equal(stat(path, &st), 0);
	assert_int_equal(st.st_mode & 0777, 0644);
}

static void a_clock_set_since_makes_it_void_at_once(void **state)
{
	(void)state;
	assert_int_equal(clock_word_give(path, OFFSET), 0);
	assert_false(clock_word_holds(path, OFFSET + 500000));
	assert_false(clock_word_holds(path, OFFSET - 500000));
	assert_false(clock_word_holds(path, 0));
}

static void a_word_that_was_taken_back_holds_no_more(void **state)
{
	(void)state;
	assert_int_equal(clock_word_give(path, OFFSET), 0);
	assert_int_equal(clock_word_take_back(path), 0);
	assert_false(clock_word_holds(path, OFFSET));
	assert_int_equal(clock_word_take_back(path), 0);
}

static void what_is_no_word_is_none(void **state)
{
	static const char *const texts[] = { "",
					     "\n",
					     "1763700000123456",
					     "17637000001234",
					     "x\n",
					     "1763700000123456 \n",
					     "99999999999999999999999999999999999999999999\n" };

	(void)state;
	assert_false(clock_word_holds(NULL, OFFSET));
	assert_false(clock_word_holds("/nonexistent/x", OFFSET));
	assert_false(clock_word_holds("/tmp", OFFSET));
	for (size_t i = 0; i < sizeof(texts) / sizeof(texts[0]); i++) {
		FILE *f = fopen(path, "w");

		assert_non_null(f);
		fputs(texts[i], f);
		fclose(f);
		assert_false(clock_word_holds(path, OFFSET));
	}
}

static void where_nothing_can_be_written_none_is_given(void **state)
{
	(void)state;
	assert_int_equal(clock_word_give("/nonexistent/x", OFFSET), -ENOENT);
	assert_int_equal(clock_word_take_back("/nonexistent/x"), 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_word_holds_for_the_time_it_was_given_for),
		cmocka_unit_test(others_may_read_it),
		cmocka_unit_test(a_clock_set_since_makes_it_void_at_once),
		cmocka_unit_test(a_word_that_was_taken_back_holds_no_more),
		cmocka_unit_test(what_is_no_word_is_none),
		cmocka_unit_test(where_nothing_can_be_written_none_is_given),
	};

	return cmocka_run_group_tests(tests, set_up, tear_down);
}
