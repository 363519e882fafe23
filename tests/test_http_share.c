/* SPDX-License-Identifier: Apache-2.0 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "collector/http_share.h"

static void a_page_of_plots_is_answered_at_once(void **state)
{
	struct http_share s = { 0 };

	(void)state;
	for (int i = 0; i < 100; i++) { /* 100 of 10 ms are the second */
		assert_int_equal(http_share_wait_us(&s, 5000000), 0);
		http_share_take(&s, 300);
	}
	assert_true(http_share_wait_us(&s, 5000000) > 0);
}

static void who_waits_as_long_as_told_is_answered(void **state)
{
	struct http_share s = { 0 };
	int64_t now_us = 5000000, wait_us;

	(void)state;
	assert_int_equal(http_share_wait_us(&s, now_us), 0);
	http_share_take(&s, 3000000); /* a year, from a slow card */
	wait_us = http_share_wait_us(&s, now_us);
	assert_in_range(wait_us, 8000000, 8000010); /* 2 s too much, paid with a quarter */
	assert_true(http_share_wait_us(&s, now_us + wait_us - 100) > 0);
	assert_int_equal(http_share_wait_us(&s, now_us + wait_us), 0);
}

/* Whoever asks on and on, in each millisecond that is free, for what takes 50 ms. */
static void no_more_than_a_quarter_of_the_time_goes_into_it(void **state)
{
	struct http_share s = { 0 };
	int64_t now_us = 1, busy_us = 0;

	(void)state;
	while (now_us < 100000000) {
		if (http_share_wait_us(&s, now_us) > 0) {
			now_us += 1000;
			continue;
		}
		now_us += 50000;
		busy_us += 50000;
		http_share_take(&s, 50000);
	}
	assert_in_range(busy_us, 25000000, 26100000); /* of 100 s; and the second */
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_page_of_plots_is_answered_at_once),
		cmocka_unit_test(who_waits_as_long_as_told_is_answered),
		cmocka_unit_test(no_more_than_a_quarter_of_the_time_goes_into_it),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
