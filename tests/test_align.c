/* SPDX-License-Identifier: Apache-2.0 */
/* align: what it tells an operator, beyond what test_op_combine.c shows of which samples belong together. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <errno.h>
#include <math.h>

#include "pipelines/align.h"

static const struct series_info two[2] = {
	{ .kind = SERIES_GAUGE, .period_us = 1000000 },
	{ .kind = SERIES_GAUGE, .period_us = 4000000 },
};

static struct align made(const struct series_info *inputs, size_t n, int64_t within_us)
{
	struct series_info output = inputs[0];
	struct op_setup s = { .inputs = inputs, .n_inputs = n, .output = &output };
	struct align a = { 0 };

	assert_int_equal(align_setup(&a, &s, within_us), 0);
	assert_int_equal(output.period_us, 1000000);
	return a;
}

static bool add(struct align *a, unsigned input, int64_t at_us, double value)
{
	struct sample s = { .at_us = at_us, .value = value, .lost = 1 };

	assert_false(align_is_over(a, &s));
	return align_add(a, input, &s);
}

static void a_complete_tick_gives_all_values(void **state)
{
	struct align a = made(two, 2, 0);
	double values[2];
	struct sample s;

	(void)state;
	assert_false(add(&a, 1, 1000000, 7));
	assert_true(add(&a, 0, 1000500, 5));
	assert_true(align_take(&a, &s, values));
	assert_true(values[0] == 5 && values[1] == 7);
	assert_int_equal(s.at_us, 1000500);
	assert_int_equal(s.lost, 2);
	assert_true(isnan(s.value));
	assert_true(add(&a, 0, 2000500, 6)); /* the slow one is not due yet */
	assert_true(align_take(&a, &s, values));
	assert_true(values[0] == 6 && values[1] == 7);
}

static void a_gap_of_one_is_a_gap_of_all(void **state)
{
	struct align a = made(two, 2, 0);
	double values[2];
	struct sample s;

	(void)state;
	add(&a, 0, 0, NAN);
	assert_true(add(&a, 1, 0, 7));
	assert_false(align_take(&a, &s, values));
	assert_true(isnan(s.value));
	assert_true(align_due_us(&a) == INT64_MAX);
}

static void a_tick_is_over_with_the_next_or_by_the_watermark(void **state)
{
	struct align a = made(two, 2, 0);
	const struct sample next = { .at_us = 750000 }, same = { .at_us = 749999 };

	(void)state;
	assert_false(align_is_over(&a, &next)); /* there is none */
	assert_true(align_due_us(&a) == INT64_MAX);
	add(&a, 0, 0, 1);
	assert_true(align_is_over(&a, &next));
	assert_false(align_is_over(&a, &same));
	assert_int_equal(align_due_us(&a), 750000);
	assert_false(align_has_waited(&a, 749999));
	assert_true(align_has_waited(&a, 750000));
}

static void an_irregular_input_needs_to_be_told_its_age(void **state)
{
	const struct series_info inputs[2] = { two[0], { .kind = SERIES_GAUGE } };
	struct series_info output = inputs[0];
	struct op_setup s = { .inputs = inputs, .n_inputs = 2, .output = &output };
	struct align a = { 0 };

	(void)state;
	assert_int_equal(align_setup(&a, &s, 0), -EINVAL);
	assert_string_equal(s.error, "within is needed, because input 2 has no period to tell when it is too old");
	assert_int_equal(align_setup(&a, &s, 5), 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_complete_tick_gives_all_values),
		cmocka_unit_test(a_gap_of_one_is_a_gap_of_all),
		cmocka_unit_test(a_tick_is_over_with_the_next_or_by_the_watermark),
		cmocka_unit_test(an_irregular_input_needs_to_be_told_its_age),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
