/* SPDX-License-Identifier: Apache-2.0 */
/* What was sent without a time: each stretch by its messages, and how far it was off. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "agent/stretches.h"

static void expect(struct stretches *s, int64_t shift_us, const struct partial_clock *c)
{
	struct partial_clock got;

	assert_true(stretches_take(s, shift_us, &got));
	assert_int_equal(got.boot, c->boot);
	assert_int_equal(got.first, c->first);
	assert_int_equal(got.last, c->last);
	assert_true(got.offset_us == c->offset_us);
}

static void a_board_that_starts_in_1970_was_off_by_what_the_clock_was_set_by(void **state)
{
	struct stretches s = { 0 };

	(void)state;
	stretches_begin(&s, 1001, 1, 0);
	stretches_end(&s, 17);
	/* 2025-11-21T04:40:00.250001Z was called 1970-01-01T00:16:40Z */
	expect(&s, 1763699000250001, &(struct partial_clock){ 1001, 1, 17, 1763699000250001 });
	assert_false(stretches_take(&s, 0, &(struct partial_clock){ 0 }));
}

static void a_clock_that_was_set_by_hand_before_has_a_stretch_for_each_time(void **state)
{
	struct stretches s = { 0 };

	(void)state;
	stretches_begin(&s, 1001, 1, 0);
	stretches_end(&s, 4);
	stretches_begin(&s, 1001, 5, 90000000); /* a minute and a half ahead of the time before */
	stretches_end(&s, 9);
	stretches_begin(&s, 1002, 1, -3600000000); /* back: another boot */
	stretches_end(&s, 2);
	expect(&s, 30000000, &(struct partial_clock){ 1001, 1, 4, 30000000 });
	expect(&s, 30000000, &(struct partial_clock){ 1001, 5, 9, -60000000 });
	expect(&s, 30000000, &(struct partial_clock){ 1002, 1, 2, 3630000000 });
	assert_int_equal(s.n, 0);
}

static void a_stretch_in_which_nothing_was_sent_is_none(void **state)
{
	struct stretches s = { 0 };

	(void)state;
	stretches_end(&s, 7); /* there is none */
	stretches_begin(&s, 1, 8, 0);
	stretches_end(&s, 7);
	assert_false(stretches_take(&s, 5, &(struct partial_clock){ 0 }));
}

static void too_many_stretches_cost_the_oldest(void **state)
{
	struct stretches s = { 0 };

	(void)state;
	for (uint32_t i = 0; i < STRETCHES_MAX + 3; i++) {
		stretches_begin(&s, 1, 10 * i + 1, i);
		stretches_end(&s, 10 * i + 10);
	}
	assert_int_equal(s.n_given_up, 3);
	assert_int_equal(s.n, STRETCHES_MAX);
	expect(&s, 100, &(struct partial_clock){ 1, 31, 40, 97 });
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_board_that_starts_in_1970_was_off_by_what_the_clock_was_set_by),
		cmocka_unit_test(a_clock_that_was_set_by_hand_before_has_a_stretch_for_each_time),
		cmocka_unit_test(a_stretch_in_which_nothing_was_sent_is_none),
		cmocka_unit_test(too_many_stretches_cost_the_oldest),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
