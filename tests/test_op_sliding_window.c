/* SPDX-License-Identifier: Apache-2.0 */
/* sliding_window: what is in the window. The numbers themselves: test_feature.c. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <math.h>

#include "tests/op_rig.h"

static const struct series_info irregular = { .kind = SERIES_GAUGE };

static void a_window_of_time_holds_what_is_younger(void **state)
{
	struct op_rig *rig = rig_new("sliding_window", "length=10s value=sum", &irregular, 1);

	(void)state;
	rig_push(rig, 0, 0, 1);
	rig_push(rig, 0, 9, 2);
	rig_push(rig, 0, 10, 4);
	rig_push(rig, 0, 10.5, NAN);
	rig_push(rig, 0, 18.999, 8);
	rig_push(rig, 0, 1000, 16);
	EXPECT(rig, 1, 3, 6, NAN, 14, 16);
	rig_free(rig);
}

static void a_late_value_counts_as_if_it_came_now_and_a_clock_set_back_starts_anew(void **state)
{
	struct op_rig *rig = rig_new("sliding_window", "length=10s value=n", &irregular, 1);

	(void)state;
	rig_push(rig, 0, 100, 1);
	rig_push(rig, 0, 91, 1);
	rig_push(rig, 0, 109, 1);
	rig_push(rig, 0, 110, 1); /* those of 100 have left, the late one too */
	rig_push(rig, 0, 100, 1);
	EXPECT(rig, 1, 2, 3, 2, 1);
	rig_free(rig);
}

static void a_window_of_n_counts_and_time_plays_no_part(void **state)
{
	struct op_rig *rig = rig_new("sliding_window", "length=3 value=max", NULL, 0);

	(void)state;
	rig_push(rig, 0, 5, 9);
	rig_push(rig, 0, 1, 4);
	rig_push(rig, 0, 1e9, 6);
	rig_push(rig, 0, 0, 5);
	rig_push(rig, 0, 0, 5);
	EXPECT(rig, 9, 9, 9, 6, 6);
	rig_free(rig);
}

static void a_full_ring_lets_the_oldest_go_early(void **state)
{
	struct op_rig *rig = rig_new("sliding_window", "length=1h value=sum max_samples=2", &irregular, 1);

	(void)state;
	for (int i = 0; i < 4; i++)
		rig_push(rig, 0, i, 1 << i);
	EXPECT(rig, 1, 3, 6, 12);
	rig_free(rig);
}

/* The place in the ring is by the sample, so a long run wraps around it often. */
static void a_long_run_agrees_with_sums_done_afresh(void **state)
{
	struct op_rig *rig = rig_new("sliding_window", "length=7s value=sum", NULL, 0);

	(void)state;
	for (int i = 0; i < 50000; i++) {
		double sum = 0;

		rig_push(rig, 0, i, (i * 7919) % 1000);
		for (int k = i < 6 ? 0 : i - 6; k <= i; k++)
			sum += (k * 7919) % 1000;
		assert_true(rig->out[i].value == sum);
	}
	rig_free(rig);
}

static void one_value_has_no_spread_and_is_no_fault(void **state)
{
	struct op_rig *rig = rig_new("sliding_window", "length=3 value=stddev", NULL, 0);

	(void)state;
	rig_push_lost(rig, 0, 0, 1, 4);
	assert_int_equal(rig->n_out, 0);
	rig_push(rig, 0, 1, NAN);
	rig_push(rig, 0, 2, 3);
	assert_int_equal(rig->out[0].lost, 4);
	EXPECT(rig, NAN, sqrt(2.0));
	rig_free(rig);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(one_value_has_no_spread_and_is_no_fault),
		cmocka_unit_test(a_window_of_time_holds_what_is_younger),
		cmocka_unit_test(a_late_value_counts_as_if_it_came_now_and_a_clock_set_back_starts_anew),
		cmocka_unit_test(a_window_of_n_counts_and_time_plays_no_part),
		cmocka_unit_test(a_full_ring_lets_the_oldest_go_early),
		cmocka_unit_test(a_long_run_agrees_with_sums_done_afresh),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
