/* SPDX-License-Identifier: Apache-2.0 */
/* Ticks where a person would put them. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <math.h>
#include <string.h>

#include "agent/plot_axis.h"
#include "base/check.h"

static void steps_are_one_two_or_five(void **state)
{
	static const struct {
		double min, max, step;
		unsigned decimals;
	} rows[] = {
		{ 0, 6, 1, 0 },
		{ 0, 10, 2, 0 },
		{ 10, 30, 5, 0 },
		{ -40, 80, 20, 0 },
		{ 0.001, 0.0031, 0.0005, 4 },
		{ 1013.2, 1013.9, 0.2, 1 },
		{ 0, 1e9, 2e8, 0 },
		{ 21.4, 21.7, 0.05, 2 },
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		double step = plot_step(rows[i].min, rows[i].max, 6);

		if (fabs(step / rows[i].step - 1.0) > 1e-9 || plot_decimals(step) != rows[i].decimals)
			fail_msg("%g to %g: step %g, %u decimals", rows[i].min, rows[i].max, step, plot_decimals(step));
	}
}

static void steps_of_time_are_those_of_a_clock(void **state)
{
	static const struct {
		double span_s, step_s;
	} rows[] = { { 1, 0.2 },
		     { 8, 1 },
		     { 95, 15 },
		     { 600, 120 },
		     { 3600, 600 },
		     { 86400, 10800 },
		     { 7 * 86400, 86400 },
		     { 79 * 86400, 1209600 },
		     { 400 * 86400.0, 4838400 } };

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		int64_t span_us = (int64_t)(rows[i].span_s * 1e6), step_us = plot_time_step_us(span_us, 9);

		if (step_us != (int64_t)(rows[i].step_s * 1e6))
			fail_msg("%g s: step %g s", rows[i].span_s, (double)step_us / 1e6);
		assert_true(span_us / step_us <= 9);
	}
	assert_true(plot_time_step_us(1, 9) > 0);
	assert_true(plot_time_step_us(INT64_MAX / 2, 9) > 0);
}

/* 1763700012.25 is 2025-11-21T04:40:12.250Z. */
static void labels_are_as_fine_as_the_step(void **state)
{
	static const struct {
		int64_t step_us;
		const char *label;
	} rows[] = { { 200000, "04:40:12.250" },
		     { 15000000, "04:40:12" },
		     { 60000000, "04:40" },
		     { INT64_C(43200000000), "04:40" },
		     { INT64_C(86400000000), "2025-11-21" } };
	char label[PLOT_LABEL_BYTES];

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(rows); i++)
		assert_string_equal(plot_time_label(INT64_C(1763700012250000), rows[i].step_us, label), rows[i].label);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(steps_are_one_two_or_five),
		cmocka_unit_test(steps_of_time_are_those_of_a_clock),
		cmocka_unit_test(labels_are_as_fine_as_the_step),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
