/* SPDX-License-Identifier: Apache-2.0 */
/* moving_average against series worked out by hand and against the definition, computed afresh for every sample. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <math.h>
#include <stdio.h>

#include "base/check.h"
#include "base/prng.h"
#include "base/unit.h"
#include "tests/op_rig.h"

static const struct series_info irregular = { .kind = SERIES_GAUGE };
static const struct series_info counter = { .kind = SERIES_COUNTER, .period_us = 1000000 };
static const struct series_info door = { .kind = SERIES_STATE, .period_us = 1000000 };

static void push_all(struct op_rig *rig, const double values[], size_t n)
{
	for (size_t i = 0; i < n; i++)
		rig_push(rig, 0, (double)i, values[i]);
}

#define PUSH(rig, ...) push_all(rig, (const double[]){ __VA_ARGS__ }, sizeof((const double[]){ __VA_ARGS__ }) / 8)

static void three_values_are_averaged_and_fewer_while_the_window_fills(void **state)
{
	struct op_rig *rig = rig_new("moving_average", "3", NULL, 0);

	(void)state;
	PUSH(rig, 1, 3, 5, 10, 0, 2);
	EXPECT(rig, 1, 2, 3, 6, 5, 4);
	rig_free(rig);
}

static void a_window_of_one_is_the_value_itself(void **state)
{
	struct op_rig *rig = rig_new("moving_average", "1", NULL, 0);

	(void)state;
	PUSH(rig, 0.1, -7, 1e300, 3);
	EXPECT(rig, 0.1, -7, 1e300, 3);
	rig_free(rig);
}

static void ten_seconds_hold_the_newest_ten_of_a_sample_a_second(void **state)
{
	struct op_rig *rig = rig_new("moving_average", "window=10s", NULL, 0);

	(void)state;
	for (int t = 0; t <= 20; t++)
		rig_push(rig, 0, t, t);
	/* (10, 20] is 11..20, mean 15.5 */
	assert_true(rig->out[20].value == 15.5);
	assert_true(rig->out[4].value == 2.0);
	rig_free(rig);
}

static void a_sample_as_old_as_the_window_has_left(void **state)
{
	struct op_rig *rig = rig_new("moving_average", "2s", &irregular, 1);

	(void)state;
	rig_push(rig, 0, 0, 10);
	rig_push(rig, 0, 1.999999, 20);
	rig_push(rig, 0, 2, 30);
	rig_push(rig, 0, 3.999999, 50);
	rig_push(rig, 0, 100, 1);
	EXPECT(rig, 10, 15, 25, 40, 1);
	rig_free(rig);
}

static void an_outlier_leaves_no_trace(void **state)
{
	struct op_rig *by_count = rig_new("moving_average", "4", NULL, 0);
	struct op_rig *by_time = rig_new("moving_average", "4s", NULL, 0);

	(void)state;
	for (int t = 0; t < 40; t++) {
		double x = t == 7 ? 1e300 : t == 13 ? -1e17 : 0.1;

		rig_push(by_count, 0, t, x);
		rig_push(by_time, 0, t, x);
	}
	for (int t = 0; t < 40; t++) {
		bool is_hit = (t >= 7 && t < 11) || (t >= 13 && t < 17);

		/* 0.1 + 0.1 is exact, and so is twice that */
		if (!is_hit && t != 2 && t != 6) {
			assert_true(fabs(by_count->out[t].value - 0.1) <= 0x1p-54);
			assert_true(fabs(by_time->out[t].value - 0.1) <= 0x1p-54);
		}
		if (is_hit)
			assert_true(fabs(by_count->out[t].value) > 1e16);
	}
	rig_free(by_count);
	rig_free(by_time);
}

static void a_sum_beyond_double_is_a_gap_until_it_has_left(void **state)
{
	struct op_rig *rig = rig_new("moving_average", "2", NULL, 0);

	(void)state;
	PUSH(rig, 1, 1.7e308, 1.7e308, 3, 5);
	EXPECT(rig, 1, 0.85e308, NAN, 0.85e308, 4);
	rig_free(rig);
}

static void gaps_take_no_place(void **state)
{
	struct op_rig *rig = rig_new("moving_average", "2", NULL, 0);

	(void)state;
	PUSH(rig, NAN, 1, NAN, INFINITY, 3, -INFINITY, 5);
	EXPECT(rig, NAN, 1, NAN, NAN, 2, NAN, 4);
	rig_free(rig);
}

static void a_late_sample_counts_as_if_it_came_with_the_one_before(void **state)
{
	struct op_rig *rig = rig_new("moving_average", "10s", &irregular, 1);

	(void)state;
	rig_push(rig, 0, 100, 1);
	rig_push(rig, 0, 95, 3); /* as if at 100 */
	rig_push(rig, 0, 109.9, 8);
	rig_push(rig, 0, 110, 6); /* both are gone */
	assert_true(rig->out[1].at_us == 95000000);
	EXPECT(rig, 1, 2, 4, 7);
	rig_free(rig);
}

static void a_clock_set_back_starts_the_window_anew(void **state)
{
	struct op_rig *rig = rig_new("moving_average", "10s", &irregular, 1);

	(void)state;
	rig_push(rig, 0, 1000, 1);
	rig_push(rig, 0, 1001, 3);
	rig_push(rig, 0, 1e9, 50); /* from the future */
	rig_push(rig, 0, 1002, 5);
	rig_push(rig, 0, 1003, 7);
	rig_push(rig, 0, 993, 9); /* exactly a window back */
	EXPECT(rig, 1, 2, 50, 5, 6, 9);
	rig_free(rig);
}

static void the_ends_of_time_do_no_harm(void **state)
{
	struct op_rig *rig = rig_new("moving_average", "10s", &irregular, 1);
	const int64_t times[] = { INT64_MIN, INT64_MAX, INT64_MIN, 0, INT64_MAX, INT64_MAX };

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(times); i++) {
		struct sample s = { .at_us = times[i], .value = (double)i };

		rig->op.push(rig->op.state, 0, &s, &rig->op.out);
	}
	EXPECT(rig, 0, 1, 2, 3, 4, 4.5);
	rig_free(rig);
}

static void a_full_ring_lets_the_oldest_go_early(void **state)
{
	struct op_rig *rig = rig_new("moving_average", "window=1h max_samples=3", &irregular, 1);

	(void)state;
	PUSH(rig, 3, 6, 9, 12, 15, 18, 21);
	EXPECT(rig, 3, 4.5, 6, 9, 12, 15, 18);
	rig_free(rig);
}

static void the_ring_has_room_for_jitter_and_not_much_more(void **state)
{
	struct op_rig *rig = rig_new("moving_average", "8s", NULL, 0);

	(void)state;
	/* a period of 1 s: 8 + 2 + 16 places; 26 samples in one instant fit, the 27th pushes one out */
	for (int i = 0; i < 26; i++)
		rig_push(rig, 0, 5, i);
	assert_true(rig->out[25].value == 12.5);
	rig_push(rig, 0, 5, 26);
	assert_true(rig->out[26].value == 13.5);
	rig_free(rig);
}

static void lost_samples_are_handed_on_with_values_and_gaps(void **state)
{
	struct op_rig *rig = rig_new("moving_average", "3s", NULL, 0);

	(void)state;
	rig_push_lost(rig, 0, 1, 5, 2);
	rig_push_lost(rig, 0, 2, NAN, 7);
	assert_int_equal(rig->out[0].lost, 2);
	assert_int_equal(rig->out[1].lost, 7);
	rig_free(rig);
}

/* The definition. Values are whole numbers, so that every order of summation is exact. */
static void random_counts_agree_with_the_definition(void **state)
{
	static const int widths[] = { 1, 2, 3, 7, 64, 500 };
	double x[3000];
	uint64_t seed = 20251121;

	(void)state;
	for (size_t k = 0; k < ARRAY_LEN(widths); k++) {
		int width = widths[k];
		char options[16];
		struct op_rig *rig;

		snprintf(options, sizeof(options), "%d", width);
		rig = rig_new("moving_average", options, NULL, 0);
		for (int i = 0; i < (int)ARRAY_LEN(x); i++) {
			double sum = 0;
			int first = i + 1 > width ? i + 1 - width : 0;

			x[i] = (double)(prng_u64(&seed) % 2000001) - 1e6;
			rig_push(rig, 0, i, x[i]);
			for (int j = first; j <= i; j++)
				sum += x[j];
			assert_true(rig->out[i].value == sum / (i - first + 1));
		}
		rig_free(rig);
	}
}

/* Times go forward and back; the definition is in terms of the time that a late sample counts as. */
static void random_times_agree_with_the_definition(void **state)
{
	enum { N = 3000, WINDOW = 50 };
	struct op_rig *rig = rig_new("moving_average", "50s", &irregular, 1);
	static int as[N], restart[N];
	static double x[N];
	uint64_t seed = 7;
	int t = 0;

	(void)state;
	for (int i = 0; i < N; i++) {
		double sum = 0;
		int n = 0, step = (int)(prng_u64(&seed) % 9) - 2;

		if (prng_u64(&seed) % 100 == 0)
			step = (int)(prng_u64(&seed) % 400) - 200;
		t = t + step;
		x[i] = (double)(prng_u64(&seed) % 2001) - 1000;
		as[i] = i > 0 && t < as[i - 1] && as[i - 1] - t < WINDOW ? as[i - 1] : t;
		restart[i] = i > 0 && t <= as[i - 1] - WINDOW ? i : i > 0 ? restart[i - 1] : 0;
		for (int j = restart[i]; j <= i; j++) {
			if (as[j] > as[i] - WINDOW) {
				sum += x[j];
				n++;
			}
		}
		rig_push(rig, 0, t, x[i]);
		assert_true(rig->out[i].value == sum / n);
	}
	rig_free(rig);
}

static void random_fractions_stay_within_rounding(void **state)
{
	enum { N = 200000, WIDTH = 1000 };
	struct op_rig *rig = rig_new("moving_average", "1000", NULL, 0);
	static double x[N];
	uint64_t seed = 99;

	(void)state;
	for (int i = 0; i < N / 2; i++) {
		x[i] = 20.0 + prng_unit(&seed);
		rig_push(rig, 0, i, x[i]);
		if (i % 997 == 0 && i >= WIDTH) {
			long double sum = 0;

			for (int j = i - WIDTH + 1; j <= i; j++)
				sum += x[j];
			/* worst case of 1000 additions: 1000 * 2^-53 * 20.5 = 2.3e-12 */
			assert_true(fabs((double)(rig->out[i].value - sum / WIDTH)) < 2.3e-12);
		}
	}
	rig_free(rig);
}

static void the_output_is_a_gauge_in_the_unit_of_the_input(void **state)
{
	struct op_rig *rig = rig_new("moving_average", "5", &door, 1);

	(void)state;
	assert_int_equal(rig->output.kind, SERIES_GAUGE);
	assert_int_equal(rig->output.period_us, 1000000);
	assert_string_equal(rig->output.unit->code, "Cel");
	rig_free(rig);
}

static void what_makes_no_sense_is_refused(void **state)
{
	(void)state;
	assert_string_equal(rig_refusal("moving_average", "5", &counter, 1),
			    "a counter has no mean; expected a measured quantity or a state");
	assert_string_equal(rig_refusal("moving_average", "window=5 max_samples=3", NULL, 0),
			    "max_samples is for a window of time; this one is 5 samples");
	assert_int_equal(rig_option_errors("moving_average", "1000001"), 1);
	/* 30 d = 2592000 s, a quarter more and 16 */
	assert_string_equal(rig_refusal("moving_average", "30d", NULL, 0),
			    "window would hold 3240016 samples, expected at most 1000000; limit it by max_samples");
	assert_string_equal(rig_refusal("moving_average", "window=30d max_samples=1000", NULL, 0), "");
	assert_int_equal(rig_option_errors("moving_average", ""), 1);
	assert_int_equal(rig_option_errors("moving_average", "0"), 1);
	assert_int_equal(rig_option_errors("moving_average", "-5"), 1);
	assert_int_equal(rig_option_errors("moving_average", "0s"), 1);
	assert_int_equal(rig_option_errors("moving_average", "five"), 1);
	assert_int_equal(rig_option_errors("moving_average", "window=5 size=5"), 1);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(three_values_are_averaged_and_fewer_while_the_window_fills),
		cmocka_unit_test(a_window_of_one_is_the_value_itself),
		cmocka_unit_test(ten_seconds_hold_the_newest_ten_of_a_sample_a_second),
		cmocka_unit_test(a_sample_as_old_as_the_window_has_left),
		cmocka_unit_test(an_outlier_leaves_no_trace),
		cmocka_unit_test(a_sum_beyond_double_is_a_gap_until_it_has_left),
		cmocka_unit_test(gaps_take_no_place),
		cmocka_unit_test(a_late_sample_counts_as_if_it_came_with_the_one_before),
		cmocka_unit_test(a_clock_set_back_starts_the_window_anew),
		cmocka_unit_test(the_ends_of_time_do_no_harm),
		cmocka_unit_test(a_full_ring_lets_the_oldest_go_early),
		cmocka_unit_test(the_ring_has_room_for_jitter_and_not_much_more),
		cmocka_unit_test(lost_samples_are_handed_on_with_values_and_gaps),
		cmocka_unit_test(random_counts_agree_with_the_definition),
		cmocka_unit_test(random_times_agree_with_the_definition),
		cmocka_unit_test(random_fractions_stay_within_rounding),
		cmocka_unit_test(the_output_is_a_gauge_in_the_unit_of_the_input),
		cmocka_unit_test(what_makes_no_sense_is_refused),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
