/* SPDX-License-Identifier: Apache-2.0 */
/* spectral_peak against tones of known frequency and amplitude. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <math.h>

#include "base/unit.h"
#include "tests/op_rig.h"

static const struct series_info vibration = { .kind = SERIES_GAUGE, .period_us = 1000 };

static double value_of(const char *options, double hz, double amplitude)
{
	struct op_rig *rig = rig_new("spectral_peak", options, &vibration, 1);
	double value;

	for (int i = 0; i < 1024; i++)
		rig_push(rig, 0, i * 1e-3,
			 5 + amplitude * sin(2 * M_PI * hz * 1e-3 * i + 2) + 0.5 * amplitude * sin(2 * M_PI * 0.4 * i));
	assert_int_equal(rig->n_out, 1);
	value = rig->out[0].value;
	rig_free(rig);
	return value;
}

static void frequency_and_amplitude_are_found_between_the_steps(void **state)
{
	(void)state;
	for (double hz = 50; hz < 60; hz += 0.31) {
		assert_true(fabs(value_of("", hz, 2) - hz) < 0.025);
		assert_true(fabs(value_of("value=amplitude", hz, 2) / 2 - 1) < 0.04);
	}
}

static void in_the_middle_of_a_step_they_are_exact(void **state)
{
	(void)state;
	assert_true(fabs(value_of("high=300", 125, 2) - 125) < 1e-4);
	assert_true(fabs(value_of("high=300 value=amplitude", 125, 2) - 2) < 1e-4);
}

static void only_the_band_is_looked_at(void **state)
{
	(void)state;
	assert_true(fabs(value_of("low=300", 125, 2) - 400) < 0.03);
}

static void a_constant_has_no_peak(void **state)
{
	struct op_rig *rig = rig_new("spectral_peak", "size=16", &vibration, 1);

	(void)state;
	for (int i = 0; i < 16; i++)
		rig_push(rig, 0, i * 1e-3, 0.1);
	EXPECT(rig, NAN);
	assert_string_equal(rig->output.unit->code, "Hz");
	rig_free(rig);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(frequency_and_amplitude_are_found_between_the_steps),
		cmocka_unit_test(in_the_middle_of_a_step_they_are_exact),
		cmocka_unit_test(only_the_band_is_looked_at),
		cmocka_unit_test(a_constant_has_no_peak),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
