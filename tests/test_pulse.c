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
	assert_int_equal(pulse_n_minutes(&p), 0);
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

/* One message each 300 s, as of a board with windows of 5 minutes: none in most minutes, and not none. */
static void minutes_know_what_seconds_have_forgotten(void **state)
{
	struct pulse p = { 0 };
	uint64_t sum = 0;

	(void)state;
	for (uint64_t second = 0; second < 659; second++)
		pulse_beat(&p, (const uint64_t[]){ second / 300, 0, 0 });
	assert_int_equal(pulse_n_minutes(&p), 10); /* and 59 s */
	for (size_t i = 0; i < 10; i++)
		sum += pulse_minute(&p, PULSE_MESSAGES, i);
	assert_int_equal(sum, 1);
	assert_int_equal(pulse_minute(&p, PULSE_MESSAGES, 5), 1);
	pulse_beat(&p, (const uint64_t[]){ 2, 0, 0 });
	assert_int_equal(pulse_n_minutes(&p), 11);
	assert_int_equal(pulse_minute(&p, PULSE_MESSAGES, 10), 1); /* second 600 */
}

static void the_oldest_minutes_go(void **state)
{
	struct pulse p = { 0 };

	(void)state;
	for (uint64_t second = 0; second < 60 * (PULSE_MINUTES + 7) + 30; second++) {
		uint64_t n = second / 60 + 1; /* minute n brings 60 n parts */
		uint64_t total = 30 * n * (n - 1) + n * (second % 60 + 1);

		pulse_beat(&p, (const uint64_t[]){ 0, total, 0 });
	}
	assert_int_equal(pulse_n_minutes(&p), PULSE_MINUTES);
	assert_int_equal(pulse_minute(&p, PULSE_PARTS, 0), 60 * 8);
	assert_int_equal(pulse_minute(&p, PULSE_PARTS, PULSE_MINUTES - 1), 60 * (PULSE_MINUTES + 7));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(nothing_is_known_at_first), cmocka_unit_test(each_second_has_what_came_in_it),
		cmocka_unit_test(the_oldest_seconds_go),     cmocka_unit_test(minutes_know_what_seconds_have_forgotten),
		cmocka_unit_test(the_oldest_minutes_go),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
