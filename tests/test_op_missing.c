/* SPDX-License-Identifier: Apache-2.0 */
/* missing: what silence proves, and what it does not. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <math.h>

#include "base/check.h"
#include "base/unit.h"
#include "tests/op_rig.h"

static const struct series_info irregular = { .kind = SERIES_GAUGE };

static void assert_at(const struct op_rig *rig, size_t i, double at_s)
{
	assert_true(i < rig->n_out);
	assert_int_equal(rig->out[i].at_us, llround(at_s * 1e6));
}

static void silence_raises_it_and_a_reading_clears_it(void **state)
{
	struct op_rig *rig = rig_new("missing", "5s", NULL, 0);

	(void)state;
	rig_push(rig, 0, 10, 1);
	rig_advance(rig, 15);
	EXPECT(rig, 0); /* not longer than 5 s */
	rig_advance(rig, 15.1);
	rig_advance(rig, 100);
	assert_at(rig, 0, 15);
	EXPECT(rig, 1);
	rig_push(rig, 0, 101, 1);
	EXPECT(rig, 0);
	assert_int_equal(rig->output.kind, SERIES_STATE);
	rig_free(rig);
}

static void it_says_when_it_will_be_due(void **state)
{
	struct op_rig *rig = rig_new("missing", "5s", NULL, 0);

	(void)state;
	assert_true(rig->class->due_us(rig->op.state) == INT64_MAX);
	rig_push(rig, 0, 10, 1);
	assert_int_equal(rig->class->due_us(rig->op.state), 15000001);
	rig->class->advance(rig->op.state, 15000001, &rig->op.out);
	EXPECT(rig, 0, 1);
	assert_true(rig->class->due_us(rig->op.state) == INT64_MAX);
	rig_free(rig);
}

static void a_sensor_that_never_spoke_is_missing(void **state)
{
	struct op_rig *rig = rig_new("missing", "5s", NULL, 0);

	(void)state;
	rig_advance(rig, 1000);
	EXPECT_NOTHING(rig);
	rig_advance(rig, 1006);
	assert_at(rig, 0, 1005);
	EXPECT(rig, 1);
	rig_free(rig);
}

static void gaps_are_no_readings(void **state)
{
	struct op_rig *rig = rig_new("missing", "5s", NULL, 0);

	(void)state;
	rig_push(rig, 0, 0, 1);
	for (int t = 1; t <= 7; t++)
		rig_push(rig, 0, t, t % 2 ? NAN : INFINITY);
	rig_push(rig, 0, 8, 1);
	/* raised at 5, told by the gap at 6 */
	EXPECT(rig, 0, 0, 0, 0, 0, 0, 1, 1, 1, 0);
	rig_free(rig);
}

static void a_hole_in_a_recording_is_found_without_a_watermark(void **state)
{
	struct op_rig *rig = rig_new("missing", "5s", NULL, 0);

	(void)state;
	rig_push(rig, 0, 0, 1);
	rig_push(rig, 0, 86400, 1);
	assert_at(rig, 1, 5);
	assert_at(rig, 2, 86400);
	EXPECT(rig, 0, 1, 0);
	rig_free(rig);
}

static void the_end_of_the_input_is_not_silence(void **state)
{
	struct op_rig *rig = rig_new("missing", "5s", NULL, 0);

	(void)state;
	rig_push(rig, 0, 0, 1);
	rig_finish(rig);
	EXPECT(rig, 0);
	rig_free(rig);
}

static void a_late_reading_is_no_news(void **state)
{
	struct op_rig *rig = rig_new("missing", "5s", NULL, 0);

	(void)state;
	rig_push(rig, 0, 10, 1);
	rig_advance(rig, 20);
	rig_push(rig, 0, 8, 1);	 /* still missing */
	rig_push(rig, 0, 12, 1); /* came at 12, told late; then silence again */
	rig_advance(rig, 20);
	EXPECT(rig, 0, 1, 1, 0, 1);
	rig_free(rig);
}

static void a_clock_set_back_does_not_silence_the_alarm(void **state)
{
	struct op_rig *rig = rig_new("missing", "5s", NULL, 0);

	(void)state;
	rig_push(rig, 0, 1e9, 1);
	rig_push(rig, 0, 10, 1);
	rig_advance(rig, 16);
	EXPECT(rig, 0, 0, 1);
	rig_free(rig);
}

static void lost_samples_are_handed_on(void **state)
{
	struct op_rig *rig = rig_new("missing", "5s", NULL, 0);

	(void)state;
	rig_push_lost(rig, 0, 0, 1, 3);
	rig_push_lost(rig, 0, 100, 1, 2);
	assert_int_equal(rig->out[0].lost, 3);
	assert_int_equal(rig->out[1].lost, 0);
	assert_int_equal(rig->out[2].lost, 2);
	rig_free(rig);
}

static void by_default_it_is_three_periods(void **state)
{
	struct op_rig *rig = rig_new("missing", "", NULL, 0);

	(void)state;
	rig_push(rig, 0, 0, 1);
	rig_advance(rig, 3.5);
	assert_at(rig, 1, 3);
	rig_free(rig);
	assert_string_equal(rig_refusal("missing", "", &irregular, 1),
			    "for is needed, because the input has no period");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(silence_raises_it_and_a_reading_clears_it),
		cmocka_unit_test(it_says_when_it_will_be_due),
		cmocka_unit_test(a_sensor_that_never_spoke_is_missing),
		cmocka_unit_test(gaps_are_no_readings),
		cmocka_unit_test(a_hole_in_a_recording_is_found_without_a_watermark),
		cmocka_unit_test(the_end_of_the_input_is_not_silence),
		cmocka_unit_test(a_late_reading_is_no_news),
		cmocka_unit_test(a_clock_set_back_does_not_silence_the_alarm),
		cmocka_unit_test(lost_samples_are_handed_on),
		cmocka_unit_test(by_default_it_is_three_periods),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
