/* SPDX-License-Identifier: Apache-2.0 */
/* Who is expected in a window, and from when on nothing more can come for it. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <stdio.h>

#include "tests/fleet_rig.h"

enum { KEEP_S = 7200 };

static void send(struct fleet_rig *r, const char *device, uint32_t seq, size_t window)
{
	struct rig_part p = fleet_rig_minute(device, seq, window);

	assert_int_equal(fleet_rig_send(r, &p), FLEET_MERGED);
}

static void expect_counts(const struct fleet_kpi *k, size_t reporting, size_t complete, size_t expected)
{
	assert_int_equal(k->devices, reporting);
	assert_int_equal(k->complete_devices, complete);
	assert_int_equal(k->expected_devices, expected);
	assert_int_equal(k->state == FLEET_KPI_COMPLETE, complete == expected);
}

static void start_two(struct fleet_rig *r)
{
	fleet_rig_init(r, KEEP_S);
	fleet_rig_birth(r, "a", 1, &rig_contract, false);
	fleet_rig_birth(r, "b", 1, &rig_contract, false);
}

static void who_retires_is_no_longer_waited_for(void **state)
{
	struct fleet_rig r;

	(void)state;
	start_two(&r);
	send(&r, "a", 1, 0);
	fleet_rig_update(&r, true);
	expect_counts(fleet_rig_newest(&r, "temp_mean"), 1, 1, 2);
	fleet_rig_retire(&r, "b");
	fleet_rig_update(&r, true);
	expect_counts(fleet_rig_newest(&r, "temp_mean"), 1, 1, 1);
	assert_int_equal(fleet_rig_newest(&r, "temp_mean")->expected, 60);

	/* Its data stay, and it counts where it reported. */
	fleet_rig_retire(&r, "a");
	fleet_rig_birth(&r, "b", 1, &rig_contract, false);
	send(&r, "b", 1, 0);
	fleet_rig_update(&r, true);
	expect_counts(fleet_rig_newest(&r, "temp_mean"), 2, 2, 2);
	fleet_rig_free(&r);
}

static void a_new_device_is_not_missed_from_windows_before_it(void **state)
{
	struct fleet_rig r;

	(void)state;
	fleet_rig_init(&r, KEEP_S);
	fleet_rig_birth(&r, "a", 1, &rig_contract, false);
	send(&r, "a", 1, 0);
	fleet_rig_update(&r, true);
	fleet_rig_birth(&r, "b", 1, &rig_contract, false);
	fleet_rig_update(&r, true);
	assert_int_equal(r.n_told, 0);
	send(&r, "a", 2, 1);
	fleet_rig_update(&r, true);
	expect_counts(fleet_rig_newest(&r, "temp_mean"), 1, 1, 2);
	fleet_rig_free(&r);
}

static void a_status_moves_the_watermark_of_a_silent_device(void **state)
{
	struct fleet_rig r;
	char json[128];

	(void)state;
	start_two(&r);
	send(&r, "a", 1, 0);
	snprintf(json, sizeof(json), "{\"state\":\"online\",\"boot\":1,\"seq\":0,\"wm\":%llu}", RIG_T0 + 60);
	fleet_rig_status(&r, "b", json);
	fleet_rig_update(&r, false);
	expect_counts(fleet_rig_newest(&r, "temp_mean"), 1, 2, 2);
	assert_int_equal(fleet_rig_newest(&r, "temp_mean")->expected, 120);
	fleet_rig_free(&r);
}

static void a_collector_that_comes_later_vouches_for_what_begins_after_it_came(void **state)
{
	struct fleet_rig r;
	char json[128];

	(void)state;
	fleet_rig_init(&r, KEEP_S);
	r.is_retained = true;
	fleet_rig_birth(&r, "a", 1, &rig_contract, false);
	snprintf(json, sizeof(json), "{\"state\":\"online\",\"boot\":1,\"seq\":100,\"wm\":%llu}", RIG_T0);
	fleet_rig_status(&r, "a", json);
	r.is_retained = false;
	send(&r, "a", 101, 0);
	fleet_rig_update(&r, true);
	expect_counts(fleet_rig_newest(&r, "temp_mean"), 1, 0, 1);
	send(&r, "a", 102, 1);
	fleet_rig_update(&r, true);
	expect_counts(fleet_rig_newest(&r, "temp_mean"), 1, 0, 1);
	send(&r, "a", 103, 2);
	fleet_rig_update(&r, true);
	expect_counts(fleet_rig_newest(&r, "temp_mean"), 1, 1, 1);
	fleet_rig_free(&r);
}

static void of_who_retired_nothing_more_is_waited_for_where_it_reported(void **state)
{
	struct rig_part early = fleet_rig_minute("b", 1, 0);
	struct fleet_rig r;

	(void)state;
	start_two(&r);
	send(&r, "a", 1, 0);
	early.n_k = 20;
	early.wm = RIG_T0;
	assert_int_equal(fleet_rig_send(&r, &early), FLEET_MERGED);
	fleet_rig_update(&r, true);
	expect_counts(fleet_rig_newest(&r, "temp_mean"), 2, 1, 2);
	fleet_rig_retire(&r, "b");
	fleet_rig_update(&r, true);
	expect_counts(fleet_rig_newest(&r, "temp_mean"), 2, 2, 2);
	assert_int_equal(fleet_rig_newest(&r, "temp_mean")->n, 80);
	fleet_rig_free(&r);
}

static void a_retained_birth_is_as_old_as_may_be(void **state)
{
	struct fleet_rig r;

	(void)state;
	fleet_rig_init(&r, KEEP_S);
	fleet_rig_birth(&r, "a", 1, &rig_contract, false);
	send(&r, "a", 1, 0);
	r.is_retained = true;
	fleet_rig_birth(&r, "b", 1, &rig_contract, false);
	fleet_rig_update(&r, true);
	expect_counts(fleet_rig_newest(&r, "temp_mean"), 1, 1, 2);
	fleet_rig_free(&r);
}

static void what_parts_say_was_due_is_added_up(void **state)
{
	struct rig_part p = fleet_rig_minute("a", 1, 0);
	struct fleet_rig r;

	(void)state;
	fleet_rig_init(&r, KEEP_S);
	fleet_rig_birth(&r, "a", 1, &rig_contract, false);
	p.expected = 50;
	assert_int_equal(fleet_rig_send(&r, &p), FLEET_MERGED);
	p.seq = 2;
	p.part = 1;
	p.expected = 30;
	assert_int_equal(fleet_rig_send(&r, &p), FLEET_MERGED);
	fleet_rig_update(&r, true);
	assert_int_equal(fleet_rig_newest(&r, "temp_mean")->expected, 80);
	fleet_rig_free(&r);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(who_retires_is_no_longer_waited_for),
		cmocka_unit_test(a_new_device_is_not_missed_from_windows_before_it),
		cmocka_unit_test(a_status_moves_the_watermark_of_a_silent_device),
		cmocka_unit_test(a_collector_that_comes_later_vouches_for_what_begins_after_it_came),
		cmocka_unit_test(of_who_retired_nothing_more_is_waited_for_where_it_reported),
		cmocka_unit_test(a_retained_birth_is_as_old_as_may_be),
		cmocka_unit_test(what_parts_say_was_due_is_added_up),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
