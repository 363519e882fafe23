/* SPDX-License-Identifier: Apache-2.0 */
/* Queues of sums against two passes over the values that are there, with signals that make sums lose their digits. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <math.h>

#include "base/arena.h"
#include "base/check.h"
#include "base/prng.h"
#include "pipelines/power_sums.h"

enum { ROOM = 100, N = 3000 };

static bool is_near(double found, double expected, double scale)
{
	return fabs(found - expected) <= 1e-9 * scale;
}

/* The moments of x[0] to x[n - 1] by their definition. */
static void assert_moments(struct power_sums *p, const double x[], int n)
{
	double mean = 0, rest = 0, m2 = 0, m3 = 0, m4 = 0, stddev;
	struct power_moments m;

	for (int i = 0; i < n; i++)
		mean += (x[i] - x[n - 1]) / n;
	mean += x[n - 1];
	for (int i = 0; i < n; i++)
		rest += (x[i] - mean) / n;
	for (int i = 0; i < n; i++) {
		double d = x[i] - mean - rest;

		m2 += d * d;
		m3 += d * d * d;
		m4 += d * d * d * d;
	}
	stddev = sqrt(m2 / n);

	power_sums_moments(p, &m);
	assert_true(m.n == n);
	assert_true(is_near(power_moments_mean(&m), mean, stddev + fabs(mean) * 1e-6));
	assert_true(is_near(m.spread, n * m2, n * m2));
	if (p->order < 4)
		return;
	assert_true(is_near(m.m3, m3, n * stddev * stddev * stddev));
	assert_true(is_near(m.m4, m4, m4));
}

/* A window of @length over @x, which is asked at every value, and one that is asked now and then. */
static void slide(const double x[], int length, int order, int every)
{
	struct arena arena = { 0 };
	struct power_sums p = { 0 };

	power_sums_setup(&p, ROOM, order, &arena);
	for (int i = 0; i < N; i++) {
		if ((int)p.n == length)
			power_sums_drop(&p);
		power_sums_add(&p, x[i]);
		assert_true(power_sums_oldest(&p) == x[i - (int)p.n + 1]);
		if (i % every == 0)
			assert_moments(&p, &x[i - (int)p.n + 1], (int)p.n);
	}
	arena_free(&arena);
}

static void slide_all_ways(const double x[])
{
	static const int lengths[] = { 1, 2, 7, ROOM };

	for (size_t i = 0; i < ARRAY_LEN(lengths); i++)
		for (int order = 2; order <= 4; order += 2)
			for (int every = 1; every <= 37; every += 36)
				slide(x, lengths[i], order, every);
}

static void noise_and_steps_and_slopes_keep_their_digits(void **state)
{
	static double noise[N], steps[N], slope[N], far[N];
	uint64_t seed = 7;

	(void)state;
	for (int i = 0; i < N; i++) {
		noise[i] = prng_unit(&seed) - 0.5;
		steps[i] = 1e9 * (i / 170 % 3) + prng_unit(&seed);
		slope[i] = 1000.0 * i + prng_unit(&seed);
		far[i] = -3e7 + prng_unit(&seed);
	}
	slide_all_ways(noise);
	slide_all_ways(steps);
	slide_all_ways(slope);
	slide_all_ways(far);
}

/* Each is larger than all that come after it together, so whenever one leaves, nothing of the sums before is good. */
static void outliers_that_hide_each_other_leave_nothing_behind(void **state)
{
	static double falling[N], rare[N];
	uint64_t seed = 5;

	(void)state;
	for (int i = 0; i < N; i++) {
		falling[i] = i % 300 < 20 ? pow(10, 45 - 3 * (i % 300)) : prng_unit(&seed);
		rare[i] = (i % 131 == 0 ? 1e12 : 1) * prng_unit(&seed);
	}
	slide_all_ways(falling);
	slide_all_ways(rare);
}

static void what_is_constant_has_no_spread_at_all(void **state)
{
	static const double constants[] = { 0, 0.1, -5.3, 1e300, 4.9e-324, 1.7e308 };
	struct arena arena = { 0 };

	(void)state;
	for (size_t k = 0; k < ARRAY_LEN(constants); k++) {
		struct power_sums p = { 0 };
		struct power_moments m;

		power_sums_setup(&p, 10, 4, &arena);
		for (int i = 0; i < 100; i++) {
			if (p.n == 10)
				power_sums_drop(&p);
			power_sums_add(&p, constants[k]);
			power_sums_moments(&p, &m);
			assert_true(power_moments_mean(&m) == constants[k]);
			assert_true(m.spread == 0.0 && m.m3 == 0.0 && m.m4 == 0.0);
		}
	}
	arena_free(&arena);
}

static void beyond_the_range_of_double_there_is_nothing_until_it_has_left(void **state)
{
	struct arena arena = { 0 };

	(void)state;
	for (int order = 2; order <= 4; order += 2) {
		static double x[N];
		struct power_sums p = { 0 };

		for (int i = 0; i < N; i++)
			x[i] = i % 50 == 20 ? 1.7e308 : i % 50 == 23 ? -1.7e308 : i % 7;
		power_sums_setup(&p, 10, order, &arena);
		for (int i = 0; i < N; i++) {
			struct power_moments m;

			if (p.n == 10)
				power_sums_drop(&p);
			power_sums_add(&p, x[i]);
			power_sums_moments(&p, &m);
			if (i % 50 >= 20 && i % 50 < 33)
				assert_false(isfinite(power_moments_stddev(&m)) && i % 50 > 20);
			else if (i >= 9)
				assert_moments(&p, &x[i - 9], 10);
		}
	}
	arena_free(&arena);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(noise_and_steps_and_slopes_keep_their_digits),
		cmocka_unit_test(outliers_that_hide_each_other_leave_nothing_behind),
		cmocka_unit_test(what_is_constant_has_no_spread_at_all),
		cmocka_unit_test(beyond_the_range_of_double_there_is_nothing_until_it_has_left),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
