/* SPDX-License-Identifier: Apache-2.0 */
/* delta, derivative, integral and counter_rate. A sample a second unless said otherwise; expected values by hand. */
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

static const struct series_info irregular = { .kind = SERIES_GAUGE };
static const struct series_info door = { .kind = SERIES_STATE, .period_us = 1000000 };
static const struct series_info counter = { .kind = SERIES_COUNTER, .period_us = 1000000 };

static const char *unit_of(const char *name, const char *options, const char *unit, enum series_kind kind)
{
	const struct series_info input = { .kind = kind, .unit = unit_find(unit), .period_us = 1000000 };
	struct op_rig *rig = rig_new(name, options, &input, 1);
	const char *code = rig->output.unit->code;

	rig_free(rig);
	return code;
}

static void differences_add_up_over_gaps(void **state)
{
	struct op_rig *rig = rig_new("delta", "", NULL, 0), *count = rig_new("delta", "", &counter, 1);

	(void)state;
	PUSH(rig, NAN, 10, 12, NAN, INFINITY, 9, 9, 1e308, -1e308);
	EXPECT(rig, NAN, 2, NAN, NAN, -3, 0, 1e308, NAN);
	PUSH(count, 10, 12, 3, 3, 4);
	EXPECT(count, 2, 3, 0, 1);
	assert_int_equal(count->output.kind, SERIES_GAUGE);
	rig_free(rig);
	rig_free(count);
}

static void the_slope_is_per_time(void **state)
{
	struct op_rig *rig = rig_new("derivative", "1m", NULL, 0);

	(void)state;
	rig_push(rig, 0, 0, 20);
	rig_push(rig, 0, 1, 21);
	rig_push(rig, 0, 2, NAN);
	rig_push(rig, 0, 11, 11);
	rig_push(rig, 0, 86411, 11 + 86400);
	EXPECT(rig, 60, NAN, -60, 60);
	rig_free(rig);
}

static void without_time_there_is_no_slope(void **state)
{
	struct op_rig *rig = rig_new("derivative", "", NULL, 0);

	(void)state;
	rig_push(rig, 0, 10, 1);
	rig_push(rig, 0, 10, 5);
	rig_push(rig, 0, 5, 6);
	rig_push(rig, 0, 7, 7);
	rig_push(rig, 0, 7.000001, 1e308);
	EXPECT(rig, NAN, NAN, 0.5, NAN);
	rig_free(rig);
}

static void units_per_time_are_known(void **state)
{
	(void)state;
	assert_string_equal(unit_of("derivative", "1m", "L", SERIES_GAUGE), "L/min");
	assert_string_equal(unit_of("derivative", "1h", "kW.h", SERIES_GAUGE), "kW");
	assert_string_equal(unit_of("derivative", "1s", "m/s", SERIES_GAUGE), "m/s2");
	assert_string_equal(unit_of("derivative", "1s", "Cel", SERIES_GAUGE), "K/s");
	assert_string_equal(unit_of("derivative", "1h", "Cel", SERIES_GAUGE), "K/h");
	assert_string_equal(unit_of("derivative", "1h", "hPa", SERIES_GAUGE), "hPa/h");
	assert_string_equal(unit_of("derivative", "1s", "lx", SERIES_GAUGE), "1");
	assert_string_equal(unit_of("delta", "", "Cel", SERIES_GAUGE), "K"); /* 5 K, not 5 degrees on a scale */
	assert_string_equal(unit_of("delta", "", "hPa", SERIES_GAUGE), "hPa");
	assert_string_equal(unit_of("derivative", "per=1h unit=K", "Cel", SERIES_GAUGE), "K");
	assert_string_equal(unit_of("counter_rate", "1m", "{count}", SERIES_COUNTER), "/min");
	assert_string_equal(unit_of("integral", "1h", "W", SERIES_GAUGE), "W.h");
	assert_string_equal(unit_of("integral", "1m", "L/min", SERIES_GAUGE), "L");
	assert_string_equal(unit_of("integral", "1h", "1", SERIES_STATE), "h");
	assert_string_equal(unit_of("integral", "90s", "W", SERIES_GAUGE), "1");
	assert_string_equal(rig_refusal("derivative", "", &counter, 1),
			    "expected a measured quantity, found a counter; take counter_rate");
}

static void trapezoids_are_added(void **state)
{
	struct op_rig *rig = rig_new("integral", "", NULL, 0), *held = rig_new("integral", "method=held", NULL, 0);

	(void)state;
	PUSH(rig, 10, 20, 0, -10);
	EXPECT(rig, 0, 15, 25, 20);
	assert_int_equal(rig->output.kind, SERIES_GAUGE);
	PUSH(held, 10, 20, 0, -10, 5);
	EXPECT(held, 0, 10, 30, 30, 20);
	rig_free(rig);
	rig_free(held);
}

static void an_outage_counts_for_three_periods(void **state)
{
	struct op_rig *rig = rig_new("integral", "", NULL, 0), *sparse = rig_new("integral", "1h", &irregular, 1);

	(void)state;
	rig_push(rig, 0, 0, 2);
	rig_push(rig, 0, 86400, 2);
	rig_push(rig, 0, 86401, NAN);
	rig_push(rig, 0, 86402, 2);
	rig_push(rig, 0, 5, 100); /* back: replaces the value, adds nothing */
	rig_push(rig, 0, 5, 200);
	rig_push(rig, 0, 6, 0);
	EXPECT(rig, 0, 6, NAN, 10, 10, 10, 110);
	rig_push(sparse, 0, 0, 2);
	rig_push(sparse, 0, 86400, 2);
	EXPECT(sparse, 0, 48);
	rig_free(rig);
	rig_free(sparse);
}

static void one_direction_alone_is_a_counter(void **state)
{
	struct op_rig *drawn = rig_new("integral", "only=positive method=held", NULL, 0);
	struct op_rig *fed_in = rig_new("integral", "only=negative method=held", NULL, 0);

	(void)state;
	PUSH(drawn, 5, -3, 2, 0);
	EXPECT(drawn, 0, 5, 5, 7);
	PUSH(fed_in, 5, -3, 2, 0);
	EXPECT(fed_in, 0, 0, 3, 3);
	assert_int_equal(drawn->output.kind, SERIES_COUNTER);
	rig_free(drawn);
	rig_free(fed_in);
}

/* 1e16 + 1 is not a double: without compensation a thousand of them are lost. */
static void small_parts_of_a_large_sum_are_not_lost(void **state)
{
	struct op_rig *rig = rig_new("integral", "method=held", NULL, 0);

	(void)state;
	rig_push(rig, 0, 0, 1e16);
	rig_push(rig, 0, 1, 1);
	for (int i = 2; i <= 1001; i++)
		rig_push(rig, 0, i, 1);
	assert_true(rig->out[1001].value == 1e16 + 1000);
	rig_free(rig);
}

static void what_would_overflow_is_not_added(void **state)
{
	struct op_rig *rig = rig_new("integral", "method=held", NULL, 0);

	(void)state;
	PUSH(rig, 1e308, 1e308, 1e308, -1e308, -1e308, 1, 1);
	EXPECT(rig, 0, 1e308, NAN, NAN, 0, -1e308, -1e308);
	rig_free(rig);
	assert_string_equal(rig_refusal("integral", "", &counter, 1),
			    "a counter is a sum already; expected a measured quantity or a state");
}

static void a_counter_that_fell_has_restarted(void **state)
{
	struct op_rig *rig = rig_new("counter_rate", "", &counter, 1);

	(void)state;
	PUSH(rig, 100, 110, NAN, 130, 4, 4);
	EXPECT(rig, 10, NAN, 10, 4, 0);
	rig_push(rig, 0, 5, 10); /* no time */
	rig_push(rig, 0, 4, 20); /* less than none */
	rig_push(rig, 0, 6, 30);
	EXPECT(rig, NAN, NAN, 5);
	assert_int_equal(rig->output.kind, SERIES_GAUGE);
	rig_free(rig);
}

static void a_counter_that_wraps_goes_on(void **state)
{
	struct op_rig *rig = rig_new("counter_rate", "modulus=65536", &counter, 1);

	(void)state;
	/* 11 more; a restart from 20000; and what is no count of 16 bits */
	PUSH(rig, 65530, 5, 20000, 5, 65536, -1, 1e300, 14);
	EXPECT(rig, 11, 19995, 5, NAN, NAN, NAN, 2.25);
	rig_free(rig);
	assert_string_equal(rig_refusal("counter_rate", "", &door, 1),
			    "expected a counter, found a state; count its changes by edge_count");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(differences_add_up_over_gaps),
		cmocka_unit_test(the_slope_is_per_time),
		cmocka_unit_test(without_time_there_is_no_slope),
		cmocka_unit_test(units_per_time_are_known),
		cmocka_unit_test(trapezoids_are_added),
		cmocka_unit_test(an_outage_counts_for_three_periods),
		cmocka_unit_test(one_direction_alone_is_a_counter),
		cmocka_unit_test(small_parts_of_a_large_sum_are_not_lost),
		cmocka_unit_test(what_would_overflow_is_not_added),
		cmocka_unit_test(a_counter_that_fell_has_restarted),
		cmocka_unit_test(a_counter_that_wraps_goes_on),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
