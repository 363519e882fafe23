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

enum { WAITS = 1, MAY_END, HAS_ENDED };

static void take_until_told(void *ctx)
{
	_Atomic int *word = ctx;

	while (atomic_load(word) == WAITS)
		pause_ms(10);
	atomic_store(word, HAS_ENDED);
}

static void a_call_that_takes_too_long_goes_on_alone(void **state UNUSED)
{
	static _Atomic int word = WAITS;

	assert_false(bounded_call(take_until_told, (void *)&word, 1));
	assert_int_equal(atomic_load(&word), WAITS);
	atomic_store(&word, MAY_END);
	for (int i = 0; i < 3000 && atomic_load(&word) != HAS_ENDED; i++)
		pause_ms(10);
	assert_int_equal(atomic_load(&word), HAS_ENDED);
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
