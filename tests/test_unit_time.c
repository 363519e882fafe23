/* SPDX-License-Identifier: Apache-2.0 */
/* Which units the table of units has for a quantity per time and times time. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <string.h>

#include "base/unit_time.h"

#define HOUR_US (INT64_C(3600) * 1000000)

static void every_unit_per_time_times_that_time_is_itself(void **state)
{
	static const int64_t times[] = { 1000000, 60000000, HOUR_US };
	size_t n_known = 0;

	(void)state;
	for (size_t i = 0; unit_at(i); i++) {
		for (size_t k = 0; k < 3; k++) {
			const struct unit *rate = unit_per_time(unit_at(i), times[k]);

			if (strcmp(rate->code, "1") == 0)
				continue;
			n_known++;
			/* a rate of numbers is a number or a count: the table says count */
			if (strcmp(unit_at(i)->code, "1") != 0)
				assert_ptr_equal(unit_times_time(rate, times[k]), unit_of_difference(unit_at(i)));
		}
	}
	assert_int_equal(n_known, 28);
}

static void names_follow_from_quantity_and_time(void **state)
{
	(void)state;
	assert_string_equal(unit_per_time(unit_find("L"), 60000000)->code, "L/min");
	assert_string_equal(unit_per_time(unit_find("L"), HOUR_US)->code, "L/h");
	assert_string_equal(unit_times_time(unit_find("W"), 1000000)->code, "J");
	assert_string_equal(unit_times_time(unit_find("W"), HOUR_US)->code, "W.h");
	assert_string_equal(unit_times_time(unit_find("A"), HOUR_US)->code, "A.h");
	assert_string_equal(unit_times_time(unit_find("1"), 1000000)->code, "s");
	assert_string_equal(unit_times_time(unit_find("1"), 60000000)->code, "min");
	assert_string_equal(unit_per_time(unit_find("Cel"), HOUR_US)->code, "K/h");
	assert_string_equal(unit_times_time(unit_find("K/h"), HOUR_US)->code, "K");
}

static void what_has_no_unit_is_a_plain_number(void **state)
{
	(void)state;
	assert_string_equal(unit_per_time(unit_find("L"), 61000000)->code, "1");
	assert_string_equal(unit_per_time(unit_find("lx"), HOUR_US)->code, "1");
	assert_string_equal(unit_times_time(unit_find("1"), 1)->code, "1");
	assert_string_equal(unit_times_time(unit_find("lx"), HOUR_US)->code, "1");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(every_unit_per_time_times_that_time_is_itself),
		cmocka_unit_test(names_follow_from_quantity_and_time),
		cmocka_unit_test(what_has_no_unit_is_a_plain_number),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
