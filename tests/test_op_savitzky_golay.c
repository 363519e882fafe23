/* SPDX-License-Identifier: Apache-2.0 */
/* savitzky_golay against the published weights (A. Savitzky, M. Golay, Anal. Chem. 36, 1964) and polynomials. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <math.h>

#include "tests/op_rig.h"

static void assert_near(double found, double expected)
{
	if (!(fabs(found - expected) < 1e-12 * fmax(1, fabs(expected))))
		fail_msg("%.17g, expected %.17g", found, expected);
}

static void five_values_and_order_two_have_the_published_weights(void **state)
{
	const double weights[] = { -3, 12, 17, 12, -3 };

	(void)state;
	for (int at = 0; at < 5; at++) {
		struct op_rig *rig = rig_new("savitzky_golay", "size=5 at=middle", NULL, 0);

		for (int i = 0; i < 5; i++)
			rig_push(rig, 0, i, i == at ? 35 : 0);
		assert_int_equal(rig->n_out, 1);
		assert_near(rig->out[0].value, weights[at]);
		assert_int_equal(rig->out[0].at_us, 2000000);
		rig_free(rig);
	}
}

static void a_polynomial_of_its_order_passes_unchanged(void **state)
{
	struct op_rig *rig = rig_new("savitzky_golay", "size=31 order=3", NULL, 0);

	(void)state;
	for (int i = 0; i < 100; i++) {
		double x = i / 10.0, y = 2 - x + 0.5 * x * x - 0.1 * x * x * x;

		rig_push(rig, 0, i, y);
		if (i >= 30)
			assert_near(rig->out[i - 30].value, y);
	}
	assert_int_equal(rig->n_out, 70);
	rig_free(rig);
}

static void after_a_pause_the_window_fills_again(void **state)
{
	struct op_rig *rig = rig_new("savitzky_golay", "size=3 order=0", NULL, 0);

	(void)state;
	for (int i = 0; i < 4; i++)
		rig_push(rig, 0, i, 3);
	rig_push(rig, 0, 100, 6);
	rig_push(rig, 0, 101, NAN);
	rig_push(rig, 0, 102, 6);
	rig_push(rig, 0, 103, 6);
	assert_int_equal(rig->n_out, 4);
	assert_int_equal(rig->out[0].at_us, 2000000);
	assert_near(rig->out[1].value, 3);
	assert_true(isnan(rig->out[2].value)); /* the gap */
	assert_int_equal(rig->out[3].at_us, 103000000);
	assert_near(rig->out[3].value, 6);
	rig_free(rig);
}

static void what_makes_no_sense_is_refused(void **state)
{
	(void)state;
	assert_string_equal(rig_refusal("savitzky_golay", "4", NULL, 0), "size must be odd, found 4");
	assert_string_equal(rig_refusal("savitzky_golay", "size=3 order=3", NULL, 0),
			    "order must be below size (3), found 3");
	assert_int_equal(rig_option_errors("savitzky_golay", "203"), 1);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(five_values_and_order_two_have_the_published_weights),
		cmocka_unit_test(a_polynomial_of_its_order_passes_unchanged),
		cmocka_unit_test(after_a_pause_the_window_fills_again),
		cmocka_unit_test(what_makes_no_sense_is_refused),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
