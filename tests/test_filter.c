/* SPDX-License-Identifier: Apache-2.0 */
/* filter against the properties that define the filters: gain at 0 Hz, at the cut-off and at half the rate. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <math.h>
#include <string.h>

#include "pipelines/filter.h"

/** Amplitude of a sine of @turns after the filter, once it has settled. */
static double gain_at(struct filter f, double turns)
{
	double greatest = 0.0;

	for (int i = 0; i < 40000; i++) {
		double y = filter_run(&f, sin(2.0 * M_PI * turns * i));

		if (i > 20000 && fabs(y) > greatest)
			greatest = fabs(y);
	}
	return greatest;
}

static void assert_near(double found, double expected)
{
	if (!(fabs(found - expected) < 1e-4))
		fail_msg("%.9g, expected %.9g", found, expected);
}

static void butterworth_is_3_db_down_at_the_cut_off_whatever_the_order(void **state)
{
	(void)state;
	for (int order = 1; order <= FILTER_MAX_ORDER; order++) {
		struct filter low = { .n = 0 }, high = { .n = 0 };

		filter_add_butterworth_low(&low, 0.0713, order);
		filter_add_butterworth_high(&high, 0.0713, order);
		assert_int_equal(low.n, (order + 1) / 2);
		assert_near(gain_at(low, 0.0713), sqrt(0.5));
		assert_near(gain_at(high, 0.0713), sqrt(0.5));
	}
}

/* 1 / sqrt(1 + (tan(pi f) / tan(pi fc))^2n), the bilinear transform of Butterworth's. */
static void butterworth_falls_as_its_order_says(void **state)
{
	(void)state;
	for (int order = 1; order <= 6; order++) {
		struct filter low = { .n = 0 };

		filter_add_butterworth_low(&low, 0.05, order);
		assert_near(gain_at(low, 0.1037),
			    1.0 / sqrt(1.0 + pow(tan(M_PI * 0.1037) / tan(M_PI * 0.05), 2 * order)));
	}
}

static void a_band_pass_lets_its_middle_pass_and_a_notch_does_not(void **state)
{
	struct filter band = { .n = 0 }, notch = { .n = 0 };

	(void)state;
	filter_add_band_pass(&band, 0.1003, 5.0);
	filter_add_notch(&notch, 0.1003, 5.0);
	assert_near(gain_at(band, 0.1003), 1.0);
	assert_true(gain_at(band, 0.2003) < 0.2);
	assert_near(gain_at(notch, 0.1003), 0.0);
	assert_true(gain_at(notch, 0.2003) > 0.9);
}

static void settled_it_stays_where_it_is(void **state)
{
	struct filter low = { .n = 0 }, high = { .n = 0 }, notch = { .n = 0 };

	(void)state;
	filter_add_butterworth_low(&low, 1e-4, 5);
	filter_add_butterworth_high(&high, 0.01, 5);
	filter_add_notch(&notch, 0.01, 5);
	filter_settle(&low, 1013.25);
	filter_settle(&high, 1013.25);
	filter_settle(&notch, 1013.25);
	for (int i = 0; i < 1000; i++) {
		assert_true(fabs(filter_run(&low, 1013.25) - 1013.25) < 1e-6);
		assert_true(fabs(filter_run(&high, 1013.25)) < 1e-9);
		assert_true(fabs(filter_run(&notch, 1013.25) - 1013.25) < 1e-9);
	}
}

static void silence_ends_in_zero_and_not_in_denormal_numbers(void **state)
{
	struct filter low = { .n = 0 };

	(void)state;
	filter_add_butterworth_low(&low, 0.1, 8);
	filter_settle(&low, 1.0);
	for (int i = 0; i < 20000; i++)
		filter_run(&low, 0.0);
	for (size_t i = 0; i < low.n; i++)
		assert_true(low.sections[i].s1 == 0.0 && low.sections[i].s2 == 0.0);
}

static void an_empty_cascade_lets_everything_pass(void **state)
{
	struct filter none = { .n = 0 };

	(void)state;
	filter_settle(&none, 3.0);
	assert_true(filter_run(&none, 4.25) == 4.25);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(butterworth_is_3_db_down_at_the_cut_off_whatever_the_order),
		cmocka_unit_test(butterworth_falls_as_its_order_says),
		cmocka_unit_test(a_band_pass_lets_its_middle_pass_and_a_notch_does_not),
		cmocka_unit_test(settled_it_stays_where_it_is),
		cmocka_unit_test(silence_ends_in_zero_and_not_in_denormal_numbers),
		cmocka_unit_test(an_empty_cascade_lets_everything_pass),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
