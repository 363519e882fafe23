/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Parts of a clock that nobody had set, and what that clock was, in any order, more than once, over crashes: the fleet's KPIs must be those of a board
 * that knew the time. What they would be is told by a second fleet, whose board does, or worked out by hand.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <stdio.h>
#include <string.h>

#include "base/prng.h"
#include "collector/past.h"
#include "tests/date_rig.h"

/* Message @i of what is sent, of 2 * DATE_RIG_MINUTES + 1. */
static void send(struct archive_rig *r, uint32_t i, int64_t off_us)
{
	const struct partial clock = date_rig_told(off_us);
	struct rig_part p;

	if (i == 2 * DATE_RIG_MINUTES) {
		(void)!date_rig_tell(r, &clock);
	} else if (i >= DATE_RIG_MINUTES) {
		date_rig_send_b(r, i - DATE_RIG_MINUTES);
	} else {
		p = i < DATE_RIG_UNKNOWN ? date_rig_unknown_minute(i) : date_rig_true_minute(i, true);
		(void)!fleet_rig_send(&r->fleet, &p);
	}
}

/* Everything twice, in any order that PROGRESS_MAX_RUNS runs of numbers can follow, with crashes and restarts; the clock at @clock_at. */
static void send_all(struct archive_rig *r, int64_t off_us, uint64_t *random, uint32_t clock_at)
{
	enum { BLOCK = 20, N = 4 * DATE_RIG_MINUTES };
	uint32_t order[N];

	for (uint32_t i = 0; i < N; i++)
		order[i] = i / 2 % BLOCK + i / (2 * BLOCK) * BLOCK;
	for (uint32_t block = 0; block < N; block += 2 * BLOCK) {
		for (uint32_t i = 2 * BLOCK - 1; i > 0; i--) {
			uint32_t j = (uint32_t)(prng_u64(random) % (i + 1)), swapped = order[block + i];

			order[block + i] = order[block + j];
			order[block + j] = swapped;
		}
	}
	for (uint32_t i = 0; i < N; i++) {
		if (i == clock_at)
			send(r, 2 * DATE_RIG_MINUTES, off_us);
		send(r, order[i] % (2 * DATE_RIG_MINUTES), off_us);
		if (prng_u64(random) % 20 == 0)
			archive_rig_tick(r);
		if (prng_u64(random) % 60 == 0) {
			assert_int_equal(archive_commit(r->archive), 0);
			archive_rig_crash(r);
		}
	}
	send(r, 2 * DATE_RIG_MINUTES, off_us);
	/* what a crash took is asked for again */
	for (uint32_t i = 0; i <= 2 * DATE_RIG_MINUTES; i++)
		send(r, i, off_us);
	date_rig_tick(r, 8);
}

static const char all_rows[] =
	"SELECT group_concat(name || w0 || ' ' || ifnull(value, 'x') || ' ' || n || ' ' || expected || ' ' || devices "
	"|| ' ' ||"
	" expected_devices || ' ' || complete_devices || ' ' || ifnull(coverage, 'x') || ' ' || state, char(10))"
	" FROM (SELECT * FROM kpi ORDER BY name, w0)";

static void any_order_gives_the_rows_of_a_board_that_knew_the_time(void **state)
{
	static char want[64 * 1024], got[64 * 1024];
	uint64_t random = 1970;
	struct archive_rig r;

	(void)state;
	date_rig_begin(&r);
	for (uint32_t i = 0; i < DATE_RIG_MINUTES; i++) {
		struct rig_part p = date_rig_true_minute(i, false);

		(void)!fleet_rig_send(&r.fleet, &p);
		date_rig_send_b(&r, i);
	}
	date_rig_tick(&r, 8);
	archive_rig_ask_text(&r, all_rows, want, sizeof(want));
	date_rig_end(&r);
	assert_non_null(strstr(want, "temp_mean1763697600 20.295 120 120 2 2 2 1.0 COMPLETE"));
	for (uint32_t round = 0; round < 6; round++) {
		date_rig_begin(&r);
		send_all(&r, DATE_RIG_OFF_US, &random, (uint32_t[]){ 0, 7, 150, 359, 70, 1000 }[round]);
		archive_rig_ask_text(&r, all_rows, got, sizeof(got));
		assert_string_equal(got, want);
		assert_true(archive_rig_ask(&r, "SELECT count(*) FROM part") == 2 * DATE_RIG_MINUTES);
		assert_true(archive_rig_ask(&r, "SELECT count(*) FROM unsynced") == 1); /* what was told of the clock */
		assert_true(archive_rig_ask(&r, "SELECT count(*) FROM conflict") == 0);
		date_rig_end(&r);
	}
}

static int count_row(void *ctx, const struct past_row *row)
{
	uint64_t *n = ctx;

	assert_int_equal(row->w0, 1763683200); /* the 21st of November */
	*n += row->n;
	return 0;
}

/* The minute that is astride of an hour is not lost. */
static void ask_for_the_day(struct archive_rig *r)
{
	const struct past_question q = { .name = "n(temp)", .expression = "n(temp)", .window_s = 86400 };
	const struct past_scope scope = {
		.by = PAST_BY_SITE, .from = 1763683200, .to = 1763683200 + 86400, .window_s = 86400
	};
	uint64_t n = 0;
	const struct past_sink sink = { count_row, &n };
	struct past_answer answer;
	struct past *p;

	assert_int_equal(past_open(&p, r->path, r->fleet.now_us), 0);
	assert_int_equal(past_ask(p, &scope, &q, 1, &sink, &answer), 0);
	past_close(p);
	assert_int_equal(n, 2 * DATE_RIG_MINUTES * 60);
}

/* Minutes from 3:39:23.4 on: four of five lie within five minutes, the fifth within a quarter of an hour, or an hour, or astride of it. */
static void minutes_that_do_not_fit_count_where_they_lie_as_a_whole(void **state)
{
	const int64_t off_us = DATE_RIG_OFF_US + 23400000 - 21 * 60000000;
	uint64_t random = 7;
	struct archive_rig r;

	(void)state;
	for (uint32_t round = 0; round < 3; round++) {
		date_rig_begin(&r);
		send_all(&r, off_us, &random, (uint32_t[]){ 0, 1000, 100 }[round]);
		assert_true(archive_rig_ask(&r, "SELECT count(*) FROM unsynced WHERE w0 > 0") == 0);
		assert_true(archive_rig_ask(&r, "SELECT count(*) FROM part WHERE part >= 2147483648") ==
			    DATE_RIG_UNKNOWN);
		/* 4:00: 240 s of a, and all of b */
		assert_true(archive_rig_ask(&r, "SELECT n = 540 AND expected = 600 AND devices = 2 AND coverage = 0.9"
						" AND state = 'COMPLETE' FROM kpi WHERE name = 'temp_max'"
						" AND w0 = 1763697600") == 1);
		assert_true(archive_rig_ask(&r, "SELECT n = 60 AND expected = 120 AND devices = 1 AND"
						" expected_devices = 2 AND coverage = 0.5 AND state = 'COMPLETE'"
						" FROM kpi WHERE name = 'temp_mean' AND w0 = 1763697600") == 1);
		assert_true(archive_rig_ask(&r, "SELECT count(*) FROM part WHERE wl = 900") == 5);
		assert_true(archive_rig_ask(&r, "SELECT count(*) FROM part WHERE wl = 3600") == 2);
		assert_true(archive_rig_ask(&r, "SELECT count(*) FROM part WHERE wl = 86400 AND w0 = 1763683200") == 1);
		ask_for_the_day(&r);
		date_rig_end(&r);
	}
}

static void what_comes_for_hours_long_gone_makes_a_new_version(void **state)
{
	const struct partial clock = date_rig_told(DATE_RIG_OFF_US);
	struct archive_rig r;
	struct rig_part p;

	(void)state;
	date_rig_begin(&r);
	for (uint32_t i = 0; i < 6 * DATE_RIG_MINUTES; i++) {
		date_rig_send_b(&r, i);
		p = i < DATE_RIG_UNKNOWN ? date_rig_unknown_minute(i) : date_rig_true_minute(i, true);
		(void)!fleet_rig_send(&r.fleet, &p);
	}
	date_rig_tick(&r, 3);
	assert_true(fleet_find_site(r.fleet.fleet, "delft")->horizon > RIG_T0 + DATE_RIG_UNKNOWN * 60);
	assert_true(archive_rig_ask(&r, "SELECT state = 'PROVISIONAL' AND version = 1 AND n = 60 FROM kpi"
					" WHERE name = 'temp_mean' AND w0 = 1763697660") == 1);
	assert_int_equal(date_rig_tell(&r, &clock), FLEET_CLOCK);
	date_rig_tick(&r, 3);
	assert_true(archive_rig_ask(&r, "SELECT state = 'COMPLETE' AND version >= 2 AND n = 120 FROM kpi"
					" WHERE name = 'temp_mean' AND w0 = 1763697660") == 1);
	assert_int_equal(r.fleet.fleet->counters.dated, DATE_RIG_UNKNOWN);
	assert_int_equal(r.fleet.fleet->counters.clocks, 1);
	date_rig_end(&r);
}

static void the_same_again_is_nothing_and_another_word_is_a_conflict(void **state)
{
	struct partial clock = date_rig_told(DATE_RIG_OFF_US), other = clock;
	struct rig_part p = date_rig_unknown_minute(3);
	struct archive_rig r;

	(void)state;
	date_rig_begin(&r);
	assert_int_equal(fleet_rig_send(&r.fleet, &p), FLEET_UNSYNCED);
	assert_int_equal(date_rig_tell(&r, &clock), FLEET_CLOCK);
	assert_int_equal(date_rig_tell(&r, &clock), FLEET_DUPLICATE);
	date_rig_tick(&r, 1);
	other.seq++;
	other.part++;
	other.clock.offset_us += 60000000;
	assert_int_equal(date_rig_tell(&r, &other), FLEET_CONFLICT);
	other.clock.first = other.clock.last = DATE_RIG_UNKNOWN; /* of one of these messages alone */
	assert_int_equal(date_rig_tell(&r, &other), FLEET_CONFLICT);
	archive_rig_end(&r);
	archive_rig_begin(&r);
	assert_int_equal(date_rig_tell(&r, &other), FLEET_CONFLICT);
	assert_int_equal(date_rig_tell(&r, &clock), FLEET_DUPLICATE);
	assert_int_equal(fleet_rig_send(&r.fleet, &p), FLEET_UNSYNCED);
	date_rig_tick(&r, 2);
	assert_int_equal(r.fleet.fleet->counters.dated, 0); /* it had been */
	assert_true(archive_rig_ask(&r, "SELECT count(*) FROM conflict") == 3);
	assert_true(archive_rig_ask(&r, "SELECT count(*) FROM part WHERE w0 = 1763697780") == 1);
	assert_true(archive_rig_ask(&r, "SELECT count(*) FROM unsynced WHERE w0 > 0") == 0);
	date_rig_end(&r);
}

static void the_key_of_another_part_without_a_time_is_a_conflict_too(void **state)
{
	static const int32_t k[] = { 7 };
	struct rig_part p = date_rig_unknown_minute(3);
	struct archive_rig r;

	(void)state;
	date_rig_begin(&r);
	assert_int_equal(fleet_rig_send(&r.fleet, &p), FLEET_UNSYNCED);
	p.k = k;
	p.n_k = 1;
	assert_int_equal(fleet_rig_send(&r.fleet, &p), FLEET_UNSYNCED);
	date_rig_tick(&r, 1);
	assert_int_equal(r.fleet.fleet->counters.conflicts, 1);
	assert_int_equal(r.fleet.fleet->counters.unsynced, 1);
	assert_true(archive_rig_ask(&r, "SELECT count(*) FROM conflict") == 1);
	date_rig_end(&r);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(any_order_gives_the_rows_of_a_board_that_knew_the_time),
		cmocka_unit_test(minutes_that_do_not_fit_count_where_they_lie_as_a_whole),
		cmocka_unit_test(what_comes_for_hours_long_gone_makes_a_new_version),
		cmocka_unit_test(the_same_again_is_nothing_and_another_word_is_a_conflict),
		cmocka_unit_test(the_key_of_another_part_without_a_time_is_a_conflict_too),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
