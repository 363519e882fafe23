/* SPDX-License-Identifier: Apache-2.0 */
/* What a collector must not forget, double or unsay when its life is cut and its store is old. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <stdio.h>
#include <string.h>

#include "base/db.h"
#include "base/log.h"
#include "collector/resend.h"
#include "collector/store.h"
#include "pipelines/wire.h"
#include "tests/archive_rig.h"

static void send(struct archive_rig *r, const char *device, uint32_t minute)
{
	struct rig_part p = fleet_rig_minute(device, minute + 1, minute);

	(void)fleet_rig_send(&r->fleet, &p);
}

/* A collector of @days later, that keeps parts for two days. */
static void begin_later(struct archive_rig *r, int64_t days, int ticks)
{
	archive_rig_end(r);
	fleet_rig_init(&r->fleet, 3600);
	r->fleet.now_us = (int64_t)(RIG_T0 + days * 86400) * 1000000;
	assert_int_equal(archive_rig_try(r, 2 * 86400), 0);
	for (int i = 0; i < ticks; i++)
		archive_rig_tick(r);
}

static void a_restart_unsays_nothing_of_hours_that_are_rolled_up(void **state)
{
	struct archive_rig r = { 0 };

	(void)state;
	archive_rig_make(&r);
	archive_rig_begin(&r);
	fleet_rig_birth(&r.fleet, "a", 1, &rig_contract, false);
	for (uint32_t m = 0; m < 180; m++)
		send(&r, "a", m);
	archive_rig_tick(&r);
	begin_later(&r, 3, 8);
	assert_true(archive_rig_ask(&r, "SELECT count(*) FROM part WHERE wl = 3600") >= 1);
	assert_true(archive_rig_ask(&r, "SELECT sum(n) FROM kpi WHERE name = 'temp_mean'") == 180 * 60);
	begin_later(&r, 3, 8);
	assert_true(archive_rig_ask(&r, "SELECT sum(n) FROM kpi WHERE name = 'temp_mean'") == 180 * 60);
	assert_true(archive_rig_ask(&r, "SELECT count(*) FROM kpi WHERE value IS NULL") == 0);
	archive_rig_end(&r);
	archive_rig_remove(&r);
}

static void a_crash_in_the_first_backlog_costs_no_hour(void **state)
{
	struct archive_rig r = { 0 };

	(void)state;
	archive_rig_make(&r);
	archive_rig_begin(&r);
	fleet_rig_birth(&r.fleet, "a", 1, &rig_contract, false);
	fleet_rig_birth(&r.fleet, "b", 1, &rig_contract, false);
	send(&r, "b", 600);
	fleet_rig_update(&r.fleet, true);
	for (uint32_t m = 0; m < 300; m++)
		send(&r, "a", m);
	archive_rig_tick(&r);
	archive_rig_crash(&r);
	for (int i = 0; i < 20; i++)
		archive_rig_tick(&r);
	assert_true(archive_rig_ask(&r, "SELECT count(*) FROM part") == 301);
	assert_true(archive_rig_ask(&r, "SELECT count(*) FROM kpi WHERE name = 'temp_mean' AND n > 0") == 301);
	archive_rig_end(&r);
	archive_rig_remove(&r);
}

/* --- a device with more streams than an hour of it has room for in one message --- */

enum { N_WIDE = 56 };

static const struct unit celsius = { .code = "Cel", .name = "", .quantity = "" };

/* Quiet minutes whose level drifts over the hour, so that the sketch of the hour is much wider than theirs. */
static void fill(struct agg *a, uint32_t minute, uint64_t w0)
{
	int32_t bucket = (int32_t)(minute % 60) * 2;
	int64_t k = bucket * 10;

	*a = (struct agg){ .n = 60, .expected = 60, .has_sketch = true, .tw_ms = 60000, .covered_ms = 60000 };
	a->min = a->max = a->first = a->last = k;
	a->first_at_ms = (int64_t)w0 * 1000;
	a->last_at_ms = a->first_at_ms + 59000;
	a->s1 = 60 * k;
	a->s2.lo = (uint64_t)(60 * k * k);
	a->tw = k * 60000;
	a->sketch.pos.offset = bucket;
	a->sketch.pos.n = 1;
	a->sketch.pos.counts[0] = 60;
}

static void send_wide(struct archive_rig *r, uint32_t hash, const struct metric_def defs[N_WIDE], uint32_t minute)
{
	static struct partial_metric metrics[N_WIDE];
	static struct rig_message m = { .device = "a" };
	struct partial p = { .version = PARTIAL_VERSION,
			     .contract = hash,
			     .n_metrics = N_WIDE,
			     .metrics = metrics,
			     .boot = 1,
			     .seq = minute + 1,
			     .w0 = RIG_T0 + 60 * minute,
			     .wl = 60,
			     .wm = RIG_T0 + 60 * minute + 60,
			     .site = "delft",
			     .device = "a" };
	int n;

	for (uint32_t i = 0; i < N_WIDE; i++) {
		metrics[i].id = i;
		fill(&metrics[i].agg, minute, p.w0);
	}
	n = wire_encode(&p, defs, m.data, sizeof(m.data));
	assert_true(n > 0);
	m.bytes = (size_t)n;
	assert_int_equal(fleet_rig_deliver(&r->fleet, &m), FLEET_MERGED);
}

static void an_hour_larger_than_a_message_is_rolled_up_into_several(void **state)
{
	static struct metric_def defs[N_WIDE];
	static char names[N_WIDE][16];
	struct contract c = { defs, N_WIDE, NULL, 0 };
	struct archive_rig r = { 0 };
	uint32_t hash;

	(void)state;
	for (int i = 0; i < N_WIDE; i++) {
		snprintf(names[i], sizeof(names[i]), "temp%d@1", i);
		defs[i] = (struct metric_def){ .name = names[i],
					       .unit = &celsius,
					       .reference = 20,
					       .quantum = 0.01,
					       .has_sketch = true,
					       .sketch = { SKETCH_LIN, 0.1, 20.0, 10 },
					       .period_us = 1000000,
					       .window_s = 60 };
	}
	archive_rig_make(&r);
	archive_rig_begin(&r);
	hash = fleet_rig_birth(&r.fleet, "a", 1, &c, false);
	for (uint32_t minute = 0; minute < 120; minute++)
		send_wide(&r, hash, defs, minute);
	archive_rig_tick(&r);
	begin_later(&r, 10, 30);
	assert_true(archive_rig_ask(&r, "SELECT count(*) FROM part WHERE wl = 60") == 0);
	assert_true(archive_rig_ask(&r, "SELECT count(*) FROM part WHERE wl = 3600") > 2);
	archive_rig_end(&r);
	archive_rig_remove(&r);
}

/* --- a gap that is longer than what is asked for at a time --- */

static void note(void *ctx, const struct site *s, const struct device *d, const struct resend_range *range)
{
	struct resend_range *last = ctx;

	(void)s;
	(void)d;
	*last = *range;
}

static void of_a_long_gap_the_end_is_asked_for_too(void **state)
{
	struct resend_range last = { 0 };
	const struct resend_sink sink = { note, &last };
	struct rig_part p = fleet_rig_minute("a", 1, 1);
	struct fleet_rig r;

	(void)state;
	fleet_rig_start_three(&r);
	fleet_rig_send(&r, &p);
	fleet_rig_status(&r, "a", "{\"state\":\"online\",\"boot\":1,\"seq\":2000,\"wm\":1763697900}");
	for (int64_t s = 0; s < 600; s++)
		resend_update(r.fleet, s * 1000000, &sink);
	assert_int_equal(last.from, 1002);
	assert_int_equal(last.to, 2000);
	fleet_rig_free(&r);
}

/* Else one board could say of a whole site that its hour is rolled up, and what comes for it late. */
static void a_part_that_only_a_collector_makes_is_refused(void **state)
{
	struct archive_rig r = { 0 };
	struct rig_part p = fleet_rig_minute("a", 1, 0);

	(void)state;
	archive_rig_make(&r);
	archive_rig_begin(&r);
	fleet_rig_birth(&r.fleet, "a", 1, &rig_contract, false);
	p.part = STORE_ROLLED_UP;
	assert_int_equal(fleet_rig_send(&r.fleet, &p), FLEET_BAD);
	p.part--;
	assert_int_equal(fleet_rig_send(&r.fleet, &p), FLEET_MERGED);
	archive_rig_end(&r);
	archive_rig_remove(&r);
}

/* One whose hour is rolled up, and one that was away all the time. */
static void the_hours_of_a_site_that_returns_count_whatever_others_have_rolled_up(void **state)
{
	struct archive_rig r = { 0 };

	(void)state;
	archive_rig_make(&r);
	archive_rig_begin(&r);
	fleet_rig_birth(&r.fleet, "a", 1, &rig_contract, false);
	r.fleet.site = "leiden";
	fleet_rig_birth(&r.fleet, "b", 1, &rig_contract, false);
	r.fleet.site = "delft";
	for (uint32_t m = 0; m < 180; m++)
		send(&r, "a", m);
	archive_rig_tick(&r);
	begin_later(&r, 3, 8);
	assert_true(archive_rig_ask(&r, "SELECT count(*) FROM part WHERE wl = 3600") == 3);
	r.fleet.site = "leiden";
	for (uint32_t m = 0; m < 60; m++)
		send(&r, "b", m);
	for (int i = 0; i < 5; i++)
		archive_rig_tick(&r);
	assert_true(archive_rig_ask(&r, "SELECT sum(n) FROM kpi WHERE name = 'temp_mean' AND site = 'leiden'") ==
		    60 * 60);
	assert_true(archive_rig_ask(&r, "SELECT sum(n) FROM kpi WHERE name = 'temp_mean' AND site = 'delft'") ==
		    180 * 60);
	archive_rig_end(&r);
	archive_rig_remove(&r);
}

static void change(const struct archive_rig *r, const char *sql)
{
	const struct db_options o = { .path = r->path, .magic = 0x72756E63, .version = STORE_VERSION, .cache_kib = 64 };
	struct db *db;

	assert_int_equal(db_open(&db, &o), 0);
	assert_int_equal(db_exec(db, sql), 0);
	db_close(db);
}

static void an_hour_with_damaged_parts_is_not_told_again(void **state)
{
	struct archive_rig r = { 0 };

	(void)state;
	archive_rig_make(&r);
	archive_rig_begin(&r);
	fleet_rig_birth(&r.fleet, "a", 1, &rig_contract, false);
	fleet_rig_birth(&r.fleet, "b", 1, &rig_contract, false);
	for (uint32_t m = 0; m < 180; m++)
		send(&r, "a", m);
	archive_rig_tick(&r);
	change(&r, "UPDATE part SET payload = x'ff' WHERE w0 % 3600 = 60");
	send(&r, "b", 0);
	send(&r, "b", 2);
	for (int i = 0; i < 3; i++)
		archive_rig_tick(&r);
	assert_true(archive_rig_ask(&r, "SELECT count(*) FROM part") == 182);
	assert_true(archive_rig_ask(&r, "SELECT min(n) FROM kpi WHERE name = 'temp_mean'") == 60);
	assert_true(archive_rig_ask(&r, "SELECT max(version) FROM kpi WHERE name = 'temp_mean'") == 1);
	archive_rig_end(&r);
	archive_rig_remove(&r);
}

static void send_contract(struct archive_rig *r, uint32_t version)
{
	struct metric_def def = rig_contract.metrics[0];
	const struct contract c = { &def, 1, NULL, 0 };
	char name[32];

	snprintf(name, sizeof(name), "temp@%u", version);
	def.name = name;
	fleet_rig_contract_message(&r->fleet, "a", &c);
}

static void of_too_many_contracts_the_one_in_use_is_kept(void **state)
{
	struct archive_rig r = { 0 };
	struct device *d;

	(void)state;
	archive_rig_make(&r);
	archive_rig_begin(&r);
	fleet_rig_birth(&r.fleet, "a", 1, &rig_contract, false);
	archive_rig_tick(&r);
	for (uint32_t i = 0; i < 4 * DEVICE_MAX_CONTRACTS; i++) {
		send_contract(&r, 2 + i);
		if (i % DEVICE_MAX_CONTRACTS == 0)
			archive_rig_tick(&r);
	}
	send(&r, "a", 0);
	assert_int_equal(r.fleet.fleet->counters.parts, 1);
	archive_rig_tick(&r);
	archive_rig_end(&r);
	archive_rig_begin(&r);
	assert_true(archive_rig_ask(&r, "SELECT count(*) FROM contract") > DEVICE_MAX_CONTRACTS);
	d = site_find_device(fleet_find_site(r.fleet.fleet, "delft"), "a");
	assert_non_null(device_current_contract(d));
	send(&r, "a", 1);
	assert_int_equal(r.fleet.fleet->counters.parts, 1);
	archive_rig_end(&r);
	archive_rig_remove(&r);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_restart_unsays_nothing_of_hours_that_are_rolled_up),
		cmocka_unit_test(a_crash_in_the_first_backlog_costs_no_hour),
		cmocka_unit_test(an_hour_larger_than_a_message_is_rolled_up_into_several),
		cmocka_unit_test(of_a_long_gap_the_end_is_asked_for_too),
		cmocka_unit_test(a_part_that_only_a_collector_makes_is_refused),
		cmocka_unit_test(the_hours_of_a_site_that_returns_count_whatever_others_have_rolled_up),
		cmocka_unit_test(an_hour_with_damaged_parts_is_not_told_again),
		cmocka_unit_test(of_too_many_contracts_the_one_in_use_is_kept),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
