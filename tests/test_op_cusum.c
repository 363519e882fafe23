/* SPDX-License-Identifier: Apache-2.0 */
/* cusum: the worked example of the NIST/SEMATECH handbook, section 6.3.2.3. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <math.h>

#include "base/check.h"
#include "base/unit.h"
#include "tests/op_rig.h"

/* 20 groups; target 325, k 0.3175, h 4.1959, all in the unit of the series. */
static const double nist[] = {
	324.925, 324.675, 324.725, 324.350, 325.350, 325.225, 324.125, 324.525, 325.225, 324.600,
	324.625, 325.150, 328.325, 327.250, 327.825, 328.500, 326.675, 327.775, 326.875, 328.350
};

#define NIST "target=325 sigma=1 k=0.3175 h=4.1959"

static void assert_sums(const char *options, const double expected[])
{
	struct op_rig *rig = rig_new("cusum", options, NULL, 0);

	for (size_t i = 0; i < ARRAY_LEN(nist); i++) {
		rig_push(rig, 0, (double)i, nist[i]);
		if (!(fabs(rig->out[i].value - expected[i]) < 0.0051))
			fail_msg("sum %zu is %f, expected %f", i, rig->out[i].value, expected[i]);
	}
	rig_free(rig);
}

static void the_sums_are_those_of_the_handbook(void **state)
{
	static const double up[] = { 0, 0, 0,	 0,    0.03, 0,	    0,	   0,	  0,	0,
				     0, 0, 3.01, 4.94, 7.45, 10.63, 11.99, 14.44, 16.0, 19.04 };
	static const double down[] = {
		0, 0.01, 0, 0.33, 0, 0, 0.56, 0.72, 0.17, 0.25, 0.31, 0, 0, 0, 0, 0, 0, 0, 0, 0
	};

	(void)state;
	assert_sums(NIST " output=up cap=1e6", up);
	assert_sums(NIST " output=down cap=1e6", down);
}

static void the_shift_of_the_handbook_is_found_in_group_14(void **state)
{
	struct op_rig *rig = rig_new("cusum", NIST, NULL, 0);

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(nist); i++) {
		rig_push(rig, 0, (double)i, nist[i]);
		assert_true(rig->out[i].value == (i >= 13));
	}
	assert_int_equal(rig->output.kind, SERIES_STATE);
	rig_free(rig);
}

static void an_alarm_ends_when_its_cause_does(void **state)
{
	struct op_rig *rig = rig_new("cusum", "target=0 sigma=1 k=0.5 h=4", NULL, 0);

	(void)state;
	for (int t = 0; t < 1000; t++)
		rig_push(rig, 0, t, 2);
	assert_true(rig->out[999].value == 1.0);
	for (int t = 1000; t < 1008; t++)
		rig_push(rig, 0, t, 0); /* from 8 by a half each time: 4 is not beyond 4 */
	assert_true(rig->out[1006].value == 1.0);
	assert_true(rig->out[1007].value == 0.0);
	rig_free(rig);
}

static void k_and_h_are_in_sigma(void **state)
{
	struct op_rig *rig = rig_new("cusum", "target=100 sigma=10 k=1 h=2 cap=1000 output=up", NULL, 0);

	(void)state;
	rig_push(rig, 0, 0, 120);
	rig_push(rig, 0, 1, 140);
	rig_push(rig, 0, 2, 100);
	EXPECT(rig, 1, 4, 3);
	rig_free(rig);
}

static void only_shifts_of_the_direction_count(void **state)
{
	struct op_rig *up = rig_new("cusum", "target=0 sigma=1 direction=up", NULL, 0);
	struct op_rig *down = rig_new("cusum", "target=0 sigma=1 direction=down", NULL, 0);

	(void)state;
	rig_push(up, 0, 0, -9);
	rig_push(up, 0, 1, 9);
	rig_push(down, 0, 0, 9);
	rig_push(down, 0, 1, -9);
	EXPECT(up, 0, 1);
	EXPECT(down, 0, 1);
	rig_free(up);
	rig_free(down);
}

static void what_is_not_given_is_learnt(void **state)
{
	struct op_rig *rig = rig_new("cusum", "learn=4 k=0 h=1 cap=100 output=up", NULL, 0);

	(void)state;
	for (int t = 0; t < 4; t++)
		rig_push(rig, 0, t, t % 2 ? 11 : 9);
	rig_push(rig, 0, 4, 10 + 3 * sqrt(4.0 / 3.0));
	assert_int_equal(rig->n_out, 1); /* what is learnt from is not judged */
	assert_true(fabs(rig->out[0].value - 3.0) < 1e-12);
	rig_free(rig);
}

static void a_cap_below_the_limit_is_refused(void **state)
{
	(void)state;
	assert_string_equal(rig_refusal("cusum", "h=5 cap=5", NULL, 0),
			    "cap must be above h: no sum could be beyond h");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_sums_are_those_of_the_handbook),
		cmocka_unit_test(the_shift_of_the_handbook_is_found_in_group_14),
		cmocka_unit_test(an_alarm_ends_when_its_cause_does),
		cmocka_unit_test(k_and_h_are_in_sigma),
		cmocka_unit_test(only_shifts_of_the_direction_count),
		cmocka_unit_test(what_is_not_given_is_learnt),
		cmocka_unit_test(a_cap_below_the_limit_is_refused),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
