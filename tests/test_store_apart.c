/* SPDX-License-Identifier: Apache-2.0 */
/* How many parts may wait for their clock: of one device, of all, and what is counted when a transaction fails or rows expire. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <errno.h>

#include "collector/store.h"

struct seen {
	int64_t n[STORE_NO_ROOM + 1]; /* by fate */
};

static void see(void *ctx, const struct store_part *p, enum store_fate fate)
{
	struct seen *s = ctx;

	(void)p;
	s->n[fate]++;
}

/* Parts @from to @to, without @to, of a device. */
static struct seen put(struct store *s, int64_t device, uint64_t from, uint64_t to)
{
	struct seen seen = { 0 };
	const struct store_done done = { see, &seen };

	for (uint64_t w0 = from; w0 < to; w0++) {
		const struct store_part p = { .kind = STORE_UNSYNCED,
					      .device = device,
					      .boot = 1,
					      .w0 = w0,
					      .wl = 60,
					      .payload = "x",
					      .bytes = 1,
					      .report = &seen };

		assert_true(store_put(s, &p));
	}
	assert_int_equal(store_commit(s, &done), 0);
	return seen;
}

static void put_clock(struct store *s, int64_t device, enum store_kind kind, uint32_t seq, struct seen *seen)
{
	const struct store_done done = { see, seen };
	const struct store_part p = { .kind = kind,
				      .device = device,
				      .boot = 1,
				      .wl = 3600,
				      .part = 2147483648u + seq,
				      .payload = "c",
				      .bytes = 1,
				      .report = seen };

	assert_true(store_put(s, &p));
	if (seq % 100 == 0)
		assert_int_equal(store_commit(s, &done), 0);
}

static struct store *new_store(void)
{
	struct store *s;

	assert_int_equal(store_open(&s, NULL, false), 0);
	for (int64_t i = 1; i <= 20; i++)
		assert_int_equal(store_new_device(s), i);
	return s;
}

static void one_device_takes_no_more_than_its_part_and_no_other_is_refused(void **state)
{
	struct store *s = new_store();
	struct seen seen;

	(void)state;
	seen = put(s, 1, 1, STORE_MAX_DEVICE_UNSYNCED + 11);
	assert_int_equal(seen.n[STORE_WRITTEN], STORE_MAX_DEVICE_UNSYNCED);
	assert_int_equal(seen.n[STORE_NO_ROOM], 10);
	assert_int_equal(put(s, 2, 1, 2).n[STORE_WRITTEN], 1);
	store_close(s);
}

static void when_all_together_have_too_many_each_still_has_a_share(void **state)
{
	struct store *s = new_store();
	struct seen seen;

	(void)state;
	for (int64_t device = 1; device <= STORE_MAX_UNSYNCED / STORE_MAX_DEVICE_UNSYNCED; device++)
		assert_int_equal(put(s, device, 1, STORE_MAX_DEVICE_UNSYNCED + 1).n[STORE_NO_ROOM], 0);
	seen = put(s, 20, 1, 201);
	assert_int_equal(seen.n[STORE_WRITTEN], STORE_SHARE_UNSYNCED);
	assert_int_equal(seen.n[STORE_NO_ROOM], 200 - STORE_SHARE_UNSYNCED);
	store_close(s);
}

static void clocks_take_no_room_and_what_only_looks_like_one_is_bounded(void **state)
{
	struct store *s = new_store();
	struct seen clocks = { 0 }, like = { 0 };

	(void)state;
	for (uint32_t seq = 1; seq <= STORE_MAX_LIKE_CLOCKS + 100; seq++)
		put_clock(s, 1, STORE_CLOCK, seq, &clocks);
	assert_int_equal(clocks.n[STORE_WRITTEN], STORE_MAX_LIKE_CLOCKS + 100);
	assert_int_equal(put(s, 1, 1, STORE_MAX_DEVICE_UNSYNCED + 1).n[STORE_NO_ROOM], 0);
	for (uint32_t seq = 1; seq <= STORE_MAX_LIKE_CLOCKS + 100; seq++)
		put_clock(s, 2, STORE_UNSYNCED, seq, &like);
	assert_int_equal(like.n[STORE_WRITTEN], STORE_MAX_LIKE_CLOCKS);
	store_close(s);
}

static void what_was_not_deleted_after_all_still_counts(void **state)
{
	struct store *s = new_store();

	(void)state;
	(void)put(s, 1, 1, STORE_MAX_DEVICE_UNSYNCED + 1);
	assert_int_equal(store_begin(s), 0);
	for (uint64_t w0 = 1; w0 < 100; w0++) {
		const struct store_part p = { .device = 1, .boot = 1, .w0 = w0, .wl = 60 };

		assert_int_equal(store_delete_unsynced(s, &p), 0);
	}
	assert_int_equal(store_end(s, -EIO), -EIO);
	assert_int_equal(put(s, 1, 20000, 20001).n[STORE_NO_ROOM], 1);
	store_close(s);
}

static int64_t expire(struct store *s, uint64_t hour)
{
	int64_t n = -1;

	assert_int_equal(store_begin(s), 0);
	assert_int_equal(store_expire_unsynced(s, 1, hour, 24, &n), 0);
	assert_int_equal(store_end(s, 0), 0);
	return n;
}

static void rows_expire_once_they_were_there_for_long_enough_and_make_room(void **state)
{
	struct store *s = new_store();

	(void)state;
	(void)put(s, 1, 1, STORE_MAX_DEVICE_UNSYNCED - 999);
	assert_int_equal(expire(s, 500000), 0);
	(void)put(s, 1, 20000, 21000);
	assert_int_equal(put(s, 1, 30000, 30001).n[STORE_NO_ROOM], 1);
	assert_int_equal(expire(s, 500023), 0);
	assert_int_equal(expire(s, 500024), STORE_MAX_DEVICE_UNSYNCED - 1000);
	assert_int_equal(put(s, 1, 30000, 30001).n[STORE_WRITTEN], 1);
	assert_int_equal(expire(s, 500047), 0);
	assert_int_equal(expire(s, 500048), 1000);
	assert_int_equal(expire(s, 500072), 1);
	assert_int_equal(expire(s, 500100), 0);
	store_close(s);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(one_device_takes_no_more_than_its_part_and_no_other_is_refused),
		cmocka_unit_test(when_all_together_have_too_many_each_still_has_a_share),
		cmocka_unit_test(clocks_take_no_room_and_what_only_looks_like_one_is_bounded),
		cmocka_unit_test(what_was_not_deleted_after_all_still_counts),
		cmocka_unit_test(rows_expire_once_they_were_there_for_long_enough_and_make_room),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
