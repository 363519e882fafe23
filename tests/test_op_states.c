/* SPDX-License-Identifier: Apache-2.0 */
/* debounce, edge_count, run_length and time_in_state. A sample a second unless said otherwise; expected values by hand. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <math.h>

#include "base/unit.h"
#include "tests/op_rig.h"

static void push_all(struct op_rig *rig, const double values[], size_t n)
{
	for (size_t i = 0; i < n; i++)
		rig_push(rig, 0, (double)i, values[i]);
}

#define PUSH(rig, ...) push_all(rig, (const double[]){ __VA_ARGS__ }, sizeof((const double[]){ __VA_ARGS__ }) / 8)

static const struct series_info door = { .kind = SERIES_STATE, .period_us = 1000000 };
static const struct series_info contact = { .kind = SERIES_STATE }; /* tells of changes alone */

static void a_state_changes_once_it_has_held(void **state)
{
	struct op_rig *rig = rig_new("debounce", "2s", &door, 1);

	(void)state;
	PUSH(rig, 0, 1, 0, 1, 1, 1, 0, 1, 0, 0, NAN, 0);
	EXPECT(rig, 0, 0, 0, 0, 0, 1, 1, 1, 1, 1, NAN, 0);
	rig_free(rig);
}

static void one_way_may_be_quick(void **state)
{
	struct op_rig *rising = rig_new("debounce", "for=2s edge=rising", &door, 1);
	struct op_rig *falling = rig_new("debounce", "for=2s edge=falling", &door, 1);

	(void)state;
	PUSH(rising, 0, 1, 1, 1, 0, 1);
	EXPECT(rising, 0, 0, 0, 1, 0, 0);
	PUSH(falling, 0, 1, 0, 0, 0, 1);
	EXPECT(falling, 0, 1, 1, 1, 0, 1);
	rig_free(rising);
	rig_free(falling);
}

static void the_first_state_is_believed_and_0_waits_for_nothing(void **state)
{
	struct op_rig *rig = rig_new("debounce", "1h", &door, 1), *none = rig_new("debounce", "0", &door, 1);

	(void)state;
	PUSH(rig, 1, 0, 1);
	EXPECT(rig, 1, 1, 1);
	PUSH(none, 0, 1, 0, 1);
	EXPECT(none, 0, 1, 0, 1);
	rig_free(rig);
	rig_free(none);
}

static void silence_of_a_contact_proves_that_it_holds(void **state)
{
	struct op_rig *rig = rig_new("debounce", "2s", &contact, 1);

	(void)state;
	rig_push(rig, 0, 0, 0);
	rig_push(rig, 0, 10, 1);
	rig_push(rig, 0, 10.1, 0);
	rig_push(rig, 0, 10.2, 1);
	EXPECT(rig, 0, 0, 0, 0);
	assert_int_equal(rig->class->due_us(rig->op.state), 12200000);
	rig_advance(rig, 12.1);
	EXPECT_NOTHING(rig);
	rig_advance(rig, 12.2);
	assert_int_equal(rig->out[0].at_us, 12200000);
	EXPECT(rig, 1);
	rig_push(rig, 0, 20, 0);
	rig_push(rig, 0, 30, 1); /* it was 0 for 10 s, though no watermark said so */
	assert_int_equal(rig->out[1].at_us, 22000000);
	EXPECT(rig, 1, 0, 0);
	rig_finish(rig);
	EXPECT_NOTHING(rig);
	rig_free(rig);
}

static void silence_of_a_polled_state_proves_nothing(void **state)
{
	struct op_rig *rig = rig_new("debounce", "10s", &door, 1);

	(void)state;
	rig_push(rig, 0, 0, 0);
	rig_push(rig, 0, 1, 1);
	assert_true(rig->class->due_us(rig->op.state) == INT64_MAX);
	rig_push(rig, 0, 3600, 1); /* 3 s */
	rig_push(rig, 0, 7200, 1);
	rig_push(rig, 0, 10800, 1);
	rig_push(rig, 0, 5, 1); /* the clock was set back: no time */
	rig_push(rig, 0, 6, 1);
	EXPECT(rig, 0, 0, 0, 0, 0, 0, 1);
	rig_free(rig);
	assert_string_equal(rig_refusal("debounce", "1s", NULL, 0),
			    "takes a state (0 or 1): put a threshold before it");
}

static void edges_are_counted(void **state)
{
	struct op_rig *rising = rig_new("edge_count", "", &door, 1), *both = rig_new("edge_count", "both", &door, 1);
	struct op_rig *falling = rig_new("edge_count", "falling", &door, 1);

	(void)state;
	PUSH(rising, 1, 0, 1, 1, NAN, 0, NAN, 1);
	EXPECT(rising, 0, 0, 1, 1, NAN, 1, NAN, 2);
	PUSH(both, 1, 0, 1, 1, INFINITY, 0);
	EXPECT(both, 0, 1, 2, 2, NAN, 3);
	PUSH(falling, 0, 1, 0, 1, 0);
	EXPECT(falling, 0, 0, 1, 1, 2);
	assert_int_equal(rising->output.kind, SERIES_COUNTER);
	assert_string_equal(rising->output.unit->code, "{count}");
	rig_free(rising);
	rig_free(both);
	rig_free(falling);
	assert_string_equal(rig_refusal("edge_count", "", NULL, 0),
			    "takes a state (0 or 1): put a threshold before it");
}

static void equal_values_in_a_row_are_counted(void **state)
{
	struct op_rig *rig = rig_new("run_length", "", &door, 1), *near = rig_new("run_length", "0.5", NULL, 0);

	(void)state;
	PUSH(rig, 0, 0, 1, NAN, 1, 1, 0);
	EXPECT(rig, 1, 2, 1, NAN, 2, 3, 1);
	assert_string_equal(rig->output.unit->code, "{count}");
	PUSH(near, 10, 10.5, 9.5, 10.6, 11.1, 1e300, 1e300);
	EXPECT(near, 1, 2, 3, 1, 2, 1, 2);
	rig_free(rig);
	rig_free(near);
}

static void the_time_since_a_change_is_told(void **state)
{
	struct op_rig *on = rig_new("time_in_state", "", &door, 1), *any = rig_new("time_in_state", "any", &door, 1);
	struct op_rig *off = rig_new("time_in_state", "0", &door, 1);

	(void)state;
	PUSH(on, 0, 1, 1, NAN, 1, 0, 1);
	EXPECT(on, 0, 0, 1, NAN, 3, 0, 0);
	PUSH(any, 0, 0, 1, 1, 0);
	EXPECT(any, 0, 1, 0, 1, 0);
	PUSH(off, 0, 0, 1, 1, 0, 0);
	EXPECT(off, 0, 1, 0, 0, 0, 1);
	assert_string_equal(on->output.unit->code, "s");
	assert_int_equal(on->output.kind, SERIES_GAUGE);
	rig_free(on);
	rig_free(any);
	rig_free(off);
}

static void hours_run_are_a_counter(void **state)
{
	struct op_rig *rig = rig_new("time_in_state", "total=yes", &door, 1);
	struct op_rig *sparse = rig_new("time_in_state", "total=yes", &contact, 1);

	(void)state;
	PUSH(rig, 1, 1, 0, 0, 1, 1);
	EXPECT(rig, 0, 1, 2, 2, 2, 3);
	rig_push(rig, 0, 3600, 1); /* three periods */
	rig_push(rig, 0, 10, 1);
	EXPECT(rig, 6, 6);
	assert_int_equal(rig->output.kind, SERIES_COUNTER);
	rig_push(sparse, 0, 0, 1);
	rig_push(sparse, 0, 3600.5, 0);
	rig_push(sparse, 0, 7000, 1);
	EXPECT(sparse, 0, 3600.5, 3600.5);
	rig_free(rig);
	rig_free(sparse);
	assert_string_equal(rig_refusal("time_in_state", "", NULL, 0),
			    "takes a state (0 or 1): put a threshold before it");
}

static void the_ends_of_time_do_no_harm(void **state)
{
	struct op_rig *rig = rig_new("time_in_state", "total=yes", &contact, 1);
	const int64_t times[] = { INT64_MIN, INT64_MAX, INT64_MIN, INT64_MAX };

	(void)state;
	for (int i = 0; i < 4; i++) {
		struct sample s = { .at_us = times[i], .value = 1 };

		rig->op.push(rig->op.state, 0, &s, &rig->op.out);
	}
	/* 2^64 - 1 microseconds, and no more than that */
	EXPECT(rig, 0, 18446744073709.551615, 18446744073709.551615, 18446744073709.551615);
	rig_free(rig);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_state_changes_once_it_has_held),
		cmocka_unit_test(one_way_may_be_quick),
		cmocka_unit_test(the_first_state_is_believed_and_0_waits_for_nothing),
		cmocka_unit_test(silence_of_a_contact_proves_that_it_holds),
		cmocka_unit_test(silence_of_a_polled_state_proves_nothing),
		cmocka_unit_test(edges_are_counted),
		cmocka_unit_test(equal_values_in_a_row_are_counted),
		cmocka_unit_test(the_time_since_a_change_is_told),
		cmocka_unit_test(hours_run_are_a_counter),
		cmocka_unit_test(the_ends_of_time_do_no_harm),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
