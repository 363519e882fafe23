/* SPDX-License-Identifier: Apache-2.0 */
/* The spool on a disk: what is committed stays, whatever happens to the program and to the disk. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "agent/spool.h"
#include "base/log.h"
#include "tests/fault_vfs.h"
#include "tests/spool_rig.h"

enum { S = 1000000 };

/* --- as it should be --- */

static void what_is_committed_is_there_after_a_restart_and_what_is_acknowledged_is_not(void **state)
{
	const struct spool_rig *rig = *state;
	struct spool *s = spool_rig_open(rig->path, SPOOL_RIG_MAX_BYTES);

	for (uint32_t seq = 1; seq <= 6; seq++)
		spool_rig_put(s, seq);
	spool_rig_ack(s, 2);
	assert_int_equal(spool_commit(s, S, false), 0);
	assert_int_equal(spool_rig_stats(s).n_in_memory, 0);
	spool_rig_ack(s, 5);
	assert_int_equal(spool_note_boot(s, 12), 0);
	assert_int_equal(spool_rig_waiting(s), 0x5a);
	spool_close(s);
	s = spool_rig_open(rig->path, SPOOL_RIG_MAX_BYTES);
	assert_int_equal(spool_rig_waiting(s), 0x5a);
	assert_int_equal(spool_rig_stats(s).n_rows, 4);
	assert_int_equal(spool_rig_stats(s).boot, 12);
	assert_true(spool_rig_stats(s).is_on_disk);
	spool_rig_put(s, 7);
	assert_int_equal(spool_rig_waiting(s), 0xda);
	spool_close(s);
}

static void contracts_are_kept_as_long_as_rows_wait(void **state)
{
	const struct spool_rig *rig = *state;
	const struct spool_contract a = { 10, "A", 1, "a", 1 }, b = { 20, "BB", 2, "b", 1 };
	struct spool_contract c;
	struct spool *s = spool_rig_open(rig->path, SPOOL_RIG_MAX_BYTES);

	assert_int_equal(spool_keep_contract(s, &a), 0);
	spool_rig_put(s, 1);
	spool_close(s);
	s = spool_rig_open(rig->path, SPOOL_RIG_MAX_BYTES);
	assert_int_equal(spool_keep_contract(s, &b), 0);
	assert_int_equal(spool_commit(s, S, true), 0);
	assert_int_equal(spool_next_contract(s, -1, &c), 1);
	assert_int_equal(c.hash, 10);
	assert_memory_equal(c.json, "A", 1);
	assert_int_equal(spool_next_contract(s, 10, &c), 1);
	assert_int_equal(c.hash, 20);
	assert_int_equal(spool_next_contract(s, 20, &c), 0);
	spool_rig_ack(s, 1);
	spool_close(s);
	s = spool_rig_open(rig->path, SPOOL_RIG_MAX_BYTES);
	assert_int_equal(spool_keep_contract(s, &b), 0);
	assert_int_equal(spool_commit(s, S, true), 0);
	assert_int_equal(spool_next_contract(s, -1, &c), 1);
	assert_int_equal(c.hash, 20);
	spool_close(s);
}

static void done_rows_can_be_asked_for_again(void **state)
{
	const struct spool_rig *rig = *state;
	struct spool *s = spool_rig_open(rig->path, SPOOL_RIG_MAX_BYTES);

	for (uint32_t seq = 1; seq <= 9; seq++)
		spool_rig_put(s, seq);
	assert_int_equal(spool_commit(s, S, false), 0);
	for (uint32_t seq = 1; seq <= 9; seq++)
		spool_rig_ack(s, seq);
	assert_int_equal(spool_rig_waiting(s), 0);
	assert_int_equal(spool_revive(s, 7, 3, 5), 3);
	assert_int_equal(spool_revive(s, 8, 1, 9), 0);
	assert_int_equal(spool_rig_waiting(s), 0x38);
	assert_int_equal(spool_rig_stats(s).n_rows, 3);
	spool_close(s);
}

static size_t size_of(const char *path, const char *suffix)
{
	char name[128];
	struct stat st;

	snprintf(name, sizeof(name), "%s%s", path, suffix);
	return stat(name, &st) == 0 ? (size_t)st.st_size : 0;
}

static void it_stays_within_its_size_on_the_disk_and_drops_the_oldest(void **state)
{
	enum { SMALL = 256 * 1024, ROWS = 2000 };
	const struct spool_rig *rig = *state;
	struct spool *s = spool_rig_open(rig->path, SMALL);
	struct spool_row row = { 0 };
	uint32_t expected = 0;

	for (uint32_t seq = 1; seq <= ROWS; seq++) {
		spool_rig_put(s, seq);
		assert_int_equal(spool_commit(s, S, false), 0);
		assert_true(size_of(rig->path, "") + size_of(rig->path, "-wal") <= SMALL);
	}
	assert_int_equal(spool_rig_stats(s).n_rows + spool_rig_stats(s).n_dropped, ROWS);
	assert_true(spool_rig_stats(s).n_rows > SMALL / 2 / 1200);
	while (spool_next(s, row.id, &row) == 1) {
		assert_true(spool_rig_is_whole(&row));
		assert_true(expected == 0 || row.seq == expected);
		expected = row.seq + 1;
	}
	assert_int_equal(expected, ROWS + 1);
	spool_close(s);
}

static void a_missing_directory_is_made(void **state)
{
	const struct spool_rig *rig = *state;
	char path[160];
	struct spool *s;

	snprintf(path, sizeof(path), "%s/a/b/spool.db", rig->dir);
	s = spool_rig_open(path, SPOOL_RIG_MAX_BYTES);
	assert_true(spool_rig_stats(s).is_on_disk);
	spool_close(s);
}

static void two_agents_cannot_share_one(void **state)
{
	const struct spool_rig *rig = *state;
	struct spool *s = spool_rig_open(rig->path, SPOOL_RIG_MAX_BYTES), *other = NULL;
	const struct spool_options o = { .path = rig->path, .max_bytes = SPOOL_RIG_MAX_BYTES };

	assert_int_equal(spool_open(&other, &o), -EBUSY);
	assert_null(other);
	spool_close(s);
	assert_int_equal(spool_open(&other, &o), 0);
	spool_close(other);
}

/* --- disks that fail --- */

static void a_disk_that_fails_for_a_while_loses_nothing(void **state)
{
	static const enum fault faults[] = { FAULT_FULL, FAULT_IO };
	const struct spool_rig *rig = *state;

	for (size_t i = 0; i < 2; i++)
		for (unsigned long at = 1; at < 60; at++) {
			struct spool *s;
			uint64_t set;

			unlink(rig->path);
			fault_vfs_plan(&(struct fault_plan){ faults[i], at, 3, 1 });
			s = spool_rig_open(rig->path, SPOOL_RIG_MAX_BYTES);
			for (uint32_t seq = 1; seq <= 12; seq++) {
				spool_rig_put(s, seq);
				if (seq % 3 == 0)
					(void)!spool_commit(s, seq * 1000 * (int64_t)S, false);
			}
			assert_int_equal(spool_commit(s, 100000 * (int64_t)S, true), 0);
			set = spool_rig_waiting(s);
			assert_int_equal(set, 0x1ffe);
			assert_int_equal(spool_rig_stats(s).n_dropped, 0);
			assert_int_equal(spool_rig_stats(s).n_rows, 12);
			spool_close(s);
			s = spool_rig_open(rig->path, SPOOL_RIG_MAX_BYTES);
			assert_int_equal(spool_rig_waiting(s), 0x1ffe);
			spool_close(s);
		}
}

/* --- the program or the power ends at any operation --- */

struct shared {
	uint64_t committed, acked; /* numbers of which the child knows */
};

/* What an agent does: appends, commits, and hears of some. Ends in the middle, or with 0. */
static void live(const char *path, struct shared *known)
{
	struct spool *s = spool_rig_open(path, 64 * 1024);

	for (uint32_t seq = 1; seq <= 40; seq++) {
		spool_rig_put(s, seq);
		if (seq % 3 != 0)
			continue;
		if (spool_commit(s, seq * (int64_t)S, false) == 0)
			known->committed |= ((uint64_t)2 << seq) - 2;
		if (seq < 12)
			continue;
		spool_rig_ack(s, seq - 9);
		known->acked |= (uint64_t)1 << (seq - 9);
		spool_rig_ack(s, seq - 10);
		known->acked |= (uint64_t)1 << (seq - 10);
	}
	spool_close(s);
	_exit(0);
}

static void look_after(const char *path, const struct shared *known)
{
	struct spool *s = spool_rig_open(path, 64 * 1024);
	uint64_t set = spool_rig_waiting(s);

	assert_true(spool_rig_stats(s).is_on_disk);
	assert_int_equal(known->committed & ~known->acked & ~set, 0); /* nothing lost */
	assert_int_equal(spool_rig_stats(s).n_dropped, 0);
	assert_int_equal(spool_rig_stats(s).n_rows, __builtin_popcountll(set));
	spool_rig_put(s, 63);
	assert_int_equal(spool_commit(s, S, true), 0);
	assert_int_equal(spool_rig_waiting(s), set | (uint64_t)1 << 63);
	spool_close(s);
}

static void die_at_every_operation(const struct spool_rig *rig, enum fault fault)
{
	struct shared *known = mmap(NULL, sizeof(*known), PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	int status = 0;
	unsigned long at = 1;
	pid_t pid;

	for (;; at++) {
		char command[128];

		snprintf(command, sizeof(command), "rm -f '%s'*", rig->path);
		assert_int_equal(system(command), 0);
		*known = (struct shared){ 0 };
		pid = fork();
		if (pid == 0) {
			fault_vfs_plan(&(struct fault_plan){ fault, at, 0, at });
			live(rig->path, known);
		}
		assert_int_equal(waitpid(pid, &status, 0), pid);
		assert_true(WIFEXITED(status));
		if (WEXITSTATUS(status) == 0)
			break;
		assert_int_equal(WEXITSTATUS(status), FAULT_EXIT);
		look_after(rig->path, known);
	}
	assert_true(at > 100);
	munmap(known, sizeof(*known));
}

static void killed_at_any_operation_nothing_is_lost_and_nothing_doubled(void **state)
{
	die_at_every_operation(*state, FAULT_KILL);
}

static void at_a_power_cut_at_any_operation_nothing_is_lost_and_nothing_doubled(void **state)
{
	die_at_every_operation(*state, FAULT_POWER);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(
			what_is_committed_is_there_after_a_restart_and_what_is_acknowledged_is_not, spool_rig_make,
			spool_rig_remove),
		cmocka_unit_test_setup_teardown(contracts_are_kept_as_long_as_rows_wait, spool_rig_make,
						spool_rig_remove),
		cmocka_unit_test_setup_teardown(done_rows_can_be_asked_for_again, spool_rig_make, spool_rig_remove),
		cmocka_unit_test_setup_teardown(it_stays_within_its_size_on_the_disk_and_drops_the_oldest,
						spool_rig_make, spool_rig_remove),
		cmocka_unit_test_setup_teardown(a_missing_directory_is_made, spool_rig_make, spool_rig_remove),
		cmocka_unit_test_setup_teardown(two_agents_cannot_share_one, spool_rig_make, spool_rig_remove),
		cmocka_unit_test_setup_teardown(a_disk_that_fails_for_a_while_loses_nothing, spool_rig_make,
						spool_rig_remove),
		cmocka_unit_test_setup_teardown(killed_at_any_operation_nothing_is_lost_and_nothing_doubled,
						spool_rig_make, spool_rig_remove),
		cmocka_unit_test_setup_teardown(at_a_power_cut_at_any_operation_nothing_is_lost_and_nothing_doubled,
						spool_rig_make, spool_rig_remove),
	};

	log_set_level((enum log_level)0); /* what is said about hundreds of failures */
	return cmocka_run_group_tests(tests, NULL, NULL);
}
