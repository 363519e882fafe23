/* SPDX-License-Identifier: Apache-2.0 */
/* feature: each number of small windows worked out by hand, through sliding_window and count_window; then against sums over the window. */
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
#include "base/unit.h"
#include "tests/op_rig.h"

static void assert_near(double found, double expected)
{
	if (!(fabs(found - expected) <= 1e-12 * fmax(1.0, fabs(expected))) && !(isnan(found) && isnan(expected)))
		fail_msg("%.17g, expected %.17g", found, expected);
}

/* 2, 4, 4, 4, 5, 5, 7, 9: mean 5, sum of squares of deviations 32, of cubes 42, of fourth powers 356. */
static const double eight[] = { 2, 4, 4, 4, 5, 5, 7, 9 };

static const struct known {
	const char *value;
	double expected;
	const char *unit;
} knowns[] = {
	{ "n", 8, "{count}" },
	{ "sum", 40, "Cel" },
	{ "min", 2, "Cel" },
	{ "max", 9, "Cel" },
	{ "mean", 5, "Cel" },
	{ "stddev", 2.1380899352993950, "K" }, /* sqrt(32 / 7) */
	{ "range", 7, "K" },
	{ "quantile p=0.9", 7.6, "Cel" }, /* 6.3 steps on: 7 + 0.3 * 2 */
	{ "quantile p=0", 2, "Cel" },
	{ "quantile p=1", 9, "Cel" },
	{ "median", 4.5, "Cel" },
	{ "rms", 5.3851648071345037, "Cel" }, /* sqrt(29) */
	{ "crest", 1.6712580435934669, "1" }, /* 9 / sqrt(29) */
	{ "kurtosis", 2.78125, "1" },	      /* 356 / 8 / 16 */
	{ "skewness", 0.65625, "1" },	      /* 42 / 8 / 8 */
	{ "peak_to_peak", 7, "K" },
	{ "zero_crossings", 0, "{count}" },
	{ "entropy low=0 high=10 bins=5", 1.5487949406953985, "1" }, /* shares of 1, 5, 1, 1 eighths */
	{ "slope", 0.80952380952380953, "K/s" },		     /* 34 / 42 */
	{ "r2", 0.86011904761904767, "1" },			     /* 34^2 / 42 / 32 */
	{ "duration", 7, "s" },
};

static void eight_values_have_known_numbers(void **state)
{
	(void)state;
	for (size_t k = 0; k < ARRAY_LEN(knowns); k++) {
		static const char *const shapes[] = { "count_window", "sliding_window" };

		for (int shape = 0; shape < 2; shape++) {
			char options[80];
			struct op_rig *rig;

			snprintf(options, sizeof(options), "%s=8 value=%s", shape ? "length" : "size", knowns[k].value);
			rig = rig_new(shapes[shape], options, NULL, 0);
			for (int i = 0; i < 8 * (1 + shape); i++) /* a window that slides has had others before */
				rig_push(rig, 0, i, shape && i < 8 ? 100.0 * (i % 3) - 77 : eight[i % 8]);
			assert_near(rig->out[rig->n_out - 1].value, knowns[k].expected);
			assert_string_equal(rig->output.unit->code, knowns[k].unit);
			assert_int_equal(rig->output.kind, SERIES_GAUGE);
			rig_free(rig);
		}
	}
}

static double last_of(const char *value, const double x[], int n)
{
	char options[80];
	struct op_rig *rig;
	double last;

	snprintf(options, sizeof(options), "length=%d value=%s", n, value);
	rig = rig_new("sliding_window", options, NULL, 0);
	for (int i = 0; i < n; i++)
		rig_push(rig, 0, i, x[i]);
	last = rig->n_out > 0 ? rig->out[rig->n_out - 1].value : NAN;
	rig_free(rig);
	return last;
}

static void what_a_constant_has_no_number_of_is_a_gap(void **state)
{
	static const double same[] = { 0.1, 0.1, 0.1, 0.1, 0.1, 0.1, 0.1 }, zeros[7];

	(void)state;
	assert_true(isnan(last_of("kurtosis", same, 7)));
	assert_true(isnan(last_of("skewness", same, 7)));
	assert_true(isnan(last_of("r2", same, 7)));
	assert_true(isnan(last_of("crest", zeros, 7)));
	assert_near(last_of("stddev", same, 7), 0);
	assert_near(last_of("slope", same, 7), 0);
	assert_near(last_of("entropy low=0 high=1", same, 7), 0);
	assert_near(last_of("rms", zeros, 7), 0);
}

static void a_zero_has_the_sign_of_the_value_before_it(void **state)
{
	static const double x[] = { 0, 1, 0, -1, 0, -0.0, -2, 3, 0, 4, -5 };

	(void)state;
	assert_near(last_of("zero_crossings", x, 11), 3);
}

static void a_spread_of_bins_has_the_entropy_of_its_shares(void **state)
{
	static const double x[] = { -50, 0.5, 1.5, 1.7, 2.5, 2.6, 3.5, 99 };

	(void)state;
	/* bins of 1: outermost ones take what is beyond: 2, 2, 2, 2 of 8 */
	assert_near(last_of("entropy low=0 high=4 bins=4", x, 8), 2);
}

static void an_outlier_does_harm_only_while_it_is_in_the_window(void **state)
{
	static const char *const values[] = { "sum",   "mean",	"stddev", "kurtosis", "rms",
					      "crest", "slope", "r2",	  "range",    "median" };

	(void)state;
	for (size_t k = 0; k < ARRAY_LEN(values); k++) {
		char options[64];
		struct op_rig *with, *without;

		snprintf(options, sizeof(options), "length=10 value=%s", values[k]);
		with = rig_new("sliding_window", options, NULL, 0);
		without = rig_new("sliding_window", options, NULL, 0);
		for (int i = 0; i < 60; i++) {
			rig_push(with, 0, i, i == 13 || i == 14 ? (i == 13 ? 1.7e308 : -1.7e308) : 20 + i % 7);
			rig_push(without, 0, i, 20 + i % 7);
		}
		for (int i = 24; i < 60; i++)
			assert_near(with->out[i].value, without->out[i].value);
		rig_free(with);
		rig_free(without);
	}
}

static void a_small_deviation_about_a_large_mean_keeps_its_digits(void **state)
{
	struct op_rig *fills = rig_new("count_window", "size=1000 value=stddev", NULL, 0);
	struct op_rig *slides = rig_new("sliding_window", "length=1000 value=stddev", NULL, 0);

	(void)state;
	for (int i = 0; i < 1000000; i++) {
		rig_push(fills, 0, i, 1e9 + i % 2);
		if (i < 50000)
			rig_push(slides, 0, i, 1e9 + i % 2);
	}
	/* sqrt(250 / 999) */
	assert_true(fabs(fills->out[999].value / 0.50025018765638349 - 1) < 1e-9);
	assert_true(fabs(slides->out[49998].value / 0.50025018765638349 - 1) < 1e-9);
	rig_free(fills);
	rig_free(slides);
}

static int compare(const void *a, const void *b)
{
	double x = *(const double *)a, y = *(const double *)b;

	return (x > y) - (x < y);
}

/* Many equal values, every p, windows by number and by time that shrink and grow. */
static void quantiles_agree_with_sorting(void **state)
{
	static const double ps[] = { 0, 0.1, 0.25, 0.5, 0.77, 0.95, 1 };
	enum { N = 1500, LENGTH = 37 };
	uint64_t seed = 3;

	(void)state;
	for (size_t k = 0; k < ARRAY_LEN(ps); k++) {
		char options[64];
		struct op_rig *rig;
		double x[N], sorted[N];
		int times[N], t = 0;

		snprintf(options, sizeof(options), "length=%ds value=quantile p=%g", LENGTH, ps[k]);
		rig = rig_new("sliding_window", options, NULL, 0);
		for (int i = 0; i < N; i++) {
			int n = 0;
			double at, low;

			t += (int)(prng_u64(&seed) % 4) + (prng_u64(&seed) % 50 == 0 ? 30 : 0);
			times[i] = t;
			x[i] = (double)(prng_u64(&seed) % (i % 2 ? 5 : 1000));
			rig_push(rig, 0, t, x[i]);
			for (int j = i; j >= 0 && times[j] > t - LENGTH; j--)
				sorted[n++] = x[j];
			qsort(sorted, (size_t)n, sizeof(double), compare);
			at = ps[k] * (n - 1);
			low = sorted[(int)at];
			assert_near(rig->out[i].value, low + (at - floor(at)) * (sorted[(int)ceil(at)] - low));
		}
		rig_free(rig);
	}
}

static void of_a_state_only_the_least_and_the_greatest_are_states(void **state)
{
	static const struct series_info door = { .kind = SERIES_STATE, .period_us = 1000000 };
	struct op_rig *max = rig_new("sliding_window", "length=5 value=max", &door, 1);
	struct op_rig *mean = rig_new("sliding_window", "length=5 value=mean", &door, 1);

	(void)state;
	assert_int_equal(max->output.kind, SERIES_STATE);
	assert_int_equal(mean->output.kind, SERIES_GAUGE);
	rig_free(max);
	rig_free(mean);
}

static void a_slope_has_the_unit_of_a_rate_where_there_is_one(void **state)
{
	struct series_info way = { .unit = unit_find("m"), .kind = SERIES_GAUGE, .period_us = 1000000 };
	struct op_rig *rig = rig_new("sliding_window", "length=5 value=slope", &way, 1);

	(void)state;
	assert_string_equal(rig->output.unit->code, "m/s");
	rig_free(rig);
	way.unit = unit_find("m/s");
	rig = rig_new("sliding_window", "length=5 value=slope", &way, 1);
	assert_string_equal(rig->output.unit->code, "m/s2");
	rig_free(rig);
	rig = rig_new("sliding_window", "length=5 value=slope per=1h", NULL, 0);
	rig_push(rig, 0, 0, 20);
	rig_push(rig, 0, 1, 20.5);
	assert_string_equal(rig->output.unit->code, "K/h"); /* of Cel */
	assert_near(rig->out[0].value, 1800);
	rig_free(rig);
}

static void what_makes_no_sense_is_refused(void **state)
{
	static const struct series_info counter = { .kind = SERIES_COUNTER, .period_us = 1000000 };

	(void)state;
	assert_string_equal(rig_refusal("sliding_window", "length=1 value=stddev", NULL, 0),
			    "the window holds one value at most, stddev takes 2");
	assert_string_equal(rig_refusal("sliding_window", "length=1s value=slope", NULL, 0),
			    "the window holds one value at most, slope takes 2");
	assert_string_equal(rig_refusal("sliding_window", "length=5 value=quantile", NULL, 0),
			    "p is needed for a quantile; value is quantile");
	assert_string_equal(rig_refusal("sliding_window", "length=5 p=0.5", NULL, 0),
			    "p is for a quantile; value is mean");
	assert_string_equal(rig_refusal("sliding_window", "length=5 value=entropy", NULL, 0),
			    "low and high are needed for the entropy");
	assert_string_equal(rig_refusal("sliding_window", "length=5 value=entropy low=3 high=3", NULL, 0),
			    "low must be below high");
	assert_string_equal(rig_refusal("sliding_window", "length=5 low=3", NULL, 0),
			    "low and high are for the entropy; value is mean");
	assert_string_equal(rig_refusal("sliding_window", "5", &counter, 1),
			    "a counter has no mean; expected a measured quantity or a state");
	assert_string_equal(rig_refusal("sliding_window", "length=5 value=n", &counter, 1), "");
	assert_string_equal(rig_refusal("sliding_window", "30d", NULL, 0),
			    "the window would keep 3240016 samples, expected at most 1000000; limit it by max_samples");
	assert_string_equal(rig_refusal("sliding_window", "length=30d max_samples=1000", NULL, 0), "");
	assert_int_equal(rig_option_errors("sliding_window", "length=5 value=average"), 1);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(eight_values_have_known_numbers),
		cmocka_unit_test(what_a_constant_has_no_number_of_is_a_gap),
		cmocka_unit_test(a_zero_has_the_sign_of_the_value_before_it),
		cmocka_unit_test(a_spread_of_bins_has_the_entropy_of_its_shares),
		cmocka_unit_test(an_outlier_does_harm_only_while_it_is_in_the_window),
		cmocka_unit_test(a_small_deviation_about_a_large_mean_keeps_its_digits),
		cmocka_unit_test(quantiles_agree_with_sorting),
		cmocka_unit_test(of_a_state_only_the_least_and_the_greatest_are_states),
		cmocka_unit_test(a_slope_has_the_unit_of_a_rate_where_there_is_one),
		cmocka_unit_test(what_makes_no_sense_is_refused),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
