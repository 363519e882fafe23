/* SPDX-License-Identifier: Apache-2.0 */
/* What dating the parts of a clock that nobody had set must bear: messages that become too long, clocks that lie, promises without a time. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <stdio.h>
#include <string.h>

#include "collector/store.h"
#include "pipelines/wire.h"
#include "tests/date_rig.h"

enum { WIDE = 60 };

static struct partial_metric wide_metrics[WIDE];
static struct metric_def wide_defs[WIDE];
static char wide_names[WIDE][8];

/* As many metrics as fit, each with a sketch of 140 buckets; what is as in the contract is left out. */
static size_t make_wide(struct partial *p, struct rig_message *m)
{
	int n = 0;

	*p = (struct partial){
		.version = 1, .site = "delft", .device = "a", .boot = DATE_RIG_LIFE, .seq = 1, .w0 = 1200, .wl = 60
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
	struct partial p, clock = date_rig_told(1763697600 * INT64_C(1000000) + 1500000);
	struct archive_rig r;

	(void)state;
	date_rig_begin(&r);
	c.n_metrics = make_wide(&p, &m);
	p.contract = fleet_rig_birth(&r.fleet, "a", DATE_RIG_LIFE, &c, false);
	p.n_metrics = c.n_metrics;
	m.bytes = (size_t)wire_encode(&p, wide_defs, m.data, sizeof(m.data));
	assert_in_range(m.bytes, 8000, 8192);
	assert_int_equal(fleet_rig_deliver(&r.fleet, &m), FLEET_UNSYNCED);
	assert_int_equal(date_rig_tell(&r, &clock), FLEET_CLOCK);
	date_rig_tick(&r, 2);
	assert_true(archive_rig_ask(&r, "SELECT count(*) FROM unsynced WHERE w0 > 0") == 0);
	assert_true(archive_rig_ask(&r, "SELECT count(*) FROM part WHERE w0 = 1763698800 AND wl = 300 AND"
					" part IN (2147483649, 2684354561)") == 2);
	assert_int_equal(site_window(fleet_find_site(r.fleet.fleet, "delft"), 0)->aggs.n, c.n_metrics);

	/* both have one number, and are too long together: neither keeps its hour, or others, from being rolled up */
	for (int day = 1; day <= 5; day += 4) {
		archive_rig_end(&r);
		fleet_rig_init(&r.fleet, 3600);
		r.fleet.now_us = (INT64_C(1763698800) + 86400 * day) * 1000000;
		assert_int_equal(archive_rig_try(&r, 86400 * 2), 0);
		date_rig_tick(&r, 5);
	}
	assert_string_equal(archive_problem(r.archive), "");
	assert_true(archive_rig_ask(&r, "SELECT count(*) FROM part WHERE wl = 300") == 0);
	assert_true(archive_rig_ask(&r, "SELECT count(*) FROM part WHERE wl = 3600") == 2);
	date_rig_end(&r);
}

static void a_clock_that_lies_moves_no_watermark_and_merges_nothing(void **state)
{
	static const int64_t lies[] = { INT64_C(2000000000000000), INT64_C(250000000000000000),
					INT64_C(-250000000000000000) };
	struct archive_rig r;

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(lies); i++) {
		const struct partial clock = date_rig_told(lies[i]);
		struct rig_part p = date_rig_unknown_minute(3);
		struct site *s;

		date_rig_begin(&r);
		date_rig_send_b(&r, 0);
		assert_int_equal(fleet_rig_send(&r.fleet, &p), FLEET_UNSYNCED);
		assert_int_equal(date_rig_tell(&r, &clock), FLEET_CLOCK);
		date_rig_tick(&r, 3);
		s = fleet_find_site(r.fleet.fleet, "delft");
		assert_int_equal(s->front, RIG_T0 + 60);
		assert_int_equal(device_wm(site_find_device(s, "a")), 0);
		assert_true(archive_rig_ask(&r, "SELECT count(*) FROM part") == 1);
		assert_true(archive_rig_ask(&r, "SELECT count(*) FROM unsynced WHERE w0 > 0") == 1);
		date_rig_end(&r);
	}
}

static void a_status_of_a_clock_that_nobody_set_promises_nothing(void **state)
{
	struct archive_rig r;
	struct site *s;

	(void)state;
	date_rig_begin(&r);
	s = fleet_find_site(r.fleet.fleet, "delft");
	fleet_rig_status(&r.fleet, "a",
			 "{\"state\":\"online\",\"boot\":9,\"seq\":0,\"wm\":1763698000,\"clock\":{\"state\":"
			 "\"unsynchronised\"}}");
	assert_int_equal(s->front, 0);
	fleet_rig_status(
		&r.fleet, "a",
		"{\"state\":\"online\",\"boot\":9,\"seq\":0,\"wm\":1763698000,\"clock\":{\"state\":\"synchronised\"}}");
	assert_int_equal(s->front, 1763698000);
	date_rig_end(&r);
}

/* A minute of a board of any name, in any of its lives. */
static enum fleet_verdict send_minute(struct archive_rig *r, const char *device, uint32_t boot, uint32_t seq)
{
	struct rig_part p = date_rig_unknown_minute(seq);

	p.device = device;
	p.boot = boot;
	p.seq = seq;
	return fleet_rig_send(&r->fleet, &p);
}

static enum fleet_verdict tell_clock(struct archive_rig *r, const char *device, uint32_t boot, uint32_t last)
{
	struct partial p = date_rig_told(DATE_RIG_OFF_US);
	struct rig_message m = { 0 };

	snprintf(m.device, sizeof(m.device), "%s", device);
	snprintf(p.device, sizeof(p.device), "%s", device);
	p.boot = p.clock.boot = boot;
	p.seq = last + 1;
	p.part = PARTIAL_MERGED + p.seq;
	p.clock.last = last;
	m.bytes = (size_t)wire_encode(&p, NULL, m.data, sizeof(m.data));
	return fleet_rig_deliver(&r->fleet, &m);
}

static struct device *find(struct archive_rig *r, const char *device)
{
	return site_find_device(fleet_find_site(r->fleet.fleet, "delft"), device);
}

static void a_board_that_starts_more_often_than_there_is_room_for_clocks_is_dated(void **state)
{
	enum { BOOTS = DEVICE_MAX_CLOCKS + 50 };
	struct archive_rig r;

	(void)state;
	date_rig_begin(&r);
	for (uint32_t boot = DATE_RIG_LIFE; boot < DATE_RIG_LIFE + BOOTS; boot++) {
		assert_int_equal(send_minute(&r, "a", boot, 1), FLEET_UNSYNCED);
		assert_int_equal(tell_clock(&r, "a", boot, 1), FLEET_CLOCK);
		if (boot % 10 == 0)
			archive_rig_tick(&r);
	}
	date_rig_tick(&r, 2);
	assert_int_equal(r.fleet.fleet->counters.dated, BOOTS);
	assert_int_equal(r.fleet.fleet->counters.refused, 0);
	assert_int_equal(find(&r, "a")->clocks.n, DEVICE_MAX_CLOCKS);
	assert_true(archive_rig_ask(&r, "SELECT count(*) = 256 AND min(boot) = 59 AND max(boot) = 314 FROM unsynced") ==
		    1);
	archive_rig_end(&r);
	archive_rig_begin(&r);
	assert_int_equal(tell_clock(&r, "a", DATE_RIG_LIFE + BOOTS - 1, 1), FLEET_DUPLICATE);
	assert_int_equal(tell_clock(&r, "a", DATE_RIG_LIFE + BOOTS, 1), FLEET_CLOCK);
	date_rig_end(&r);
}

static void a_clock_that_something_waits_for_stays_and_one_that_is_refused_leaves_no_hole(void **state)
{
	struct archive_rig r;

	(void)state;
	date_rig_begin(&r);
	for (uint32_t boot = 1; boot <= DEVICE_MAX_CLOCKS; boot++) {
		assert_int_equal(tell_clock(&r, "a", boot, 1), FLEET_CLOCK); /* of message 1, not of 3 */
		assert_int_equal(send_minute(&r, "a", boot, 1), FLEET_UNSYNCED);
		assert_int_equal(send_minute(&r, "a", boot, 3), FLEET_UNSYNCED);
	}
	for (int round = 0; round < 2; round++) { /* what waits is not written yet, and it is */
		assert_int_equal(send_minute(&r, "a", 1000, 1), FLEET_UNSYNCED);
		assert_int_equal(tell_clock(&r, "a", 1000, 1), FLEET_REFUSED);
		assert_int_equal(send_minute(&r, "a", 1000, 3), FLEET_UNSYNCED);
		assert_int_equal(device_n_missing(find(&r, "a")), 0);
		assert_int_equal(find(&r, "a")->clocks.n, DEVICE_MAX_CLOCKS);
		date_rig_tick(&r, 2);
	}
	assert_int_equal(r.fleet.fleet->counters.dated, DEVICE_MAX_CLOCKS);
	date_rig_end(&r);
}

static void what_waits_longer_than_hours_are_kept_is_deleted_and_counted(void **state)
{
	enum { KEEP_HOURS = 48 };
	struct archive_options o = { .keep_hours_s = KEEP_HOURS * 3600 };
	struct archive_rig r;

	(void)state;
	date_rig_begin(&r);
	archive_close(r.archive);
	fleet_rig_free(&r.fleet);
	fleet_rig_init(&r.fleet, 3600);
	o.path = r.path;
	assert_int_equal(archive_open(&r.archive, r.fleet.fleet, &o, r.fleet.now_us), 0);
	assert_int_equal(send_minute(&r, "a", 5, 1), FLEET_UNSYNCED);
	assert_int_equal(send_minute(&r, "a", 5, 2), FLEET_UNSYNCED);
	archive_rig_tick(&r);
	r.fleet.now_us += INT64_C(3600000000);
	date_rig_tick(&r, 2);
	assert_int_equal(send_minute(&r, "a", 5, 7), FLEET_UNSYNCED);
	for (int hour = 0; hour < KEEP_HOURS - 1; hour++) {
		assert_true(archive_rig_ask(&r, "SELECT count(*) FROM unsynced") == 2 + (hour > 0));
		r.fleet.now_us += INT64_C(3600000000);
		date_rig_tick(&r, 2);
	}
	assert_true(archive_rig_ask(&r, "SELECT count(*) FROM unsynced") == 1); /* it came later */
	assert_int_equal(r.fleet.fleet->counters.expired, 2);
	assert_int_equal(find(&r, "a")->counters.expired, 2);
	date_rig_end(&r);
}

static void a_board_with_much_that_can_not_be_dated_keeps_no_other_waiting(void **state)
{
	struct archive_rig r;

	(void)state;
	date_rig_begin(&r);
	assert_int_equal(tell_clock(&r, "a", 5, 1), FLEET_CLOCK);
	for (uint32_t seq = 3; seq < 7000; seq++)
		assert_int_equal(send_minute(&r, "a", 5, seq), FLEET_UNSYNCED);
	assert_int_equal(send_minute(&r, "b", 5, 1), FLEET_UNSYNCED);
	assert_int_equal(tell_clock(&r, "b", 5, 1), FLEET_CLOCK);
	date_rig_tick(&r, 2);
	assert_true(archive_rig_ask(&r, "SELECT count(*) FROM unsynced WHERE device = 1") == 6998); /* with the clock */
	assert_int_equal(find(&r, "b")->counters.dated, 1);
	date_rig_end(&r);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_message_that_becomes_too_long_is_two),
		cmocka_unit_test(a_clock_that_lies_moves_no_watermark_and_merges_nothing),
		cmocka_unit_test(a_status_of_a_clock_that_nobody_set_promises_nothing),
		cmocka_unit_test(a_board_that_starts_more_often_than_there_is_room_for_clocks_is_dated),
		cmocka_unit_test(a_clock_that_something_waits_for_stays_and_one_that_is_refused_leaves_no_hole),
		cmocka_unit_test(what_waits_longer_than_hours_are_kept_is_deleted_and_counted),
		cmocka_unit_test(a_board_with_much_that_can_not_be_dated_keeps_no_other_waiting),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
