/* SPDX-License-Identifier: Apache-2.0 */
/* An array in order, against the C library's search in the same numbers. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <stdbool.h>

#include "base/prng.h"
#include "collector/sorted.h"

static int compare(const void *a, const void *b)
{
	const uint32_t *x = a, *y = b;

	return (*x > *y) - (*x < *y);
}

static void what_is_inserted_in_any_order_is_found_in_order(void **state)
{
	struct sorted s = { .item_bytes = sizeof(uint32_t), .compare = compare };
	bool is_in[500] = { false };
	uint64_t random = 3;
	size_t n = 0, seen = 0;

	(void)state;
	assert_null(sorted_find(&s, &(uint32_t){ 1 }));
	for (int i = 0; i < 2000; i++) {
		uint32_t x = (uint32_t)(prng_u64(&random) % 500);
		const uint32_t *found = sorted_find(&s, &x);

		assert_int_equal(found != NULL, is_in[x]);
		if (found && i % 3 == 0) {
			sorted_remove(&s, sorted_lower_bound(&s, &x));
			is_in[x] = false;
			n--;
		} else if (!found) {
			assert_int_equal(*(uint32_t *)sorted_insert(&s, &x), x);
			is_in[x] = true;
			n++;
		}
		assert_int_equal(s.n, n);
	}
	for (uint32_t x = 0; x < 500; x++)
		if (is_in[x])
			assert_int_equal(*(uint32_t *)sorted_at(&s, seen++), x);
	assert_int_equal(seen, n);

	sorted_free(&s);
	assert_int_equal(s.n, 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(what_is_inserted_in_any_order_is_found_in_order),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
