/* SPDX-License-Identifier: Apache-2.0 */
/* The target and revision that a text gets before it is signed: nothing else of it changes, and lines stay where they are. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <string.h>

#include "agent/push_text.h"

static void check(const char *text, int64_t revision, const char *expected)
{
	struct dynbuf out;

	dynbuf_init(&out, 4096);
	assert_true(push_text_address(text, strlen(text), "lab/b1", revision, &out));
	assert_string_equal(dynbuf_text(&out), expected);
	dynbuf_free(&out);
}

static void a_target_comes_last_so_that_lines_keep_their_numbers(void **state)
{
	(void)state;
	check("revision: 3\nwindow: 1s\n", 0, "revision: 3\nwindow: 1s\ntarget: lab/b1\n");
	check("revision: 3\nwindow: 1s", 0, "revision: 3\nwindow: 1s\ntarget: lab/b1\n");
}

static void a_target_and_a_revision_take_the_place_of_others(void **state)
{
	(void)state;
	check("# c\ntarget: lab/b9\nrevision: 3 # old\nwindow: 1s\n", 8,
	      "# c\ntarget: lab/b1\nrevision: 8\nwindow: 1s\n");
	check("window: 1s\n", 8, "window: 1s\ntarget: lab/b1\nrevision: 8\n");
}

static void a_text_on_one_line_is_refused(void **state)
{
	const char text[] = "{revision: 3, target: lab/b9}\n";
	struct dynbuf out;

	(void)state;
	dynbuf_init(&out, 4096);
	assert_false(push_text_address(text, strlen(text), "lab/b1", 0, &out));
	dynbuf_free(&out);
}

/* libyaml counts U+2028, a lone CR and others as lines: the line taken out would be another one, and the text for another board. */
static void a_text_whose_lines_are_counted_otherwise_is_refused(void **state)
{
	static const char *const texts[] = {
		"# \xE2\x80\xA8\ntarget: lab/b1\ntarget: lab/b9\n",
		"# a\xE2\x80\xA8# b\ntarget: lab/b9\nwindow: 1s\n",
		"# a\r# b\ntarget: lab/b9\nwindow: 1s\n",
		"# a\xC2\x85# b\ntarget: lab/b9\nwindow: 1s\n",
	};
	struct dynbuf out;

	(void)state;
	dynbuf_init(&out, 4096);
	for (size_t i = 0; i < sizeof(texts) / sizeof(texts[0]); i++)
		assert_false(push_text_address(texts[i], strlen(texts[i]), "lab/b1", 8, &out));
	dynbuf_free(&out);
}

static void the_head_is_read_without_the_rest_being_good(void **state)
{
	const char text[] = "revision: 12\ntarget: lab/_all\nwindow: 15s\nwhatever: [1, 2]\n";
	struct push_head head;

	(void)state;
	assert_true(push_text_head("f", text, strlen(text), &head));
	assert_int_equal(head.revision, 12);
	assert_string_equal(head.target, "lab/_all");
	assert_int_equal(head.window_us, 15000000);
	assert_false(push_text_head("f", "a: [", 4, &head));
}

static void what_a_board_would_refuse_is_no_good(void **state)
{
	const char good[] = "target: lab/b1\nrevision: 1\nsensors: {a: {driver: sim, every: 1s}}\n";
	const char local[] = "target: lab/b1\nrevision: 1\nspool: {path: /tmp/x}\n";

	(void)state;
	assert_true(push_text_is_good("f", good, strlen(good)));
	assert_false(push_text_is_good("f", local, strlen(local)));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_target_comes_last_so_that_lines_keep_their_numbers),
		cmocka_unit_test(a_target_and_a_revision_take_the_place_of_others),
		cmocka_unit_test(a_text_on_one_line_is_refused),
		cmocka_unit_test(a_text_whose_lines_are_counted_otherwise_is_refused),
		cmocka_unit_test(the_head_is_read_without_the_rest_being_good),
		cmocka_unit_test(what_a_board_would_refuse_is_no_good),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
