/* SPDX-License-Identifier: Apache-2.0 */
/* Values that cannot be: which are refused, and that none is refused for ever. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <math.h>
#include <string.h>

#include "agent/limits.h"

#define SECOND INT64_C(1000000)

static const struct channel channels[] = {
	{ .name = "temperature", .unit = "Cel" },
	{ .name = "humidity", .unit = "%" },
	{ .name = "door", .unit = "1", .kind = CHANNEL_STATE },
};

struct rig {
	struct conf_limits limits[ARRAY_LEN(channels)];
	struct conf_sensor sensor;
	struct arena arena;
	struct limits l;
	struct limits_verdict v;
	int64_t at_us;
};

/* Temperature -40 to 85, humidity 0 to 100. */
static void begin(struct rig *r)
{
	*r = (struct rig){ .limits = { { .min = -40, .max = 85 }, { .min = 0, .max = 100 } },
			   .at_us = INT64_C(1763700000000000) };
	r->sensor = (struct conf_sensor){
		.name = "air",
		.every_us = SECOND,
		.channels = channels,
		.n_channels = ARRAY_LEN(channels),
		.limits = r->limits,
	};
	limits_init(&r->l, &r->sensor, SECOND, &r->arena);
}

/* One reading, a period later. @return the temperature that remains */
static double feed(struct rig *r, double temperature, double humidity)
{
	double values[] = { temperature, humidity, 1 };

	r->at_us += SECOND;
	limits_check(&r->l, r->at_us, values, &r->v);
	assert_true(values[2] == 1); /* states are never touched, unless all are */
	return values[0];
}

static void what_is_out_of_range_is_a_gap_and_the_rest_stays(void **state)
{
	double values[] = { 187.5, 50, 1 };
	struct rig r;

	(void)state;
	begin(&r);
	assert_false(limits_check(&r.l, r.at_us, values, &r.v));
	assert_true(isnan(values[0]) && values[1] == 50 && values[2] == 1);
	assert_true(r.v.n_range == 1 && r.v.n_step == 0 && !r.v.is_frozen && !r.v.is_hopeless);
	assert_string_equal(r.v.text, "temperature out of range: 187.5 Cel is not within -40 to 85");
	arena_free(&r.arena);
}

static void the_ends_of_the_range_are_in_it(void **state)
{
	struct rig r;

	(void)state;
	begin(&r);
	assert_true(feed(&r, -40, 0) == -40);
	assert_true(feed(&r, 85, 100) == 85);
	assert_true(isnan(feed(&r, 85.001, 100)));
	assert_true(isnan(feed(&r, -40.001, 0)));
	assert_true(isnan(feed(&r, INFINITY, 0)));
	assert_true(r.v.n_range == 1);
	assert_true(isnan(feed(&r, NAN, 0)));
	assert_true(r.v.n_range == 0); /* a gap is not a wrong value */
	arena_free(&r.arena);
}

static void without_limits_everything_passes(void **state)
{
	double values[] = { 1e300, -INFINITY, 1 };
	struct rig r;

	(void)state;
	begin(&r);
	r.sensor.limits = NULL;
	assert_true(limits_check(&r.l, r.at_us, values, &r.v));
	assert_true(values[0] == 1e300 && isinf(values[1]));
	arena_free(&r.arena);
}

static void a_spike_is_refused_and_what_follows_it_is_not(void **state)
{
	struct rig r;

	(void)state;
	begin(&r);
	r.limits[0].max_step = 2;
	assert_true(feed(&r, 20, 50) == 20);
	assert_true(feed(&r, 22, 50) == 22);
	assert_true(isnan(feed(&r, 85, 50)));
	assert_int_equal(r.v.n_step, 1);
	assert_string_equal(r.v.text, "temperature made an impossible step: from 22 to 85 Cel");
	assert_true(feed(&r, 22.5, 50) == 22.5);
	arena_free(&r.arena);
}

/* From 20 to 50 at 2 a second takes 15 seconds; so long it is refused. */
static void a_step_that_stays_is_taken_up_after_the_time_it_would_have_taken(void **state)
{
	unsigned n_refused = 0;
	struct rig r;

	(void)state;
	begin(&r);
	r.limits[0].max_step = 2;
	feed(&r, 20, 50);
	while (isnan(feed(&r, 50, 50)))
		assert_true(++n_refused < 100);
	assert_int_equal(n_refused, 14);
	arena_free(&r.arena);
}

static void readings_that_were_missed_leave_room_for_the_step(void **state)
{
	struct rig r;

	(void)state;
	begin(&r);
	r.limits[0].max_step = 2;
	feed(&r, 20, 50);
	r.at_us += 9 * SECOND;
	assert_true(feed(&r, 40, 50) == 40);
	r.at_us += 9 * SECOND;
	assert_true(isnan(feed(&r, 60.5, 50)));
	arena_free(&r.arena);
}

static void a_reading_of_refused_values_alone_is_hopeless(void **state)
{
	struct rig r;

	(void)state;
	begin(&r);
	r.sensor.n_channels = 2;
	feed(&r, 100, 50);
	assert_false(r.v.is_hopeless);
	feed(&r, 100, 101);
	assert_true(r.v.is_hopeless && r.v.n_range == 2);
	feed(&r, NAN, NAN);
	assert_false(r.v.is_hopeless);
	arena_free(&r.arena);
}

/* Both gauges stand still for 10 s; one that moves is enough to be alive. */
static void all_gauges_must_stand_still_to_be_frozen(void **state)
{
	struct rig r;

	(void)state;
	begin(&r);
	r.sensor.frozen_after_us = 10 * SECOND;
	for (int i = 0; i < 30; i++) {
		feed(&r, 20, i % 2 ? 50 : 51);
		assert_false(r.v.is_frozen);
	}
	r.sensor.n_channels = 2;
	for (int i = 0; i < 9; i++)
		assert_true(feed(&r, 20, 50) == 20); /* the first of them repeats the last of the loop above */
	assert_true(isnan(feed(&r, 20, 50)));
	assert_true(r.v.is_frozen);
	assert_string_equal(r.v.text, "frozen: exactly the same values in 11 readings");
	assert_true(isnan(feed(&r, 20, 50))); /* and it stays so, */
	assert_true(isnan(feed(&r, NAN, NAN)) && !r.v.is_frozen);
	assert_true(isnan(feed(&r, 20, 50)) && r.v.is_frozen);
	assert_true(feed(&r, 20.01, 50) == 20.01); /* until something moves */
	arena_free(&r.arena);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(what_is_out_of_range_is_a_gap_and_the_rest_stays),
		cmocka_unit_test(the_ends_of_the_range_are_in_it),
		cmocka_unit_test(without_limits_everything_passes),
		cmocka_unit_test(a_spike_is_refused_and_what_follows_it_is_not),
		cmocka_unit_test(a_step_that_stays_is_taken_up_after_the_time_it_would_have_taken),
		cmocka_unit_test(readings_that_were_missed_leave_room_for_the_step),
		cmocka_unit_test(a_reading_of_refused_values_alone_is_hopeless),
		cmocka_unit_test(all_gauges_must_stand_still_to_be_frozen),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
