/* SPDX-License-Identifier: Apache-2.0 */
/* Places and files that cannot be used: the spool says so, runs in memory, and comes back by itself. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "agent/spool.h"
#include "base/log.h"
#include "tests/spool_rig.h"

enum { S = 1000000 };

static size_t size_of(const char *path, const char *suffix)
{
	char name[128];
	struct stat st;

	snprintf(name, sizeof(name), "%s%s", path, suffix);
	return stat(name, &st) == 0 ? (size_t)st.st_size : 0;
}

/* --- places that cannot be used --- */

static void without_a_place_it_runs_in_memory_and_moves_to_the_disk_when_there_is_one(void **state)
{
	const struct spool_rig *rig = *state;
	struct spool_row first, row;
	struct spool *s;
	char dir[80], path[128];
	FILE *f;

	snprintf(dir, sizeof(dir), "%s/x", rig->dir);
	snprintf(path, sizeof(path), "%s/spool.db", dir);
	f = fopen(dir, "w"); /* a file where a directory should be */
	fclose(f);
	s = spool_rig_open(path, SPOOL_RIG_MAX_BYTES);
	assert_false(spool_rig_stats(s).is_on_disk);
	assert_true(spool_rig_stats(s).problem[0] != '\0');
	spool_rig_put(s, 1);
	spool_rig_put(s, 2);
	assert_int_equal(spool_next(s, 0, &first), 1);
	assert_true(spool_commit(s, 100 * (int64_t)S, false) < 0);
	assert_int_equal(spool_rig_waiting(s), 0x6);
	assert_int_equal(unlink(dir), 0);
	assert_int_equal(spool_commit(s, 101 * (int64_t)S, false), -EAGAIN);
	assert_int_equal(spool_commit(s, 1000 * (int64_t)S, false), 0);
	assert_true(spool_rig_stats(s).is_on_disk);
	spool_ack(s, first.id); /* the id that it had then */
	assert_int_equal(spool_rig_waiting(s), 0x4);
	spool_rig_put(s, 3);
	spool_close(s);
	s = spool_rig_open(path, SPOOL_RIG_MAX_BYTES);
	assert_int_equal(spool_rig_waiting(s), 0xc);
	assert_int_equal(spool_next(s, 0, &row), 1);
	spool_close(s);
}

static void damage(const char *path, long offset, size_t bytes)
{
	FILE *f = fopen(path, "r+");

	assert_non_null(f);
	fseek(f, offset, SEEK_SET);
	for (size_t i = 0; i < bytes; i++)
		fputc((int)(i * 37 + 11) & 0xff, f);
	fclose(f);
}

static void fill(const char *path, uint32_t n)
{
	struct spool *s = spool_rig_open(path, SPOOL_RIG_MAX_BYTES);

	for (uint32_t seq = 1; seq <= n; seq++)
		spool_rig_put(s, seq);
	spool_close(s);
}

static void a_damaged_file_is_set_aside_and_a_new_one_begun(void **state)
{
	const struct spool_rig *rig = *state;

	for (int i = 0; i < 5; i++) {
		struct spool *s;

		fill(rig->path, 20);
		damage(rig->path, 0, 100);
		s = spool_rig_open(rig->path, SPOOL_RIG_MAX_BYTES);
		assert_true(spool_rig_stats(s).is_on_disk);
		assert_int_equal(spool_rig_waiting(s), 0);
		spool_rig_put(s, 1);
		assert_int_equal(spool_commit(s, S, false), 0);
		spool_close(s);
		s = spool_rig_open(rig->path, SPOOL_RIG_MAX_BYTES);
		assert_int_equal(spool_rig_waiting(s), 2);
		spool_rig_ack(s, 1);
		spool_close(s);
	}
	assert_true(size_of(rig->path, ".corrupt-1") > 0);
	assert_true(size_of(rig->path, ".corrupt-3") > 0);
	assert_int_equal(size_of(rig->path, ".corrupt-4"), 0);
}

/* Wherever it is: no crash, no wrong bytes, no endless loop, and afterwards it works. The head of the file alone costs all rows. */
static void damage_anywhere_costs_rows_and_nothing_else(void **state)
{
	const struct spool_rig *rig = *state;
	unsigned n_lost, n_all = 0;
	size_t size;

	fill(rig->path, 40);
	size = size_of(rig->path, "");
	for (size_t at = 0; at < size; at += 509) {
		struct spool *s;

		unlink(rig->path);
		fill(rig->path, 40);
		damage(rig->path, (long)at, 64);
		s = spool_rig_open(rig->path, SPOOL_RIG_MAX_BYTES);
		(void)spool_rig_waiting(s);
		for (int i = 0; i < 3; i++) { /* damage may be met by reading, writing, and again */
			(void)!spool_commit(s, (i + 1) * 1000 * (int64_t)S, true);
			(void)spool_rig_waiting(s);
		}
		spool_rig_put(s, 50);
		assert_int_equal(spool_commit(s, 5000 * (int64_t)S, true), 0);
		assert_true(spool_rig_waiting(s) >> 50 & 1);
		n_lost = 41 - (unsigned)__builtin_popcountll(spool_rig_waiting(s));
		assert_int_equal(spool_rig_stats(s).n_rows, 41 - n_lost);
		assert_true(spool_rig_stats(s).n_dropped <= n_lost); /* how many there were may be unreadable, too */
		n_all += n_lost == 40;
		assert_true(n_lost <= 12 || n_lost == 40);
		spool_close(s);
	}
	printf("%u places of %zu cost all rows\n", n_all, size / 509 + 1);
	assert_true(n_all <= 4);
}

/* Damage met while it runs: what was acknowledged stays so as far as that was written, what is in memory stays, nothing comes twice. */
static void what_can_be_read_of_a_damaged_file_is_kept(void **state)
{
	const struct spool_rig *rig = *state;
	struct spool *s = spool_rig_open(rig->path, SPOOL_RIG_MAX_BYTES);
	uint64_t set;

	for (uint32_t seq = 1; seq <= 40; seq++)
		spool_rig_put(s, seq);
	for (uint32_t seq = 1; seq <= 5; seq++)
		spool_rig_ack(s, seq);
	assert_int_equal(spool_commit(s, S, true), 0);
	for (uint32_t seq = 1; seq <= 5; seq++)
		spool_rig_ack(s, seq);
	spool_close(s);
	damage(rig->path, 20 * 1024, 1024);
	s = spool_rig_open(rig->path, SPOOL_RIG_MAX_BYTES);
	(void)spool_rig_waiting(s);
	spool_rig_put(s, 50);
	(void)!spool_commit(s, 1000 * (int64_t)S, true);
	assert_int_equal(spool_commit(s, 2000 * (int64_t)S, true), 0);
	set = spool_rig_waiting(s);
	assert_true(__builtin_popcountll(set & 0x1ffffffffc0) >= 32);
	assert_true(set >> 50 & 1);
	assert_int_equal(set & 0x3e, 0);
	spool_close(s);
	s = spool_rig_open(rig->path, SPOOL_RIG_MAX_BYTES);
	assert_true(spool_rig_waiting(s) == set);
	spool_close(s);
}

static void a_file_of_a_newer_version_or_another_program_is_left_alone(void **state)
{
	static const char *const changes[] = { "PRAGMA user_version = 2", "PRAGMA application_id = 1" };
	const struct spool_rig *rig = *state;
	char command[256], before[64] = "", after[64] = "";
	FILE *f;

	for (size_t i = 0; i < 2; i++) {
		struct spool *s;

		unlink(rig->path);
		fill(rig->path, 5);
		snprintf(command, sizeof(command), "sqlite3 %s '%s' && cksum <%s", rig->path, changes[i], rig->path);
		f = popen(command, "r");
		if (!fgets(before, sizeof(before), f) || pclose(f) != 0)
			skip();
		s = spool_rig_open(rig->path, SPOOL_RIG_MAX_BYTES);
		assert_false(spool_rig_stats(s).is_on_disk);
		assert_non_null(strstr(spool_rig_stats(s).problem, "newer version"));
		spool_rig_put(s, 9);
		assert_true(spool_commit(s, 9000 * (int64_t)S, true) < 0);
		assert_int_equal(spool_rig_waiting(s), 0x200);
		spool_close(s);
		snprintf(command, sizeof(command), "cksum <%s", rig->path);
		f = popen(command, "r");
		assert_non_null(fgets(after, sizeof(after), f));
		pclose(f);
		assert_string_equal(before, after);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(
			without_a_place_it_runs_in_memory_and_moves_to_the_disk_when_there_is_one, spool_rig_make,
			spool_rig_remove),
		cmocka_unit_test_setup_teardown(a_damaged_file_is_set_aside_and_a_new_one_begun, spool_rig_make,
						spool_rig_remove),
		cmocka_unit_test_setup_teardown(damage_anywhere_costs_rows_and_nothing_else, spool_rig_make,
						spool_rig_remove),
		cmocka_unit_test_setup_teardown(what_can_be_read_of_a_damaged_file_is_kept, spool_rig_make,
						spool_rig_remove),
		cmocka_unit_test_setup_teardown(a_file_of_a_newer_version_or_another_program_is_left_alone,
						spool_rig_make, spool_rig_remove),
	};

	log_set_level((enum log_level)0); /* what is said about hundreds of failures */
	return cmocka_run_group_tests(tests, NULL, NULL);
}
