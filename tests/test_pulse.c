/* SPDX-License-Identifier: Apache-2.0 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "collector/pulse.h"

static void nothing_is_known_at_first(void **state)
{
	struct pulse p = { 0 };

	(void)state;
	assert_int_equal(pulse_length(&p), 0);
	assert_true(pulse_rate(&p, PULSE_PARTS, 10) == 0.0);
}

static void each_second_has_what_came_in_it(void **state)
{
	struct pulse p = { 0 };

	(void)state;
	pulse_beat(&p, (const uint64_t[]){ 5, 4, 0 });
	pulse_beat(&p, (const uint64_t[]){ 12, 4, 1 });
	assert_int_equal(pulse_length(&p), 2);
	assert_int_equal(pulse_at(&p, PULSE_MESSAGES, 0), 5);
	assert_int_equal(pulse_at(&p, PULSE_MESSAGES, 1), 7);
	assert_int_equal(pulse_at(&p, PULSE_PARTS, 1), 0);
	assert_int_equal(pulse_at(&p, PULSE_TOLD, 1), 1);
	assert_true(pulse_rate(&p, PULSE_MESSAGES, 10) == 6.0); /* (5 + 7) / 2 */
	assert_true(pulse_rate(&p, PULSE_MESSAGES, 1) == 7.0);
}

static void the_oldest_seconds_go(void **state)
{
	struct pulse p = { 0 };

	(void)state;
	for (uint64_t i = 1; i <= PULSE_SECONDS + 3; i++)
		pulse_beat(&p, (const uint64_t[]){ i * (i + 1) / 2, 0, 0 }); /* second i brings i */
	assert_int_equal(pulse_length(&p), PULSE_SECONDS);
	assert_int_equal(pulse_at(&p, PULSE_MESSAGES, 0), 4);
	assert_int_equal(pulse_at(&p, PULSE_MESSAGES, PULSE_SECONDS - 1), PULSE_SECONDS + 3);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(nothing_is_known_at_first),
		cmocka_unit_test(each_second_has_what_came_in_it),
		cmocka_unit_test(the_oldest_seconds_go),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
