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
#include "pipelines/wire.h"
#include "tests/archive_rig.h"

enum { MINUTES = 90, UNKNOWN = 40 }; /* of these the first were measured before the time was known */

#define OFF_S 1763690400 /* a whole number of minutes: true time less what was thought */
#define OFF_US (OFF_S * INT64_C(1000000))
#define LIFE 9u

static struct rig_part true_minute(uint32_t i, bool has_told)
{
	struct rig_part p = fleet_rig_minute("a", i + 1 + (has_told && i >= UNKNOWN), i);

	p.boot = LIFE;
	return p;
}

/* As a board sends it that thinks it is 1970. */
static struct rig_part unknown_minute(uint32_t i)
{
	struct rig_part p = true_minute(i, true);

	p.w0 -= OFF_S;
	p.wm = p.w0 + 60;
	p.flags = PARTIAL_UNSYNCED;
	return p;
}

static struct partial told(int64_t off_us)
{
	return (struct partial){ .version = 1,
				 .site = "delft",
				 .device = "a",
				 .boot = LIFE,
				 .seq = UNKNOWN + 1,
				 .wl = 3600,
				 .part = PARTIAL_MERGED + UNKNOWN + 1,
				 .flags = PARTIAL_UNSYNCED,
				 .clock = { LIFE, 1, UNKNOWN, off_us } };
}

static enum fleet_verdict tell_clock(struct archive_rig *r, const struct partial *p)
{
	struct rig_message m = { .device = "a" };
	int n = wire_encode(p, NULL, m.data, sizeof(m.data));

	assert_true(n > 0);
	m.bytes = (size_t)n;
	return fleet_rig_deliver(&r->fleet, &m);
}

static void introduce(struct archive_rig *r)
{
	fleet_rig_birth(&r->fleet, "a", LIFE, &rig_contract, false);
	fleet_rig_birth(&r->fleet, "b", 1, &rig_contract, false);
}

static void send_minute_of_b(struct archive_rig *r, uint32_t i)
{
	struct rig_part p = fleet_rig_minute("b", i + 1, i);

	(void)!fleet_rig_send(&r->fleet, &p);
}

static void begin(struct archive_rig *r)
{
	*r = (struct archive_rig){ 0 };
	archive_rig_make(r);
	archive_rig_begin(r);
	introduce(r);
	archive_rig_tick(r);
}

static void end(struct archive_rig *r)
{
	archive_rig_end(r);
	archive_rig_remove(r);
}

static void tick(struct archive_rig *r, int n)
{
	for (int i = 0; i < n; i++)
		archive_rig_tick(r);
}

/* Message @i of what is sent, of 2 * MINUTES + 1. */
static void send(struct archive_rig *r, uint32_t i, int64_t off_us)
{
	const struct partial clock = told(off_us);
	struct rig_part p;

	if (i == 2 * MINUTES) {
		(void)!tell_clock(r, &clock);
	} else if (i >= MINUTES) {
		send_minute_of_b(r, i - MINUTES);
	} else {
		p = i < UNKNOWN ? unknown_minute(i) : true_minute(i, true);
		(void)!fleet_rig_send(&r->fleet, &p);
	}
}

/* Everything twice, in any order that PROGRESS_MAX_RUNS runs of numbers can follow, with crashes and restarts; the clock at @clock_at. */
static void send_all(struct archive_rig *r, int64_t off_us, uint64_t *random, uint32_t clock_at)
{
	enum { BLOCK = 20, N = 4 * MINUTES };
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
			send(r, 2 * MINUTES, off_us);
		send(r, order[i] % (2 * MINUTES), off_us);
		if (prng_u64(random) % 20 == 0)
			archive_rig_tick(r);
		if (prng_u64(random) % 60 == 0) {
			assert_int_equal(archive_commit(r->archive), 0);
			archive_rig_crash(r);
		}
	}
	send(r, 2 * MINUTES, off_us);
	/* what a crash took is asked for again */
	for (uint32_t i = 0; i <= 2 * MINUTES; i++)
		send(r, i, off_us);
	tick(r, 8);
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
	begin(&r);
	for (uint32_t i = 0; i < MINUTES; i++) {
		struct rig_part p = true_minute(i, false);

		(void)!fleet_rig_send(&r.fleet, &p);
		send_minute_of_b(&r, i);
	}
	tick(&r, 8);
	archive_rig_ask_text(&r, all_rows, want, sizeof(want));
	end(&r);
	assert_non_null(strstr(want, "temp_mean1763697600 20.295 120 120 2 2 2 1.0 COMPLETE"));
	for (uint32_t round = 0; round < 6; round++) {
		begin(&r);
		send_all(&r, OFF_US, &random, (uint32_t[]){ 0, 7, 150, 359, 70, 1000 }[round]);
		archive_rig_ask_text(&r, all_rows, got, sizeof(got));
		assert_string_equal(got, want);
		assert_true(archive_rig_ask(&r, "SELECT count(*) FROM part") == 2 * MINUTES);
		assert_true(archive_rig_ask(&r, "SELECT count(*) FROM unsynced") == 1); /* what was told of the clock */
		assert_true(archive_rig_ask(&r, "SELECT count(*) FROM conflict") == 0);
		end(&r);
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
	assert_int_equal(n, 2 * MINUTES * 60);
}

/* Minutes from 3:39:23.4 on: four of five lie within five minutes, the fifth within a quarter of an hour, or an hour, or astride of it. */
static void minutes_that_do_not_fit_count_where_they_lie_as_a_whole(void **state)
{
	const int64_t off_us = OFF_US + 23400000 - 21 * 60000000;
	uint64_t random = 7;
	struct archive_rig r;

	(void)state;
	for (uint32_t round = 0; round < 3; round++) {
		begin(&r);
		send_all(&r, off_us, &random, (uint32_t[]){ 0, 1000, 100 }[round]);
		assert_true(archive_rig_ask(&r, "SELECT count(*) FROM unsynced WHERE w0 > 0") == 0);
		assert_true(archive_rig_ask(&r, "SELECT count(*) FROM part WHERE part >= 2147483648") == UNKNOWN);
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
		end(&r);
	}
}

static void what_comes_for_hours_long_gone_makes_a_new_version(void **state)
{
	const struct partial clock = told(OFF_US);
	struct archive_rig r;
	struct rig_part p;

	(void)state;
	begin(&r);
	for (uint32_t i = 0; i < 6 * MINUTES; i++) {
		send_minute_of_b(&r, i);
		p = i < UNKNOWN ? unknown_minute(i) : true_minute(i, true);
		(void)!fleet_rig_send(&r.fleet, &p);
	}
	tick(&r, 3);
	assert_true(fleet_find_site(r.fleet.fleet, "delft")->horizon > RIG_T0 + UNKNOWN * 60);
	assert_true(archive_rig_ask(&r, "SELECT state = 'PROVISIONAL' AND version = 1 AND n = 60 FROM kpi"
					" WHERE name = 'temp_mean' AND w0 = 1763697660") == 1);
	assert_int_equal(tell_clock(&r, &clock), FLEET_CLOCK);
	tick(&r, 3);
	assert_true(archive_rig_ask(&r, "SELECT state = 'COMPLETE' AND version >= 2 AND n = 120 FROM kpi"
					" WHERE name = 'temp_mean' AND w0 = 1763697660") == 1);
	assert_int_equal(r.fleet.fleet->counters.dated, UNKNOWN);
	assert_int_equal(r.fleet.fleet->counters.clocks, 1);
	end(&r);
}

static void the_same_again_is_nothing_and_another_word_is_a_conflict(void **state)
{
	struct partial clock = told(OFF_US), other = clock;
	struct rig_part p = unknown_minute(3);
	struct archive_rig r;

	(void)state;
	begin(&r);
	assert_int_equal(fleet_rig_send(&r.fleet, &p), FLEET_UNSYNCED);
	assert_int_equal(tell_clock(&r, &clock), FLEET_CLOCK);
	assert_int_equal(tell_clock(&r, &clock), FLEET_DUPLICATE);
	tick(&r, 1);
	other.seq++;
	other.part++;
	other.clock.offset_us += 60000000;
	assert_int_equal(tell_clock(&r, &other), FLEET_CONFLICT);
	other.clock.first = other.clock.last = UNKNOWN; /* of one of these messages alone */
	assert_int_equal(tell_clock(&r, &other), FLEET_CONFLICT);
	archive_rig_end(&r);
	archive_rig_begin(&r);
	assert_int_equal(tell_clock(&r, &other), FLEET_CONFLICT);
	assert_int_equal(tell_clock(&r, &clock), FLEET_DUPLICATE);
	assert_int_equal(fleet_rig_send(&r.fleet, &p), FLEET_UNSYNCED);
	tick(&r, 2);
	assert_int_equal(r.fleet.fleet->counters.dated, 0); /* it had been */
	assert_true(archive_rig_ask(&r, "SELECT count(*) FROM conflict") == 3);
	assert_true(archive_rig_ask(&r, "SELECT count(*) FROM part WHERE w0 = 1763697780") == 1);
	assert_true(archive_rig_ask(&r, "SELECT count(*) FROM unsynced WHERE w0 > 0") == 0);
	end(&r);
}

static void the_key_of_another_part_without_a_time_is_a_conflict_too(void **state)
{
	static const int32_t k[] = { 7 };
	struct rig_part p = unknown_minute(3);
	struct archive_rig r;

	(void)state;
	begin(&r);
	assert_int_equal(fleet_rig_send(&r.fleet, &p), FLEET_UNSYNCED);
	p.k = k;
	p.n_k = 1;
	assert_int_equal(fleet_rig_send(&r.fleet, &p), FLEET_UNSYNCED);
	tick(&r, 1);
	assert_int_equal(r.fleet.fleet->counters.conflicts, 1);
	assert_int_equal(r.fleet.fleet->counters.unsynced, 1);
	assert_true(archive_rig_ask(&r, "SELECT count(*) FROM conflict") == 1);
	end(&r);
}

enum { WIDE = 60 };

static struct partial_metric wide_metrics[WIDE];
static struct metric_def wide_defs[WIDE];
static char wide_names[WIDE][8];

/* As many metrics as fit, each with a sketch of 140 buckets; what is as in the contract is left out. */
static size_t make_wide(struct partial *p, struct rig_message *m)
{
	int n = 0;

	*p = (struct partial){
		.version = 1, .site = "delft", .device = "a", .boot = LIFE, .seq = 1, .w0 = 1200, .wl = 60
	};
	p->flags = PARTIAL_UNSYNCED;
	p->metrics = wide_metrics;
	for (size_t i = 0; i < WIDE; i++) {
		struct agg *a = &wide_metrics[i].agg;

		snprintf(wide_names[i], sizeof(wide_names[i]), "s%zu@1", i);
		wide_defs[i] = rig_contract.metrics[0];
		wide_defs[i].name = wide_names[i];
		wide_metrics[i].id = (uint32_t)i;
		*a = (struct agg){
			.n = 140, .max = 1390, .first_at_ms = 1200000, .last_at_ms = 1259000, .expected = 60
		};
		a->covered_ms = 60000;
		a->has_sketch = true;
		a->sketch.pos.n = 140;
		for (int64_t k = 0; k < 140; k++) {
			a->sketch.pos.counts[k] = 1;
			a->s1 += 10 * k;
			a->s2.lo += (uint64_t)(100 * k * k);
		}
	}
	p->contract = 0;
	for (size_t i = 1; i <= WIDE && n >= 0; i++) {
		p->n_metrics = i;
		n = wire_encode(p, wide_defs, m->data, sizeof(m->data));
		m->bytes = n > 0 ? (size_t)n : m->bytes;
	}
	assert_true(n < 0);
	return p->n_metrics - 1;
}

static void a_message_that_becomes_too_long_is_two(void **state)
{
	static struct rig_message m = { .device = "a" };
	struct contract c = { .metrics = wide_defs };
	struct partial p, clock = told(1763697600 * INT64_C(1000000) + 1500000);
	struct archive_rig r;

	(void)state;
	begin(&r);
	c.n_metrics = make_wide(&p, &m);
	p.contract = fleet_rig_birth(&r.fleet, "a", LIFE, &c, false);
	p.n_metrics = c.n_metrics;
	m.bytes = (size_t)wire_encode(&p, wide_defs, m.data, sizeof(m.data));
	assert_in_range(m.bytes, 8000, 8192);
	assert_int_equal(fleet_rig_deliver(&r.fleet, &m), FLEET_UNSYNCED);
	assert_int_equal(tell_clock(&r, &clock), FLEET_CLOCK);
	tick(&r, 2);
	assert_true(archive_rig_ask(&r, "SELECT count(*) FROM unsynced WHERE w0 > 0") == 0);
	assert_true(archive_rig_ask(&r, "SELECT count(*) FROM part WHERE w0 = 1763698800 AND wl = 300 AND"
					" part IN (2147483649, 2684354561)") == 2);
	assert_int_equal(site_window(fleet_find_site(r.fleet.fleet, "delft"), 0)->aggs.n, c.n_metrics);
	end(&r);
}

static void a_clock_that_lies_moves_no_watermark_and_merges_nothing(void **state)
{
	static const int64_t lies[] = { INT64_C(2000000000000000), INT64_C(250000000000000000),
					INT64_C(-250000000000000000) };
	struct archive_rig r;

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(lies); i++) {
		const struct partial clock = told(lies[i]);
		struct rig_part p = unknown_minute(3);
		struct site *s;

		begin(&r);
		send_minute_of_b(&r, 0);
		assert_int_equal(fleet_rig_send(&r.fleet, &p), FLEET_UNSYNCED);
		assert_int_equal(tell_clock(&r, &clock), FLEET_CLOCK);
		tick(&r, 3);
		s = fleet_find_site(r.fleet.fleet, "delft");
		assert_int_equal(s->front, RIG_T0 + 60);
		assert_int_equal(device_wm(site_find_device(s, "a")), 0);
		assert_true(archive_rig_ask(&r, "SELECT count(*) FROM part") == 1);
		assert_true(archive_rig_ask(&r, "SELECT count(*) FROM unsynced WHERE w0 > 0") == 1);
		end(&r);
	}
}

static void a_status_of_a_clock_that_nobody_set_promises_nothing(void **state)
{
	struct archive_rig r;
	struct site *s;

	(void)state;
	begin(&r);
	s = fleet_find_site(r.fleet.fleet, "delft");
	fleet_rig_status(&r.fleet, "a",
			 "{\"state\":\"online\",\"boot\":9,\"seq\":0,\"wm\":1763698000,\"clock\":{\"state\":"
			 "\"unsynchronised\"}}");
	assert_int_equal(s->front, 0);
	fleet_rig_status(
		&r.fleet, "a",
		"{\"state\":\"online\",\"boot\":9,\"seq\":0,\"wm\":1763698000,\"clock\":{\"state\":\"synchronised\"}}");
	assert_int_equal(s->front, 1763698000);
	end(&r);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(any_order_gives_the_rows_of_a_board_that_knew_the_time),
		cmocka_unit_test(minutes_that_do_not_fit_count_where_they_lie_as_a_whole),
		cmocka_unit_test(what_comes_for_hours_long_gone_makes_a_new_version),
		cmocka_unit_test(the_same_again_is_nothing_and_another_word_is_a_conflict),
		cmocka_unit_test(the_key_of_another_part_without_a_time_is_a_conflict_too),
		cmocka_unit_test(a_message_that_becomes_too_long_is_two),
		cmocka_unit_test(a_clock_that_lies_moves_no_watermark_and_merges_nothing),
		cmocka_unit_test(a_status_of_a_clock_that_nobody_set_promises_nothing),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
