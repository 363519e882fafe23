/* SPDX-License-Identifier: Apache-2.0 */
/* band_power against tones of known power, and what makes a block and what drops one (which all spectra share). */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <math.h>

#include "base/unit.h"
#include "tests/op_rig.h"

static const struct series_info vibration = { .kind = SERIES_GAUGE, .period_us = 1000 };

/* Two tones in the middle of steps (1000 / 256 Hz apart), amplitudes 3 and 4, about a mean of 9.81. */
static double two_tones(int i)
{
	return 9.81 + 3 * sin(2 * M_PI * 32.0 / 256 * i) + 4 * sin(2 * M_PI * 64.0 / 256 * i + 1);
}

static double value_of(const char *options)
{
	struct op_rig *rig = rig_new("band_power", options, &vibration, 1);
	double value;

	for (int i = 0; i < 256; i++)
		rig_push(rig, 0, i * 1e-3, two_tones(i));
	assert_int_equal(rig->n_out, 1);
	assert_int_equal(rig->out[0].at_us, 255000);
	value = rig->out[0].value;
	rig_free(rig);
	return value;
}

static void assert_near(double found, double expected)
{
	if (!(fabs(found - expected) < 1e-12))
		fail_msg("%.17g, expected %.17g", found, expected);
}

static void tones_have_half_the_square_of_their_amplitudes(void **state)
{
	(void)state;
	assert_near(value_of("value=power size=256"), 4.5 + 8);
	assert_near(value_of("value=power size=256 low=100 high=150"), 4.5);
	assert_near(value_of("value=rms size=256 low=200"), sqrt(8));
	assert_near(value_of("value=share size=256 low=200 high=300"), 8 / 12.5);
}

static void blocks_overlap_and_are_averaged(void **state)
{
	struct op_rig *rig = rig_new("band_power", "size=16 overlap=0.5 average=3", &vibration, 1);

	(void)state;
	for (int i = 0; i < 16 + 8 * 5; i++)
		rig_push(rig, 0, i * 1e-3, i % 2);
	assert_int_equal(rig->n_out, 2);
	assert_int_equal(rig->out[0].at_us, 31000);
	assert_int_equal(rig->out[1].at_us, 55000);
	assert_int_equal(rig->output.period_us, 24000);
	rig_free(rig);
}

static void push_some(struct op_rig *rig, int from, int n)
{
	for (int i = from; i < from + n; i++)
		rig_push(rig, 0, i * 1e-3, i % 2);
}

static void a_gap_a_loss_and_an_uneven_step_drop_the_block(void **state)
{
	struct op_rig *rig = rig_new("band_power", "size=16 overlap=0", &vibration, 1);

	(void)state;
	push_some(rig, 0, 15);
	rig_push(rig, 0, 15e-3, NAN);
	push_some(rig, 16, 15);
	rig_push_lost(rig, 0, 31e-3, 0, 2);
	push_some(rig, 32, 14);	    /* with the one of the loss: 15 */
	push_some(rig, 47, 15);	    /* one is missing */
	rig_push(rig, 0, 61e-3, 1); /* twice */
	push_some(rig, 62, 14);
	assert_int_equal(rig->n_out, 0);
	push_some(rig, 76, 1);
	assert_int_equal(rig->n_out, 1);
	assert_int_equal(rig->out[0].lost, 2);
	rig_free(rig);
}

static void whole_blocks_stay_in_the_average_over_a_short_pause_only(void **state)
{
	struct op_rig *rig = rig_new("band_power", "value=power size=16 overlap=0 average=2", &vibration, 1);

	(void)state;
	push_some(rig, 0, 16);
	push_some(rig, 20, 16);
	assert_int_equal(rig->n_out, 1);
	push_some(rig, 36, 16);
	push_some(rig, 100, 16);
	assert_int_equal(rig->n_out, 1);
	rig_free(rig);
}

static void a_constant_has_no_power_and_no_shares(void **state)
{
	struct op_rig *power = rig_new("band_power", "size=64", &vibration, 1);
	struct op_rig *share = rig_new("band_power", "size=64 value=share low=100 high=200", &vibration, 1);

	(void)state;
	for (int i = 0; i < 64; i++) {
		rig_push(power, 0, i * 1e-3, 1013.1);
		rig_push(share, 0, i * 1e-3, 1013.1);
	}
	EXPECT(power, 0);
	EXPECT(share, NAN);
	rig_free(power);
	rig_free(share);
}

static void units_follow_what_is_told(void **state)
{
	struct op_rig *rms = rig_new("band_power", "", &vibration, 1),
		      *share = rig_new("band_power", "value=share", &vibration, 1);

	(void)state;
	assert_string_equal(rms->output.unit->code, "K");
	assert_string_equal(share->output.unit->code, "1");
	rig_free(rms);
	rig_free(share);
}

static void what_makes_no_sense_is_refused(void **state)
{
	static const struct series_info irregular = { .kind = SERIES_GAUGE };

	(void)state;
	assert_string_equal(rig_refusal("band_power", "size=100", &vibration, 1),
			    "size must be a power of two, found 100");
	assert_string_equal(rig_refusal("band_power", "high=501", &vibration, 1),
			    "high must be at most half the rate, 500 Hz; found 501");
	assert_string_equal(rig_refusal("band_power", "size=16 low=70 high=80", &vibration, 1),
			    "no frequency lies from low to high; they are 62.5 Hz apart");
	assert_string_equal(rig_refusal("band_power", "", &irregular, 1),
			    "needs samples at an even pace, and this input has no period; if it has one, say rate");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(tones_have_half_the_square_of_their_amplitudes),
		cmocka_unit_test(blocks_overlap_and_are_averaged),
		cmocka_unit_test(a_gap_a_loss_and_an_uneven_step_drop_the_block),
		cmocka_unit_test(whole_blocks_stay_in_the_average_over_a_short_pause_only),
		cmocka_unit_test(a_constant_has_no_power_and_no_shares),
		cmocka_unit_test(units_follow_what_is_told),
		cmocka_unit_test(what_makes_no_sense_is_refused),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
