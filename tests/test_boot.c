/* SPDX-License-Identifier: Apache-2.0 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "agent/boot.h"
#include "base/check.h"

/* 2023-11-14 22:13:20 UTC */
#define NOW_US INT64_C(1700000000000000)
#define NOW_S 1700000000u

struct place_of_test {
	char dir[64], spool[96], boot[128];
};

static int make_place(void **state)
{
	struct place_of_test *p = calloc(1, sizeof(*p));

	snprintf(p->dir, sizeof(p->dir), "/tmp/runnel-boot-XXXXXX");
	if (!mkdtemp(p->dir))
		return -1;
	snprintf(p->spool, sizeof(p->spool), "%s/spool.db", p->dir);
	snprintf(p->boot, sizeof(p->boot), "%s.boot", p->spool);
	*state = p;
	return 0;
}

static int remove_place(void **state)
{
	struct place_of_test *p = *state;
	char command[128];
	int r;

	snprintf(command, sizeof(command), "rm -rf '%s'", p->dir);
	r = system(command);
	free(p);
	return r;
}

static void write_file(const struct place_of_test *p, const void *bytes, size_t n)
{
	FILE *f = fopen(p->boot, "w");

	assert_non_null(f);
	assert_int_equal(fwrite(bytes, 1, n, f), n);
	assert_int_equal(fclose(f), 0);
}

static uint32_t take(const struct place_of_test *p)
{
	const char *error = "untouched";
	uint32_t boot = boot_take(p->spool, 0, NOW_US, &error);

	assert_null(error);
	return boot;
}

static void the_first_number_is_the_time_in_seconds(void **state)
{
	assert_int_equal(take(*state), NOW_S);
}

static void each_start_takes_a_higher_number_whatever_the_clock_says(void **state)
{
	const struct place_of_test *p = *state;
	const char *error;

	assert_int_equal(take(p), NOW_S);
	assert_int_equal(take(p), NOW_S + 1);
	assert_int_equal(boot_take(p->spool, 0, 0, &error), NOW_S + 2);
	assert_int_equal(boot_take(p->spool, 0, -NOW_US, &error), NOW_S + 3);
	assert_int_equal(boot_take(p->spool, 0, INT64_MAX, &error), NOW_S + 4);
	assert_int_equal(boot_take(p->spool, 0, NOW_US + 60000000, &error), NOW_S + 60);
}

static void a_stored_number_of_the_future_is_followed(void **state)
{
	write_file(*state, "1800000000\n", 11);
	assert_int_equal(take(*state), 1800000001);
	assert_int_equal(take(*state), 1800000002);
}

/* A collector that saw the number of a start that could not write would else take the next start for an old one. */
static void the_number_grows_from_starts_that_cannot_write_to_those_that_can(void **state)
{
	const struct place_of_test *p = *state;
	const char *error = NULL;

	write_file(p, "41\n", 3);
	assert_int_equal(boot_take("/proc/spool.db", 0, NOW_US, &error), NOW_S);
	assert_true(boot_take(p->spool, 0, NOW_US + 5000000, &error) > NOW_S);
}

/* What is not wholly a number with its line end may be the rest of a larger one that was used. */
static void a_torn_or_foreign_file_counts_as_lost(void **state)
{
	static const char *const files[] = {
		"",	   "\n",      "41",    "41x\n",		"-1\n", "4294967295\n",
		"4.5\n",   "41\n7\n", " 41",   "99999999999\n", "x",	"18446744073709551617\n",
		"0x1f\n2", "41\r",    "1e3\n", "41 \n"
	};
	const struct place_of_test *p = *state;
	const char *error;

	for (size_t i = 0; i < ARRAY_LEN(files); i++) {
		write_file(p, files[i], strlen(files[i]));
		if (boot_take(p->spool, 0, NOW_US, &error) != NOW_S)
			fail_msg("file %zu: '%s' was taken for a number", i, files[i]);
		assert_int_equal(boot_take(p->spool, 0, NOW_US, &error), NOW_S + 1);
	}
	write_file(p, "12\0\0\n", 5); /* a block that never reached the disk */
	assert_int_equal(boot_take(p->spool, 0, NOW_US, &error), NOW_S);
}

static void what_another_place_remembers_is_followed_too(void **state)
{
	const struct place_of_test *p = *state;
	const char *error;

	assert_int_equal(boot_take(p->spool, NOW_S + 7, NOW_US, &error), NOW_S + 8);
	assert_int_equal(boot_take(p->spool, 5, NOW_US, &error), NOW_S + 9);
}

/* A board without a battery for its clock, whose card was written anew: each time it starts in 1970. */
static void with_everything_lost_and_no_clock_the_number_is_drawn(void **state)
{
	const struct place_of_test *p = *state;
	const char *error;
	uint32_t first, second;

	first = boot_take(p->spool, 0, 3000000, &error);
	assert_int_equal(boot_take(p->spool, 0, 3000000, &error), first + 1);
	assert_int_equal(unlink(p->boot), 0);
	second = boot_take(p->spool, 0, 3000000, &error);
	assert_true(first != second); /* one in fifteen million */
	assert_in_range(first, 3, 15778803);
	assert_in_range(second, 3, 15778803);
}

static void a_long_file_is_not_a_number(void **state)
{
	char long_file[4096];

	memset(long_file, '1', sizeof(long_file));
	write_file(*state, long_file, sizeof(long_file));
	assert_int_equal(take(*state), NOW_S);
}

static void the_highest_number_is_not_wrapped(void **state)
{
	write_file(*state, "4294967294\n", 11);
	assert_int_equal(take(*state), 4294967295u);
	assert_int_not_equal(take(*state), 0);
}

/* The file is replaced as a whole: the old one, opened before, still says what it said. */
static void the_file_is_replaced_and_not_rewritten(void **state)
{
	const struct place_of_test *p = *state;
	char text[32] = "";
	struct stat before, after;
	int fd;

	write_file(p, "41\n", 3);
	fd = open(p->boot, O_RDONLY);
	assert_int_equal(fstat(fd, &before), 0);
	assert_int_equal(take(p), NOW_S);
	assert_int_equal(read(fd, text, sizeof(text)), 3);
	assert_string_equal(text, "41\n");
	close(fd);
	assert_int_equal(stat(p->boot, &after), 0);
	assert_true(before.st_ino != after.st_ino);
	assert_int_equal(after.st_size, 11);
}

static void what_a_power_cut_left_behind_is_in_nobodys_way(void **state)
{
	const struct place_of_test *p = *state;
	char path[160];
	FILE *f;

	snprintf(path, sizeof(path), "%s.new", p->boot);
	f = fopen(path, "w");
	assert_non_null(f);
	fputs("9999999999", f);
	fclose(f);
	write_file(p, "1800000000\n", 11);
	assert_int_equal(take(p), 1800000001);
}

static void without_a_place_to_write_the_seconds_are_the_number(void **state)
{
	static const char *const places[] = { "/dev/null/spool.db", "/nonexistent/dir/spool.db", "/proc/spool.db" };
	const char *error = NULL;

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(places); i++) {
		error = NULL;
		assert_int_equal(boot_take(places[i], 0, NOW_US, &error), NOW_S);
		assert_non_null(error);
		assert_int_equal(boot_take(places[i], 0, NOW_US + 1000000, &error), NOW_S + 1);
	}
}

static void a_directory_in_the_place_of_the_file_is_told(void **state)
{
	const struct place_of_test *p = *state;
	const char *error = NULL;

	assert_int_equal(mkdir(p->boot, 0700), 0);
	assert_int_equal(boot_take(p->spool, 0, NOW_US, &error), NOW_S);
	assert_non_null(error);
}

static void a_path_that_is_too_long_is_told(void **state)
{
	char path[8192];
	const char *error = NULL;

	(void)state;
	memset(path, 'a', sizeof(path) - 1);
	path[sizeof(path) - 1] = '\0';
	assert_int_equal(boot_take(path, 0, NOW_US, &error), NOW_S);
	assert_non_null(error);
	path[4092] = '\0'; /* fits with .boot, but not with .boot.new */
	path[0] = '/';
	error = NULL;
	assert_int_equal(boot_take(path, 0, NOW_US, &error), NOW_S);
	assert_non_null(error);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_first_number_is_the_time_in_seconds),
		cmocka_unit_test(each_start_takes_a_higher_number_whatever_the_clock_says),
		cmocka_unit_test(a_stored_number_of_the_future_is_followed),
		cmocka_unit_test(the_number_grows_from_starts_that_cannot_write_to_those_that_can),
		cmocka_unit_test(a_torn_or_foreign_file_counts_as_lost),
		cmocka_unit_test(what_another_place_remembers_is_followed_too),
		cmocka_unit_test(with_everything_lost_and_no_clock_the_number_is_drawn),
		cmocka_unit_test(a_long_file_is_not_a_number),
		cmocka_unit_test(the_highest_number_is_not_wrapped),
		cmocka_unit_test(the_file_is_replaced_and_not_rewritten),
		cmocka_unit_test(what_a_power_cut_left_behind_is_in_nobodys_way),
		cmocka_unit_test(without_a_place_to_write_the_seconds_are_the_number),
		cmocka_unit_test(a_directory_in_the_place_of_the_file_is_told),
		cmocka_unit_test(a_path_that_is_too_long_is_told),
	};
	struct CMUnitTest with_place[ARRAY_LEN(tests)];

	for (size_t i = 0; i < ARRAY_LEN(tests); i++) {
		with_place[i] = tests[i];
		with_place[i].setup_func = make_place;
		with_place[i].teardown_func = remove_place;
	}
	return cmocka_run_group_tests(with_place, NULL, NULL);
}
