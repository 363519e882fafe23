/* SPDX-License-Identifier: Apache-2.0 */
/* The layout of option tables, by lines written out by hand. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <string.h>

#include "agent/ref.h"

static const char *const shapes[] = { "sine", "noise", NULL };

static const struct opt rows[] = {
	{ "path", OPT_TEXT, 0, .required = true, .help = "the file" },
	{ "shape", OPT_ENUM, 0, .def = "sine", .choices = shapes, .help = "how it moves | or not" },
	{ "rate", OPT_DOUBLE, 0, .min = 1, .max = 9, .unit = "Hz", .help = "how often" },
};
static const struct opt_table table = { rows, ARRAY_LEN(rows) };

static void is_text(struct dynbuf *b, const char *expected)
{
	assert_string_equal(dynbuf_text(b), expected);
	dynbuf_free(b);
}

static void words_go_to_the_next_line_when_they_would_pass_column_80(void **state)
{
	struct dynbuf b;
	char word[41];

	(void)state;
	memset(word, 'x', 40);
	word[40] = '\0';
	dynbuf_init(&b, 1000);
	dynbuf_adds(&b, "ab");
	/* 2 + 37 fill columns 1 to 39; a blank and 40 more end at column 80 exactly. */
	ref_wrap(&b, 2, 2, "yyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyy xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx");
	is_text(&b, "abyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyy xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx\n");
	dynbuf_init(&b, 1000);
	dynbuf_adds(&b, "ab");
	ref_wrap(&b, 2, 2, "yyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyy xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx");
	is_text(&b, "abyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyy\n  xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx\n");
}

static void a_word_longer_than_a_line_stays_whole(void **state)
{
	struct dynbuf b;
	char word[121];

	(void)state;
	memset(word, 'x', 120);
	word[120] = '\0';
	dynbuf_init(&b, 1000);
	ref_wrap(&b, 0, 0, word);
	assert_int_equal(b.len, 121);
	dynbuf_free(&b);
}

static void no_text_is_an_empty_line(void **state)
{
	struct dynbuf b;

	(void)state;
	dynbuf_init(&b, 10);
	ref_wrap(&b, 4, 4, "");
	is_text(&b, "\n");
}

static void each_option_says_what_it_accepts_and_its_default(void **state)
{
	struct dynbuf b;

	(void)state;
	dynbuf_init(&b, 4000);
	ref_options_text(&b, &table);
	is_text(&b, "  path   a text; required\n"
		    "         the file\n"
		    "  shape  one of: sine, noise; default sine\n"
		    "         how it moves | or not\n"
		    "  rate   a number from 1 to 9 (Hz)\n"
		    "         how often\n");
}

static void a_table_without_rows_is_none(void **state)
{
	struct dynbuf b;

	(void)state;
	dynbuf_init(&b, 100);
	ref_options_text(&b, &(struct opt_table){ NULL, 0 });
	is_text(&b, "  none\n");
}

static void a_bar_does_not_end_a_cell_of_markdown(void **state)
{
	struct dynbuf b;

	(void)state;
	dynbuf_init(&b, 4000);
	ref_options_markdown(&b, &table);
	is_text(&b, "| option | accepts | default | what |\n"
		    "|---|---|---|---|\n"
		    "| `path` | a text | *required* | the file |\n"
		    "| `shape` | one of: sine, noise | `sine` | how it moves \\| or not |\n"
		    "| `rate` | a number from 1 to 9 (Hz) |  | how often |\n"
		    "\n");
}

static void json_has_each_column_of_a_row(void **state)
{
	struct opt_table one = { &rows[1], 1 };
	struct dynbuf b;
	struct json j = { .out = &b };

	(void)state;
	dynbuf_init(&b, 4000);
	json_object_begin(&j, NULL);
	ref_options_json(&j, "options", &one);
	json_object_end(&j);
	is_text(&b, "{\"options\":[{\"name\":\"shape\",\"accepts\":\"one of: sine, noise\",\"unit\":null,"
		    "\"default\":\"sine\",\"required\":false,\"help\":\"how it moves | or not\","
		    "\"schema\":{\"description\":\"how it moves | or not\",\"enum\":[\"sine\",\"noise\"],"
		    "\"default\":\"sine\"}}]}");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(words_go_to_the_next_line_when_they_would_pass_column_80),
		cmocka_unit_test(a_word_longer_than_a_line_stays_whole),
		cmocka_unit_test(no_text_is_an_empty_line),
		cmocka_unit_test(each_option_says_what_it_accepts_and_its_default),
		cmocka_unit_test(a_table_without_rows_is_none),
		cmocka_unit_test(a_bar_does_not_end_a_cell_of_markdown),
		cmocka_unit_test(json_has_each_column_of_a_row),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
