/* SPDX-License-Identifier: Apache-2.0 */
/* When sensors are read, and what their readings are dated. What happens when they fail: test_sched_faults.c. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <errno.h>
#include <math.h>
#include <stdio.h>
#include <string.h>

#include "tests/sched_rig.h"
#include "tests/still_loop.h"

/* --- the usual --- */

static void readings_are_stamped_with_multiples_of_the_period(void **state)
{
	enum { EVERY_US = 200 * MS };
	struct sched_rig *r = sched_rig_new(2, EVERY_US);

	(void)state;
	sched_start(r->sched);
	sched_rig_run(r, 1300 * MS);
	assert_in_range(sched_rig_count(r, 0, false), 6, 8); /* 1300 / 200, and one at the start */
	assert_int_equal(sched_rig_count(r, 0, true), 0);
	assert_int_equal(sched_rig_count(r, 1, false), sched_rig_count(r, 0, false));
	for (size_t i = 0; i < r->n_readings; i += 2) {
		const struct rig_reading *a = &r->readings[i], *b = a + 1;

		assert_int_equal(a->at_us, b->at_us); /* due together, stamped together */
		assert_true(a->at_us <= a->given_us);
		if (i > 0)
			assert_int_equal(a->at_us % EVERY_US, 0);
		if (i > 2)
			assert_int_equal(a->at_us - (a - 2)->at_us, EVERY_US);
	}
	assert_int_equal(sched_rig_status(r, 0).n_readings, sched_rig_count(r, 0, false));
	assert_int_equal(sched_rig_status(r, 0).state, SENSOR_OK);
	assert_string_equal(sched_rig_status(r, 1).name, "second");
	assert_string_equal(sched_rig_status(r, 1).reason, "");
	assert_int_equal(r->n_changes, 2);
	sched_rig_free(r);
}

static void a_conversion_is_collected_when_ready_and_stamped_when_triggered(void **state)
{
	struct sched_rig *r = sched_rig_new(2, 100 * MS);

	(void)state;
	r->fakes[0].ready_us = 60 * MS;
	sched_start(r->sched);
	for (int i = 0; i < 20 && sched_rig_count(r, 0, false) < 2; i++)
		sched_rig_run(r, 700 * MS);
	assert_true(sched_rig_count(r, 0, false) >= 2);
	for (size_t i = 0; i < r->n_readings; i++)
		if (r->readings[i].sensor == 0)
			assert_true(r->readings[i].given_us - r->readings[i].at_us >= 60 * MS);
	assert_int_equal(r->fakes[0].n_collects, sched_rig_count(r, 0, false)); /* not asked before it was ready */
	sched_rig_free(r);
}

static void a_conversion_longer_than_the_period_is_not_started_twice(void **state)
{
	struct sched_rig *r = sched_rig_new(2, 20 * MS);

	(void)state;
	r->fakes[0].ready_us = 110 * MS;
	sched_start(r->sched);
	sched_rig_run(r, 600 * MS);
	assert_in_range(sched_rig_count(r, 0, false), 1, 5);
	assert_in_range(r->fakes[0].n_triggers, sched_rig_count(r, 0, false), sched_rig_count(r, 0, false) + 1);
	assert_true(sched_rig_count(r, 1, false) > 2 * sched_rig_count(r, 0, false));
	sched_rig_free(r);
}

static void a_sensor_that_is_not_ready_is_asked_again(void **state)
{
	struct sched_rig *r = sched_rig_new(1, 50 * MS);

	(void)state;
	r->fakes[0].n_again = 3;
	sched_start(r->sched);
	sched_rig_run(r, 400 * MS);
	assert_true(sched_rig_count(r, 0, false) >= 2);
	assert_int_equal(sched_rig_count(r, 0, true), 0);
	assert_int_equal(r->fakes[0].n_collects / 4, sched_rig_count(r, 0, false));
	assert_int_equal(sched_rig_status(r, 0).n_faults, 0);
	sched_rig_free(r);
}

/* --- ends, paces, clocks --- */

static void a_recording_ends_once_and_the_others_go_on(void **state)
{
	struct sched_rig *r = sched_rig_new(2, 20 * MS);
	size_t n_second;

	(void)state;
	sched_rig_log_begin();
	r->fakes[0].end_after = 3;
	sched_start(r->sched);
	sched_rig_run(r, 300 * MS);
	assert_int_equal(sched_rig_count(r, 0, false), 3);
	assert_int_equal(sched_rig_count(r, 0, true), 0);
	assert_int_equal(r->fakes[0].n_collects, 4);
	assert_int_equal(sched_rig_status(r, 0).state, SENSOR_ENDED);
	n_second = sched_rig_count(r, 1, false);
	sched_replan(r->sched);
	sched_rig_run(r, 200 * MS);
	assert_true(sched_rig_count(r, 1, false) > n_second);
	assert_int_equal(r->fakes[0].n_triggers, 4);
	assert_true(clock_now_us(&r->clock) - sched_watermark_us(r->sched) < 1000 * MS); /* it holds back nothing */
	assert_int_equal(sched_rig_log_count("sensor first: the recording is over"), 1);
	sched_rig_log_end();
	sched_rig_free(r);
}

static void what_paces_itself_is_stamped_when_it_comes_and_holds_nothing_back(void **state)
{
	struct sched_rig *r = sched_rig_new(2, 20 * MS);

	(void)state;
	sched_rig_log_begin();
	r->sensors[0].driver = &sched_rig_self_paced;
	r->fakes[0].ready_us = 250 * MS; /* longer than the period: it is not given up */
	sched_start(r->sched);
	sched_rig_run(r, 700 * MS);
	assert_in_range(sched_rig_count(r, 0, false), 1, 2);
	for (size_t i = 0; i < r->n_readings; i++)
		if (r->readings[i].sensor == 0)
			assert_true(r->readings[i].given_us - r->readings[i].at_us < 100 * MS);
	assert_true(clock_now_us(&r->clock) - sched_watermark_us(r->sched) < 100 * MS);

	r->fakes[0].collect_error = -EBADMSG; /* a bad row: a gap now, not where it was waited for */
	sched_rig_run(r, 500 * MS);
	assert_true(sched_rig_count(r, 0, true) > 0);
	sched_rig_log_end();
	sched_rig_free(r);
}

/* The time of samples takes no part in a step: only when readings are due follows the wall. */
static void a_step_of_the_clock_loses_no_reading_and_goes_on_at_multiples_of_the_new_time(void **state)
{
	static const int64_t shifts_us[] = { INT64_C(86400007000), -INT64_C(172799997000), INT64_C(3011000) };
	struct sched_rig *r = sched_rig_new(2, 50 * MS);

	(void)state;
	r->fakes[0].ready_us = 20 * MS;
	sched_start(r->sched);
	for (size_t i = 0; i < ARRAY_LEN(shifts_us); i++) {
		size_t before, n_on_time = 0;

		sched_rig_run(r, 260 * MS);
		before = r->n_readings;
		r->clock.shift_us = shifts_us[i];
		sched_replan(r->sched);
		for (int try = 0; try < 20 && n_on_time < 4; try++) {
			sched_rig_run(r, 400 * MS);
			for (; before < r->n_readings; before++)
				n_on_time += (r->readings[before].at_us + shifts_us[i]) % (50 * MS) == 0;
		}
		assert_true(n_on_time >= 4);
	}
	for (size_t k = 0; k < r->n_readings; k++) {
		assert_true(r->readings[k].given_us - r->readings[k].at_us < 1000 * MS);
		assert_true(r->readings[k].at_us <= r->readings[k].given_us);
	}
	assert_int_equal(sched_rig_count(r, 0, true) + sched_rig_count(r, 1, true), 0);
	sched_rig_free(r);
}

static void after_a_stall_missed_readings_are_not_made_up_for(void **state)
{
	struct sched_rig *r = sched_rig_new(1, 10 * MS);
	size_t before;

	(void)state;
	sched_start(r->sched);
	sched_rig_run(r, 50 * MS);
	before = r->n_readings;
	still_loop_pass(300 * MS);
	sched_rig_run(r, 5 * MS);
	assert_in_range(r->n_readings - before, 1, 2);
	sched_rig_free(r);
}

static void a_config_without_sensors_settles_for_nothing(void **state)
{
	struct sched_rig *r = sched_rig_new(0, 10 * MS);

	(void)state;
	sched_start(r->sched);
	sched_rig_run(r, 50 * MS);
	assert_int_equal(r->n_readings, 0);
	assert_true(clock_now_us(&r->clock) - sched_watermark_us(r->sched) < 1000 * MS);
	sched_rig_free(r);
}

static void each_sensor_is_closed_at_the_end(void **state)
{
	struct sched_rig *r = sched_rig_new(2, 10 * MS);

	(void)state;
	sched_start(r->sched);
	sched_free(r->sched);
	assert_int_equal(r->fakes[0].n_closes, 1);
	assert_int_equal(r->fakes[1].n_closes, 1);
	r->sched = NULL;
	sched_rig_free(r);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(readings_are_stamped_with_multiples_of_the_period),
		cmocka_unit_test(a_conversion_is_collected_when_ready_and_stamped_when_triggered),
		cmocka_unit_test(a_conversion_longer_than_the_period_is_not_started_twice),
		cmocka_unit_test(a_sensor_that_is_not_ready_is_asked_again),
		cmocka_unit_test(a_recording_ends_once_and_the_others_go_on),
		cmocka_unit_test(what_paces_itself_is_stamped_when_it_comes_and_holds_nothing_back),
		cmocka_unit_test(a_step_of_the_clock_loses_no_reading_and_goes_on_at_multiples_of_the_new_time),
		cmocka_unit_test(after_a_stall_missed_readings_are_not_made_up_for),
		cmocka_unit_test(a_config_without_sensors_settles_for_nothing),
		cmocka_unit_test(each_sensor_is_closed_at_the_end),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
