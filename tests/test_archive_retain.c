/* SPDX-License-Identifier: Apache-2.0 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "tests/archive_rig.h"

static void old_hours_are_rolled_up_without_losing_a_sample_and_then_sealed(void **state)
{
	struct archive_rig r = { 0 };

	(void)state;
	archive_rig_make(&r);
	archive_rig_begin(&r);
	archive_rig_introduce(&r);
	archive_rig_send_all_but(&r, ARCHIVE_RIG_DEVICES, 0);
	archive_rig_tick(&r);
	archive_rig_end(&r);

	fleet_rig_init(&r.fleet, 3600);
	r.fleet.now_us = (int64_t)(RIG_T0 + 86400 * 3) * 1000000;
	assert_int_equal(archive_rig_try(&r, 86400 * 2), 0);
	for (int i = 0; i < 5; i++)
		archive_rig_tick(&r);
	assert_int_equal(r.fleet.fleet->sealed_until, RIG_T0 + 3 * 3600);
	assert_int_equal(archive_rig_send(&r, 1, 5), FLEET_LATE);
	archive_rig_end(&r);
	assert_true(archive_rig_ask(&r, "SELECT count(*) FROM part") == 3 * ARCHIVE_RIG_DEVICES);
	assert_true(archive_rig_ask(&r, "SELECT min(wl) FROM part") == 3600);
	assert_true(archive_rig_ask(&r, "SELECT count(*) FROM kpi WHERE state = 'COMPLETE'") ==
		    2 * ARCHIVE_RIG_MINUTES + ARCHIVE_RIG_MINUTES / 5);
	archive_rig_remove(&r);
}

/* As the collector is days later. */
static void begin_days_later(struct archive_rig *r, int64_t days, uint64_t keep_parts_s)
{
	archive_rig_end(r);
	fleet_rig_init(&r->fleet, 3600);
	r->fleet.now_us = (int64_t)(RIG_T0 + 86400 * days) * 1000000;
	assert_int_equal(archive_rig_try(r, keep_parts_s), 0);
	for (int i = 0; i < 5; i++)
		archive_rig_tick(r);
}

static void what_comes_for_an_hour_that_is_rolled_up_counts_when_it_can_not_be_in_it(void **state)
{
	struct archive_rig r = { 0 };

	(void)state;
	archive_rig_make(&r);
	archive_rig_begin(&r);
	archive_rig_introduce(&r);
	for (uint32_t m = 0; m < 20; m++) {
		assert_int_equal(archive_rig_send(&r, 0, m), FLEET_MERGED);
		assert_int_equal(archive_rig_send(&r, 1, m < 10 ? m : m + 20), FLEET_MERGED);
	}
	archive_rig_tick(&r);
	begin_days_later(&r, 3, 86400);
	assert_true(archive_rig_ask(&r, "SELECT count(*) FROM part") == 2);
	assert_int_equal(archive_rig_send(&r, 0, 5), FLEET_LATE);    /* is in the hour already */
	assert_int_equal(archive_rig_send(&r, 1, 15), FLEET_LATE);   /* is not, but nothing shows it */
	assert_int_equal(archive_rig_send(&r, 0, 30), FLEET_STORED); /* its board had not made it then */
	assert_int_equal(archive_rig_send(&r, 2, 7), FLEET_STORED);  /* nothing of its board is in */
	for (int i = 0; i < 5; i++)
		archive_rig_tick(&r);
	assert_true(archive_rig_ask(&r, "SELECT count(*) FROM part") == 4); /* they have only just come */
	assert_true(archive_rig_ask(&r, "SELECT max(n) FROM kpi WHERE name = 'temp_mean' AND w0 % 3600 = 420") == 120);
	begin_days_later(&r, 4, 86400);
	begin_days_later(&r, 6, 86400);
	assert_true(archive_rig_ask(&r, "SELECT count(*) FROM part WHERE wl = 3600") == 4);
	assert_int_equal(archive_rig_send(&r, 2, 7), FLEET_LATE);
	assert_int_equal(archive_rig_send(&r, 0, 31), FLEET_STORED);
	archive_rig_end(&r);
	archive_rig_remove(&r);
}

static void old_data_that_have_just_come_are_not_rolled_up(void **state)
{
	struct archive_rig r = { 0 };

	(void)state;
	archive_rig_make(&r);
	archive_rig_begin(&r);
	begin_days_later(&r, 30, 86400);
	archive_rig_introduce(&r);
	for (uint32_t m = 0; m < 10; m++)
		assert_int_equal(archive_rig_send(&r, 0, m), FLEET_MERGED);
	for (int i = 0; i < 5; i++)
		archive_rig_tick(&r);
	assert_int_equal(archive_rig_send(&r, 0, 5), FLEET_DUPLICATE);
	assert_true(archive_rig_ask(&r, "SELECT count(*) FROM part WHERE wl = 60") == 10);
	begin_days_later(&r, 31, 86400);
	begin_days_later(&r, 33, 86400);
	assert_true(archive_rig_ask(&r, "SELECT count(*) FROM part WHERE wl = 3600") == 1);
	archive_rig_end(&r);
	archive_rig_remove(&r);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(old_hours_are_rolled_up_without_losing_a_sample_and_then_sealed),
		cmocka_unit_test(what_comes_for_an_hour_that_is_rolled_up_counts_when_it_can_not_be_in_it),
		cmocka_unit_test(old_data_that_have_just_come_are_not_rolled_up),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
