/* SPDX-License-Identifier: Apache-2.0 */
/* Headers, order and size of recordings. What single rows and cells do: test_replay_rows.c. */
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

/* --- header --- */

static void a_wrong_header_is_refused_with_what_was_expected(void **state)
{
	static const struct {
		const char *text, *words;
	} rows[] = {
		{ "", "the input is empty" },
		{ "\n\n\n", "the input is empty" },
		{ "time\n1\n", "a header such as time,air.temperature, found 'time'" },
		{ "timestamp,a.value\n", "found 'timestamp'" },
		{ "1700000040,1\n", "found '1700000040'" },
		{ "a.value,time\n", "found 'a.value'" },
		{ "time,temperature\n",
		  "no column is a SENSOR.CHANNEL of the config; its channels begin with a.value" },
		{ "time,a.valu,a.values,A.value\n", "no column" },
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		struct replay_rig *r = replay_rig_new(replay_rig_config);

		assert_int_equal(replay_rig_play(r, rows[i].text), -EINVAL);
		if (!strstr(r->error, rows[i].words))
			fail_msg("'%s': %s", rows[i].text, r->error);
		replay_rig_free(r);
	}
}

static void a_huge_header_is_refused_and_cut_in_the_message(void **state)
{
	enum { BYTES = 200000 };
	char *text = malloc(BYTES + 1);
	struct replay_rig *r = replay_rig_new(replay_rig_config);

	(void)state;
	memset(text, 'x', BYTES);
	text[BYTES] = '\0';
	assert_true(replay_rig_play(r, text) < 0);
	text[1000] = ',';
	text[2000] = '\0';
	assert_int_equal(replay_rig_play(r, text), -EINVAL);
	assert_true(strlen(r->error) < REPLAY_ERROR_BYTES);
	free(text);
	replay_rig_free(r);
}

static void what_cannot_be_read_is_an_error(void **state)
{
	struct replay_rig *r = replay_rig_new(replay_rig_config);
	int fd = open("/", O_RDONLY | O_CLOEXEC);

	(void)state;
	assert_int_equal(replay_open(&r->replay, fd, &r->conf, r->graph, r->error), -EISDIR);
	assert_string_equal(r->error, strerror(EISDIR));
	close(fd);
	replay_rig_free(r);
}

static void columns_stand_in_any_order_and_unknown_ones_are_left_out(void **state)
{
	struct replay_rig *r = replay_rig_new(replay_rig_config);

	(void)state;
	assert_int_equal(replay_rig_play(r, "\xEF\xBB\xBFtime,note,\"b.value\",other,a.value\r\n"
					    "1700000040,\"a, \"\"word\"\"\",22,x,21\r\n"),
			 0);
	assert_int_equal(r->n_windows, 1);
	assert_true(r->windows[0].s1[0] == 100 && r->windows[0].s1[1] == 200);
	assert_int_equal(r->replay.stats.n_bad_cells, 0);
	replay_rig_free(r);
}

/* --- order --- */

static void every_late_sample_is_counted_once_in_its_own_window(void **state)
{
	enum { ROWS = 2000 };
	struct replay_rig *r;
	size_t bytes = ROWS * 40, len = 0, per_window[20] = { 0 };
	char *rows = malloc(bytes);

	(void)state;
	for (unsigned i = 0; i < ROWS; i++) {
		unsigned back = i % 7 == 3 ? 75 : i % 11 == 5 ? 400 : 0, t = 600 + i / 4 - back;

		per_window[t / 60]++;
		len += (size_t)snprintf(rows + len, bytes - len, "%u,21,\n", W0 + t);
	}
	r = replay_rig_played(rows);
	assert_int_equal(replay_rig_n(r, 0), ROWS);
	for (size_t w = 0; w < r->n_windows; w++) {
		per_window[(r->windows[w].w0 - W0) / 60] -= r->windows[w].n[0];
		for (size_t v = 0; v < w; v++)
			assert_false(r->windows[v].w0 == r->windows[w].w0 && r->windows[v].part == r->windows[w].part);
	}
	for (size_t i = 0; i < ARRAY_LEN(per_window); i++)
		assert_int_equal(per_window[i], 0);
	free(rows);
	replay_rig_free(r);
}

static void a_single_date_in_the_future_makes_nothing_late(void **state)
{
	struct replay_rig *r;
	size_t bytes = 400 * 40, len = 0, n = 0;
	char *rows = malloc(bytes);

	(void)state;
	for (unsigned i = 0; i < 300; i++)
		len += (size_t)snprintf(rows + len, bytes - len, "%u,21,\n%s", W0 + i,
					i == 100 ? "4000000000,21,\n" : "");
	r = replay_rig_played(rows);
	for (size_t w = 0; w < r->n_windows; w++) {
		assert_int_equal(r->windows[w].part, 0);
		n += r->windows[w].w0 < 1700001000 && r->windows[w].n[0] == 60;
	}
	assert_int_equal(n, 5);
	assert_int_equal(replay_rig_n(r, 0), 301);
	free(rows);
	replay_rig_free(r);
}

static void lateness_keeps_windows_open_for_rows_that_are_late(void **state)
{
	static const char rows[] = "time,a.value\n1700000040,21\n1700000105,21\n1700000106,21\n1700000099,22\n"
				   "1700000140,21\n1700000141,21\n1700000098,22\n";
	struct replay_rig *strict = replay_rig_new(replay_rig_config), *lenient;
	char config[512];

	(void)state;
	snprintf(config, sizeof(config), "lateness: 30s\n%s", replay_rig_config);
	lenient = replay_rig_new(config);
	assert_int_equal(replay_rig_play(strict, rows), 0);
	assert_int_equal(replay_rig_play(lenient, rows), 0);
	assert_int_equal(replay_rig_n(strict, 0), 7);
	assert_int_equal(replay_rig_n(lenient, 0), 7);
	assert_int_equal(strict->windows[0].n[0], 1);
	assert_int_equal(lenient->windows[0].w0, W0);
	assert_int_equal(lenient->windows[0].n[0], 2); /* with the first late row, without the second */
	replay_rig_free(strict);
	replay_rig_free(lenient);
}

/* --- size --- */

static void a_line_of_100_mb_is_skipped_in_a_fixed_buffer(void **state)
{
	enum { CHUNK = 1 << 20, CHUNKS = 100 };
	struct replay_rig *r = replay_rig_new(replay_rig_config);
	char *chunk = malloc(CHUNK);
	FILE *f = tmpfile();
	int n;

	(void)state;
	memset(chunk, '7', CHUNK);
	fputs("time,a.value\n1700000040,21\n1700000041,", f);
	for (int i = 0; i < CHUNKS; i++)
		assert_int_equal(fwrite(chunk, 1, CHUNK, f), CHUNK);
	fputs("\n1700000042,22\n", f);
	fflush(f);
	lseek(fileno(f), 0, SEEK_SET);
	assert_int_equal(replay_open(&r->replay, fileno(f), &r->conf, r->graph, r->error), 0);
	while ((n = replay_step(&r->replay, 1000)) == 1)
		;
	assert_int_equal(n, 0);
	graph_finish(r->graph);
	assert_int_equal(replay_rig_n(r, 0), 2);
	assert_int_equal(r->replay.csv.n_skipped, 1);
	fclose(f);
	free(chunk);
	replay_rig_free(r);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_wrong_header_is_refused_with_what_was_expected),
		cmocka_unit_test(a_huge_header_is_refused_and_cut_in_the_message),
		cmocka_unit_test(what_cannot_be_read_is_an_error),
		cmocka_unit_test(columns_stand_in_any_order_and_unknown_ones_are_left_out),
		cmocka_unit_test(every_late_sample_is_counted_once_in_its_own_window),
		cmocka_unit_test(a_single_date_in_the_future_makes_nothing_late),
		cmocka_unit_test(lateness_keeps_windows_open_for_rows_that_are_late),
		cmocka_unit_test(a_line_of_100_mb_is_skipped_in_a_fixed_buffer),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
