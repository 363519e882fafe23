/* SPDX-License-Identifier: Apache-2.0 */
/* Rows and cells, good and bad. What each window says is worked out by hand: k = (x - 20) * 100. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "tests/replay_rig.h"

/* --- rows --- */

static void rows_make_windows(void **state)
{
	struct replay_rig *r = replay_rig_played("1700000040,21,22\n"
						 "1700000041.5,21.5,\n"
						 "2023-11-14T22:15:00Z,23,24\n"); /* 1700000100 */

	(void)state;
	assert_int_equal(r->n_windows, 2);
	assert_int_equal(r->windows[0].w0, W0);
	assert_int_equal(r->windows[0].n[0], 2);
	assert_true(r->windows[0].s1[0] == 250);
	assert_int_equal(r->windows[0].n[1], 1);
	assert_int_equal(r->windows[1].w0, W0 + 60);
	assert_true(r->windows[1].s1[0] == 300);
	assert_int_equal(r->replay.stats.n_rows, 3);
	assert_int_equal(r->replay.stats.n_late_rows, 0);
	assert_int_equal(r->replay.stats.first_bad_line, 0);
	replay_rig_free(r);
}

static void torn_lines_and_bad_times_are_skipped_and_counted(void **state)
{
	struct replay_rig *r = replay_rig_played("1700000040,21,22\n"
						 "1700000041,21\n"     /* line 3: torn */
						 "1700000042,2,1,22\n" /* a decimal comma makes a cell more */
						 ",21,22\n"	       /* no time */
						 "soon,21,22\n"
						 "1700000043x,21,22\n"
						 "-5,21,22\n"
						 "nan,21,22\n"
						 "1e300,21,22\n"
						 "99999999999999999999,21,22\n"
						 "2023-02-30T00:00:00Z,21,22\n"
						 "1700000044,23,24"); /* no line end */

	(void)state;
	assert_int_equal(r->replay.stats.n_torn_rows, 2);
	assert_in_range(r->replay.stats.n_bad_times, 7,
			8); /* whether times before 1970 are read is not replay's matter */
	assert_int_equal(r->replay.stats.first_bad_line, 3);
	for (size_t w = 0; w < r->n_windows; w++)
		if (r->windows[w].w0 == W0)
			assert_true(r->windows[w].n[0] == 2 && r->windows[w].s1[0] == 400);
	replay_rig_free(r);
}

static void cells_that_are_no_number_are_gaps_and_counted_once(void **state)
{
	static const char *const cells[] = { "\"21,5\"", "inf", "-inf", "0x10", "x", "21 C", "1e", "--1", "1e999" };

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(cells); i++) {
		char rows[128];
		struct replay_rig *r;

		snprintf(rows, sizeof(rows), "1700000040,%s,22\n1700000041,21,22\n", cells[i]);
		r = replay_rig_played(rows);
		if (r->replay.stats.n_bad_cells != 1 || replay_rig_bad(r, 0) != 1 || replay_rig_n(r, 0) != 1)
			fail_msg("'%s': %d bad cells, bad %d, n %d", cells[i], (int)r->replay.stats.n_bad_cells,
				 (int)replay_rig_bad(r, 0), (int)replay_rig_n(r, 0));
		assert_int_equal(r->replay.stats.first_bad_line, 2);
		assert_int_equal(replay_rig_n(r, 1), 2);
		replay_rig_free(r);
	}
}

static void nan_and_null_are_gaps_without_blame(void **state)
{
	struct replay_rig *r =
		replay_rig_played("1700000040,NaN,22\n1700000041,null,22\n1700000042,nan,22\n1700000043,21,22\n");

	(void)state;
	assert_int_equal(replay_rig_bad(r, 0), 3);
	assert_int_equal(replay_rig_n(r, 0), 1);
	assert_int_equal(r->replay.stats.n_bad_cells, 0);
	replay_rig_free(r);
}

/* b is read each 10 s, a each second: where only a has a value, b misses nothing, until it was due. */
static void an_empty_cell_is_a_gap_only_when_a_reading_was_due(void **state)
{
	struct replay_rig *r = replay_rig_played("1700000040,21,22\n"
						 "1700000041,21,\n"
						 "1700000042,,\n" /* a was due */
						 "1700000043,21,\n"
						 "1700000050,21,\n" /* b was due */
						 "1700000051,21,\n"
						 "1700000060,21,23\n");

	(void)state;
	assert_int_equal(replay_rig_n(r, 0), 6);
	assert_int_equal(replay_rig_bad(r, 0), 1);
	assert_int_equal(replay_rig_n(r, 1), 2);
	assert_int_equal(replay_rig_bad(r, 1), 1);
	replay_rig_free(r);
}

static void a_late_row_does_not_make_readings_due(void **state)
{
	struct replay_rig *r =
		replay_rig_played("1700000050,21,22\n"
				  "1700000040,21,22\n" /* late */
				  "1700000051,21,\n"); /* 1 s after the newest of b, 11 s after the late one */

	(void)state;
	assert_int_equal(replay_rig_bad(r, 1), 0);
	assert_int_equal(r->replay.stats.n_late_rows, 1);
	replay_rig_free(r);
}

static void the_first_instant_of_1970_is_a_time_like_any_other(void **state)
{
	struct replay_rig *r = replay_rig_played("0,21,22\n0.5,21,\n1,21,\n");

	(void)state;
	assert_int_equal(replay_rig_n(r, 0), 3);
	assert_int_equal(replay_rig_bad(r, 1), 0);
	replay_rig_free(r);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(rows_make_windows),
		cmocka_unit_test(torn_lines_and_bad_times_are_skipped_and_counted),
		cmocka_unit_test(cells_that_are_no_number_are_gaps_and_counted_once),
		cmocka_unit_test(nan_and_null_are_gaps_without_blame),
		cmocka_unit_test(an_empty_cell_is_a_gap_only_when_a_reading_was_due),
		cmocka_unit_test(a_late_row_does_not_make_readings_due),
		cmocka_unit_test(the_first_instant_of_1970_is_a_time_like_any_other),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
