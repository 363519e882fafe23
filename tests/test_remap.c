/* SPDX-License-Identifier: Apache-2.0 */
/* Which window a part is of, when its clock was wrong. Expected values are worked out by hand. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "collector/remap.h"

#define HOUR 1763697600 /* 2025-11-21T04:00:00Z */
#define US INT64_C(1000000)

static const struct metric_def defs[] = { { .kind = SERIES_GAUGE }, { .kind = SERIES_COUNTER } };
static struct partial_metric metrics[2];

static struct partial part(uint32_t wl)
{
	metrics[0] = (struct partial_metric){ 0, { .n = 2, .first_at_ms = 600000, .last_at_ms = 600999 } };
	metrics[1] = (struct partial_metric){ 1, { .n = 2, .first_at_ms = 600000, .last_at_ms = 600000 } };
	return (struct partial){
		.seq = 7, .w0 = 600, .wl = wl, .flags = PARTIAL_UNSYNCED, .wm = 660, .n_metrics = 2, .metrics = metrics
	};
}

static void a_part_is_of_the_shortest_window_that_holds_it(void **state)
{
	static const struct {
		uint32_t wl;
		int64_t begin_us, w0;
		uint32_t longer;
	} cases[] = {
		{ 60, HOUR * US, HOUR, 60 },
		{ 60, (HOUR + 120) * US, HOUR + 120, 60 },
		{ 60, (HOUR + 120) * US + 500000, HOUR + 120, 60 }, /* half a second is nothing */
		{ 60, (HOUR + 120) * US - 500000, HOUR + 120, 60 },
		{ 60, (HOUR + 120) * US + 500001, HOUR, 300 },
		{ 60, (HOUR + 120) * US - 500001, HOUR, 300 },
		{ 60, (HOUR + 240) * US + US, HOUR, 900 }, /* astride of five minutes */
		{ 60, (HOUR + 899) * US, HOUR, 3600 },
		{ 1, HOUR * US + 10000, HOUR, 1 }, /* a hundredth */
		{ 1, HOUR * US + 10001, HOUR, 5 },
		{ 1, (HOUR + 4) * US + 500000, HOUR, 10 },
		{ 1, (HOUR + 9) * US + 500000, HOUR, 15 },
		{ 1, (HOUR + 59) * US + 500000, HOUR, 300 },
		{ 10, (HOUR + 21) * US, HOUR, 60 }, /* 21 to 31 s: astride of 30 s; 15 s is not so many windows */
		{ 10, (HOUR + 31) * US, HOUR + 30, 30 },
		{ 15, (HOUR + 14) * US, HOUR, 30 },
		{ 900, (HOUR + 1000) * US, HOUR, 3600 },
		{ 3600, HOUR * US + 400000, HOUR, 3600 },
		{ 3600, HOUR * US + 500001, HOUR - 4 * 3600, 86400 }, /* astride of the hour */
		{ 60, (HOUR + 3541) * US, HOUR - 4 * 3600, 86400 },
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		struct partial p = part(cases[i].wl);

		assert_int_equal(remap_part(&p, defs, cases[i].begin_us - 600 * US), REMAP_DATED);
		assert_int_equal(p.w0, cases[i].w0);
		assert_int_equal(p.wl, cases[i].longer);
		assert_int_equal(p.part, 2147483655u);
		assert_int_equal(p.flags, PARTIAL_UNSYNCED | PARTIAL_RETIMED);
		assert_int_equal(p.wm, 0);
	}
}

static void times_of_samples_move_with_the_part_and_stay_inside(void **state)
{
	struct partial p = part(60);

	(void)state;
	assert_int_equal(remap_part(&p, defs, (HOUR + 63 - 600) * US + 999), REMAP_DATED);
	assert_int_equal(p.w0, HOUR);
	assert_true(metrics[0].agg.first_at_ms == (HOUR + 63) * INT64_C(1000));
	assert_true(metrics[0].agg.last_at_ms == (HOUR + 63) * INT64_C(1000) + 999);
	assert_true(metrics[1].agg.first_at_ms == HOUR * INT64_C(1000)); /* a counter has none */
	p = part(60);
	assert_int_equal(remap_part(&p, defs, (HOUR - 600) * US - 300000), REMAP_DATED);
	assert_int_equal(p.w0, HOUR);
	assert_true(metrics[0].agg.first_at_ms == HOUR * INT64_C(1000)); /* not 300 ms before the window */
}

static void what_no_window_holds_stays_as_it_is(void **state)
{
	static const struct {
		uint32_t wl;
		int64_t begin_us;
		enum remap_result result;
	} cases[] = {
		{ 60, (HOUR + 20 * 3600 - 30) * US, REMAP_ASTRIDE }, /* of midnight */
		{ 3600, (HOUR + 19 * 3600 + 1) * US, REMAP_ASTRIDE }, { 60, -1, REMAP_NEVER },
		{ 60, -253402300800000000 + 600 * US, REMAP_NEVER },  { 60, 253402300800000000, REMAP_NEVER },
	};
	struct partial p;

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		p = part(cases[i].wl);
		assert_int_equal(remap_part(&p, defs, cases[i].begin_us - 600 * US), cases[i].result);
		assert_int_equal(p.w0, 600);
		assert_int_equal(p.wl, cases[i].wl);
		assert_int_equal(p.flags, PARTIAL_UNSYNCED);
		assert_int_equal(metrics[0].agg.first_at_ms, 600000);
	}
	p = part(60);
	p.seq = 1 << 29; /* its numbers would be those of other parts */
	assert_int_equal(remap_part(&p, defs, HOUR * US), REMAP_NEVER);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_part_is_of_the_shortest_window_that_holds_it),
		cmocka_unit_test(times_of_samples_move_with_the_part_and_stay_inside),
		cmocka_unit_test(what_no_window_holds_stays_as_it_is),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
