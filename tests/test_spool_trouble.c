/* SPDX-License-Identifier: Apache-2.0 */
/* A disk that fails while there is something to send: what is kept, what is sent, what is on record about it. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <unistd.h>

#include "agent/outflow.h"
#include "agent/spool.h"
#include "base/log.h"
#include "tests/fault_vfs.h"
#include "tests/spool_rig.h"

enum { S = 1000000 };

/* More than a transaction takes: the disk fails between two of them. */
static void a_disk_that_fails_between_two_transactions_loses_nothing(void **state)
{
	enum { ROWS = 63 * 6 };
	const struct spool_rig *rig = *state;
	unsigned long n_operations = 1;

	for (unsigned long at = 0; at <= n_operations; at += at < 4 ? 1 : 7) {
		struct spool_row row = { 0 };
		uint32_t n = 0;
		struct spool *s;

		unlink(rig->path);
		fault_vfs_plan(&(struct fault_plan){ 0 });
		s = spool_rig_open(rig->path, 4 * SPOOL_RIG_MAX_BYTES);
		for (uint32_t seq = 1; seq <= ROWS; seq++)
			spool_rig_put(s, seq);
		fault_vfs_plan(&(struct fault_plan){ at > 0 ? FAULT_IO : FAULT_NONE, at, 2, 1 });
		(void)!spool_commit(s, S, true);
		if (at == 0)
			n_operations = fault_vfs_count();
		fault_vfs_plan(&(struct fault_plan){ 0 });
		assert_int_equal(spool_commit(s, 1000 * (int64_t)S, true), 0);
		while (spool_next(s, row.id, &row) == 1) {
			assert_true(spool_rig_is_whole(&row));
			assert_int_equal(row.seq, ++n);
		}
		assert_int_equal(n, ROWS);
		assert_int_equal(spool_rig_stats(s).n_rows, ROWS);
		spool_close(s);
	}
	assert_true(n_operations > 20);
}

static int note_sent(void *ctx, const struct spool_row *row)
{
	uint64_t *sent = ctx;

	*sent |= (uint64_t)1 << row->seq;
	return 0;
}

/*
 * What is sent must be on record as offered: else it could be merged at a later start, and counted twice. So the backlog in a file that
 * takes no mark waits, what is new goes from memory, and when the disk works again all goes.
 */
static void nothing_in_a_file_is_sent_before_it_is_on_record(void **state)
{
	static const enum fault faults[] = { FAULT_FULL, FAULT_IO };
	const struct spool_rig *rig = *state;

	for (size_t i = 0; i < 2; i++) {
		struct spool *s = spool_rig_open(rig->path, SPOOL_RIG_MAX_BYTES);
		uint64_t sent = 0;
		struct outflow f = { .spool = s, .send = note_sent, .ctx = &sent };
		struct spool_row row;

		for (uint32_t seq = 1; seq <= 5; seq++)
			spool_rig_put(s, seq);
		assert_int_equal(spool_commit(s, S, true), 0);
		fault_vfs_plan(&(struct fault_plan){ faults[i], 1, 0, 1 });
		spool_rig_put(s, 6); /* still without a connection; its commit fails, and may have come through */
		(void)!spool_commit(s, 2 * S, false);
		outflow_connect(&f, 2 * S);
		spool_rig_put(s, 7);
		(void)!spool_commit(s, 3 * S, false);
		outflow_run(&f, 3 * S);
		assert_true(f.wants_commit);
		assert_true(spool_is_in_trouble(s));
		assert_int_equal(sent, 0x80);
		fault_vfs_plan(&(struct fault_plan){ 0 });
		assert_int_equal(spool_commit(s, 1000 * (int64_t)S, false), 0);
		outflow_run(&f, 1000 * (int64_t)S);
		assert_int_equal(sent, 0xfe);
		spool_set_live(s, false);
		spool_close(s);
		s = spool_rig_open(rig->path, SPOOL_RIG_MAX_BYTES);
		assert_int_equal(spool_rig_offer(s, 7, 1001 * (int64_t)S), 0);
		assert_int_equal(spool_rig_waiting(s), 0xfe);
		for (row.id = 0; spool_next(s, row.id, &row) == 1;)
			spool_ack(s, row.id);
		spool_close(s);
		unlink(rig->path);
	}
}

/* Without any place for a file there is no record to wait for; what went out from memory is on record as soon as there is one. */
static void what_was_sent_from_memory_is_on_record_once_there_is_a_file(void **state)
{
	const struct spool_rig *rig = *state;
	uint64_t sent = 0;
	struct outflow f = { .send = note_sent, .ctx = &sent };
	struct spool *s;

	fault_vfs_plan(&(struct fault_plan){ FAULT_FULL, 1, 0, 1 });
	s = spool_rig_open(rig->path, SPOOL_RIG_MAX_BYTES);
	f.spool = s;
	for (uint32_t seq = 1; seq <= 5; seq++)
		spool_rig_put(s, seq);
	(void)!spool_commit(s, S, false);
	outflow_connect(&f, 2 * S);
	outflow_run(&f, 2 * S);
	assert_int_equal(sent, 0x3e);
	fault_vfs_plan(&(struct fault_plan){ 0 });
	assert_int_equal(spool_commit(s, 1000 * (int64_t)S, true), 0);
	spool_close(s);
	s = spool_rig_open(rig->path, SPOOL_RIG_MAX_BYTES);
	assert_int_equal(spool_rig_waiting(s), 0x3e);
	fault_vfs_plan(&(struct fault_plan){ 0 });
	assert_true(spool_offer(s, 5));
	assert_int_equal(fault_vfs_count(), 0); /* on record: nothing to write */
	spool_close(s);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(a_disk_that_fails_between_two_transactions_loses_nothing,
						spool_rig_make, spool_rig_remove),
		cmocka_unit_test_setup_teardown(nothing_in_a_file_is_sent_before_it_is_on_record, spool_rig_make,
						spool_rig_remove),
		cmocka_unit_test_setup_teardown(what_was_sent_from_memory_is_on_record_once_there_is_a_file,
						spool_rig_make, spool_rig_remove),
	};

	log_set_level((enum log_level)0);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
