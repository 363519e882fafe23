/* SPDX-License-Identifier: Apache-2.0 */
/* The fleet and its store: what a restart, a crash, a late part and a roll-up must not change. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/prng.h"
#include "tests/archive_rig.h"

static void shuffle(uint32_t order[], size_t n, uint64_t *random)
{
	for (size_t i = n - 1; i > 0; i--) {
		size_t j = prng_u64(random) % (i + 1);
		uint32_t swapped = order[i];

		order[i] = order[j];
		order[j] = swapped;
	}
}

/*
 * Every part, and a third of them twice: blocks of 40 minutes in any order, and each block in any order, which is hours late at times, and
 * never so torn that the 32 runs of numbers that are remembered of a device do not do.
 */
static size_t make_order(uint32_t order[], uint64_t *random)
{
	enum { BLOCK = 40 * ARCHIVE_RIG_DEVICES, BLOCKS = (ARCHIVE_RIG_PARTS + BLOCK - 1) / BLOCK };
	uint32_t blocks[BLOCKS];
	size_t n = 0;

	for (uint32_t b = 0; b < BLOCKS; b++)
		blocks[b] = b;
	shuffle(blocks, BLOCKS, random);
	for (size_t b = 0; b < BLOCKS; b++) {
		size_t from = n;

		for (uint32_t i = blocks[b] * BLOCK; i < (blocks[b] + 1) * BLOCK && i < ARCHIVE_RIG_PARTS; i++) {
			order[n++] = i;
			if (prng_u64(random) % 3 == 0)
				order[n++] = i;
		}
		shuffle(order + from, n - from, random);
	}
	return n;
}

/* k = 0 .. 59 each minute and device: mean 20 + 0.01 * 29.5, and as many samples as were sent. */
static void expect_all(struct archive_rig *r)
{
	assert_true(archive_rig_ask(r, "SELECT count(*) FROM part") == ARCHIVE_RIG_PARTS);
	assert_true(archive_rig_ask(
			    r, "SELECT count(*) FROM kpi WHERE name = 'temp_mean' AND state = 'COMPLETE' AND n = 180"
			       " AND expected = 180 AND devices = 3 AND coverage = 1.0 AND value = 20.295") ==
		    ARCHIVE_RIG_MINUTES);
	assert_true(
		archive_rig_ask(r, "SELECT count(*) FROM kpi WHERE name = 'temp_max' AND state = 'COMPLETE' AND n = 900"
				   " AND abs(value - 20.59) < 1e-9") == ARCHIVE_RIG_MINUTES / 5);
}

static void any_order_with_duplicates_restarts_and_crashes_gives_the_same_rows(void **state)
{
	uint32_t order[2 * ARCHIVE_RIG_PARTS];
	uint64_t random = 20251121;
	struct archive_rig r = { 0 };

	(void)state;
	for (int round = 0; round < 3; round++) {
		size_t n = 0;

		r = (struct archive_rig){ 0 };
		archive_rig_make(&r);
		archive_rig_begin(&r);
		archive_rig_introduce(&r);
		archive_rig_tick(&r);
		n = make_order(order, &random);
		for (size_t i = 0; i < n; i++) {
			(void)!archive_rig_send(&r, order[i] % ARCHIVE_RIG_DEVICES, order[i] / ARCHIVE_RIG_DEVICES);
			if (prng_u64(&random) % 40 == 0)
				archive_rig_tick(&r);
			if (prng_u64(&random) % 150 == 0) {
				assert_int_equal(archive_commit(r.archive), 0);
				archive_rig_crash(&r);
			}
			if (prng_u64(&random) % 150 == 0) {
				archive_rig_end(&r);
				archive_rig_begin(&r);
			}
		}
		for (int i = 0; i < 8; i++)
			archive_rig_tick(&r);
		archive_rig_end(&r);
		expect_all(&r);
		archive_rig_remove(&r);
	}
}

static void a_part_for_a_window_long_gone_makes_a_new_version(void **state)
{
	struct archive_rig r = { 0 };

	(void)state;
	archive_rig_make(&r);
	archive_rig_begin(&r);
	archive_rig_introduce(&r);
	archive_rig_send_all_but(&r, 1, 5);
	archive_rig_tick(&r);
	archive_rig_tick(&r);
	assert_true(fleet_find_site(r.fleet.fleet, "delft")->horizon > RIG_T0);
	assert_int_equal(archive_rig_send(&r, 1, 5), FLEET_STORED);
	archive_rig_tick(&r);
	archive_rig_tick(&r);
	assert_int_equal(r.fleet.fleet->counters.stored_late, 1);
	archive_rig_end(&r);
	assert_true(archive_rig_ask(&r, "SELECT version FROM kpi WHERE name = 'temp_mean' AND w0 = 1763697900") >= 2);
	assert_true(archive_rig_ask(&r, "SELECT version FROM kpi WHERE name = 'temp_mean' AND w0 = 1763697840") == 1);
	expect_all(&r);
	archive_rig_remove(&r);
}

static void a_window_is_closed_after_the_deadline_and_still_takes_what_comes(void **state)
{
	struct archive_rig r = { 0 };

	(void)state;
	archive_rig_make(&r);
	r.fleet.now_us = (int64_t)(RIG_T0 + ARCHIVE_RIG_MINUTES * 60 + 60) * 1000000;
	archive_rig_begin(&r);
	archive_rig_introduce(&r);
	archive_rig_send_all_but(&r, 1, 5);
	archive_rig_tick(&r);
	archive_rig_tick(&r);
	assert_true(archive_rig_ask(
			    &r, "SELECT state = 'PROVISIONAL' FROM kpi WHERE name = 'temp_mean' AND w0 = 1763697900") ==
		    1);
	r.fleet.now_us += (int64_t)86400 * 1000000;
	for (int i = 0; i < 3; i++)
		archive_rig_tick(&r);
	assert_true(
		archive_rig_ask(
			&r,
			"SELECT state = 'CLOSED' AND version = 2 AND n = 120 AND devices = 2 AND expected_devices = 3"
			" FROM kpi WHERE name = 'temp_mean' AND w0 = 1763697900") == 1);
	assert_int_equal(archive_rig_send(&r, 1, 5), FLEET_STORED);
	archive_rig_tick(&r);
	archive_rig_tick(&r);
	assert_true(archive_rig_ask(&r, "SELECT version = 3 FROM kpi WHERE name = 'temp_mean' AND w0 = 1763697900") ==
		    1);
	archive_rig_end(&r);
	expect_all(&r);
	archive_rig_remove(&r);
}

static void a_late_part_with_the_key_of_another_is_quarantined(void **state)
{
	static const int32_t other[1] = { 7 };
	struct rig_part p = fleet_rig_minute("a", 6, 5);
	struct archive_rig r = { 0 };

	(void)state;
	archive_rig_make(&r);
	archive_rig_begin(&r);
	archive_rig_introduce(&r);
	archive_rig_send_all_but(&r, ARCHIVE_RIG_DEVICES, 0);
	archive_rig_tick(&r);
	assert_int_equal(fleet_rig_send(&r.fleet, &p), FLEET_STORED); /* the same again: nothing */
	p.k = other;
	p.n_k = 1;
	assert_int_equal(fleet_rig_send(&r.fleet, &p), FLEET_STORED);
	p = fleet_rig_minute("a", 179, 178);
	p.n_k = 1;
	assert_int_equal(fleet_rig_send(&r.fleet, &p), FLEET_CONFLICT); /* in memory */
	archive_rig_tick(&r);
	assert_int_equal(r.fleet.fleet->counters.conflicts, 2);
	assert_int_equal(r.fleet.fleet->counters.duplicates, 1);
	assert_int_equal(r.fleet.fleet->counters.stored_late, 0);
	archive_rig_end(&r);
	assert_true(archive_rig_ask(&r, "SELECT count(*) FROM conflict") == 2);
	expect_all(&r);
	archive_rig_remove(&r);
}

static void parts_of_an_unset_clock_are_kept_apart(void **state)
{
	struct rig_part p = fleet_rig_minute("a", 1, 0);
	struct archive_rig r = { 0 };

	(void)state;
	archive_rig_make(&r);
	archive_rig_begin(&r);
	archive_rig_introduce(&r);
	p.flags = PARTIAL_UNSYNCED;
	assert_int_equal(fleet_rig_send(&r.fleet, &p), FLEET_UNSYNCED);
	assert_int_equal(fleet_rig_send(&r.fleet, &p), FLEET_UNSYNCED);
	archive_rig_end(&r);
	assert_true(archive_rig_ask(&r, "SELECT count(*) FROM unsynced") == 1);
	assert_true(archive_rig_ask(&r, "SELECT count(*) FROM part") == 0);
	archive_rig_remove(&r);
}

/* A part is committed sooner than how far its device is: nothing may depend on the second write. */
static void a_crash_right_after_the_first_commit_loses_nothing(void **state)
{
	struct archive_rig r = { 0 };

	(void)state;
	archive_rig_make(&r);
	archive_rig_begin(&r);
	archive_rig_introduce(&r);
	assert_int_equal(archive_rig_send(&r, 0, 0), FLEET_MERGED);
	assert_int_equal(archive_commit(r.archive), 0);
	archive_rig_crash(&r);
	assert_int_equal(archive_rig_send(&r, 0, 0), FLEET_DUPLICATE);
	assert_int_equal(fleet_find_site(r.fleet.fleet, "delft")->devices.n, 3);
	fleet_rig_birth(&r.fleet, "d", 1, &rig_contract, false);
	assert_int_equal(site_find_device(fleet_find_site(r.fleet.fleet, "delft"), "d")->row, 4);
	archive_rig_end(&r);
	archive_rig_remove(&r);
}

static void the_spread_over_devices_names_who_stands_out(void **state)
{
	static const int32_t k[ARCHIVE_RIG_DEVICES][1] = { { 100 }, { 110 }, { 500 } };
	struct archive_rig r = { 0 };

	(void)state;
	archive_rig_make(&r);
	archive_rig_begin(&r);
	archive_rig_introduce(&r);
	for (size_t d = 0; d < ARCHIVE_RIG_DEVICES; d++) {
		struct rig_part p = fleet_rig_minute(archive_rig_names[d], 1, 0);

		p.k = k[d];
		p.n_k = 1;
		assert_int_equal(fleet_rig_send(&r.fleet, &p), FLEET_MERGED);
	}
	archive_rig_tick(&r);
	assert_int_equal(r.fleet.last.spread.n, 3);
	assert_true(r.fleet.last.spread.low == 21.0 && r.fleet.last.spread.high == 25.0);
	assert_true(r.fleet.last.spread.median == 20.0 + 0.01 * 110);
	assert_int_equal(r.fleet.last.spread.n_worst, 2);
	assert_string_equal(r.fleet.last.spread.worst[0].device, "c");
	assert_string_equal(r.fleet.last.spread.worst[1].device, "a");
	archive_rig_end(&r);
	archive_rig_remove(&r);
}

/* The parts of a window are read once for all its KPIs, but not once for all times. */
static void a_part_that_comes_later_is_in_the_spread(void **state)
{
	static const int32_t k[] = { 300, 300, 300 };
	struct archive_rig r = { 0 };
	struct rig_part p;

	(void)state;
	archive_rig_make(&r);
	archive_rig_begin(&r);
	archive_rig_introduce(&r);
	for (size_t d = 0; d < ARCHIVE_RIG_DEVICES; d++) {
		p = fleet_rig_minute(archive_rig_names[d], 1, 0);
		p.n_k = 1;
		p.k = &k[d];
		assert_int_equal(fleet_rig_send(&r.fleet, &p), FLEET_MERGED);
	}
	archive_rig_tick(&r);
	assert_true(r.fleet.last.spread.low == 23.0 && r.fleet.last.spread.high == 23.0);
	p = fleet_rig_minute("b", 2, 0);
	p.part = 1;
	p.k = (const int32_t[]){ 500, 500, 500 };
	p.n_k = 3;
	assert_int_equal(fleet_rig_send(&r.fleet, &p), FLEET_MERGED);
	archive_rig_tick(&r);
	assert_int_equal(r.fleet.last.version, 2);
	assert_true(r.fleet.last.spread.low == 23.0 && r.fleet.last.spread.high == 25.0);
	assert_string_equal(r.fleet.last.spread.worst[0].device, "b");
	archive_rig_end(&r);
	archive_rig_remove(&r);
}

static void what_is_no_store_of_ours_is_left_alone(void **state)
{
	struct archive_rig r = { 0 };
	char command[256];

	(void)state;
	archive_rig_make(&r);
	fleet_rig_init(&r.fleet, 3600);
	snprintf(command, sizeof(command), "head -c 20000 /dev/urandom > %s", r.path);
	assert_int_equal(system(command), 0);
	assert_int_equal(archive_rig_try(&r, 0), -EUCLEAN);
	snprintf(command, sizeof(command), "rm %s", r.path);
	assert_int_equal(system(command), 0);
	assert_int_equal(archive_rig_try(&r, 0), 0);
	archive_close(r.archive);
	snprintf(command, sizeof(command),
		 "printf '\\000\\000\\000\\003' | dd of=%s bs=1 seek=60 conv=notrunc status=none", r.path);
	assert_int_equal(system(command), 0); /* user_version 3 */
	assert_int_equal(archive_rig_try(&r, 0), -EPROTO);
	fleet_rig_free(&r.fleet);
	archive_rig_remove(&r);
}

static void a_second_collector_is_refused_and_a_reader_is_not(void **state)
{
	struct archive_rig r = { 0 };
	struct archive *first;

	(void)state;
	archive_rig_make(&r);
	archive_rig_begin(&r);
	first = r.archive;
	assert_int_equal(archive_rig_try(&r, 0), -EBUSY);
	r.archive = first;
	assert_true(archive_rig_ask(&r, "SELECT count(*) FROM device") == 0);
	archive_rig_end(&r);
	archive_rig_remove(&r);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(any_order_with_duplicates_restarts_and_crashes_gives_the_same_rows),
		cmocka_unit_test(a_part_for_a_window_long_gone_makes_a_new_version),
		cmocka_unit_test(a_window_is_closed_after_the_deadline_and_still_takes_what_comes),
		cmocka_unit_test(a_late_part_with_the_key_of_another_is_quarantined),
		cmocka_unit_test(parts_of_an_unset_clock_are_kept_apart),
		cmocka_unit_test(a_crash_right_after_the_first_commit_loses_nothing),
		cmocka_unit_test(the_spread_over_devices_names_who_stands_out),
		cmocka_unit_test(a_part_that_comes_later_is_in_the_spread),
		cmocka_unit_test(what_is_no_store_of_ours_is_left_alone),
		cmocka_unit_test(a_second_collector_is_refused_and_a_reader_is_not),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
