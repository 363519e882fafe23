/* SPDX-License-Identifier: Apache-2.0 */
/* hampel: outliers by the definition, and the fast median of distances against sorting them. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/prng.h"
#include "tests/op_rig.h"

static int compare(const void *a, const void *b)
{
	double x = *(const double *)a, y = *(const double *)b;

	return (x > y) - (x < y);
}

static double median_of(const double *x, int n)
{
	double sorted[1001];

	memcpy(sorted, x, (size_t)n * sizeof(double));
	qsort(sorted, (size_t)n, sizeof(double), compare);
	return 0.5 * sorted[(n - 1) / 2] + 0.5 * sorted[n / 2];
}

/* The definition: sort the window, sort the distances. */
static double defined(const double *x, int i, int size, double sigmas, double tolerance)
{
	int n = i + 1 < size ? i + 1 : size;
	const double *window = x + i + 1 - n;
	double m = median_of(window, n), distances[1001];

	for (int k = 0; k < n; k++)
		distances[k] = fabs(window[k] - m);
	if (n < 3 || fabs(x[i] - m) <= fmax(sigmas * 1.482602218505602 * median_of(distances, n), tolerance))
		return x[i];
	return m;
}

static void random_series_agree_with_the_definition(void **state)
{
	static const struct {
		const char *options;
		int size;
		double sigmas, tolerance;
	} rows[] = { { "7", 7, 3, 0 },
		     { "size=3 sigmas=1", 3, 1, 0 },
		     { "size=8 sigmas=2", 8, 2, 0 },
		     { "size=101 sigmas=0", 101, 0, 0 },
		     { "size=64 sigmas=1.5 tolerance=2", 64, 1.5, 2 } };
	enum { N = 2000 };
	static double x[N];

	(void)state;
	for (size_t r = 0; r < sizeof(rows) / sizeof(rows[0]); r++) {
		struct op_rig *rig = rig_new("hampel", rows[r].options, NULL, 0);
		uint64_t seed = r;

		for (int i = 0; i < N; i++) {
			/* small whole numbers: many are equal; every 20th is far away */
			x[i] = (double)(prng_u64(&seed) % 21) - 10;
			if (prng_u64(&seed) % 20 == 0)
				x[i] *= 1000;
			rig_push(rig, 0, i, x[i]);
			assert_true(rig->out[i].value ==
				    defined(x, i, rows[r].size, rows[r].sigmas, rows[r].tolerance));
		}
		rig_free(rig);
	}
}

static void a_spike_becomes_the_median_and_a_step_passes_in_the_middle(void **state)
{
	struct op_rig *rig = rig_new("hampel", "5", NULL, 0);
	static const double x[] = { 1.0, 1.2, 0.9, 1.1, 50, 1.0, 1.05, 5.0, 5.1, 5.2, 5.1 };

	(void)state;
	for (size_t i = 0; i < sizeof(x) / sizeof(x[0]); i++)
		rig_push(rig, 0, (double)i, x[i]);
	/*
	 * 50: window 0.9 1.0 1.1 1.2 50 without the first, median 1.1. 5.0: window 50 1.1 1.0 1.05 5.0, median 1.1, distances 48.9 0 0.1
	 * 0.05 3.9, S = 0.148: out. 5.1: window 1.0 1.05 5.0 5.1 50, median 5.0, S = 5.86: passes.
	 */
	EXPECT(rig, 1.0, 1.2, 0.9, 1.1, 1.1, 1.0, 1.05, 1.1, 5.1, 5.2, 5.1);
	rig_free(rig);
}

static void a_resting_coarse_signal_needs_a_tolerance(void **state)
{
	struct op_rig *strict = rig_new("hampel", "5", NULL, 0),
		      *tolerant = rig_new("hampel", "size=5 tolerance=0.5", NULL, 0);

	(void)state;
	for (int i = 0; i < 6; i++) {
		rig_push(strict, 0, i, i == 5 ? 20.5 : 20);
		rig_push(tolerant, 0, i, i == 5 ? 20.5 : 20);
	}
	EXPECT(strict, 20, 20, 20, 20, 20, 20);
	EXPECT(tolerant, 20, 20, 20, 20, 20, 20.5);
	rig_free(strict);
	rig_free(tolerant);
}

static void an_outlier_may_be_a_gap_and_gaps_take_no_place(void **state)
{
	struct op_rig *rig = rig_new("hampel", "size=3 replace=gap", NULL, 0);
	static const double x[] = { 1, NAN, 2, INFINITY, 3, 1e300, 2.5, -1e308, 1e308 };

	(void)state;
	for (size_t i = 0; i < sizeof(x) / sizeof(x[0]); i++)
		rig_push(rig, 0, (double)i, x[i]);
	/* window 2 3 1e300: distances 1 0 1e300, S = 1.48. -1e308: distances 1e300 0 1e308, S = 1.48e300. */
	EXPECT(rig, 1, NAN, 2, NAN, 3, NAN, 2.5, NAN, 1e308);
	rig_free(rig);
}

static void states_and_counters_have_no_outliers(void **state)
{
	const struct series_info door = { .kind = SERIES_STATE }, counter = { .kind = SERIES_COUNTER };

	(void)state;
	assert_string_equal(rig_refusal("hampel", "7", &counter, 1),
			    "outliers are those of a measured quantity, not of a counter");
	assert_string_equal(
		rig_refusal("hampel", "7", &door, 1),
		"outliers are those of a measured quantity, not of a state; a state is cleaned by debounce");
	assert_int_equal(rig_option_errors("hampel", "2"), 1);
	assert_int_equal(rig_option_errors("hampel", "1002"), 1);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(random_series_agree_with_the_definition),
		cmocka_unit_test(a_spike_becomes_the_median_and_a_step_passes_in_the_middle),
		cmocka_unit_test(a_resting_coarse_signal_needs_a_tolerance),
		cmocka_unit_test(an_outlier_may_be_a_gap_and_gaps_take_no_place),
		cmocka_unit_test(states_and_counters_have_no_outliers),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
