/* SPDX-License-Identifier: Apache-2.0 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <stdatomic.h>

#include "base/bounded.h"
#include "base/check.h"
#include "tests/pause.h"

static void take_ms(void *ctx)
{
	_Atomic int *ms = ctx;

	pause_ms(atomic_load(ms));
	atomic_store(ms, 0);
}

static void a_call_that_ends_in_time_has_ended(void **state UNUSED)
{
	_Atomic int ms = 10;

	assert_true(bounded_call(take_ms, (void *)&ms, 5));
	assert_int_equal(atomic_load(&ms), 0);
}

static void a_call_that_takes_too_long_goes_on_alone(void **state UNUSED)
{
	static _Atomic int ms = 1300;

	assert_false(bounded_call(take_ms, (void *)&ms, 1));
	assert_int_not_equal(atomic_load(&ms), 0);
	for (int i = 0; i < 500 && atomic_load(&ms) != 0; i++)
		pause_ms(10);
	assert_int_equal(atomic_load(&ms), 0);
	pause_ms(20); /* it frees its own memory */
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_call_that_ends_in_time_has_ended),
		cmocka_unit_test(a_call_that_takes_too_long_goes_on_alone),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
