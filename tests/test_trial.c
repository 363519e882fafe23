/* SPDX-License-Identifier: Apache-2.0 */
/* What a new config has to show: the broker, and each sensor that worked before; in time. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <string.h>

#include "agent/trial.h"

enum { S = 1000000 };

static struct trial_sensor sensors[2];
static char reason[TRIAL_REASON_BYTES];

static struct trial a_trial(void)
{
	sensors[0] = (struct trial_sensor){ .name = "air", .n_readings = 10 };
	sensors[1] = (struct trial_sensor){ .name = "new", .is_seen = true };
	return (struct trial){
		.begun_us = 0, .ends_us = 60 * (int64_t)S, .needs_broker = true, .sensors = sensors, .n_sensors = 2
	};
}

static void see(struct trial *t, enum sensor_state state, uint64_t n_readings)
{
	trial_see(t, 0, &(struct sensor_status){ .state = state, .n_readings = n_readings, .n_setups = 1 });
}

static void it_passes_when_the_broker_and_the_sensor_were_there(void **state)
{
	struct trial t = a_trial();

	(void)state;
	assert_int_equal(trial_look(&t, S, NULL, reason), TRIAL_UNDER_WAY);
	see(&t, SENSOR_OK, 11);
	assert_int_equal(trial_look(&t, S, NULL, reason), TRIAL_UNDER_WAY);
	t.needs_broker = false;
	assert_int_equal(trial_look(&t, S, NULL, reason), TRIAL_PASSED);
}

static void readings_from_before_do_not_count(void **state)
{
	struct trial t = a_trial();

	(void)state;
	t.needs_broker = false;
	see(&t, SENSOR_OK, 10);
	assert_int_equal(trial_look(&t, S, NULL, reason), TRIAL_UNDER_WAY);
}

static void a_broker_that_is_not_reached_in_time_fails_it(void **state)
{
	struct trial t = a_trial();

	(void)state;
	see(&t, SENSOR_OK, 11);
	assert_int_equal(trial_look(&t, 60 * (int64_t)S - 1, NULL, reason), TRIAL_UNDER_WAY);
	assert_int_equal(trial_look(&t, 60 * (int64_t)S, NULL, reason), TRIAL_FAILED);
	assert_string_equal(reason, "the broker was not reached within 60 s");
}

static void a_sensor_that_is_not_read_in_time_fails_it_with_its_trouble(void **state)
{
	struct trial t = a_trial();

	(void)state;
	t.needs_broker = false;
	see(&t, SENSOR_FAULT, 11);
	assert_int_equal(trial_look(&t, 60 * (int64_t)S, "no answer at i2c-1 0x76", reason), TRIAL_FAILED);
	assert_string_equal(reason,
			    "sensor air, which worked before, could not be read within 60 s: no answer at i2c-1 0x76");
}

static void a_sensor_that_is_read_once_an_hour_need_only_be_there(void **state)
{
	struct trial t = a_trial();

	(void)state;
	t.needs_broker = false;
	t.sensors[0].is_rare = true;
	see(&t, SENSOR_FAULT, 0);
	assert_int_equal(trial_look(&t, S, NULL, reason), TRIAL_UNDER_WAY);
	see(&t, SENSOR_STARTING, 0);
	assert_int_equal(trial_look(&t, S, NULL, reason), TRIAL_PASSED);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(it_passes_when_the_broker_and_the_sensor_were_there),
		cmocka_unit_test(readings_from_before_do_not_count),
		cmocka_unit_test(a_broker_that_is_not_reached_in_time_fails_it),
		cmocka_unit_test(a_sensor_that_is_not_read_in_time_fails_it_with_its_trouble),
		cmocka_unit_test(a_sensor_that_is_read_once_an_hour_need_only_be_there),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
