/* SPDX-License-Identifier: Apache-2.0 */
/* Sensors that hang, fail and recover. */
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

static void a_sensor_that_hangs_gives_a_gap_after_its_time_and_holds_up_nobody(void **state)
{
	struct sched_rig *r = sched_rig_new(2, 50 * MS);
	const struct rig_reading *gap = NULL;

	(void)state;
	sched_rig_log_begin();
	r->fakes[0].n_again = -1;
	sched_start(r->sched);
	sched_rig_run(r, 1800 * MS);
	assert_true(sched_rig_count(r, 1, false) >= 10);
	assert_int_equal(sched_rig_status(r, 0).state, SENSOR_FAULT);
	assert_string_equal(sched_rig_status(r, 0).reason, "no result in time");
	for (size_t i = 0; i < r->n_readings && !gap; i++)
		if (r->readings[i].sensor == 0)
			gap = &r->readings[i];
	assert_non_null(gap);
	assert_true(isnan(gap->value));
	assert_true(gap->given_us - gap->at_us >= 1000 * MS);
	assert_int_equal(sched_rig_log_count("sensor first: starting -> fault: no result in time"), 1);
	sched_rig_log_end();
	sched_rig_free(r);
}

static void the_watermark_waits_for_what_is_being_converted(void **state)
{
	struct sched_rig *r = sched_rig_new(2, 50 * MS);
	int64_t before_us;

	(void)state;
	r->fakes[0].n_again = -1;
	sched_rig_log_begin();
	sched_start(r->sched);
	sched_rig_run(r, 300 * MS);
	before_us = sched_watermark_us(r->sched);
	sched_rig_run(r, 300 * MS);
	assert_true(sched_watermark_us(r->sched) == before_us); /* the first still is under way */
	assert_true(clock_now_us(&r->clock) - before_us > 300 * MS);
	sched_rig_run(r, 900 * MS);
	assert_true(sched_watermark_us(r->sched) > before_us + 800 * MS);
	sched_rig_log_end();
	sched_rig_free(r);
}

static void while_it_fails_each_reading_that_was_due_is_a_gap(void **state)
{
	enum { EVERY_US = 50 * MS };
	static const char *const steps[] = { "probe", "trigger", "collect" };

	(void)state;
	sched_rig_log_begin();
	for (size_t step = 0; step < 3; step++) {
		struct sched_rig *r = sched_rig_new(1, EVERY_US);
		struct fake_sensor *f = &r->fakes[0];
		int64_t last_us = 0;

		*(step == 0 ? &f->probe_error : step == 1 ? &f->trigger_error : &f->collect_error) = -EREMOTEIO;
		sched_start(r->sched);
		sched_rig_run(r, 700 * MS);
		if (sched_rig_count(r, 0, true) < 7 || sched_rig_count(r, 0, false) > 0)
			fail_msg("%s: %zu gaps", steps[step], sched_rig_count(r, 0, true));
		for (size_t i = 0; i < r->n_readings; i++) {
			assert_true(r->readings[i].at_us / EVERY_US > last_us / EVERY_US); /* one for each */
			last_us = r->readings[i].at_us;
		}
		assert_int_equal(sched_rig_status(r, 0).state, SENSOR_FAULT);
		assert_string_equal(sched_rig_status(r, 0).reason,
				    step == 0 ? "nobody at address 0x76"
					      : "no answer from the device: absent or unpowered");
		assert_int_equal(r->n_changes, 1);
		assert_int_equal(sched_rig_status(r, 0).n_readings, 0);
		assert_true(f->n_triggers <= 2); /* it is left alone until the next probe */
		sched_rig_free(r);
	}
	sched_rig_log_end();
}

static void it_is_probed_again_after_growing_pauses(void **state)
{
	static const double nominal_s[] = { 1, 2, 4, 8, 16, 32, 60, 60, 60 };
	struct sched_rig *r = sched_rig_new(1, 1 * MS);
	const struct fake_sensor *f = &r->fakes[0];
	double spread = 0;

	(void)state;
	sched_rig_log_begin();
	r->fakes[0].probe_error = -ENXIO;
	sched_start(r->sched);
	sched_rig_forward(r, INT64_C(330000000), 200 * MS);
	assert_true(f->n_probes > ARRAY_LEN(nominal_s));
	for (size_t i = 0; i < ARRAY_LEN(nominal_s); i++) {
		double pause_s = (double)(f->probed_us[i + 1] - f->probed_us[i]) / 1e6;

		if (pause_s < 0.8 * nominal_s[i] || pause_s > 1.2 * nominal_s[i] + 0.5)
			fail_msg("pause %zu was %.3f s", i, pause_s);
		spread += fabs(pause_s / nominal_s[i] - 1.0);
	}
	assert_true(spread > 0.05); /* boards that lost the same bus do not come back in step */
	assert_int_equal(f->n_closes, f->n_probes);
	assert_int_equal(sched_rig_log_count("->"), 1);
	sched_rig_log_end();
	sched_rig_free(r);
}

static void a_recovery_is_told_once_and_begins_anew(void **state)
{
	struct sched_rig *r = sched_rig_new(1, 1 * MS);
	struct fake_sensor *f = &r->fakes[0];
	size_t n_gaps;

	(void)state;
	sched_rig_log_begin();
	sched_start(r->sched);
	sched_rig_run(r, 50 * MS);
	assert_int_equal(sched_rig_status(r, 0).state, SENSOR_OK);
	f->collect_error = f->probe_error = -EIO;
	sched_rig_forward(r, 100000 * MS, 200 * MS);
	n_gaps = sched_rig_count(r, 0, true);
	assert_true(n_gaps > 100);
	f->collect_error = f->probe_error = 0;
	sched_rig_forward(r, 100000 * MS, 200 * MS);
	assert_int_equal(sched_rig_status(r, 0).state, SENSOR_OK);
	assert_string_equal(sched_rig_status(r, 0).reason, "");
	assert_int_equal(sched_rig_log_count("sensor first: ok -> fault"), 1);
	assert_int_equal(sched_rig_log_count("sensor first: fault -> ok"), 1);
	assert_int_equal(sched_rig_log_count("->"), 2);
	n_gaps = sched_rig_count(r, 0, true);
	sched_rig_run(r, 50 * MS);
	assert_int_equal(sched_rig_count(r, 0, true), n_gaps);

	f->n_probes = 0; /* the next fault waits 1 s, not 60 */
	f->collect_error = f->probe_error = -EIO;
	sched_rig_forward(r, 1500 * MS, 20 * MS);
	assert_int_equal(f->n_probes, 1);
	sched_rig_log_end();
	sched_rig_free(r);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_sensor_that_hangs_gives_a_gap_after_its_time_and_holds_up_nobody),
		cmocka_unit_test(the_watermark_waits_for_what_is_being_converted),
		cmocka_unit_test(while_it_fails_each_reading_that_was_due_is_a_gap),
		cmocka_unit_test(it_is_probed_again_after_growing_pauses),
		cmocka_unit_test(a_recovery_is_told_once_and_begins_anew),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
