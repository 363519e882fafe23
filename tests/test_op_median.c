/* SPDX-License-Identifier: Apache-2.0 */
/* median against series worked out by hand and against sorting the window afresh for every sample. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/check.h"
#include "base/prng.h"
#include "tests/op_rig.h"

static const struct series_info door = { .kind = SERIES_STATE, .period_us = 1000000 };

static void push_all(struct op_rig *rig, const double values[], size_t n)
{
	for (size_t i = 0; i < n; i++)
		rig_push(rig, 0, (double)i, values[i]);
}

#define PUSH(rig, ...) push_all(rig, (const double[]){ __VA_ARGS__ }, sizeof((const double[]){ __VA_ARGS__ }) / 8)

static void a_spike_vanishes_and_an_edge_stays(void **state)
{
	struct op_rig *rig = rig_new("median", "3", NULL, 0);

	(void)state;
	PUSH(rig, 1, 1, 99, 1, 1, 5, 5, 5);
	EXPECT(rig, 1, 1, 1, 1, 1, 1, 5, 5);
	rig_free(rig);
}

static void an_even_window_gives_the_mean_of_the_two_middle_ones(void **state)
{
	struct op_rig *rig = rig_new("median", "4", NULL, 0);

	(void)state;
	PUSH(rig, 4, 1, 9, 2, 3, 100, -5);
	/* 4; 1 4; 1 4 9; 1 2 4 9; 1 2 3 9; 2 3 9 100; -5 2 3 100 */
	EXPECT(rig, 4, 2.5, 4, 3, 2.5, 6, 2.5);
	rig_free(rig);
}

static void of_a_state_it_is_a_state(void **state)
{
	struct op_rig *rig = rig_new("median", "4", &door, 1);

	(void)state;
	PUSH(rig, 1, 0, 1, 1, 0, 0, 0);
	/* 1; 0 1; 0 1 1; 0 1 1 1; 0 0 1 1; 0 0 1 1; 0 0 0 1 */
	EXPECT(rig, 1, 0, 1, 1, 0, 0, 0);
	assert_int_equal(rig->output.kind, SERIES_STATE);
	rig_free(rig);
}

static void a_window_of_one_is_the_value_itself(void **state)
{
	struct op_rig *rig = rig_new("median", "1", NULL, 0);

	(void)state;
	PUSH(rig, 3, -1e300, 0, 0.1);
	EXPECT(rig, 3, -1e300, 0, 0.1);
	rig_free(rig);
}

static void the_middle_of_two_huge_values_does_not_overflow(void **state)
{
	struct op_rig *rig = rig_new("median", "2", NULL, 0);

	(void)state;
	PUSH(rig, 1.5e308, 1.7e308, -1.7e308);
	EXPECT(rig, 1.5e308, 1.6e308, 0);
	rig_free(rig);
}

static void gaps_and_infinities_take_no_place(void **state)
{
	struct op_rig *rig = rig_new("median", "3", NULL, 0);

	(void)state;
	PUSH(rig, NAN, 1, NAN, 2, INFINITY, 9, -INFINITY, 7);
	EXPECT(rig, NAN, 1, NAN, 1.5, NAN, 2, NAN, 7);
	rig_free(rig);
}

static int compare(const void *a, const void *b)
{
	double x = *(const double *)a, y = *(const double *)b;

	return (x > y) - (x < y);
}

/* @span: values are whole numbers in [0, span), so small ones bring many equal values. */
static void compare_with_sorting(int width, uint64_t span, int n)
{
	double x[2500], window[1001];
	uint64_t seed = (uint64_t)width * 1000 + span;
	struct op_rig *rig;
	char options[16];

	snprintf(options, sizeof(options), "size=%d", width);
	rig = rig_new("median", options, NULL, 0);
	for (int i = 0; i < n; i++) {
		int first = i + 1 > width ? i + 1 - width : 0, held = i - first + 1;

		x[i] = (double)(prng_u64(&seed) % span) - (double)(span / 2);
		rig_push(rig, 0, i, x[i]);
		memcpy(window, x + first, (size_t)held * sizeof(double));
		qsort(window, (size_t)held, sizeof(double), compare);
		assert_true(rig->out[i].value == (window[(held - 1) / 2] + window[held / 2]) / 2);
	}
	rig_free(rig);
}

static void random_series_agree_with_sorting(void **state)
{
	static const int widths[] = { 1, 2, 3, 4, 5, 8, 9, 31, 100, 1000, 1001 };

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(widths); i++) {
		compare_with_sorting(widths[i], 3, widths[i] > 500 ? 2100 : 600);
		compare_with_sorting(widths[i], 100, 600);
		compare_with_sorting(widths[i], 1u << 30, widths[i] > 500 ? 2100 : 600);
	}
}

static void sizes_out_of_bounds_are_refused(void **state)
{
	(void)state;
	assert_int_equal(rig_option_errors("median", ""), 1);
	assert_int_equal(rig_option_errors("median", "0"), 1);
	assert_int_equal(rig_option_errors("median", "1002"), 1);
	assert_int_equal(rig_option_errors("median", "5s"), 1);
	assert_int_equal(rig_option_errors("median", "1001"), 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_spike_vanishes_and_an_edge_stays),
		cmocka_unit_test(an_even_window_gives_the_mean_of_the_two_middle_ones),
		cmocka_unit_test(of_a_state_it_is_a_state),
		cmocka_unit_test(a_window_of_one_is_the_value_itself),
		cmocka_unit_test(the_middle_of_two_huge_values_does_not_overflow),
		cmocka_unit_test(gaps_and_infinities_take_no_place),
		cmocka_unit_test(random_series_agree_with_sorting),
		cmocka_unit_test(sizes_out_of_bounds_are_refused),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
