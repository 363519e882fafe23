/* SPDX-License-Identifier: Apache-2.0 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <time.h>

#include "base/check.h"
#include "base/loop.h"

static void the_clocks_are_the_documented_ones(void **state UNUSED)
{
	static const struct {
		clockid_t clock;
		int64_t (*us)(void);
	} rows[] = { { CLOCK_REALTIME, loop_wall_us },
		     { CLOCK_BOOTTIME, loop_mono_us },
		     { CLOCK_MONOTONIC, loop_kernel_us } };

	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		struct timespec before, after;
		int64_t us;

		clock_gettime(rows[i].clock, &before);
		us = rows[i].us();
		clock_gettime(rows[i].clock, &after);
		assert_in_range(us, (int64_t)before.tv_sec * 1000000 + before.tv_nsec / 1000,
				(int64_t)after.tv_sec * 1000000 + after.tv_nsec / 1000);
	}
}

int main(void)
{
	static const struct CMUnitTest tests[] = { cmocka_unit_test(the_clocks_are_the_documented_ones) };

	return cmocka_run_group_tests(tests, NULL, NULL);
}
