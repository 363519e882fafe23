/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Rows of a simulated device are dated, and the dates held to the times at which it took them. The device counts by a clock that is
 * fast or slow; fetches come when the kernel lets them. How far a date may be off follows from what can be seen: a row is known to
 * lie within one period before the fetch.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <math.h>

#include "agent/stamps.h"
#include "base/check.h"
#include "base/prng.h"

#define START_US INT64_C(1763700000000000)

struct device {
	double period_us; /* true */
	double origin_us; /* of row 0, since START_US */
	uint64_t n_taken;
};

/** Rows taken since the last call. */
static size_t rows_at(struct device *d, int64_t now_us)
{
	double since_us = (double)(now_us - START_US) - d->origin_us;
	uint64_t n = since_us < 0.0 ? 0 : (uint64_t)(since_us / d->period_us) + 1, before = d->n_taken;

	d->n_taken = n;
	return (size_t)(n - before);
}

static double truth_us(const struct device *d, uint64_t row)
{
	return (double)START_US + d->origin_us + (double)row * d->period_us;
}

/** Fetch for @seconds every @fetch_us with a jitter; after @settle_s dates must be within @tolerance periods and evenly spaced. */
static void run(struct device *d, int64_t nominal_us, int64_t fetch_us, double settle_s, double tolerance)
{
	struct stamps s;
	uint64_t random = 7, row = 0;
	int64_t now_us = START_US, last_us = START_US;

	stamps_init(&s, nominal_us);
	stamps_restart(&s, START_US);
	while (now_us < START_US + 60 * 1000000) {
		struct stamps_span span;
		size_t n;

		now_us += fetch_us + (int64_t)(0.5 * (double)fetch_us * prng_unit(&random));
		n = rows_at(d, now_us);
		span = stamps_next(&s, now_us, n, false);
		assert_int_equal(span.lost, 0);
		assert_int_equal(span.skip, 0);
		for (size_t i = 0; i < n; i++, row++) {
			int64_t at_us = stamps_at(&span, i);

			assert_true(at_us > last_us);
			assert_true(at_us <= now_us);
			last_us = at_us;
			if ((double)(now_us - START_US) / 1e6 < settle_s)
				continue;
			if (fabs((double)at_us - truth_us(d, row)) > tolerance * d->period_us)
				fail_msg("row %llu of %.1f us is %.1f us off", (unsigned long long)row, d->period_us,
					 (double)at_us - truth_us(d, row));
		}
		if (n > 4 && (double)(now_us - START_US) / 1e6 > settle_s)
			if (fabs(span.spacing_us / d->period_us - 1.0) > 0.03)
				fail_msg("%zu rows of %.1f us are %.1f us apart", n, d->period_us, span.spacing_us);
	}
	assert_true((double)row * d->period_us > 59.9e6);
}

static void rows_of_a_clock_some_percent_off_are_dated_within_a_period(void **state)
{
	static const double drifts[] = { 0.9, 0.97, 0.999, 1.0, 1.001, 1.03, 1.1 };
	static const int64_t nominal_us[] = { 313, 744, 1000, 10000 };
	(void)state;

	for (size_t i = 0; i < ARRAY_LEN(drifts); i++)
		for (size_t k = 0; k < ARRAY_LEN(nominal_us); k++) {
			struct device d = { .period_us = drifts[i] * (double)nominal_us[k], .origin_us = 100.0 };

			run(&d, nominal_us[k], 16 * nominal_us[k], 5.0 + 120.0 * 16e-6 * (double)nominal_us[k], 1.0);
		}
}

static void a_slow_device_gives_no_row_or_one(void **state)
{
	struct device d = { .period_us = 103000.0, .origin_us = 500.0 };
	(void)state;

	run(&d, 100000, 25000, 30.0, 1.0);
}

static void the_first_rows_are_not_dated_before_the_buffer_was_emptied(void **state)
{
	struct stamps s;
	struct stamps_span span;
	(void)state;

	stamps_init(&s, 1000);
	stamps_restart(&s, START_US);
	span = stamps_next(&s, START_US + 3200, 5, false); /* 2.7 ms would be for three: two have no time */
	assert_int_equal(span.skip, 2);
	assert_int_equal(span.lost, 2);
	assert_true(stamps_at(&span, 2) > START_US);
	assert_true(stamps_at(&span, 4) == START_US + 2700); /* half a period before the fetch */
}

static void rows_without_any_time_are_told_as_lost_with_the_next(void **state)
{
	struct stamps s;
	struct stamps_span span;
	(void)state;

	stamps_init(&s, 1000);
	stamps_restart(&s, START_US);
	span = stamps_next(&s, START_US - 100, 3, false);
	assert_int_equal(span.skip, 3);
	assert_int_equal(span.lost, 0);
	span = stamps_next(&s, START_US + 4100, 4, false);
	assert_int_equal(span.skip, 0);
	assert_int_equal(span.lost, 3);
	assert_int_equal(stamps_next(&s, START_US + 8100, 4, false).lost, 0); /* once */
}

static void what_an_overrun_took_is_counted_by_its_time(void **state)
{
	struct device d = { .period_us = 1020.0, .origin_us = 500.0 };
	struct stamps_span span = { 0 };
	struct stamps s;
	int64_t now_us = START_US;
	size_t n;
	(void)state;

	stamps_init(&s, 1000);
	stamps_restart(&s, START_US);
	for (int i = 0; i < 500; i++) {
		now_us += 16000;
		span = stamps_next(&s, now_us, rows_at(&d, now_us), false);
	}
	now_us += 300000; /* a stall: of the rows 32 are left */
	n = rows_at(&d, now_us);
	span = stamps_next(&s, now_us, 32, true);
	assert_in_range(span.lost, n - 32 - 1, n - 32 + 1);
	assert_true(stamps_at(&span, 31) <= now_us);
	assert_true(fabs((double)stamps_at(&span, 31) - truth_us(&d, d.n_taken - 1)) < 1020.0);

	now_us += 300000; /* of these none */
	n = rows_at(&d, now_us);
	assert_int_equal(stamps_next(&s, now_us, 0, true).lost, 0);
	now_us += 16000;
	n += rows_at(&d, now_us);
	span = stamps_next(&s, now_us, 16, false);
	assert_in_range(span.lost, n - 16 - 1, n - 16 + 1);
}

static void a_clock_that_goes_back_gives_no_time_twice(void **state)
{
	struct stamps s;
	struct stamps_span span;
	int64_t last_us;
	(void)state;

	stamps_init(&s, 1000);
	stamps_restart(&s, START_US);
	span = stamps_next(&s, START_US + 16500, 16, false);
	last_us = stamps_at(&span, 15);
	span = stamps_next(&s, START_US + 5000, 4, false); /* set back, and not told */
	assert_int_equal(span.skip, 4);
	stamps_restart(&s, START_US - 3600000000); /* told */
	span = stamps_next(&s, START_US - 3600000000 + 8000, 8, false);
	assert_int_equal(span.skip, 0);
	assert_int_equal(span.lost, 4);
	assert_true(stamps_at(&span, 7) < last_us);
	assert_true(stamps_at(&span, 0) > START_US - 3600000000);
}

static void a_device_that_pauses_is_not_believed_to_have_sampled(void **state)
{
	struct stamps s;
	struct stamps_span span;
	(void)state;

	stamps_init(&s, 1000);
	stamps_restart(&s, START_US);
	stamps_next(&s, START_US + 16500, 16, false);
	span = stamps_next(&s, START_US + 1000000, 4, false);
	assert_int_equal(span.lost, 0); /* it says it lost none */
	assert_true(stamps_at(&span, 0) == START_US + 1000000 - 3500);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(rows_of_a_clock_some_percent_off_are_dated_within_a_period),
		cmocka_unit_test(a_slow_device_gives_no_row_or_one),
		cmocka_unit_test(the_first_rows_are_not_dated_before_the_buffer_was_emptied),
		cmocka_unit_test(rows_without_any_time_are_told_as_lost_with_the_next),
		cmocka_unit_test(what_an_overrun_took_is_counted_by_its_time),
		cmocka_unit_test(a_clock_that_goes_back_gives_no_time_twice),
		cmocka_unit_test(a_device_that_pauses_is_not_believed_to_have_sampled),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
