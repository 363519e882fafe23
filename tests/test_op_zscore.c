/* SPDX-License-Identifier: Apache-2.0 */
/* zscore: known scores of both kinds of past, and what a past is worth nothing for. */
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

static void the_scores_of_a_window_are_those_of_python(void **state)
{
	/* statistics.stdev() and mean() of the 8 values before, from the sixth on; value 25 is 30 */
	static const double expected[] = { -1.1999, -0.9805, -0.0826, 0.9618,  2.3853,	-0.3996, 0.5594,
					   1.2828,  -0.7895, -0.8701, -0.2465, -0.8487, 0.0222,	 -1.6876,
					   -1.3557, -0.8292, 1.2451,  3.121,   0.5924,	0.5589,	 24.9572,
					   -0.3159, -0.2705, -0.2567, -0.3396, -0.5377, -0.4024, -0.4418,
					   -0.3361, -0.4122, 3.4866,  -1.0059, 2.1686,	1.5572,	 -1.321 };
	struct op_rig *rig = rig_new("zscore", "window=8 after=5", NULL, 0);
	uint32_t seed = 12345;

	(void)state;
	for (int i = 0; i < 40; i++) {
		double x = noise(&seed);

		rig_push(rig, 0, i, i == 25 ? 30.0 : x);
		if (i >= 5)
			assert_true(fabs(rig->out[i - 5].value - expected[i - 5]) < 6e-5);
	}
	assert_int_equal(rig->n_out, ARRAY_LEN(expected));
	assert_string_equal(rig->output.unit->code, "1");
	assert_int_equal(rig->output.kind, SERIES_GAUGE);
	rig_free(rig);
}

static void a_fading_past_follows_its_recurrence(void **state)
{
	struct op_rig *rig = rig_new("zscore", "alpha=0.5 after=2", NULL, 0);

	(void)state;
	rig_push(rig, 0, 0, 10); /* mean 10, variance 0 */
	rig_push(rig, 0, 1, 14); /* mean 12, variance 0.5 * (0 + 0.5 * 16) = 4 */
	rig_push(rig, 0, 2, 16); /* (16 - 12) / 2; mean 14, variance 0.5 * (4 + 8) = 6 */
	rig_push(rig, 0, 3, 14);
	EXPECT(rig, 2, 0);
	rig_free(rig);
}

static void a_limit_makes_a_state_of_it(void **state)
{
	static const struct {
		const char *options;
		double high, low;
	} rows[] = {
		{ "window=4 after=4 limit=3", 1, 1 },
		{ "window=4 after=4 limit=3 direction=up", 1, 0 },
		{ "window=4 after=4 limit=3 direction=down", 0, 1 },
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(rows); i++)
		for (int sign = -1; sign <= 1; sign += 2) {
			struct op_rig *rig = rig_new("zscore", rows[i].options, NULL, 0);

			for (int t = 0; t < 4; t++)
				rig_push(rig, 0, t, t % 2); /* deviation 0.577 around 0.5 */
			rig_push(rig, 0, 4, 0.5 + sign * 1.7);
			assert_true(rig->out[0].value == 0.0);
			rig_free(rig);
			rig = rig_new("zscore", rows[i].options, NULL, 0);
			for (int t = 0; t < 4; t++)
				rig_push(rig, 0, t, t % 2);
			rig_push(rig, 0, 4, 0.5 + sign * 1.8);
			assert_true(rig->out[0].value == (sign > 0 ? rows[i].high : rows[i].low));
			assert_int_equal(rig->output.kind, SERIES_STATE);
			rig_free(rig);
		}
}

static void after_a_standstill_a_quantum_is_one_deviation(void **state)
{
	struct op_rig *rig = rig_new("zscore", "window=20", NULL, 0);
	struct op_rig *wide = rig_new("zscore", "window=20 min_stddev=2", NULL, 0);

	(void)state;
	for (int t = 0; t < 10; t++) {
		rig_push(rig, 0, t, 0);
		rig_push(wide, 0, t, 0);
	}
	rig_push(rig, 0, 10, 0);
	rig_push(rig, 0, 11, 0.02); /* Cel: 0.01 */
	rig_push(wide, 0, 10, 3);
	assert_true(rig->out[0].value == 0.0);
	assert_true(fabs(rig->out[1].value - 2.0) < 1e-9);
	assert_true(wide->out[0].value == 1.5);
	rig_free(rig);
	rig_free(wide);
}

static void a_window_of_time_forgets_by_time(void **state)
{
	struct op_rig *rig = rig_new("zscore", "window=10s after=2", NULL, 0);

	(void)state;
	rig_push(rig, 0, 0, 1);
	rig_push(rig, 0, 1, 3);
	rig_push(rig, 0, 2, 4);	 /* mean 2, stddev sqrt(2) */
	rig_push(rig, 0, 11, 5); /* only the one at 2 is younger than 10 s */
	rig_push(rig, 0, 11, 5);
	assert_int_equal(rig->n_out, 2);
	assert_true(fabs(rig->out[0].value - sqrt(2.0)) < 1e-12);
	assert_true(fabs(rig->out[1].value - 0.5 / sqrt(0.5)) < 1e-12);
	rig_free(rig);
}

static void a_value_beyond_all_measure_passes(void **state)
{
	struct op_rig *rig = rig_new("zscore", "alpha=0.1 after=2 limit=4", NULL, 0);

	(void)state;
	for (int t = 0; t < 3; t++)
		rig_push(rig, 0, t, t);
	rig_push(rig, 0, 3, 1e300);
	for (int t = 4; t < 8; t++)
		rig_push(rig, 0, t, t);
	EXPECT(rig, 1, 1, 1, 1); /* fades, deviations are still small: 6 of mean 4.1 */
	rig_free(rig);
}

static void options_that_contradict_are_refused(void **state)
{
	(void)state;
	assert_string_equal(rig_refusal("zscore", "", NULL, 0), "expected one of window and alpha, found neither");
	assert_string_equal(rig_refusal("zscore", "window=5 alpha=0.1", NULL, 0),
			    "expected one of window and alpha, found both");
	assert_string_equal(rig_refusal("zscore", "window=5", NULL, 0),
			    "after must be at most the window (5 samples), found 10");
	assert_string_equal(rig_refusal("zscore", "window=365d", NULL, 0),
			    "window would hold 39420016 values, expected at most 100000");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_scores_of_a_window_are_those_of_python),
		cmocka_unit_test(a_fading_past_follows_its_recurrence),
		cmocka_unit_test(a_limit_makes_a_state_of_it),
		cmocka_unit_test(after_a_standstill_a_quantum_is_one_deviation),
		cmocka_unit_test(a_window_of_time_forgets_by_time),
		cmocka_unit_test(a_value_beyond_all_measure_passes),
		cmocka_unit_test(options_that_contradict_are_refused),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
