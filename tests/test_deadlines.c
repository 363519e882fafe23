/* SPDX-License-Identifier: Apache-2.0 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <stdlib.h>

#include "base/deadlines.h"

enum { N = 40, STEPS = 20000 };

/* The earliest by looking at all of them; the serial tells which was set first. */
static struct deadline *earliest(struct deadline *all)
{
	struct deadline *best = NULL;

	for (size_t i = 0; i < N; i++) {
		struct deadline *d = &all[i];

		if (d->is_set &&
		    (!best || d->at_us < best->at_us || (d->at_us == best->at_us && d->serial < best->serial)))
			best = d;
	}
	return best;
}

static void the_first_is_the_earliest_whatever_is_set_and_cancelled(void **state UNUSED)
{
	struct deadlines h = { 0 };
	struct deadline all[N] = { 0 };
	size_t n_set;

	srand(7);
	for (size_t i = 0; i < N; i++)
		assert_int_equal(deadlines_add_member(&h), 0);
	for (size_t step = 0; step < STEPS; step++) {
		struct deadline *d = &all[rand() % N];

		if (rand() % 3)
			deadlines_set(&h, d, rand() % 25); /* few values: many ties */
		else
			deadlines_cancel(&h, d);
		assert_ptr_equal(deadlines_first(&h), earliest(all));
	}
	n_set = h.n_set;
	for (; deadlines_first(&h); n_set--) {
		assert_ptr_equal(deadlines_first(&h), earliest(all));
		deadlines_cancel(&h, deadlines_first(&h));
	}
	assert_int_equal(n_set, 0);
	for (size_t i = 0; i < N; i++)
		deadlines_remove_member(&h);
	deadlines_free(&h);
}

static void equal_deadlines_come_in_the_order_in_which_they_were_set(void **state UNUSED)
{
	struct deadlines h = { 0 };
	struct deadline d[5] = { 0 };
	static const size_t order[] = { 3, 0, 4, 1, 2 };

	for (size_t i = 0; i < 5; i++)
		assert_int_equal(deadlines_add_member(&h), 0);
	for (size_t i = 0; i < 5; i++)
		deadlines_set(&h, &d[order[i]], 1000);
	for (size_t i = 0; i < 5; i++) {
		assert_ptr_equal(deadlines_first(&h), &d[order[i]]);
		deadlines_cancel(&h, &d[order[i]]);
	}
	deadlines_free(&h);
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_first_is_the_earliest_whatever_is_set_and_cancelled),
		cmocka_unit_test(equal_deadlines_come_in_the_order_in_which_they_were_set),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
