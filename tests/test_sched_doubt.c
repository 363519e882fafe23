/* SPDX-License-Identifier: Apache-2.0 */
/* Sensors that say what cannot be, stand still, or hold the others up. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <errno.h>
#include <math.h>
#include <string.h>

#include "tests/sched_rig.h"

enum { EVERY_US = 20 * MS };

static void limit(struct sched_rig *r, const struct conf_limits *limits)
{
	r->sensors[0].limits = limits;
}

static void an_impossible_value_is_a_gap_and_told_once(void **state)
{
	static const struct conf_limits limits = { .min = 1, .max = 1000 };
	struct sched_rig *r = sched_rig_new(1, EVERY_US);
	struct sensor_status s;
	size_t n_good;

	(void)state;
	sched_rig_log_begin();
	limit(r, &limits);
	sched_start(r->sched);
	sched_rig_run(r, 100 * MS);
	n_good = sched_rig_count(r, 0, false);
	assert_true(n_good > 1 && sched_rig_count(r, 0, true) == 0);
	r->fakes[0].value = 65535;
	sched_rig_run(r, 70 * MS);
	s = sched_rig_status(r, 0);
	assert_int_equal(s.state, SENSOR_DOUBTFUL);
	assert_int_equal(s.trouble, TROUBLE_RANGE);
	assert_string_equal(s.reason, "value out of range: 65535 1 is not within 1 to 1000");
	assert_int_equal(s.n_by_trouble[TROUBLE_RANGE], sched_rig_count(r, 0, true));
	assert_int_equal(s.n_faults, 0);
	assert_int_equal(sched_rig_count(r, 0, false), n_good);
	assert_int_equal(sched_rig_log_count("sensor first: ok -> doubtful: value out of range"), 1);

	r->fakes[0].value = 0;
	sched_rig_run(r, 100 * MS);
	assert_true(sched_rig_count(r, 0, false) > n_good + 2);		 /* at once data again, */
	assert_int_equal(sched_rig_status(r, 0).state, SENSOR_DOUBTFUL); /* and for a minute the doubt is told */
	sched_rig_forward(r, 62000 * MS, 500 * MS);
	assert_int_equal(sched_rig_status(r, 0).state, SENSOR_OK);
	assert_int_equal(sched_rig_status(r, 0).trouble, N_TROUBLES);
	assert_int_equal(sched_rig_log_count("sensor first: doubtful -> ok"), 1);
	assert_int_equal(sched_rig_log_count("->"), 2);
	sched_rig_log_end();
	sched_rig_free(r);
}

/* A chip that lost its power for a moment answers, with nonsense, until it is set up again. */
static void a_device_that_says_nothing_else_is_set_up_again_without_a_pause(void **state)
{
	static const struct conf_limits limits = { .min = 1, .max = 1000 };
	struct sched_rig *r = sched_rig_new(1, EVERY_US);
	unsigned n_probes;

	(void)state;
	sched_rig_log_begin();
	limit(r, &limits);
	sched_start(r->sched);
	sched_rig_run(r, 100 * MS);
	assert_int_equal(r->fakes[0].n_probes, 1);
	r->fakes[0].value = -5;
	sched_rig_run(r, 200 * MS);
	n_probes = r->fakes[0].n_probes;
	assert_int_equal(n_probes, 2); /* once, not at every reading */
	assert_int_equal(sched_rig_status(r, 0).n_setups, 2);
	assert_true(sched_rig_count(r, 0, true) >= 8); /* every reading was still made */
	sched_rig_forward(r, 70000 * MS, 500 * MS);
	assert_in_range(r->fakes[0].n_probes, 3, 4);
	r->fakes[0].probe_error = -EREMOTEIO; /* and when it is gone, that is told */
	sched_rig_forward(r, 70000 * MS, 500 * MS);
	assert_int_equal(sched_rig_status(r, 0).state, SENSOR_FAULT);
	assert_string_equal(sched_rig_status(r, 0).reason, "nobody at address 0x76");
	sched_rig_log_end();
	sched_rig_free(r);
}

static void a_frozen_device_is_a_fault_until_it_moves(void **state)
{
	struct sched_rig *r = sched_rig_new(1, EVERY_US);
	struct fake_sensor *f = &r->fakes[0];
	size_t n_good;

	(void)state;
	sched_rig_log_begin();
	r->sensors[0].frozen_after_us = 200 * MS;
	f->value = 21.5;
	sched_start(r->sched);
	sched_rig_run(r, 100 * MS);
	assert_int_equal(sched_rig_status(r, 0).state, SENSOR_OK);
	sched_rig_run(r, 200 * MS);
	n_good = sched_rig_count(r, 0, false);
	assert_int_equal(n_good, 10); /* the 11th shows that it stood still for 200 ms */
	assert_int_equal(sched_rig_status(r, 0).state, SENSOR_FAULT);
	assert_int_equal(sched_rig_status(r, 0).trouble, TROUBLE_FROZEN);
	assert_string_equal(sched_rig_status(r, 0).reason, "frozen: exactly the same value in 11 readings");
	sched_rig_forward(r, 40000 * MS, 200 * MS);
	assert_true(f->n_probes >= 4); /* set up again, with pauses */
	assert_true(sched_rig_status(r, 0).n_by_trouble[TROUBLE_FROZEN] >= 3);
	assert_int_equal(sched_rig_count(r, 0, false), n_good); /* none of it is data */
	f->value = 0;						/* it moves again */
	sched_rig_forward(r, 80000 * MS, 500 * MS);
	assert_true(sched_rig_count(r, 0, false) > n_good);
	assert_int_equal(sched_rig_log_count("sensor first: ok -> fault: frozen"), 1);
	sched_rig_log_end();
	sched_rig_free(r);
}

/* Five troubles, each counted under its name. */
static void faults_are_counted_by_what_they_were(void **state)
{
	static const int errors[] = { -EREMOTEIO, -ENXIO, -EBADMSG, -ETIMEDOUT, -EIO };
	struct sched_rig *r = sched_rig_new(1, EVERY_US);
	const uint64_t *n;

	(void)state;
	sched_rig_log_begin();
	sched_start(r->sched);
	for (size_t i = 0; i < ARRAY_LEN(errors); i++) {
		uint64_t n_faults = sched_rig_status(r, 0).n_faults;

		sched_rig_forward(r, 200000 * MS, 2000 * MS); /* well again */
		r->fakes[0].collect_error = errors[i];
		while (sched_rig_status(r, 0).n_faults == n_faults)
			sched_rig_run(r, 20 * MS);
		r->fakes[0].collect_error = 0;
	}
	n = sched_rig_status(r, 0).n_by_trouble;
	assert_int_equal(n[TROUBLE_ABSENT], 2);
	assert_int_equal(n[TROUBLE_CHECKSUM], 1);
	assert_int_equal(n[TROUBLE_TIMEOUT], 1);
	assert_int_equal(n[TROUBLE_BUS], 1);
	assert_int_equal(sched_rig_status(r, 0).n_faults, 5);
	sched_rig_log_end();
	sched_rig_free(r);
}

/* An adapter waits 50 ms for a chip that holds the bus. The others lose that once in each pause, and no reading. */
static void a_chip_that_hangs_the_bus_costs_the_others_no_reading(void **state)
{
	struct sched_rig *r = sched_rig_new(2, 200 * MS);
	int64_t last_us = 0;

	(void)state;
	sched_rig_log_begin();
	r->fakes[0].blocks_us = 50 * MS;
	r->fakes[0].trigger_error = -ETIMEDOUT;
	sched_start(r->sched);
	sched_rig_run(r, 2100 * MS);
	assert_true(r->fakes[0].n_triggers <= 3); /* 0 s, 1 s, and not yet 3 s */
	for (size_t i = 0; i < r->n_readings; i++) {
		const struct rig_reading *x = &r->readings[i];

		if (x->sensor != 1)
			continue;
		assert_false(isnan(x->value));
		if (last_us)
			assert_int_equal(x->at_us / (200 * MS), last_us / (200 * MS) + 1); /* each that was due */
		assert_true(x->given_us - x->at_us < 40 * MS); /* dated when it was read, not when it was due */
		last_us = x->at_us;
	}
	assert_true(sched_rig_count(r, 1, false) >= 9);
	sched_rig_log_end();
	sched_rig_free(r);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(an_impossible_value_is_a_gap_and_told_once),
		cmocka_unit_test(a_device_that_says_nothing_else_is_set_up_again_without_a_pause),
		cmocka_unit_test(a_frozen_device_is_a_fault_until_it_moves),
		cmocka_unit_test(faults_are_counted_by_what_they_were),
		cmocka_unit_test(a_chip_that_hangs_the_bus_costs_the_others_no_reading),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
