/* SPDX-License-Identifier: Apache-2.0 */
/* When an output is on: tables of what comes in, second by second, and what the output does. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <string.h>

#include "agent/act.h"

#define S INT64_C(1000000)

/*
 * One character a second: in @input 0, 1 or - (missing), in @output 0 or 1. Asked every second or only when the input changes and
 * at the times that act_step() named, the result is the same.
 */
static void expect(const struct conf_action *rules, const char *input, const char *output)
{
	struct act every, woken;
	int64_t wake_us = 0;
	char got[200] = "", got_woken[200] = "";
	size_t n = strlen(input);

	assert_int_equal(n, strlen(output));
	act_begin(&every, rules, 0);
	act_begin(&woken, rules, 0);
	for (size_t i = 0; i < n; i++) {
		enum act_input in = input[i] == '-' ? ACT_MISSING : input[i] == '1' ? ACT_ON : ACT_OFF;

		act_step(&every, in, (int64_t)i * S);
		got[i] = every.is_on ? '1' : '0';
		if (i == 0 || input[i] != input[i - 1] || (int64_t)i * S >= wake_us)
			wake_us = act_step(&woken, in, (int64_t)i * S);
		got_woken[i] = woken.is_on ? '1' : '0';
	}
	assert_string_equal(got, output);
	assert_string_equal(got_woken, output);
}

static void the_output_follows_the_state(void **state)
{
	static const struct conf_action plain = { .missing_after_us = 3 * S };

	(void)state;
	expect(&plain, "0011010", "0011010");
	expect(&plain, "-----11", "0000011"); /* safe until there is a value */
}

static void the_safe_state_may_be_on(void **state)
{
	static const struct conf_action safe_on = { .is_safe_on = true, .missing_after_us = 3 * S };

	(void)state;
	expect(&safe_on, "--00------0", "11000001110"); /* missing from 4 on, for 3 s at 7 */
}

static void a_missing_input_is_safe_after_its_time_or_held(void **state)
{
	static const struct conf_action safe = { .missing_after_us = 3 * S };
	static const struct conf_action hold = { .holds_missing = true, .missing_after_us = 3 * S };
	static const struct conf_action at_once = { .missing_after_us = 0 };

	(void)state;
	expect(&safe, "11-1-----1", "1111111001");
	expect(&hold, "11--------0", "11111111110");
	expect(&hold, "---1", "0001");
	expect(&at_once, "11-1", "1101");
}

static void minimum_times_hold_back_a_change(void **state)
{
	static const struct conf_action min_on = { .min_on_us = 4 * S, .missing_after_us = S };
	static const struct conf_action min_off = { .min_off_us = 4 * S, .missing_after_us = S };

	(void)state;
	expect(&min_on, "0100000", "0111100");
	expect(&min_on, "01------", "01111000"); /* also against a missing input */
	expect(&min_off, "1111111", "0000111");	 /* a start counts */
	expect(&min_off, "00000101111111", "00000100001111");
	expect(&min_off, "00000100001", "00000100001");
}

static void the_maximum_time_ends_it_until_the_state_was_off(void **state)
{
	static const struct conf_action max_on = { .max_on_us = 3 * S, .missing_after_us = S };
	static const struct conf_action both = { .min_off_us = 2 * S, .max_on_us = 3 * S, .missing_after_us = S };

	(void)state;
	expect(&max_on, "0111111110111", "0111000000111");
	expect(&max_on, "01101111111", "01101110000");
	expect(&max_on, "0111111-----1", "0111000000001"); /* missing for long enough counts as off */
	expect(&both, "0011111011111", "0011100011100");
}

static void every_state_says_why(void **state)
{
	static const struct conf_action rules = { .min_on_us = 2 * S, .max_on_us = 5 * S, .missing_after_us = 2 * S };
	struct act a;

	(void)state;
	act_begin(&a, &rules, 0);
	act_step(&a, ACT_MISSING, 0);
	assert_string_equal(a.why, "safe: no value yet");
	assert_true(act_step(&a, ACT_ON, 1 * S) == 6 * S);
	assert_string_equal(a.why, "as the state says");
	assert_true(act_step(&a, ACT_OFF, 2 * S) == 3 * S);
	assert_string_equal(a.why, "on for min_on");
	act_step(&a, ACT_ON, 6 * S);
	assert_string_equal(a.why, "off: it was on for max_on, and the state has not been off since");
	assert_false(a.is_on);
	act_step(&a, ACT_OFF, 7 * S);
	assert_true(act_step(&a, ACT_MISSING, 8 * S) == 10 * S);
	assert_string_equal(a.why, "held: the input is missing");
	act_step(&a, ACT_MISSING, 10 * S);
	assert_string_equal(a.why, "safe: the input is missing");
	assert_int_equal(a.n_changes, 2);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_output_follows_the_state),
		cmocka_unit_test(the_safe_state_may_be_on),
		cmocka_unit_test(a_missing_input_is_safe_after_its_time_or_held),
		cmocka_unit_test(minimum_times_hold_back_a_change),
		cmocka_unit_test(the_maximum_time_ends_it_until_the_state_was_off),
		cmocka_unit_test(every_state_says_why),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
