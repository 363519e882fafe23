/* SPDX-License-Identifier: Apache-2.0 */
/* What must not be merged is not, and is counted; and memory is bounded. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <string.h>

#include "tests/fleet_rig.h"

enum { KEEP_S = 7200 };

static const int32_t two[] = { 10, 30 }, two_others[] = { 10, 31 };

static struct rig_part part_of(const char *device, uint32_t seq, uint64_t w0)
{
	return (struct rig_part){
		.device = device, .boot = 1, .seq = seq, .w0 = w0, .wm = w0 + 60, .k = two, .n_k = 2
	};
}

static void the_same_key_with_other_bytes_is_a_conflict_and_not_merged(void **state)
{
	struct rig_part p = part_of("a", 1, RIG_T0);
	struct fleet_rig r;

	(void)state;
	fleet_rig_start_three(&r);
	assert_int_equal(fleet_rig_send(&r, &p), FLEET_MERGED);
	assert_int_equal(fleet_rig_send(&r, &p), FLEET_DUPLICATE);
	p.n_k = 1;
	assert_int_equal(fleet_rig_send(&r, &p), FLEET_CONFLICT);
	p.n_k = 2;
	p.k = two_others; /* as many bytes */
	assert_int_equal(fleet_rig_send(&r, &p), FLEET_CONFLICT);
	assert_int_equal(fleet_rig_agg(&r, 0)->n, 2);
	assert_int_equal(r.fleet->counters.conflicts, 2);
	assert_non_null(strstr(r.fleet->last_conflict, "delft/a boot 1"));
	fleet_rig_free(&r);
}

static void a_metric_that_means_something_else_is_refused(void **state)
{
	struct metric_def other = rig_contract.metrics[0];
	struct contract c = { &other, 1, NULL, 0 };
	struct rig_part p = part_of("d", 1, RIG_T0);
	struct rig_message m;
	struct fleet_rig r;

	(void)state;
	fleet_rig_start_three(&r);
	p.device = "a";
	assert_int_equal(fleet_rig_send(&r, &p), FLEET_MERGED);

	other.quantum = other.sketch.quantum = 0.02;
	fleet_rig_birth(&r, "d", 1, &c, false);
	p.device = "d";
	fleet_rig_encode(&p, &c, &m);
	assert_int_equal(fleet_rig_deliver(&r, &m), FLEET_MERGED); /* the part came; none of its metrics counts */
	assert_int_equal(fleet_rig_agg(&r, 0)->n, 2);
	assert_int_equal(r.fleet->counters.metrics_refused, 1);
	fleet_rig_free(&r);
}

static void another_period_or_window_is_not_another_definition(void **state)
{
	struct metric_def other = rig_contract.metrics[0];
	struct contract c = { &other, 1, NULL, 0 };
	struct rig_part p = part_of("d", 1, RIG_T0);
	struct rig_message m;
	struct fleet_rig r;

	(void)state;
	fleet_rig_start_three(&r);
	assert_int_equal(fleet_rig_send(&r, &(struct rig_part){ .device = "a",
								.boot = 1,
								.seq = 1,
								.w0 = RIG_T0,
								.wm = RIG_T0 + 60,
								.k = two,
								.n_k = 2 }),
			 FLEET_MERGED);
	other.period_us = 500000;
	fleet_rig_birth(&r, "d", 1, &c, false);
	fleet_rig_encode(&p, &c, &m);
	assert_int_equal(fleet_rig_deliver(&r, &m), FLEET_MERGED);
	assert_int_equal(fleet_rig_agg(&r, 0)->n, 4);
	assert_int_equal(r.fleet->counters.metrics_refused, 0);
	fleet_rig_free(&r);
}

static void a_part_from_the_future_is_counted_and_moves_nothing(void **state)
{
	struct fleet_rig r;
	uint64_t ahead = RIG_T0 + 86400 + 660;
	struct rig_part p = part_of("a", 1, ahead);

	(void)state;
	fleet_rig_start_three(&r);
	assert_int_equal(fleet_rig_send(&r, &p), FLEET_FUTURE);
	assert_int_equal(r.fleet->counters.future, 1);
	assert_int_equal(r.fleet->newest_future_w0, ahead);
	assert_int_equal(fleet_find_site(r.fleet, "delft")->windows.n, 0);
	assert_int_equal(fleet_find_site(r.fleet, "delft")->front, 0);

	/* A watermark of the future on a part of the past is not believed either. */
	p = part_of("a", 2, RIG_T0);
	p.wm = ahead;
	assert_int_equal(fleet_rig_send(&r, &p), FLEET_MERGED);
	assert_int_equal(fleet_find_site(r.fleet, "delft")->front, 0);
	assert_int_equal(device_wm(site_find_device(fleet_find_site(r.fleet, "delft"), "a")), 0);
	fleet_rig_free(&r);
}

static void a_part_without_a_clock_is_not_merged(void **state)
{
	struct rig_part p = part_of("a", 1, 120);
	struct fleet_rig r;

	(void)state;
	fleet_rig_start_three(&r);
	p.flags = PARTIAL_UNSYNCED;
	assert_int_equal(fleet_rig_send(&r, &p), FLEET_UNSYNCED);
	assert_int_equal(r.fleet->counters.unsynced, 1);
	assert_int_equal(fleet_find_site(r.fleet, "delft")->windows.n, 0);
	fleet_rig_free(&r);
}

static void partials_wait_for_their_contract_and_are_counted_in_when_it_comes(void **state)
{
	struct rig_part p = part_of("n", 1, RIG_T0);
	struct fleet_rig r;

	(void)state;
	fleet_rig_start_three(&r);
	assert_int_equal(fleet_rig_send(&r, &p), FLEET_WAITS);
	assert_int_equal(fleet_rig_send(&r, &p), FLEET_WAITS);
	p.seq = 2;
	p.w0 += 60;
	assert_int_equal(fleet_rig_send(&r, &p), FLEET_WAITS);
	assert_int_equal(fleet_find_site(r.fleet, "delft")->windows.n, 0);

	fleet_rig_contract_message(&r, "n", &rig_contract);
	assert_int_equal(fleet_rig_agg(&r, 0)->n, 2);
	assert_int_equal(fleet_rig_agg(&r, 1)->n, 2);
	assert_int_equal(r.fleet->counters.messages, 3);
	assert_int_equal(r.fleet->counters.duplicates, 1);
	assert_int_equal(r.fleet->waiting_bytes, 0);
	fleet_rig_free(&r);
}

static void waiting_is_bounded(void **state)
{
	struct fleet_rig r;

	(void)state;
	fleet_rig_start_three(&r);
	for (uint32_t i = 0; i < DEVICE_MAX_WAITING; i++) {
		struct rig_part p = part_of("n", i + 1, RIG_T0 + i * 60);

		assert_int_equal(fleet_rig_send(&r, &p), FLEET_WAITS);
	}
	assert_int_equal(fleet_rig_send(&r, &(struct rig_part){ .device = "n", .boot = 1, .seq = 999, .w0 = RIG_T0 }),
			 FLEET_DROPPED);
	assert_int_equal(r.fleet->counters.dropped, 1);
	fleet_rig_free(&r);
}

static void windows_far_behind_the_newest_complete_one_are_forgotten(void **state)
{
	static const char *const names[] = { "a", "b", "c" };
	struct rig_part p;
	struct fleet_rig r;
	struct site *s;

	(void)state;
	fleet_rig_start_three(&r);
	for (size_t d = 0; d < 3; d++) {
		p = part_of(names[d], 1, RIG_T0);
		p.boot = 8;
		assert_int_equal(fleet_rig_send(&r, &p), FLEET_MERGED);
	}
	s = fleet_find_site(r.fleet, "delft");
	for (size_t d = 0; d < 3; d++) {
		p = part_of(names[d], 2, RIG_T0 + KEEP_S + 3600);
		p.boot = 8;
		assert_int_equal(fleet_rig_send(&r, &p), FLEET_MERGED);
		fleet_rig_update(&r, true);
		assert_int_equal(s->windows.n, d < 2 ? 2 : 1); /* as long as one device lags, its data are waited for */
	}
	assert_int_equal(s->horizon, RIG_T0 + 3600);

	p = part_of("a", 3, RIG_T0);
	p.boot = 8;
	assert_int_equal(fleet_rig_send(&r, &p), FLEET_LATE);
	assert_int_equal(s->windows.n, 1);
	assert_int_equal(r.fleet->counters.late, 1);
	fleet_rig_free(&r);
}

static void messages_under_a_wrong_name_are_bad(void **state)
{
	struct rig_part p = part_of("a", 1, RIG_T0);
	struct rig_message m;
	struct fleet_rig r;

	(void)state;
	fleet_rig_start_three(&r);
	fleet_rig_encode(&p, &rig_contract, &m);
	m.device[0] = 'b';
	assert_int_equal(fleet_rig_deliver(&r, &m), FLEET_BAD);
	p.seq = 0;
	assert_int_equal(fleet_rig_send(&r, &p), FLEET_BAD);
	m.bytes = 3;
	assert_int_equal(fleet_rig_deliver(&r, &m), FLEET_BAD);
	p.seq = 1;
	p.wl = 300; /* its contract says 60 */
	p.w0 = RIG_T0;
	assert_int_equal(fleet_rig_send(&r, &p), FLEET_BAD);
	assert_int_equal(r.fleet->counters.bad, 4);
	assert_int_equal(r.fleet->counters.parts, 0);
	fleet_rig_free(&r);
}

static void a_contract_with_a_taken_hash_changes_nothing(void **state)
{
	struct fleet_rig r;
	struct fleet_message m;

	(void)state;
	fleet_rig_start_three(&r);
	m = (struct fleet_message){ .site = "delft", .device = "a", .payload = "{}", .bytes = 2, .now_us = r.now_us };
	fleet_contract(r.fleet, &m, contract_hash("{}", 2));
	assert_int_equal(r.fleet->counters.bad, 1);
	fleet_contract(r.fleet, &m, 0x12345678);
	assert_int_equal(r.fleet->counters.bad, 2);
	assert_int_equal(r.fleet->contracts.contracts.n, 1); /* other devices, one text */
	fleet_rig_free(&r);
}

static void when_there_is_no_room_the_oldest_windows_go(void **state)
{
	struct fleet_rig r;
	struct site *s;

	(void)state;
	fleet_rig_init(&r, 366 * 86400);
	r.now_us += 86400000000 * 30;
	fleet_rig_birth(&r, "a", 1, &rig_contract, false);
	for (uint32_t i = 0; i < FLEET_MAX_WINDOWS + 10; i++) {
		struct rig_part p = part_of("a", i + 1, RIG_T0 + i * 60);

		assert_int_equal(fleet_rig_send(&r, &p), FLEET_MERGED);
	}
	s = fleet_find_site(r.fleet, "delft");
	assert_int_equal(s->windows.n, FLEET_MAX_WINDOWS);
	assert_int_equal(site_window(s, 0)->w0, RIG_T0 + 600);
	assert_int_equal(r.fleet->n_windows_dropped, 10);
	assert_int_equal(fleet_rig_send(&r,
					&(struct rig_part){ .device = "a", .boot = 1, .seq = 1, .w0 = RIG_T0 + 60 }),
			 FLEET_LATE);
	fleet_rig_free(&r);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_same_key_with_other_bytes_is_a_conflict_and_not_merged),
		cmocka_unit_test(a_metric_that_means_something_else_is_refused),
		cmocka_unit_test(another_period_or_window_is_not_another_definition),
		cmocka_unit_test(a_part_from_the_future_is_counted_and_moves_nothing),
		cmocka_unit_test(a_part_without_a_clock_is_not_merged),
		cmocka_unit_test(partials_wait_for_their_contract_and_are_counted_in_when_it_comes),
		cmocka_unit_test(waiting_is_bounded),
		cmocka_unit_test(windows_far_behind_the_newest_complete_one_are_forgotten),
		cmocka_unit_test(messages_under_a_wrong_name_are_bad),
		cmocka_unit_test(a_contract_with_a_taken_hash_changes_nothing),
		cmocka_unit_test(when_there_is_no_room_the_oldest_windows_go),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
