/* SPDX-License-Identifier: Apache-2.0 */
/* change_point: Welch's t of two windows, against python3. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <math.h>

#include "base/check.h"
#include "base/unit.h"
#include "tests/op_rig.h"

/* Quarters from -2.5 to 2.5, the same in the python3 that gave the expected values. */
static double noise(uint32_t *seed)
{
	*seed = (uint32_t)((*seed * UINT64_C(1103515245) + 12345) & 0x7fffffff);
	return ((double)((*seed >> 16) % 21) - 10.0) / 4.0;
}

static void the_statistic_is_that_of_python(void **state)
{
	/* windows of 10, from the twentieth value on; 30 values about 0, then 30 about 6 */
	static const double expected[] = { -1.328, -0.706, -0.585, -0.296, 0.423, 1.575, 1.371, 1.314, 1.598,
					   0.861,  1.408,  1.544,  1.752,  2.195, 2.194, 2.098, 2.382, 3.563,
					   3.748,  4.781,  7.719,  5.451,  4.517, 4.168, 3.085, 2.573, 2.453,
					   1.59,   1.385,  1.378,  0.984,  1.713, 0.913, 1.114, 1.041, 0.272,
					   0.12,   0.416,  0.293,  0.433,  0.31 };
	struct op_rig *rig = rig_new("change_point", "window=10 output=score", NULL, 0);
	struct op_rig *found = rig_new("change_point", "window=10 limit=5", NULL, 0);
	uint32_t seed = 12345;

	(void)state;
	for (int i = 0; i < 40; i++)
		noise(&seed); /* the first forty went to another example */
	for (int i = 0; i < 60; i++) {
		double x = noise(&seed) + (i < 30 ? 0 : 6);

		rig_push(rig, 0, i, x);
		rig_push(found, 0, i, x);
	}
	assert_int_equal(rig->n_out, ARRAY_LEN(expected)); /* none until both windows are full */
	assert_int_equal(found->n_out, ARRAY_LEN(expected));
	for (size_t i = 0; i < ARRAY_LEN(expected); i++) {
		if (!(fabs(rig->out[i].value - expected[i]) < 6e-4))
			fail_msg("t %zu is %f, expected %f", i, rig->out[i].value, expected[i]);
		assert_true(found->out[i].value == (i == 20 || i == 21));
	}
	rig_free(rig);
	rig_free(found);
}

static void a_step_of_a_still_signal_is_measured_in_quanta(void **state)
{
	struct op_rig *rig = rig_new("change_point", "window=2 output=score", NULL, 0);

	(void)state;
	for (int t = 0; t < 6; t++)
		rig_push(rig, 0, t, t < 4 ? 0 : 0.05);
	/* 0.05 / sqrt((0.01^2 + 0.01^2) / 2) = 5 */
	assert_true(rig->out[0].value == 0.0);
	assert_true(fabs(rig->out[2].value - 5.0) < 1e-9);
	rig_free(rig);
}

static void only_changes_of_the_direction_count(void **state)
{
	struct op_rig *up = rig_new("change_point", "window=2 direction=up", NULL, 0);
	struct op_rig *down = rig_new("change_point", "window=2 direction=down", NULL, 0);

	(void)state;
	for (int t = 0; t < 4; t++) {
		rig_push(up, 0, t, t < 2 ? 100 : 0);
		rig_push(down, 0, t, t < 2 ? 100 : 0);
	}
	EXPECT(up, 0);
	EXPECT(down, 1);
	rig_free(up);
	rig_free(down);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_statistic_is_that_of_python),
		cmocka_unit_test(a_step_of_a_still_signal_is_measured_in_quanta),
		cmocka_unit_test(only_changes_of_the_direction_count),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
