/* SPDX-License-Identifier: Apache-2.0 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <stdatomic.h>
#include <stdlib.h>

#include "base/handover.h"
#include "tests/pause.h"

enum { N_ITEMS = 2000, LONG_US = 600000000 };

struct rig {
	struct handover h;
	unsigned n_rings;
	struct handover_item items[N_ITEMS];
	_Atomic unsigned n_in; /* handed over so far */
	_Atomic unsigned n_refused;
};

static void ring(void *ctx)
{
	struct rig *rig = ctx;

	rig->n_rings++;
}

static int set_up(void **state)
{
	struct rig *rig = calloc(1, sizeof(*rig));

	*state = rig;
	if (!rig)
		return -1;
	handover_init(&rig->h, 100, ring, rig);
	return 0;
}

static int tear_down(void **state)
{
	struct rig *rig = *state;

	while (handover_take(&rig->h))
		;
	handover_destroy(&rig->h);
	free(rig);
	return 0;
}

static void items_come_in_order_and_only_the_first_rings(void **state)
{
	struct rig *rig = *state;

	for (int i = 0; i < 5; i++)
		assert_true(handover_put(&rig->h, &rig->items[i]));
	assert_true(handover_put(&rig->h, &rig->items[0])); /* is in already */
	assert_int_equal(rig->n_rings, 1);
	for (int i = 0; i < 5; i++)
		assert_ptr_equal(handover_take(&rig->h), &rig->items[i]);
	assert_null(handover_take(&rig->h));
	assert_true(handover_put(&rig->h, &rig->items[0]));
	assert_int_equal(rig->n_rings, 2);
}

static void the_items_of_an_owner_can_be_forgotten(void **state)
{
	struct rig *rig = *state;
	int owner;

	for (int i = 0; i < 6; i++) {
		rig->items[i].owner = i % 2 ? &owner : NULL;
		handover_put(&rig->h, &rig->items[i]);
	}
	handover_forget(&rig->h, &owner);
	handover_put(&rig->h, &rig->items[1]); /* the end of the list is where it should be */
	assert_ptr_equal(handover_take(&rig->h), &rig->items[0]);
	assert_ptr_equal(handover_take(&rig->h), &rig->items[2]);
	assert_ptr_equal(handover_take(&rig->h), &rig->items[4]);
	assert_ptr_equal(handover_take(&rig->h), &rig->items[1]);
	assert_null(handover_take(&rig->h));
	handover_put(&rig->h, &rig->items[3]);
	handover_forget(&rig->h, &owner);
	assert_null(handover_take(&rig->h));
}

static void *put_all(void *ctx)
{
	struct rig *rig = ctx;

	for (unsigned i = 0; i < N_ITEMS; i++) {
		rig->items[i].bytes = 30; /* three have room */
		if (!handover_put_when_room(&rig->h, &rig->items[i])) {
			atomic_fetch_add(&rig->n_refused, 1);
			break;
		}
		atomic_fetch_add(&rig->n_in, 1);
	}
	return NULL;
}

/** Until so many have been handed over by put_all(). */
static void wait_for(struct rig *rig, unsigned n)
{
	for (int i = 0; i < 6000 && atomic_load(&rig->n_in) < n; i++)
		pause_ms(10);
	assert_in_range(atomic_load(&rig->n_in), n, N_ITEMS);
}

static void who_hands_over_too_much_waits_until_something_is_taken(void **state)
{
	struct rig *rig = *state;
	pthread_t thread;

	rig->h.max_wait_us = LONG_US;
	pthread_create(&thread, NULL, put_all, rig);
	wait_for(rig, 3);
	pause_ms(20); /* for one that would not wait */
	assert_int_equal(atomic_load(&rig->n_in), 3);
	for (unsigned i = 0; i < N_ITEMS;) {
		struct handover_item *item = handover_take(&rig->h);

		if (!item)
			continue;
		assert_ptr_equal(item, &rig->items[i]);
		i++;
		assert_true(atomic_load(&rig->n_in) <= i + 3);
	}
	pthread_join(thread, NULL);
	assert_int_equal(atomic_load(&rig->n_in), N_ITEMS);
}

static void an_open_list_lets_the_waiting_through_and_a_closed_one_sends_them_away(void **state)
{
	struct rig *rig = *state;
	pthread_t thread;

	rig->h.max_wait_us = LONG_US;
	pthread_create(&thread, NULL, put_all, rig);
	wait_for(rig, 3);
	handover_open(&rig->h, true);
	wait_for(rig, N_ITEMS);
	handover_open(&rig->h, false);
	pthread_join(thread, NULL);
	while (handover_take(&rig->h))
		;
	atomic_store(&rig->n_in, 0);
	pthread_create(&thread, NULL, put_all, rig);
	wait_for(rig, 3);
	handover_close(&rig->h);
	pthread_join(thread, NULL);
	assert_int_equal(atomic_load(&rig->n_in), 3);
	assert_int_equal(atomic_load(&rig->n_refused), 1);
	assert_false(handover_put(&rig->h, &rig->items[N_ITEMS - 1]));
}

static int64_t now_us(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return (int64_t)t.tv_sec * 1000000 + t.tv_nsec / 1000;
}

static void who_waits_for_a_loop_that_does_not_come_is_slow_but_not_stuck(void **state)
{
	struct rig *rig = *state;
	int64_t began_us = now_us();
	pthread_t thread;
	unsigned n_in;

	pthread_create(&thread, NULL, put_all, rig);
	wait_for(rig, 5);
	n_in = atomic_load(&rig->n_in);
	assert_true((n_in - 3) * INT64_C(100000) <= now_us() - began_us); /* 3 at once, then one in 0.1 s */
	handover_close(&rig->h);
	pthread_join(thread, NULL);
}

static void what_is_larger_than_the_bound_goes_in_alone(void **state)
{
	struct rig *rig = *state;

	rig->items[0].bytes = 1000;
	assert_true(handover_put_when_room(&rig->h, &rig->items[0]));
	assert_ptr_equal(handover_take(&rig->h), &rig->items[0]);
}

#define WITH_LIST(test) cmocka_unit_test_setup_teardown(test, set_up, tear_down)

int main(void)
{
	static const struct CMUnitTest tests[] = {
		WITH_LIST(items_come_in_order_and_only_the_first_rings),
		WITH_LIST(the_items_of_an_owner_can_be_forgotten),
		WITH_LIST(who_hands_over_too_much_waits_until_something_is_taken),
		WITH_LIST(an_open_list_lets_the_waiting_through_and_a_closed_one_sends_them_away),
		WITH_LIST(who_waits_for_a_loop_that_does_not_come_is_slow_but_not_stuck),
		WITH_LIST(what_is_larger_than_the_bound_goes_in_alone),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
