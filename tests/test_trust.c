/* SPDX-License-Identifier: Apache-2.0 */
/* Whether the wall clock is believed: each story of a board is a row of looks at its clocks. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "agent/trust.h"
#include "base/check.h"

enum { S = 1000000, WAIT_S = 300 };

struct look {
	int at_s;
	bool is_synchronised, has_stepped, is_full;
	enum time_action action;
	enum time_state state;
};

static void play(bool is_always, const struct look looks[], size_t n)
{
	struct trust t;

	trust_init(&t, is_always, WAIT_S * (int64_t)S, 0);
	for (size_t i = 0; i < n; i++) {
		const struct look *l = &looks[i];
		struct trust_view v = { l->at_s * (int64_t)S, l->is_synchronised, l->has_stepped, l->is_full };

		assert_int_equal(trust_look(&t, &v), l->action);
		assert_int_equal(t.state, l->state);
	}
}

#define PLAY(is_always, ...) \
	play(is_always, (const struct look[]){ __VA_ARGS__ }, ARRAY_LEN(((const struct look[]){ __VA_ARGS__ })))

static void a_board_without_a_battery_is_set_by_the_network(void **state)
{
	(void)state;
	PLAY(false, { 1, false, false, false, TIME_GO_ON, TIME_WAITING },
	     { 20, false, true, false, TIME_GO_ON, TIME_WAITING }, /* set, but by whom? */
	     { 21, true, true, false, TIME_KNOWN, TIME_SYNCHRONISED },
	     { 22, true, false, false, TIME_GO_ON, TIME_SYNCHRONISED });
}

static void a_board_that_starts_right_waits_no_longer_than_the_first_look(void **state)
{
	(void)state;
	PLAY(false, { 0, true, false, false, TIME_KNOWN, TIME_SYNCHRONISED });
}

static void waiting_has_an_end(void **state)
{
	(void)state;
	PLAY(false, { WAIT_S - 1, false, false, false, TIME_GO_ON, TIME_WAITING },
	     { WAIT_S, false, false, false, TIME_GIVE_UP, TIME_UNSYNCHRONISED },
	     { 400, false, false, false, TIME_GO_ON, TIME_UNSYNCHRONISED },
	     { 500, true, false, false, TIME_STEP, TIME_SYNCHRONISED });
	PLAY(false, { 5, false, false, true, TIME_GIVE_UP, TIME_UNSYNCHRONISED },
	     { 6, false, true, false, TIME_STEP, TIME_UNSYNCHRONISED }, /* a better guess, still marked */
	     { 7, true, true, false, TIME_STEP, TIME_SYNCHRONISED });
}

static void a_clock_set_by_hand_is_not_followed_until_it_is_synchronised(void **state)
{
	(void)state;
	PLAY(false, { 0, true, false, false, TIME_KNOWN, TIME_SYNCHRONISED },
	     { 10, false, true, false, TIME_GO_ON, TIME_HOLDOVER },
	     { 900, false, true, false, TIME_GO_ON, TIME_HOLDOVER },
	     { 950, true, false, false, TIME_GO_ON, TIME_SYNCHRONISED }, /* it was put right */
	     { 960, false, true, false, TIME_GO_ON, TIME_HOLDOVER },
	     { 970, true, true, false, TIME_STEP, TIME_SYNCHRONISED }); /* we were wrong */
}

static void a_network_that_goes_away_changes_nothing(void **state)
{
	(void)state;
	PLAY(false, { 0, true, false, false, TIME_KNOWN, TIME_SYNCHRONISED },
	     { 90000, false, false, false, TIME_GO_ON, TIME_SYNCHRONISED });
}

static void who_says_that_the_clock_is_right_is_believed(void **state)
{
	(void)state;
	PLAY(true, { 0, false, false, false, TIME_GO_ON, TIME_SYNCHRONISED },
	     { 5, false, true, false, TIME_STEP, TIME_SYNCHRONISED });
}

static void the_kernel_is_asked_only_when_it_matters(void **state)
{
	struct trust t;

	(void)state;
	trust_init(&t, false, S, 0);
	assert_true(trust_needs_kernel(&t, false));
	trust_look(&t, &(struct trust_view){ .is_synchronised = true });
	assert_false(trust_needs_kernel(&t, false));
	assert_true(trust_needs_kernel(&t, true));
	trust_init(&t, true, S, 0);
	assert_false(trust_needs_kernel(&t, true));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_board_without_a_battery_is_set_by_the_network),
		cmocka_unit_test(a_board_that_starts_right_waits_no_longer_than_the_first_look),
		cmocka_unit_test(waiting_has_an_end),
		cmocka_unit_test(a_clock_set_by_hand_is_not_followed_until_it_is_synchronised),
		cmocka_unit_test(a_network_that_goes_away_changes_nothing),
		cmocka_unit_test(who_says_that_the_clock_is_right_is_believed),
		cmocka_unit_test(the_kernel_is_asked_only_when_it_matters),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
