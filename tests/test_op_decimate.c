/* SPDX-License-Identifier: Apache-2.0 */
/* decimate: which samples give results, what is kept and what is taken out. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <math.h>

#include "tests/op_rig.h"

static void a_constant_stays_and_the_first_value_gives_the_first_result(void **state)
{
	static const char *const ways[] = { "factor=5", "factor=5 filter=butterworth" };

	(void)state;
	for (int k = 0; k < 2; k++) {
		struct op_rig *rig = rig_new("decimate", ways[k], NULL, 0);

		for (int i = 0; i < 21; i++)
			rig_push(rig, 0, i, 20.5);
		assert_int_equal(rig->n_out, 5);
		for (int i = 0; i < 5; i++) {
			assert_true(fabs(rig->out[i].value - 20.5) < 1e-12);
			assert_int_equal(rig->out[i].at_us, 5000000 * i);
		}
		assert_int_equal(rig->output.period_us, 5000000);
		rig_free(rig);
	}
}

/** Greatest magnitude of a tone after decimation by 4, once the filter is full. */
static double leftover(const char *options, double turns)
{
	struct op_rig *rig = rig_new("decimate", options, NULL, 0);
	double greatest = 0.0;

	for (int i = 0; i < 4000; i++)
		rig_push(rig, 0, i, sin(2.0 * M_PI * turns * i));
	for (size_t i = 200; i < rig->n_out; i++)
		greatest = fmax(greatest, fabs(rig->out[i].value));
	rig_free(rig);
	return greatest;
}

/* The new half rate is 0.125 of the old rate. */
static void what_would_alias_is_taken_out_and_the_rest_stays(void **state)
{
	(void)state;
	assert_true(leftover("4", 0.0313) > 0.99);
	assert_true(leftover("4", 0.21) < 0.01);
	assert_true(leftover("factor=4 filter=butterworth", 0.0313) > 0.95);
	assert_true(leftover("factor=4 filter=butterworth", 0.21) < 0.001);
}

static void gaps_are_left_out_and_losses_told_with_the_next_result(void **state)
{
	struct op_rig *rig = rig_new("decimate", "2", NULL, 0);

	(void)state;
	rig_push_lost(rig, 0, 0, 1, 1);
	rig_push_lost(rig, 0, 1, NAN, 2);
	rig_push_lost(rig, 0, 2, 1, 4);
	rig_push_lost(rig, 0, 3, 1, 8);
	assert_int_equal(rig->n_out, 2);
	assert_int_equal(rig->out[0].lost, 1);
	assert_int_equal(rig->out[1].lost, 14);
	rig_free(rig);
}

static void what_makes_no_sense_is_refused(void **state)
{
	static const struct series_info irregular = { .kind = SERIES_GAUGE };

	(void)state;
	assert_string_equal(rig_refusal("decimate", "4", &irregular, 1),
			    "needs samples at an even pace, and this input has no period; if it has one, say rate");
	assert_int_equal(rig_option_errors("decimate", "1"), 1);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_constant_stays_and_the_first_value_gives_the_first_result),
		cmocka_unit_test(what_would_alias_is_taken_out_and_the_rest_stays),
		cmocka_unit_test(gaps_are_left_out_and_losses_told_with_the_next_result),
		cmocka_unit_test(what_makes_no_sense_is_refused),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
