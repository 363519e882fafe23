/* SPDX-License-Identifier: Apache-2.0 */
/* envelope: a tone gives its amplitude, what beats gives its beat. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <math.h>

#include "base/unit.h"
#include "tests/op_rig.h"

static const struct series_info vibration = { .kind = SERIES_GAUGE, .period_us = 1000 };

static void a_tone_in_the_band_gives_its_amplitude_and_others_nothing(void **state)
{
	struct op_rig *rig = rig_new("envelope", "low=100 high=300 smooth=20", &vibration, 1);

	(void)state;
	for (int i = 0; i < 4000; i++)
		rig_push(rig, 0, i * 1e-3, 9.81 + 0.25 * sin(2 * M_PI * 0.2 * i) + 5 * sin(2 * M_PI * 0.01 * i));
	for (int i = 2000; i < 4000; i++)
		assert_true(fabs(rig->out[i].value - 0.25) < 0.005);
	rig_free(rig);
}

static void it_starts_at_nothing_and_anew_after_a_pause(void **state)
{
	struct op_rig *rig = rig_new("envelope", "low=100 high=300", &vibration, 1);

	(void)state;
	rig_push(rig, 0, 0, 1000);
	rig_push(rig, 0, 0.001, NAN);
	rig_push(rig, 0, 5, -1000);
	assert_true(fabs(rig->out[0].value) < 1e-9 && isnan(rig->out[1].value) && fabs(rig->out[2].value) < 1e-9);
	rig_free(rig);
}

static void of_celsius_it_is_in_kelvins(void **state)
{
	struct op_rig *rig = rig_new("envelope", "low=100 high=300", &vibration, 1);

	(void)state;
	assert_string_equal(rig->output.unit->code, "K");
	assert_int_equal(rig->output.period_us, 1000);
	rig_free(rig);
}

static void what_makes_no_sense_is_refused(void **state)
{
	(void)state;
	assert_string_equal(rig_refusal("envelope", "low=300 high=100", &vibration, 1), "low must be below high");
	assert_string_equal(rig_refusal("envelope", "low=300 high=500", &vibration, 1),
			    "high must be from 0.01 Hz to below half the rate, 500 Hz; found 500");
	assert_string_equal(rig_refusal("envelope", "low=100 high=300 smooth=600", &vibration, 1),
			    "smooth must be from 0.01 Hz to below half the rate, 500 Hz; found 600");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_tone_in_the_band_gives_its_amplitude_and_others_nothing),
		cmocka_unit_test(it_starts_at_nothing_and_anew_after_a_pause),
		cmocka_unit_test(of_celsius_it_is_in_kelvins),
		cmocka_unit_test(what_makes_no_sense_is_refused),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
