/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Shapes are checked against their definitions by hand; random_walk and noise against SplitMix64 in python3:
 *   def u(s): s=(s+0x9E3779B97F4A7C15)%2**64; z=s; z=(z^z>>30)*0xBF58476D1CE4E5B9%2**64
 *             z=(z^z>>27)*0x94D049BB133111EB%2**64; z^=z>>31; return s,(z>>11)*2.0**-53
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <errno.h>
#include <math.h>
#include <string.h>

#include "tests/driver_rig.h"

#define SECOND INT64_C(1000000)
#define START (INT64_C(1763700000) * SECOND) /* a multiple of 60 s */

static double value_at(struct driver_rig *rig, int64_t now_us)
{
	double x = NAN;

	assert_int_equal(driver_rig_read(rig, &now_us, &x), 0);
	return x;
}

static void begin(struct driver_rig *rig, const char *yaml)
{
	driver_rig_init(rig, "sim", yaml);
	assert_int_equal(rig->n_channels, 1);
	assert_int_equal(driver_rig_probe(rig, START), 0);
}

static void a_sine_goes_round_once_a_period(void **state)
{
	struct driver_rig rig;
	(void)state;

	begin(&rig, "{shape: sine, period: 60s, amplitude: 2, offset: 20, unit: Cel}");
	assert_string_equal(rig.channels[0].unit, "Cel");
	assert_int_equal(rig.channels[0].kind, CHANNEL_GAUGE);
	assert_true(value_at(&rig, START) == 20.0);
	assert_true(fabs(value_at(&rig, START + 5 * SECOND) - 21.0) < 1e-12); /* sin 30 deg = 1/2 */
	assert_true(fabs(value_at(&rig, START + 15 * SECOND) - 22.0) < 1e-12);
	assert_true(fabs(value_at(&rig, START + 45 * SECOND) - 18.0) < 1e-12);
	assert_true(value_at(&rig, START + 3600 * SECOND) == 20.0);
	driver_rig_free(&rig);
}

static void a_ramp_rises_and_falls_back(void **state)
{
	struct driver_rig rig;
	(void)state;

	begin(&rig, "{shape: ramp, period: 60s, amplitude: 3, offset: 10}");
	assert_true(value_at(&rig, START) == 7.0);
	assert_true(value_at(&rig, START + 30 * SECOND) == 10.0);
	assert_true(value_at(&rig, START + 45 * SECOND) == 11.5);
	assert_true(value_at(&rig, START + 60 * SECOND) == 7.0);
	assert_true(value_at(&rig, -15 * SECOND) == 11.5); /* before 1970 too */
	driver_rig_free(&rig);
}

static void a_square_is_a_state(void **state)
{
	struct driver_rig rig;
	(void)state;

	begin(&rig, "{shape: square, period: 60s, amplitude: 5, offset: 7, noise: 3}");
	assert_int_equal(rig.channels[0].kind, CHANNEL_STATE);
	assert_true(value_at(&rig, START) == 0.0);
	assert_true(value_at(&rig, START + 29999999) == 0.0);
	assert_true(value_at(&rig, START + 30 * SECOND) == 1.0);
	assert_true(value_at(&rig, START + 60 * SECOND) == 0.0);
	driver_rig_free(&rig);
}

static void a_counter_grows_from_zero(void **state)
{
	struct driver_rig rig;
	(void)state;

	begin(&rig, "{shape: counter, period: 1m, amplitude: 30, resolution: 1}");
	assert_int_equal(rig.channels[0].kind, CHANNEL_COUNTER);
	assert_true(value_at(&rig, START) == 0.0);
	assert_true(value_at(&rig, START + 3 * SECOND) == 1.0); /* 1.5, whole ones only */
	assert_true(value_at(&rig, START + 60 * SECOND) == 30.0);
	assert_true(value_at(&rig, START + 600 * SECOND) == 300.0);
	driver_rig_free(&rig);
}

static void steps_hold_a_level_for_a_period(void **state)
{
	struct driver_rig rig;
	double levels[50];
	int n_different = 0;
	(void)state;

	begin(&rig, "{shape: steps, period: 10s, amplitude: 4, offset: 1}");
	for (int i = 0; i < 50; i++) {
		levels[i] = value_at(&rig, START + i * 10 * SECOND);
		assert_true(levels[i] >= -3.0 && levels[i] <= 5.0);
		assert_true(value_at(&rig, START + i * 10 * SECOND + 9999999) == levels[i]);
		n_different += i > 0 && levels[i] != levels[i - 1];
	}
	assert_int_equal(n_different, 49);
	assert_true(value_at(&rig, START) == levels[0]); /* a function of time */
	driver_rig_free(&rig);
}

static void random_values_are_those_of_splitmix64(void **state)
{
	static const double noise[] = { 9.559318993565086, 8.067153178112624, 11.603042722427533, 10.331721172112312 };
	static const double walk[] = { 9.977965949678254, 9.881323608583886, 9.961475744705263, 9.978061803310878 };
	struct driver_rig rig;
	(void)state;

	begin(&rig, "{shape: noise, seed: 7, amplitude: 2, offset: 10}");
	for (size_t i = 0; i < ARRAY_LEN(noise); i++)
		assert_true(value_at(&rig, START) == noise[i]);
	driver_rig_free(&rig);

	begin(&rig, "{shape: random_walk, seed: 7, amplitude: 2, offset: 10}");
	for (size_t i = 0; i < ARRAY_LEN(walk); i++)
		assert_true(value_at(&rig, START) == walk[i]);
	driver_rig_free(&rig);
}

static void a_walk_stays_within_its_amplitude_and_gets_about(void **state)
{
	struct driver_rig rig;
	double least = 1e9, greatest = -1e9, before = 10.0;
	(void)state;

	begin(&rig, "{shape: random_walk, seed: 3, amplitude: 2, offset: 10}");
	for (int i = 0; i < 20000; i++) {
		double x = value_at(&rig, START + i * SECOND);

		assert_true(x >= 8.0 && x <= 12.0);
		assert_true(fabs(x - before) <= 0.1 + 1e-12);
		before = x;
		least = fmin(least, x);
		greatest = fmax(greatest, x);
	}
	assert_true(least < 8.1 && greatest > 11.9);
	driver_rig_free(&rig);
}

/* 10000 values: the mean is within 5 / sqrt(10000) of 0, the deviation within 5 / sqrt(20000) of 1. */
static void noise_has_the_standard_deviation_asked_for(void **state)
{
	struct driver_rig rig;
	double s1 = 0, s2 = 0;
	(void)state;

	begin(&rig, "{shape: ramp, amplitude: 0, offset: 0, noise: 1}");
	for (int i = 0; i < 10000; i++) {
		double x = value_at(&rig, START);

		s1 += x;
		s2 += x * x;
	}
	assert_true(fabs(s1 / 10000) < 0.05);
	assert_true(fabs(sqrt(s2 / 10000) - 1.0) < 0.036);
	driver_rig_free(&rig);
}

static void values_are_rounded_to_the_resolution(void **state)
{
	struct driver_rig rig;
	(void)state;

	begin(&rig, "{shape: ramp, period: 60s, amplitude: 1, resolution: 0.25}");
	assert_true(value_at(&rig, START + 33 * SECOND) == 0.0);  /* 0.1 */
	assert_true(value_at(&rig, START + 36 * SECOND) == 0.25); /* 0.2 */
	assert_true(value_at(&rig, START + 1 * SECOND) == -1.0);  /* -0.97 */
	driver_rig_free(&rig);
}

static void the_same_seed_gives_the_same_values_and_another_others(void **state)
{
	static const char *const yaml[] = { "{shape: noise, noise: 1, seed: 5}", "{shape: noise, noise: 1, seed: 5}",
					    "{shape: noise, noise: 1, seed: 6}" };
	double x[3][20];
	(void)state;

	for (int k = 0; k < 3; k++) {
		struct driver_rig rig;

		begin(&rig, yaml[k]);
		for (int i = 0; i < 20; i++)
			x[k][i] = value_at(&rig, START + i * SECOND);
		driver_rig_free(&rig);
	}
	assert_memory_equal(x[0], x[1], sizeof(x[0]));
	assert_memory_not_equal(x[0], x[2], sizeof(x[0]));
}

static void faults_come_at_their_time_and_heal(void **state)
{
	struct driver_rig rig;
	double x = -7;
	int64_t now_us = START + 50 * SECOND;
	(void)state;

	begin(&rig, "{fault_every: 1m, fault_for: 10s}");
	value_at(&rig, START + 49 * SECOND);
	assert_int_equal(driver_rig_read(&rig, &now_us, &x), -EIO);
	assert_true(x == -7);
	assert_int_equal(driver_rig_probe(&rig, START + 55 * SECOND), -EIO);
	assert_string_equal(rig.err.text, "simulated fault");
	assert_int_equal(driver_rig_probe(&rig, START + 60 * SECOND), 0);
	value_at(&rig, START + 60 * SECOND);
	now_us = START + 110 * SECOND;
	assert_int_equal(driver_rig_read(&rig, &now_us, &x), -EIO);
	driver_rig_free(&rig);
}

static void one_trigger_gives_one_value(void **state)
{
	struct driver_rig rig;
	double x = -7;
	(void)state;

	begin(&rig, "{}");
	assert_int_equal(rig.driver->collect(rig.state, START, &x), -EAGAIN);
	assert_true(x == -7);
	value_at(&rig, START);
	assert_int_equal(rig.driver->collect(rig.state, START, &x), -EAGAIN);
	driver_rig_free(&rig);
}

static void senseless_options_are_refused(void **state)
{
	struct driver_rig rig;
	char text[200];
	(void)state;

	driver_rig_init(&rig, "sim", "{fault_every: 10s, fault_for: 10s}");
	assert_int_equal(rig.n_channels, -EINVAL);
	assert_non_null(strstr(rig.err.text, "shorter"));
	driver_rig_free(&rig);
	driver_rig_init(&rig, "sim", "{shape: square, unit: Cel}");
	assert_int_equal(rig.n_channels, -EINVAL);
	driver_rig_free(&rig);
	assert_int_equal(driver_rig_option_errors("sim", "{shape: sinus}", text), 1);
	assert_non_null(strstr(text, "sine"));
	assert_int_equal(driver_rig_option_errors("sim", "{period: 0, amplitude: -1, unit: degC, seed: -1}", text), 4);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_sine_goes_round_once_a_period),
		cmocka_unit_test(a_ramp_rises_and_falls_back),
		cmocka_unit_test(a_square_is_a_state),
		cmocka_unit_test(a_counter_grows_from_zero),
		cmocka_unit_test(steps_hold_a_level_for_a_period),
		cmocka_unit_test(random_values_are_those_of_splitmix64),
		cmocka_unit_test(a_walk_stays_within_its_amplitude_and_gets_about),
		cmocka_unit_test(noise_has_the_standard_deviation_asked_for),
		cmocka_unit_test(values_are_rounded_to_the_resolution),
		cmocka_unit_test(the_same_seed_gives_the_same_values_and_another_others),
		cmocka_unit_test(faults_come_at_their_time_and_heal),
		cmocka_unit_test(one_trigger_gives_one_value),
		cmocka_unit_test(senseless_options_are_refused),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
