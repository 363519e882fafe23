/* SPDX-License-Identifier: Apache-2.0 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "agent/spool.h"
#include "base/prng.h"

static struct spool *open_spool(size_t max_bytes)
{
	struct spool *s = NULL;

	assert_int_equal(spool_open(&s, &(struct spool_options){ .max_bytes = max_bytes }), 0);
	return s;
}

static int append(struct spool *s, enum spool_kind kind, const void *payload, size_t bytes)
{
	return spool_append(s, &(struct spool_row){ .kind = kind, .payload = payload, .payload_bytes = bytes });
}

static void put(struct spool *s, const char *text)
{
	assert_int_equal(append(s, SPOOL_PARTIAL, text, strlen(text)), 0);
}

/* The rows after @after, joined by spaces. In a buffer that the next call overwrites. */
static const char *rows_after(struct spool *s, uint64_t after)
{
	static char text[4096];
	struct spool_row row;
	size_t len = 0;

	text[0] = '\0';
	while (spool_next(s, after, &row) == 1) {
		assert_true(row.id > after);
		after = row.id;
		len += (size_t)snprintf(text + len, sizeof(text) - len, "%s%.*s", len ? " " : "",
					(int)row.payload_bytes, (const char *)row.payload);
	}
	return text;
}

static uint64_t id_of(struct spool *s, const char *text)
{
	struct spool_row row = { 0 };

	while (spool_next(s, row.id, &row) == 1)
		if (row.payload_bytes == strlen(text) && memcmp(row.payload, text, row.payload_bytes) == 0)
			return row.id;
	fail_msg("no row %s", text);
	return 0;
}

static size_t n_rows(struct spool *s)
{
	struct spool_stats stats;

	spool_get_stats(s, &stats);
	return stats.n_rows;
}

static uint64_t n_dropped(struct spool *s)
{
	struct spool_stats stats;

	spool_get_stats(s, &stats);
	return stats.n_dropped;
}

static void rows_come_in_the_order_in_which_they_were_put(void **state)
{
	struct spool *s = open_spool(4096);

	(void)state;
	assert_string_equal(rows_after(s, 0), "");
	put(s, "a");
	put(s, "b");
	put(s, "c");
	assert_string_equal(rows_after(s, 0), "a b c");
	assert_string_equal(rows_after(s, id_of(s, "a")), "b c");
	assert_string_equal(rows_after(s, id_of(s, "c")), "");
	assert_string_equal(rows_after(s, UINT64_MAX), "");
	spool_close(s);
}

static void the_kind_and_every_byte_come_back(void **state)
{
	static const char bytes[] = { 'x', '\0', '\n', (char)0xff };
	struct spool *s = open_spool(4096);
	struct spool_row row;
	char copy[sizeof(bytes)];

	(void)state;
	memcpy(copy, bytes, sizeof(bytes));
	assert_int_equal(append(s, SPOOL_EVENT, copy, sizeof(copy)), 0);
	memset(copy, 0, sizeof(copy)); /* the spool has its own */
	assert_int_equal(append(s, SPOOL_PARTIAL, "", 0), 0);
	assert_int_equal(spool_next(s, 0, &row), 1);
	assert_int_equal(row.kind, SPOOL_EVENT);
	assert_int_equal(row.payload_bytes, sizeof(bytes));
	assert_memory_equal(row.payload, bytes, sizeof(bytes));
	assert_int_equal(spool_next(s, row.id, &row), 1);
	assert_int_equal(row.kind, SPOOL_PARTIAL);
	assert_int_equal(row.payload_bytes, 0);
	spool_close(s);
}

static void acknowledgements_may_come_in_any_order_and_twice(void **state)
{
	struct spool *s = open_spool(4096);
	uint64_t b, c;

	(void)state;
	put(s, "a");
	put(s, "b");
	put(s, "c");
	put(s, "d");
	b = id_of(s, "b");
	c = id_of(s, "c");
	spool_ack(s, c);
	assert_string_equal(rows_after(s, 0), "a b d");
	spool_ack(s, c);
	spool_ack(s, 0);
	spool_ack(s, UINT64_MAX);
	assert_string_equal(rows_after(s, 0), "a b d");
	spool_ack(s, id_of(s, "d")); /* the last: the next one must find its place */
	put(s, "e");
	assert_string_equal(rows_after(s, 0), "a b e");
	spool_ack(s, id_of(s, "a"));
	spool_ack(s, b);
	spool_ack(s, id_of(s, "e"));
	assert_string_equal(rows_after(s, 0), "");
	assert_int_equal(n_rows(s), 0);
	put(s, "f");
	assert_string_equal(rows_after(s, 0), "f");
	assert_int_equal(n_dropped(s), 0);
	spool_close(s);
}

static void an_id_is_never_used_again(void **state)
{
	struct spool *s = open_spool(4096);
	uint64_t last = 0;

	(void)state;
	for (int i = 0; i < 100; i++) {
		struct spool_row row;

		put(s, "x");
		assert_int_equal(spool_next(s, 0, &row), 1);
		assert_true(row.id > last);
		last = row.id;
		spool_ack(s, last);
	}
	spool_close(s);
}

static void when_it_is_full_the_oldest_go_and_are_counted(void **state)
{
	struct spool *s = open_spool(2000);
	char text[16];
	size_t kept;
	struct spool_stats stats;

	(void)state;
	for (int i = 0; i < 200; i++) {
		snprintf(text, sizeof(text), "%03d", i);
		put(s, text);
		spool_get_stats(s, &stats);
		assert_true(stats.bytes <= 2000);
		assert_int_equal(stats.n_rows + stats.n_dropped, (size_t)i + 1);
	}
	kept = n_rows(s);
	assert_in_range(kept, 10, 199);
	for (size_t i = 200 - kept; i < 200; i++) {
		struct spool_row row;

		assert_int_equal(spool_next(s, 0, &row), 1);
		snprintf(text, sizeof(text), "%03zu", i);
		assert_int_equal(row.payload_bytes, 3);
		assert_memory_equal(row.payload, text, 3);
		spool_ack(s, row.id);
	}
	spool_get_stats(s, &stats);
	assert_int_equal(stats.n_rows, 0);
	assert_int_equal(stats.bytes, 0);
	assert_int_equal(stats.n_dropped, 200 - kept);
	assert_int_equal(stats.max_bytes, 2000);
	spool_close(s);
}

static void a_row_larger_than_the_spool_is_dropped_alone(void **state)
{
	struct spool *s = open_spool(2000);
	char huge[2000] = { 0 };

	(void)state;
	put(s, "a");
	assert_int_equal(append(s, SPOOL_PARTIAL, huge, sizeof(huge)), -EMSGSIZE);
	assert_string_equal(rows_after(s, 0), "a");
	assert_int_equal(n_dropped(s), 1);
	spool_close(s);
}

static void a_row_that_just_fits_drops_all_others(void **state)
{
	struct spool *s = open_spool(2000);
	char large[2000] = { 0 };
	size_t bytes = sizeof(large);

	(void)state;
	put(s, "a");
	put(s, "b");
	while (append(s, SPOOL_PARTIAL, large, bytes) == -EMSGSIZE)
		bytes--;
	assert_true(bytes > 1800); /* book-keeping is small */
	assert_int_equal(n_rows(s), 1);
	assert_int_equal(n_dropped(s), sizeof(large) - bytes + 2);
	spool_close(s);
}

static void a_dropped_row_can_still_be_acknowledged(void **state)
{
	struct spool *s = open_spool(200);
	uint64_t a;

	(void)state;
	put(s, "a");
	a = id_of(s, "a");
	for (int i = 0; i < 10; i++)
		put(s, "more");
	assert_true(n_dropped(s) > 0);
	spool_ack(s, a);
	assert_int_equal(n_rows(s) + n_dropped(s), 11);
	spool_close(s);
}

/* Against an array that does the same the simple way. */
static void it_agrees_with_a_plain_array_over_many_steps(void **state)
{
	enum { STEPS = 20000, MOST = 64 };
	struct spool *s = open_spool(SIZE_MAX);
	uint64_t random = 7, ids[MOST];
	unsigned char first[MOST];
	size_t n = 0;

	(void)state;
	for (int step = 0; step < STEPS; step++) {
		size_t i = prng_u64(&random) % MOST;
		struct spool_row row = { 0 };

		if (i >= n && n < MOST) {
			unsigned char byte = (unsigned char)prng_u64(&random);

			assert_int_equal(append(s, SPOOL_PARTIAL, &byte, 1), 0);
			first[n] = byte;
			ids[n] = 0;
			for (size_t k = 0; k <= n; k++)
				assert_int_equal(spool_next(s, row.id, &row), 1);
			ids[n++] = row.id;
		} else if (i < n) {
			spool_ack(s, ids[i]);
			n--;
			memmove(ids + i, ids + i + 1, (n - i) * sizeof(ids[0]));
			memmove(first + i, first + i + 1, n - i);
		}
		row.id = 0;
		for (size_t k = 0; k < n; k++) {
			assert_int_equal(spool_next(s, row.id, &row), 1);
			assert_int_equal(row.id, ids[k]);
			assert_int_equal(*(const unsigned char *)row.payload, first[k]);
		}
		assert_int_equal(spool_next(s, row.id, &row), 0);
	}
	assert_int_equal(n_rows(s), n);
	spool_close(s);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(rows_come_in_the_order_in_which_they_were_put),
		cmocka_unit_test(the_kind_and_every_byte_come_back),
		cmocka_unit_test(acknowledgements_may_come_in_any_order_and_twice),
		cmocka_unit_test(an_id_is_never_used_again),
		cmocka_unit_test(when_it_is_full_the_oldest_go_and_are_counted),
		cmocka_unit_test(a_row_larger_than_the_spool_is_dropped_alone),
		cmocka_unit_test(a_row_that_just_fits_drops_all_others),
		cmocka_unit_test(a_dropped_row_can_still_be_acknowledged),
		cmocka_unit_test(it_agrees_with_a_plain_array_over_many_steps),
	};

	spool_close(NULL);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
