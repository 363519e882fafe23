/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Lives of a spool that end at random: a program that appends, commits, offers and acknowledges is killed, or loses its power, at a random
 * operation of its disk, begins again with what is left, and is ended again, also while it recovers. Whatever was committed and not
 * acknowledged must be there after each end, whole and once; what was never appended, or was seen to be lost, never.
 * RUNNEL_CRASHES says how many ends (400), RUNNEL_SEED which (1).
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/log.h"
#include "base/prng.h"
#include "tests/fault_vfs.h"
#include "tests/spool_rig.h"

enum {
	S = 1000000,
	LIVES = 40, /* of one file */
	STEPS = 30, /* of one life */
	MAX_ROWS = LIVES * STEPS * 4 + 1,
	MAX_WAITING = 150,
};

enum fate { NEVER, APPENDED, COMMITTED, ACKED, LOST };

/* What the program knew when it ended. */
struct shared {
	uint32_t last;
	unsigned char fate[MAX_ROWS];
};

static void note_committed(struct shared *k)
{
	for (uint32_t seq = k->last; seq > 0 && seq + 64 > k->last; seq--)
		if (k->fate[seq] == APPENDED)
			k->fate[seq] = COMMITTED;
}

static void ack_some(struct spool *s, struct shared *k, uint64_t *random)
{
	struct spool_row row = { .id = prng_u64(random) % 2 ? 0 : spool_last_id(s) - prng_u64(random) % 8 };
	uint64_t n = 1 + prng_u64(random) % (spool_rig_stats(s).n_rows > MAX_WAITING ? 40 : 6);

	while (n-- > 0 && spool_next(s, row.id, &row) == 1) {
		uint64_t id = row.id;
		uint32_t seq = row.seq;

		spool_ack(s, id);
		k->fate[seq] = ACKED;
		row.id = id;
	}
}

static void live(const char *path, struct shared *k, uint64_t seed)
{
	struct spool *s = spool_rig_open(path, 1 << 20);
	uint64_t random = seed;
	int64_t now_us = S;

	for (int i = 0; i < STEPS; i++, now_us += S) {
		switch (prng_u64(&random) % 6) {
		case 0:
		case 1:
			for (uint64_t n = 1 + prng_u64(&random) % 4; n > 0; n--) {
				k->fate[k->last + 1] = APPENDED;
				k->last++;
				spool_rig_put(s, k->last);
			}
			break;
		case 2:
			ack_some(s, k, &random);
			break;
		case 3:
			spool_set_live(s, prng_u64(&random) % 2);
			(void)!spool_rig_offer(s, spool_last_id(s) - prng_u64(&random) % 20, now_us);
			break;
		default:
			if (spool_commit(s, now_us, prng_u64(&random) % 2) == 0)
				note_committed(k);
		}
	}
	spool_close(s);
	note_committed(k);
	_exit(0);
}

/* Looks at a copy, so that the next life recovers the file itself, and can be ended while it does. */
static void look_after(const struct spool_rig *rig, struct shared *k)
{
	char command[800], copy[128];
	static unsigned char seen[MAX_ROWS];
	struct spool_row row = { 0 };
	struct spool *s;
	uint32_t last = 0;

	snprintf(copy, sizeof(copy), "%s.copy", rig->path);
	snprintf(command, sizeof(command), "rm -f %s*; for s in '' -wal; do [ ! -e %s$s ] || cp %s$s %s$s; done", copy,
		 rig->path, rig->path, copy);
	assert_int_equal(system(command), 0);
	fault_vfs_plan(&(struct fault_plan){ 0 });
	s = spool_rig_open(copy, 1 << 20);
	assert_true(spool_rig_stats(s).is_on_disk);
	assert_int_equal(spool_rig_stats(s).n_dropped, 0);
	memset(seen, 0, sizeof(seen));
	while (spool_next(s, row.id, &row) == 1) {
		assert_true(spool_rig_is_whole(&row));
		assert_true(row.seq > last && row.seq <= k->last);
		assert_true(k->fate[row.seq] != NEVER && k->fate[row.seq] != LOST);
		last = row.seq;
		seen[row.seq] = 1;
	}
	for (uint32_t seq = 1; seq <= k->last; seq++) {
		assert_false(k->fate[seq] == COMMITTED && !seen[seq]);
		if (k->fate[seq] == APPENDED)
			k->fate[seq] = seen[seq] ? COMMITTED : LOST;
	}
	spool_close(s);
}

static unsigned long number_of(const char *name, unsigned long otherwise)
{
	const char *text = getenv(name);

	return text ? strtoul(text, NULL, 10) : otherwise;
}

static void one_life(const struct spool_rig *rig, struct shared *k, uint64_t *random, unsigned long *n_ends)
{
	const enum fault fault = prng_u64(random) % 3 ? FAULT_POWER : FAULT_KILL;
	const unsigned long at = 1 + prng_u64(random) % 80;
	const uint64_t seed = prng_u64(random);
	int status;
	pid_t pid = fork();

	if (pid == 0) {
		fault_vfs_plan(&(struct fault_plan){ fault, at, 0, seed });
		live(rig->path, k, seed);
	}
	assert_int_equal(waitpid(pid, &status, 0), pid);
	assert_true(WIFEXITED(status));
	assert_true(WEXITSTATUS(status) == 0 || WEXITSTATUS(status) == FAULT_EXIT);
	*n_ends += WEXITSTATUS(status) == FAULT_EXIT;
	look_after(rig, k);
}

static void lives_that_end_at_random_lose_and_double_nothing(void **state)
{
	const struct spool_rig *rig = *state;
	const unsigned long crashes = number_of("RUNNEL_CRASHES", 400);
	struct shared *k = mmap(NULL, sizeof(*k), PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	uint64_t random = number_of("RUNNEL_SEED", 1) * 2654435761u + 1, n_rows = 0;
	unsigned long n_ends = 0;

	while (n_ends < crashes) {
		char command[128];

		snprintf(command, sizeof(command), "rm -f '%s'*", rig->path);
		assert_int_equal(system(command), 0);
		memset(k, 0, sizeof(*k));
		for (int i = 0; i < LIVES && n_ends < crashes; i++)
			one_life(rig, k, &random, &n_ends);
		n_rows += k->last;
	}
	print_message("%lu ends, %llu rows: none lost that was committed, none doubled\n", n_ends,
		      (unsigned long long)n_rows);
	munmap(k, sizeof(*k));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(lives_that_end_at_random_lose_and_double_nothing, spool_rig_make,
						spool_rig_remove),
	};

	log_set_level((enum log_level)0);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
