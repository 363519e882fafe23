/* SPDX-License-Identifier: Apache-2.0 */
/* correlate: Anscombe's quartet, lags, and windows without an answer. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <math.h>

#include "base/unit.h"
#include "tests/op_rig.h"

/* F. J. Anscombe, Graphs in Statistical Analysis (1973): r is 0.816 in all four. */
static const double xs[4][11] = {
	{ 10, 8, 13, 9, 11, 14, 6, 4, 12, 7, 5 },
	{ 10, 8, 13, 9, 11, 14, 6, 4, 12, 7, 5 },
	{ 10, 8, 13, 9, 11, 14, 6, 4, 12, 7, 5 },
	{ 8, 8, 8, 8, 8, 8, 8, 19, 8, 8, 8 },
};
static const double ys[4][11] = {
	{ 8.04, 6.95, 7.58, 8.81, 8.33, 9.96, 7.24, 4.26, 10.84, 4.82, 5.68 },
	{ 9.14, 8.14, 8.74, 8.77, 9.26, 8.10, 6.13, 3.10, 9.13, 7.26, 4.74 },
	{ 7.46, 6.77, 12.74, 7.11, 7.81, 8.84, 6.08, 5.39, 8.15, 6.42, 5.73 },
	{ 6.58, 5.76, 7.71, 8.84, 8.47, 7.04, 5.25, 12.50, 5.56, 7.91, 6.89 },
};

static void push_both(struct op_rig *rig, double at_s, double x, double y)
{
	rig_push(rig, 0, at_s, x);
	rig_push(rig, 1, at_s, y);
}

static void the_quartet_has_r_0_816(void **state)
{
	struct op_rig *rig = rig_new("correlate", "11", NULL, 0);

	(void)state;
	for (int q = 0; q < 4; q++) {
		for (int i = 0; i < 11; i++)
			push_both(rig, q * 11 + i, xs[q][i], ys[q][i]);
		assert_true(fabs(rig->out[q * 11].value - 0.8164) < 0.0003); /* 0.81642 0.81624 0.81629 0.81652 */
	}
	assert_int_equal(rig->n_out, 34); /* none until the window is full */
	assert_string_equal(rig->output.unit->code, "1");
	rig_free(rig);
}

static void a_lag_finds_what_comes_later(void **state)
{
	struct op_rig *with = rig_new("correlate", "window=20 lag=3", NULL, 0);
	struct op_rig *without = rig_new("correlate", "20", NULL, 0);

	(void)state;
	for (int t = 0; t < 60; t++) { /* the second goes three ticks ahead */
		push_both(with, t, -sin(t), sin(t + 3));
		push_both(without, t, -sin(t), sin(t + 3));
	}
	assert_int_equal(with->n_out, 60 - 22); /* 3 + 20 are needed */
	for (size_t i = 0; i < with->n_out; i++)
		assert_true(fabs(with->out[i].value + 1.0) < 1e-9);
	assert_true(without->out[40].value > 0.9); /* about -cos 3 */
	rig_free(with);
	rig_free(without);
}

static void a_standstill_has_no_r(void **state)
{
	struct op_rig *rig = rig_new("correlate", "3", NULL, 0);

	(void)state;
	for (int t = 0; t < 3; t++)
		push_both(rig, t, 5, t);
	push_both(rig, 3, 6, 3); /* x: 5 5 6, y: 1 2 3 */
	assert_true(isnan(rig->out[0].value));
	assert_true(fabs(rig->out[1].value - sqrt(3.0) / 2.0) < 1e-12);
	rig_free(rig);
}

static void a_large_offset_costs_few_digits(void **state)
{
	struct op_rig *rig = rig_new("correlate", "11", NULL, 0);

	(void)state;
	for (int i = 0; i < 11; i++)
		push_both(rig, i, 1e9 + xs[0][i], 1e9 + xs[0][i] * 2);
	assert_true(fabs(rig->out[0].value - 1.0) < 1e-12);
	rig_free(rig);
}

static void a_gap_is_left_out(void **state)
{
	struct op_rig *rig = rig_new("correlate", "3", NULL, 0);

	(void)state;
	push_both(rig, 0, 1, 1);
	push_both(rig, 1, 2, NAN);
	push_both(rig, 2, 2, 3);
	push_both(rig, 3, 3, 5);
	assert_int_equal(rig->n_out, 2);
	assert_true(isnan(rig->out[0].value));
	assert_int_equal(rig->out[0].at_us, 1000000);
	assert_true(fabs(rig->out[1].value - 1.0) < 1e-15);
	rig_free(rig);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_quartet_has_r_0_816), cmocka_unit_test(a_lag_finds_what_comes_later),
		cmocka_unit_test(a_standstill_has_no_r),   cmocka_unit_test(a_large_offset_costs_few_digits),
		cmocka_unit_test(a_gap_is_left_out),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
