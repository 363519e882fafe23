/* SPDX-License-Identifier: Apache-2.0 */
/* Runs of sequence numbers and the holes between them, against a table that remembers every message. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <string.h>

#include "base/prng.h"
#include "collector/progress.h"

enum { N = 24 };

/* The watermark when message @seq was made: two messages to a window of 10 s. */
static uint64_t wm_of(uint32_t seq)
{
	return seq / 2 * 10;
}

/* By the words of progress.h: some hole lies after a watermark below @end and before one of at least @w0. */
static bool model_has_hole(const bool came[], uint64_t w0, uint64_t end)
{
	uint32_t last = 0;

	for (uint32_t seq = 1; seq <= N; seq++) {
		if (!came[seq])
			continue;
		if (seq > last + 1 && (last ? wm_of(last) : 0) < end && wm_of(seq) >= w0)
			return true;
		last = seq;
	}
	return false;
}

static uint64_t model_missing(const bool came[])
{
	uint64_t missing = 0;
	uint32_t last = 0;

	for (uint32_t seq = 1; seq <= N; seq++) {
		if (!came[seq])
			continue;
		missing += last ? seq - last - 1 : 0;
		last = seq;
	}
	return missing;
}

static void any_order_gives_the_holes_that_a_full_table_gives(void **state)
{
	uint64_t random = 7;

	(void)state;
	for (int round = 0; round < 300; round++) {
		struct progress p = { 0 };
		bool came[N + 1] = { false };
		uint32_t highest = 0;

		for (int i = 0; i < 30; i++) {
			uint32_t seq = 1 + (uint32_t)(prng_u64(&random) % N);

			progress_message(&p, seq, wm_of(seq));
			came[seq] = true;
			highest = seq > highest ? seq : highest;
			for (uint64_t w0 = 0; w0 <= 130; w0 += 10)
				assert_int_equal(progress_has_hole(&p, w0, w0 + 10), model_has_hole(came, w0, w0 + 10));
			assert_int_equal(progress_n_missing(&p), model_missing(came));
			assert_int_equal(progress_wm(&p), wm_of(highest));
			assert_int_equal(progress_last_seq(&p), highest);
		}
	}
}

static void more_holes_than_fit_forget_the_oldest(void **state)
{
	struct progress p = { 0 };

	(void)state;
	for (uint32_t i = 0; i < 3 * PROGRESS_MAX_RUNS; i++)
		progress_message(&p, 1 + 2 * i, 10 + 20 * i);
	assert_int_equal(p.n_runs, PROGRESS_MAX_RUNS);
	assert_int_equal(progress_last_seq(&p), 1 + 2 * (3 * PROGRESS_MAX_RUNS - 1));
	progress_message(&p, 3, 30);
	assert_int_equal(p.n_runs, PROGRESS_MAX_RUNS);
	assert_true(progress_has_hole(&p, 0, 10));
}

static void a_status_counts_when_its_messages_have_come(void **state)
{
	struct progress p = { 0 };

	(void)state;
	progress_status(&p, 2, 500);
	assert_int_equal(progress_wm(&p), 0);
	progress_message(&p, 1, 10);
	assert_int_equal(progress_wm(&p), 10);
	assert_int_equal(progress_n_missing(&p), 1);
	assert_true(progress_has_hole(&p, 10, 20));
	progress_message(&p, 2, 20);
	assert_int_equal(progress_wm(&p), 500);
	assert_int_equal(progress_n_missing(&p), 0);
	assert_false(progress_has_hole(&p, 10, 20));
	progress_status(&p, 1, 900); /* an old one, late */
	assert_int_equal(progress_wm(&p), 500);
}

static void a_watermark_that_is_not_believed_vouches_for_nothing(void **state)
{
	struct progress p = { 0 };

	(void)state;
	progress_message(&p, 5, PROGRESS_NO_WM);
	assert_int_equal(progress_wm(&p), 0);
	assert_true(progress_has_hole(&p, 1000, 1010));
	progress_message(&p, 6, 100);
	assert_int_equal(progress_wm(&p), 100);
	assert_false(progress_has_hole(&p, 1000, 1010));
}

static void the_ends_of_the_numbers_are_numbers(void **state)
{
	struct progress p = { 0 };

	(void)state;
	progress_message(&p, UINT32_MAX, 50);
	progress_message(&p, UINT32_MAX - 1, 40);
	progress_message(&p, 1, 10);
	progress_message(&p, UINT32_MAX, 50);
	assert_int_equal(p.n_runs, 2);
	assert_int_equal(progress_n_missing(&p), UINT32_MAX - 3);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(any_order_gives_the_holes_that_a_full_table_gives),
		cmocka_unit_test(more_holes_than_fit_forget_the_oldest),
		cmocka_unit_test(a_status_counts_when_its_messages_have_come),
		cmocka_unit_test(a_watermark_that_is_not_believed_vouches_for_nothing),
		cmocka_unit_test(the_ends_of_the_numbers_are_numbers),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
