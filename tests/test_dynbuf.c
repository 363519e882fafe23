/* SPDX-License-Identifier: Apache-2.0 */
/* The growable buffer: what fits is there, what does not is left out as a whole. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <string.h>

#include "base/dynbuf.h"

static void an_empty_buffer_is_an_empty_text(void **state)
{
	struct dynbuf b;

	(void)state;
	dynbuf_init(&b, 10);
	assert_string_equal(dynbuf_text(&b), "");
	assert_int_equal(b.len, 0);
	assert_false(b.overflow);
	dynbuf_free(&b);
}

static void pieces_follow_each_other(void **state)
{
	struct dynbuf b;

	(void)state;
	dynbuf_init(&b, 1 << 20);
	dynbuf_adds(&b, "one ");
	dynbuf_addf(&b, "%d %s", 2, "three");
	dynbuf_add(&b, "\0x", 2);
	assert_int_equal(b.len, 13);
	assert_memory_equal(b.data, "one 2 three\0x", 14);
	for (int i = 0; i < 100000; i++)
		dynbuf_adds(&b, "0123456789");
	assert_int_equal(b.len, 1000013);
	assert_int_equal(b.data[b.len], 0);
	assert_int_equal(b.data[1000012], '9');
	assert_false(b.overflow);
	dynbuf_free(&b);
}

static void the_cap_holds_to_the_byte(void **state)
{
	struct dynbuf b;

	(void)state;
	dynbuf_init(&b, 5);
	dynbuf_adds(&b, "12345");
	assert_false(b.overflow);
	dynbuf_adds(&b, "");
	assert_false(b.overflow);
	dynbuf_adds(&b, "6");
	assert_true(b.overflow);
	assert_string_equal(dynbuf_text(&b), "12345");
	assert_in_range(b.cap, 6, 6);
	dynbuf_free(&b);
}

static void what_does_not_fit_is_left_out_as_a_whole(void **state)
{
	struct dynbuf b;

	(void)state;
	dynbuf_init(&b, 6);
	dynbuf_adds(&b, "123");
	dynbuf_addf(&b, "%s", "4567");
	assert_string_equal(dynbuf_text(&b), "123");
	assert_true(b.overflow);
	dynbuf_add(&b, "huge", SIZE_MAX - 2);
	assert_string_equal(dynbuf_text(&b), "123");
	dynbuf_adds(&b, "456");
	assert_string_equal(dynbuf_text(&b), "123456");
	assert_true(b.overflow);
	dynbuf_free(&b);
}

static void reset_empties_and_forgets_the_overflow(void **state)
{
	struct dynbuf b;
	char *memory;

	(void)state;
	dynbuf_init(&b, 4);
	dynbuf_reset(&b);
	dynbuf_adds(&b, "1234");
	dynbuf_adds(&b, "5");
	memory = b.data;
	dynbuf_reset(&b);
	assert_false(b.overflow);
	assert_string_equal(dynbuf_text(&b), "");
	dynbuf_adds(&b, "abcd");
	assert_string_equal(dynbuf_text(&b), "abcd");
	assert_ptr_equal(b.data, memory);
	dynbuf_free(&b);
	dynbuf_adds(&b, "used again");
	assert_string_equal(dynbuf_text(&b), "");
	dynbuf_adds(&b, "ok");
	assert_string_equal(dynbuf_text(&b), "ok");
	dynbuf_free(&b);
}

static void a_cap_of_nothing_holds_nothing(void **state)
{
	struct dynbuf b;

	(void)state;
	dynbuf_init(&b, 0);
	dynbuf_adds(&b, "");
	assert_false(b.overflow);
	dynbuf_adds(&b, "x");
	assert_true(b.overflow);
	assert_string_equal(dynbuf_text(&b), "");
	dynbuf_free(&b);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(an_empty_buffer_is_an_empty_text),
		cmocka_unit_test(pieces_follow_each_other),
		cmocka_unit_test(the_cap_holds_to_the_byte),
		cmocka_unit_test(what_does_not_fit_is_left_out_as_a_whole),
		cmocka_unit_test(reset_empties_and_forgets_the_overflow),
		cmocka_unit_test(a_cap_of_nothing_holds_nothing),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
