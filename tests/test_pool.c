/* SPDX-License-Identifier: Apache-2.0 */
/* pool: a heap in a fixed piece of memory. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <stdlib.h>
#include <string.h>

#include "base/pool.h"
#include "base/prng.h"

static char memory[65536] __attribute__((aligned(16)));

static void blocks_do_not_overlap_and_keep_what_is_in_them(void **state)
{
	enum { N = 64 };
	static unsigned char *blocks[N];
	static size_t bytes[N];
	struct pool p;
	uint64_t seed = 1;

	(void)state;
	pool_init(&p, memory, sizeof(memory));
	for (int step = 0; step < 20000; step++) {
		size_t i = (size_t)(prng_unit(&seed) * N), n = (size_t)(prng_unit(&seed) * 900);
		unsigned char *block = pool_resize(&p, blocks[i], bytes[i], n);

		if (n > 0 && !block)
			continue; /* no room: the old one is still there */
		for (size_t k = 0; k < (n < bytes[i] ? n : bytes[i]); k++)
			assert_int_equal(block[k], i);
		if (n > 0)
			memset(block, (int)i, n);
		blocks[i] = block;
		bytes[i] = n;
	}
	for (size_t i = 0; i < N; i++)
		for (size_t k = 0; k < bytes[i]; k++)
			assert_int_equal(blocks[i][k], i);
}

static void what_does_not_fit_is_refused_and_what_was_freed_is_used_again(void **state)
{
	struct pool p;
	void *block;

	(void)state;
	pool_init(&p, memory, 4096);
	assert_null(pool_resize(&p, NULL, 0, 4097));
	block = pool_resize(&p, NULL, 0, 4096);
	assert_ptr_equal(block, memory);
	assert_null(pool_resize(&p, NULL, 0, 1));
	assert_null(pool_resize(&p, block, 4096, 0));
	assert_ptr_equal(pool_resize(&p, NULL, 0, 3000), memory);
	assert_null(pool_resize(&p, NULL, 0, SIZE_MAX));
}

static void shrinking_always_works(void **state)
{
	struct pool p;
	void *block;

	(void)state;
	pool_init(&p, memory, 4096);
	block = pool_resize(&p, NULL, 0, 4000);
	assert_ptr_equal(pool_resize(&p, block, 4000, 16), block);
	assert_null(pool_resize(&p, block, 16, 0));
	assert_ptr_equal(pool_resize(&p, NULL, 0, 16), block);
}

static void blocks_are_aligned_for_any_type(void **state)
{
	struct pool p;

	(void)state;
	pool_init(&p, memory, sizeof(memory));
	for (size_t n = 1; n < 1200; n += 37)
		assert_int_equal((uintptr_t)pool_resize(&p, NULL, 0, n) % 16, 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(blocks_do_not_overlap_and_keep_what_is_in_them),
		cmocka_unit_test(what_does_not_fit_is_refused_and_what_was_freed_is_used_again),
		cmocka_unit_test(shrinking_always_works),
		cmocka_unit_test(blocks_are_aligned_for_any_type),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
