/* SPDX-License-Identifier: Apache-2.0 */
/* ewma_chart: the worked example of the NIST/SEMATECH handbook, section 6.3.2.4. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <math.h>

#include "base/check.h"
#include "base/unit.h"
#include "tests/op_rig.h"

/* 20 samples; target 50, sigma 2.0539, lambda 0.3. */
static const double nist[] = { 52.0, 47.0, 53.0, 49.3, 50.1, 47.0, 51.0, 50.1, 51.2, 50.5,
			       49.6, 47.6, 49.9, 51.3, 47.8, 51.2, 52.6, 52.4, 53.6, 52.1 };

#define NIST "lambda=0.3 target=50 sigma=2.0539"

static void the_means_are_those_of_the_handbook(void **state)
{
	static const double expected[] = { 50.60, 49.52, 50.56, 50.18, 50.16, 49.21, 49.75, 49.85, 50.26, 50.33,
					   50.11, 49.36, 49.52, 50.05, 49.38, 49.92, 50.73, 51.23, 51.94, 51.99 };
	struct op_rig *rig = rig_new("ewma_chart", NIST " output=ewma", NULL, 0);

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(nist); i++) {
		rig_push(rig, 0, (double)i, nist[i]);
		assert_true(fabs(rig->out[i].value - expected[i]) < 0.0051);
	}
	assert_string_equal(rig->output.unit->code, "Cel");
	rig_free(rig);
}

static void the_process_of_the_handbook_is_in_control(void **state)
{
	struct op_rig *rig = rig_new("ewma_chart", NIST, NULL, 0);

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(nist); i++) {
		rig_push(rig, 0, (double)i, nist[i]);
		assert_true(rig->out[i].value == 0.0);
	}
	/* Upper limit 52.5884: from 51.99, 54.0 gives 52.593 and 53.9 gives 52.563. */
	rig_push(rig, 0, 20, 54.0);
	assert_true(rig->out[20].value == 1.0);
	assert_int_equal(rig->output.kind, SERIES_STATE);
	rig_free(rig);
}

static void the_first_limits_are_narrower(void **state)
{
	struct op_rig *rig = rig_new("ewma_chart", "lambda=0.5 target=0 sigma=1 output=deviation", NULL, 0);

	(void)state;
	/* z = 2, width sqrt(1/3 * (1 - 1/4)) = 1/2; z = 1, width sqrt(1/3 * (1 - 1/16)) = sqrt(5)/4 */
	rig_push(rig, 0, 0, 4);
	rig_push(rig, 0, 1, 0);
	assert_true(fabs(rig->out[0].value - 4.0) < 1e-12);
	assert_true(fabs(rig->out[1].value - 4.0 / sqrt(5.0)) < 1e-12);
	rig_free(rig);
}

static void only_shifts_of_the_direction_count(void **state)
{
	(void)state;
	for (int sign = -1; sign <= 1; sign += 2) {
		struct op_rig *up = rig_new("ewma_chart", "target=0 sigma=1 direction=up", NULL, 0);
		struct op_rig *down = rig_new("ewma_chart", "target=0 sigma=1 direction=down", NULL, 0);

		rig_push(up, 0, 0, sign * 3.1); /* the first value alone is judged by limit * sigma */
		rig_push(down, 0, 0, sign * 3.1);
		assert_true(up->out[0].value == (sign > 0));
		assert_true(down->out[0].value == (sign < 0));
		rig_free(up);
		rig_free(down);
	}
}

static void what_is_not_given_is_learnt(void **state)
{
	struct op_rig *rig = rig_new("ewma_chart", "lambda=1 learn=4", NULL, 0);

	(void)state;
	for (int t = 0; t < 4; t++)
		rig_push(rig, 0, t, t % 2 ? 11 : 9); /* mean 10, stddev sqrt(4/3): limits 10 -+ 3.464 */
	rig_push(rig, 0, 4, 13.4);
	rig_push(rig, 0, 5, 13.5);
	rig_push(rig, 0, 6, 6.6);
	rig_push(rig, 0, 7, 6.5);
	EXPECT(rig, 0, 1, 0, 1);
	rig_free(rig);
}

static void nothing_is_learnt_from_values_beyond_all_measure(void **state)
{
	struct op_rig *rig = rig_new("ewma_chart", "lambda=1 learn=2", NULL, 0);

	(void)state;
	rig_push(rig, 0, 0, 1e300);
	rig_push(rig, 0, 1, 5);
	rig_push(rig, 0, 2, 5);
	rig_push(rig, 0, 3, 5);
	rig_push(rig, 0, 4, 5.02); /* a standstill counts as one quantum, 0.01 */
	rig_push(rig, 0, 5, 5.04);
	EXPECT(rig, 0, 1);
	rig_free(rig);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_means_are_those_of_the_handbook),
		cmocka_unit_test(the_process_of_the_handbook_is_in_control),
		cmocka_unit_test(the_first_limits_are_narrower),
		cmocka_unit_test(only_shifts_of_the_direction_count),
		cmocka_unit_test(what_is_not_given_is_learnt),
		cmocka_unit_test(nothing_is_learnt_from_values_beyond_all_measure),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
