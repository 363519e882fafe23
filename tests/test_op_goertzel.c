/* SPDX-License-Identifier: Apache-2.0 */
/* goertzel against tones of known amplitude. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <math.h>

#include "base/unit.h"
#include "tests/op_rig.h"

static const struct series_info mains = { .kind = SERIES_GAUGE, .period_us = 1000 };

static void push_tone(struct op_rig *rig, int from, int n, double hz, double amplitude)
{
	for (int i = from; i < from + n; i++)
		rig_push(rig, 0, i * 1e-3, 230 + amplitude * cos(2 * M_PI * hz * 1e-3 * i + 1.0));
}

static void whole_periods_give_the_amplitude_and_other_tones_nothing(void **state)
{
	struct op_rig *rig = rig_new("goertzel", "frequency=50 size=200", &mains, 1);

	(void)state;
	push_tone(rig, 0, 200, 50, 2.5);
	push_tone(rig, 200, 200, 75, 2.5);
	assert_int_equal(rig->n_out, 2);
	assert_true(fabs(rig->out[0].value - 2.5) < 1e-12);
	assert_true(fabs(rig->out[1].value) < 1e-12);
	assert_int_equal(rig->out[0].at_us, 199000);
	assert_int_equal(rig->output.period_us, 200000);
	rig_free(rig);
}

static void a_slow_tone_in_a_long_block_keeps_its_digits(void **state)
{
	struct op_rig *rig = rig_new("goertzel", "frequency=0.01 size=100000", &mains, 1);

	(void)state;
	push_tone(rig, 0, 100000, 0.01, 1);
	assert_int_equal(rig->n_out, 1);
	assert_true(fabs(rig->out[0].value - 1) < 1e-9);
	rig_free(rig);
}

static void a_gap_a_loss_and_an_uneven_step_drop_the_block(void **state)
{
	struct op_rig *rig = rig_new("goertzel", "frequency=250 size=8", &mains, 1);

	(void)state;
	push_tone(rig, 0, 7, 250, 1);
	rig_push(rig, 0, 7e-3, NAN);
	push_tone(rig, 8, 7, 250, 1);
	rig_push_lost(rig, 0, 15e-3, 230, 3);
	push_tone(rig, 16, 6, 250, 1);
	rig_push(rig, 0, 24e-3, 230); /* two steps on */
	push_tone(rig, 25, 6, 250, 1);
	rig_push(rig, 0, 30e-3, 230); /* twice */
	assert_int_equal(rig->n_out, 0);
	push_tone(rig, 31, 7, 250, 1);
	assert_int_equal(rig->n_out, 1);
	assert_int_equal(rig->out[0].lost, 3);
	rig_free(rig);
}

static void what_makes_no_sense_is_refused(void **state)
{
	(void)state;
	assert_string_equal(rig_refusal("goertzel", "frequency=500 size=100", &mains, 1),
			    "frequency must be from rate / size, 10 Hz, to below half the rate, 500 Hz; found 500");
	assert_string_equal(rig_refusal("goertzel", "frequency=5 size=100", &mains, 1),
			    "frequency must be from rate / size, 10 Hz, to below half the rate, 500 Hz; found 5");
	assert_string_equal(rig_refusal("goertzel", "frequency=10 size=100", &mains, 1), "");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(whole_periods_give_the_amplitude_and_other_tones_nothing),
		cmocka_unit_test(a_slow_tone_in_a_long_block_keeps_its_digits),
		cmocka_unit_test(a_gap_a_loss_and_an_uneven_step_drop_the_block),
		cmocka_unit_test(what_makes_no_sense_is_refused),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
