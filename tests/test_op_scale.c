/* SPDX-License-Identifier: Apache-2.0 */
/* scale: the arithmetic, and what becomes of unit and kind. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <math.h>

#include "base/unit.h"
#include "tests/op_rig.h"

static const struct series_info counter = { .kind = SERIES_COUNTER };
static const struct series_info door = { .kind = SERIES_STATE };

static void fahrenheit_from_celsius(void **state)
{
	struct op_rig *rig = rig_new("scale", "factor=1.8 offset=32 unit=1", NULL, 0);

	(void)state;
	rig_push(rig, 0, 0, 0);
	rig_push(rig, 0, 1, 100);
	rig_push(rig, 0, 2, -40);
	EXPECT(rig, 32, 212, -40);
	assert_string_equal(rig->output.unit->code, "1");
	assert_int_equal(rig->output.kind, SERIES_GAUGE);
	rig_free(rig);
}

static void a_number_alone_is_the_factor_and_the_unit_stays(void **state)
{
	struct op_rig *rig = rig_new("scale", "-0.5", NULL, 0);

	(void)state;
	rig_push(rig, 0, 0, 3);
	EXPECT(rig, -1.5);
	assert_string_equal(rig->output.unit->code, "Cel");
	rig_free(rig);
}

static void an_overflow_is_a_gap(void **state)
{
	struct op_rig *rig = rig_new("scale", "1e10", NULL, 0);

	(void)state;
	rig_push(rig, 0, 0, 1e300);
	rig_push(rig, 0, 1, -1e300);
	rig_push(rig, 0, 2, INFINITY);
	rig_push_lost(rig, 0, 3, NAN, 4);
	rig_push(rig, 0, 4, 1);
	assert_int_equal(rig->out[3].lost, 4);
	EXPECT(rig, NAN, NAN, NAN, NAN, 1e10);
	rig_free(rig);
}

static enum series_kind kind_of(const char *options, const struct series_info *input)
{
	struct op_rig *rig = rig_new("scale", options, input, 1);
	enum series_kind kind = rig->output.kind;

	rig_free(rig);
	return kind;
}

static void a_state_stays_one_only_as_itself_or_inverted(void **state)
{
	struct op_rig *rig = rig_new("scale", "factor=-1 offset=1", &door, 1);

	(void)state;
	rig_push(rig, 0, 0, 0);
	rig_push(rig, 0, 1, 1);
	EXPECT(rig, 1, 0);
	rig_free(rig);

	assert_int_equal(kind_of("factor=-1 offset=1", &door), SERIES_STATE);
	assert_int_equal(kind_of("1", &door), SERIES_STATE);
	assert_int_equal(kind_of("2", &door), SERIES_GAUGE);
	assert_int_equal(kind_of("offset=1", &door), SERIES_GAUGE);
	assert_int_equal(kind_of("factor=-0.5 offset=0.5", &door), SERIES_GAUGE);
}

static void a_counter_stays_one_and_must_keep_its_zero(void **state)
{
	(void)state;
	assert_int_equal(kind_of("0.00225", &counter), SERIES_COUNTER);
	assert_string_equal(rig_refusal("scale", "factor=2 offset=5", &counter, 1),
			    "offset of a counter must be 0, because it restarts from 0; found 5");
	assert_string_equal(rig_refusal("scale", "-0.5", &counter, 1),
			    "factor of a counter must be above 0, found -0.5");
}

static void a_factor_of_zero_is_refused(void **state)
{
	(void)state;
	assert_string_equal(rig_refusal("scale", "0", NULL, 0),
			    "factor must not be 0: every value would become the offset");
	assert_int_equal(rig_option_errors("scale", "unit=degC"), 1);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(fahrenheit_from_celsius),
		cmocka_unit_test(a_number_alone_is_the_factor_and_the_unit_stays),
		cmocka_unit_test(an_overflow_is_a_gap),
		cmocka_unit_test(a_state_stays_one_only_as_itself_or_inverted),
		cmocka_unit_test(a_counter_stays_one_and_must_keep_its_zero),
		cmocka_unit_test(a_factor_of_zero_is_refused),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
