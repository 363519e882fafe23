/* SPDX-License-Identifier: Apache-2.0 */
/* The arena: zeroed, aligned, never overlapping, whatever the sizes. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <stdalign.h>
#include <string.h>

#include "base/arena.h"
#include "base/prng.h"

static void memory_is_zeroed_and_aligned(void **state)
{
	static const size_t sizes[] = { 0, 1, 3, 16, 17, 1000, 4096, 4097, 16384, 16385, 1 << 20 };
	struct arena a = { 0 };

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(sizes); i++) {
		unsigned char *p = arena_alloc(&a, sizes[i]);

		assert_int_equal((uintptr_t)p % alignof(max_align_t), 0);
		for (size_t j = 0; j < sizes[i]; j++)
			assert_int_equal(p[j], 0);
		memset(p, 0xA5, sizes[i]);
	}
	arena_free(&a);
	assert_null(a.blocks);
	assert_int_equal(a.total_bytes, 0);
}

static void pieces_never_overlap(void **state)
{
	enum { N = 2000 };
	struct {
		unsigned char *p;
		size_t bytes;
	} pieces[N];
	struct arena a = { 0 };
	uint64_t seed = 1;

	(void)state;
	for (size_t i = 0; i < N; i++) {
		pieces[i].bytes = prng_u64(&seed) % (i % 100 ? 300 : 20000) + 1;
		pieces[i].p = arena_alloc(&a, pieces[i].bytes);
		memset(pieces[i].p, (int)(i % 251), pieces[i].bytes);
	}
	for (size_t i = 0; i < N; i++)
		for (size_t j = 0; j < pieces[i].bytes; j++)
			assert_int_equal(pieces[i].p[j], i % 251);
	arena_free(&a);
}

static void total_counts_what_was_handed_out(void **state)
{
	struct arena a = { 0 };
	size_t before;

	(void)state;
	arena_alloc(&a, 100);
	before = a.total_bytes;
	assert_in_range(before, 100, 100 + alignof(max_align_t));
	arena_alloc(&a, 100000);
	assert_in_range(a.total_bytes - before, 100000, 100000 + alignof(max_align_t));
	arena_free(&a);
}

static void texts_are_copied(void **state)
{
	struct arena a = { 0 };
	char word[] = "hello", *copy = arena_strdup(&a, word), *part = arena_strndup(&a, word, 2);

	(void)state;
	word[0] = 'j';
	assert_string_equal(copy, "hello");
	assert_string_equal(part, "he");
	assert_string_equal(arena_strndup(&a, NULL, 0), "");
	assert_string_equal(arena_printf(&a, "%s-%d", "x", 42), "x-42");
	assert_int_equal(strlen(arena_printf(&a, "%20000d", 1)), 20000);
	arena_free(&a);
}

static void a_freed_arena_is_ready_again(void **state)
{
	struct arena a = { 0 };

	(void)state;
	arena_free(&a);
	arena_alloc(&a, 10);
	arena_free(&a);
	assert_string_equal(arena_strdup(&a, "again"), "again");
	arena_free(&a);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(memory_is_zeroed_and_aligned),	    cmocka_unit_test(pieces_never_overlap),
		cmocka_unit_test(total_counts_what_was_handed_out), cmocka_unit_test(texts_are_copied),
		cmocka_unit_test(a_freed_arena_is_ready_again),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
