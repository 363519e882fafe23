/* SPDX-License-Identifier: Apache-2.0 */
/* Errors come out in the order of the file, bounded in number and length, and harmless to a terminal. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/diag.h"
#include "base/text.h"

/* What diag_print() prints; the caller frees it. */
static char *printed(const struct diag *d)
{
	char *text = NULL;
	size_t bytes = 0;
	FILE *f = open_memstream(&text, &bytes);

	assert_non_null(f);
	diag_print(d, f);
	fclose(f);
	return text;
}

static void expect_print(const struct diag *d, const char *expected)
{
	char *text = printed(d);

	assert_string_equal(text, expected);
	free(text);
}

static void errors_come_in_the_order_of_the_file(void **state)
{
	struct diag d = { .file = "x.yaml" };

	(void)state;
	diag_error(&d, (struct place){ 12, 5 }, "third");
	diag_error(&d, (struct place){ 3, 9 }, "second %d", 2);
	diag_error(&d, (struct place){ 3, 1 }, "first");
	diag_error(&d, (struct place){ 0, 0 }, "the whole");
	assert_int_equal(d.n_errors, 4);
	expect_print(&d, "x.yaml: error: the whole\n"
			 "x.yaml:3:1: error: first\n"
			 "x.yaml:3:9: error: second 2\n"
			 "x.yaml:12:5: error: third\n");
	diag_free(&d);
}

static void errors_of_one_place_keep_their_order(void **state)
{
	struct diag d = { .file = "x" };

	(void)state;
	diag_error(&d, (struct place){ 1, 1 }, "a");
	diag_error(&d, (struct place){ 1, 1 }, "b");
	diag_error(&d, (struct place){ 1, 1 }, "c");
	expect_print(&d, "x:1:1: error: a\nx:1:1: error: b\nx:1:1: error: c\n");
	diag_free(&d);
}

static void no_error_prints_nothing(void **state)
{
	struct diag d = { .file = "x" };

	(void)state;
	expect_print(&d, "");
	diag_free(&d);
}

static void a_flood_is_counted_not_kept(void **state)
{
	struct diag d = { .file = "x" };
	size_t n_lines = 0;
	char *text;

	(void)state;
	for (unsigned i = 0; i < 1000; i++)
		diag_error(&d, (struct place){ i + 1, 1 }, "bad");
	assert_int_equal(d.n_errors, 1000);
	assert_int_equal(d.n_dropped, 900);
	text = printed(&d);
	for (const char *p = text; *p; p++)
		n_lines += *p == '\n';
	assert_int_equal(n_lines, 101);
	assert_non_null(strstr(text, "\nx: error: 900 more errors are not shown\n"));
	free(text);
	diag_free(&d);
}

static void foreign_text_cannot_steer_the_terminal(void **state)
{
	struct diag d = { .file = "x" };

	(void)state;
	diag_error(&d, (struct place){ 1, 2 }, "found '%s'", "a\x1B[31m\nx:9:9: error: forged");
	expect_print(&d, "x:1:2: error: found 'a?[31m?x:9:9: error: forged'\n");
	diag_free(&d);
}

static void expect_whole_characters(const char *text)
{
	for (size_t i = 0, n; i < strlen(text); i += n) {
		n = text_utf8_length(text + i, strlen(text + i));
		assert_int_not_equal(n, 0);
	}
}

/* Wherever the cuts fall in the two bytes of a letter. */
static void a_long_text_loses_its_middle_and_no_half_letter(void **state)
{
	static const char *const before[] = { "", "x" }, *const after[] = { "", "x" };
	char *word = malloc(100001);

	(void)state;
	for (size_t i = 0; i < 100000; i += 2)
		memcpy(word + i, "\xC3\xA9", 2);
	word[100000] = '\0';
	for (size_t i = 0; i < 4; i++) {
		struct diag d = { .file = "x" };
		const char *text;

		diag_error(&d, (struct place){ 1, 1 }, "%sfound '%s', expected a number%s", before[i & 1], word,
			   after[i / 2]);
		text = d.first->text;
		assert_in_range(strlen(text), 100, 600);
		assert_non_null(strstr(text, "found '\xC3\xA9"));
		assert_non_null(strstr(text, "\xC3\xA9', expected a number"));
		expect_whole_characters(text);
		diag_free(&d);
	}
	free(word);
}

static void freeing_keeps_the_name_of_the_file(void **state)
{
	struct diag d = { .file = "x" };

	(void)state;
	diag_error(&d, (struct place){ 1, 1 }, "a");
	diag_free(&d);
	assert_int_equal(d.n_errors, 0);
	assert_null(d.first);
	diag_error(&d, (struct place){ 2, 1 }, "b");
	expect_print(&d, "x:2:1: error: b\n");
	diag_free(&d);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(errors_come_in_the_order_of_the_file),
		cmocka_unit_test(errors_of_one_place_keep_their_order),
		cmocka_unit_test(no_error_prints_nothing),
		cmocka_unit_test(a_flood_is_counted_not_kept),
		cmocka_unit_test(foreign_text_cannot_steer_the_terminal),
		cmocka_unit_test(a_long_text_loses_its_middle_and_no_half_letter),
		cmocka_unit_test(freeing_keeps_the_name_of_the_file),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
