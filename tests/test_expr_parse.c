/* SPDX-License-Identifier: Apache-2.0 */
/* What is no KPI expression: every mistake with its column and a message that says what was found and what was expected. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "base/arena.h"
#include "pipelines/expr.h"

struct row {
	const char *text;
	unsigned column;
	const char *contains[3]; /* all of them are in the message */
};

static void check_rows(const struct row *rows, size_t n)
{
	for (size_t i = 0; i < n; i++) {
		struct expr *untouched = (struct expr *)&rows, *e = untouched;
		struct expr_error err = { 0 };
		struct arena a = { 0 };

		assert_int_equal(expr_compile(&e, rows[i].text, &a, &err), -EINVAL);
		assert_ptr_equal(e, untouched);
		assert_true(strlen(err.text) < EXPR_ERROR_BYTES - 1); /* not cut off */
		if (err.column != rows[i].column)
			fail_msg("%s: column %u, expected %u: %s", rows[i].text, err.column, rows[i].column, err.text);
		for (size_t c = 0; c < 3 && rows[i].contains[c]; c++)
			if (!strstr(err.text, rows[i].contains[c]))
				fail_msg("%s: no \"%s\" in: %s", rows[i].text, rows[i].contains[c], err.text);
		arena_free(&a);
	}
}

#define CHECK(rows) check_rows(rows, sizeof(rows) / sizeof((rows)[0]))

static void a_torn_expression_says_what_is_missing(void **state)
{
	static const struct row rows[] = {
		{ "", 1, { "found the end", "expected a value" } },
		{ "  ", 3, { "found the end", "expected a value" } },
		{ "1 +", 4, { "found the end", "expected a value" } },
		{ "(1 + 2", 7, { "found the end", "')'" } },
		{ "1 + 2)", 6, { "found ')'", "expected an operator or the end" } },
		{ "()", 2, { "found ')'", "expected a value" } },
		{ "1 2", 3, { "found '2'", "expected an operator" } },
		{ "mean(a) mean(b)", 9, { "found 'mean'", "expected an operator" } },
		{ "* 2", 1, { "found '*'", "expected a value" } },
		{ "2 * / 3", 5, { "found '/'", "expected a value" } },
		{ "+5", 1, { "found '+'", "expected a value" } },
		{ "2 and or 3", 7, { "found 'or'", "expected a value" } },
		{ "2 * not 1", 5, { "found 'not'", "expected a value" } },
		{ "mean", 1, { "'mean' needs a stream", "mean(STREAM)" } },
		{ "quantile > 3", 1, { "'quantile' needs a stream", "quantile(STREAM, p)" } },
		{ "mean(a", 7, { "found the end", "')'" } },
		{ "mean(", 6, { "found the end", "name of a stream" } },
		{ "quantile(a", 11, { "found the end", "', p)'" } },
		{ "sqrt(2", 7, { "found the end", "')'", "sqrt(x)" } },
	};

	(void)state;
	CHECK(rows);
}

static void a_misused_atom_has_its_own_message(void **state)
{
	static const struct row rows[] = {
		{ "temp", 1, { "'temp' alone is no value", "mean(temp)", "last(temp)" } },
		{ "mean(a) + temp * 2", 11, { "'temp' alone is no value" } },
		{ "mean(mean(x))", 6, { "found 'mean('", "name of a stream", "do not nest" } },
		{ "max(mean(a), mean(b))", 5, { "found 'mean('", "name of a stream", "greatest(a, b)" } },
		{ "min(n(a), 2)", 5, { "found 'n('", "least(a, b)" } },
		{ "max(a, b)", 6, { "found ','", "one stream" } },
		{ "mean(a + b)", 8, { "one stream and not an expression", "mean(a)" } },
		{ "quantile(a + b, 0.5)", 12, { "one stream and not an expression", "quantile(a, p)" } },
		{ "mean(a b)", 8, { "found 'b'", "expected ')'" } },
		{ "mean(air.temperature)", 9, { "found '.'", "channel of a sensor", "from:" } },
		{ "mean()", 6, { "found ')'", "name of a stream" } },
		{ "mean(2)", 6, { "found '2'", "name of a stream" } },
		{ "mean((a))", 6, { "found '('", "name of a stream" } },
		{ "quantile(a)", 11, { "found ')'", "quantile(STREAM, p)" } },
		{ "quantile(a, )", 13, { "found ')'", "plain number from 0 to 1" } },
		{ "quantile(a, p)", 13, { "found 'p'", "plain number from 0 to 1" } },
		{ "quantile(a, -0.5)", 13, { "found '-'", "plain number from 0 to 1" } },
		{ "quantile(a, (0.5))", 13, { "found '('", "plain number from 0 to 1" } },
		{ "quantile(a, 95)", 13, { "p is '95'", "0 to 1", "0.95" } },
		{ "quantile(a, 1.0001)", 13, { "p is '1.0001'", "0 to 1" } },
		{ "quantile(a, 1.2.3)", 13, { "p is '1.2.3'", "0 to 1" } },
		{ "quantile(a, 1%)", 14, { "found '%'", "0.01" } },
		{ "quantile(a, 0,95)", 14, { "found ','", "decimal point" } },
		{ "quantile(a, 0.9 + 0.05)", 17, { "found '+'", "plain number" } },
		{ "quantile(a, 0.9", 16, { "found the end", "')'" } },
	};

	(void)state;
	CHECK(rows);
}

static void an_unknown_function_gets_a_suggestion(void **state)
{
	static const struct row rows[] = {
		{ "maen(x)", 1, { "no function 'maen'", "did you mean 'mean'?" } },
		{ "1 + quantil(x, 0.5)", 5, { "did you mean 'quantile'?" } },
		{ "MEAN(x)", 1, { "no function 'MEAN'", "did you mean 'mean'?" } },
		{ "avg(x)", 1, { "did you mean 'mean'?" } },
		{ "Average(x)", 1, { "did you mean 'mean'?" } },
		{ "count(x)", 1, { "did you mean 'n'?" } },
		{ "median(x)", 1, { "did you mean 'quantile'?" } },
		{ "ln(2)", 1, { "did you mean 'log'?" } },
		{ "sqr(2)", 1, { "did you mean 'sqrt'?" } },
		{ "frobnicate(x)", 1, { "no function 'frobnicate'", " coverage first ", " if least log pow sqrt" } },
		{ "abcdefghijklmnopqrstuvwxyzabcdefghijklmnopqrstuvwxyzabcdefghijkl(x)",
		  1,
		  { "no function", " pow sqrt" } },
	};

	(void)state;
	CHECK(rows);
}

static void a_function_wants_its_arguments(void **state)
{
	static const struct row rows[] = {
		{ "abs", 1, { "'abs' is a function", "abs(x)" } },
		{ "if > 1", 1, { "'if' is a function", "if(condition, then, else)" } },
		{ "abs()", 5, { "found ')'", "abs(x)" } },
		{ "abs(1, 2)", 6, { "found ','", "abs(x)" } },
		{ "pow(2)", 6, { "found ')'", "pow(x, y)" } },
		{ "pow(2,)", 7, { "found ')'", "pow(x, y)" } },
		{ "pow(2, 3, 4)", 9, { "found ','", "pow(x, y)" } },
		{ "pow(2 3)", 7, { "found '3'", "','", "pow(x, y)" } },
		{ "if(1, 2)", 8, { "found ')'", "if(condition, then, else)" } },
		{ "if(1, 2, 3, 4)", 11, { "found ','", "if(condition, then, else)" } },
		{ "least(1)", 8, { "found ')'", "least(a, b, ...)" } },
		{ "greatest(1, 2,)", 15, { "found ')'", "greatest(a, b, ...)" } },
		{ "sqrt(temp)", 6, { "'temp' alone is no value" } },
	};

	(void)state;
	CHECK(rows);
}

static void words_and_signs_of_other_languages_are_translated(void **state)
{
	static const struct row rows[] = {
		{ "1 = 2", 3, { "found '='", "expected ==" } },
		{ "1 <> 2", 3, { "found '<>'", "expected !=" } },
		{ "1 && 2", 3, { "found '&&'", "expected and" } },
		{ "1 || 2", 3, { "found '||'", "expected or" } },
		{ "1 AND 2", 3, { "found 'AND'", "expected and" } },
		{ "!1", 1, { "found '!'", "expected not" } },
		{ "NOT (1)", 1, { "found 'NOT'", "expected not" } },
		{ "2 ^ 3", 3, { "found '^'", "pow(x, y)" } },
		{ "2 ** 3", 3, { "found '**'", "pow(x, y)" } },
		{ "1 ? 2", 3, { "found '?'", "if(c, a, b)" } },
		{ "5 %", 3, { "found '%'", "0.01" } },
		{ "1 \u2265 2", 3, { "found '\u2265'", "expected >=" } },
		{ "2 \u00D7 3", 3, { "found '\u00D7'", "expected *" } },
		{ "\u22122", 1, { "found '\u2212'", "expected -" } },
		{ "1 < 2 < 3", 7, { "do not chain", "a < b and b < c" } },
		{ "1 == 2 + 1 != 3", 12, { "do not chain" } },
	};

	(void)state;
	CHECK(rows);
}

static void odd_characters_and_numbers_are_named(void **state)
{
	static const struct row rows[] = {
		{ "5V", 2, { "found 'V'" } },
		{ "1e", 2, { "found 'e'" } },
		{ "1.2.3", 1, { "'1.2.3' is not a number" } },
		{ "1e999", 1, { "'1e999' is too large" } },
		{ "0x10", 2, { "found 'x10'" } },
		{ "nan", 1, { "'nan' alone is no value" } },
		{ "1 $ 2", 3, { "found '$'" } },
		{ "1 \x01", 3, { "found byte 0x01" } },
		{ "1 \x7f", 3, { "found byte 0x7F" } },
		{ "\xE9", 1, { "found byte 0xE9" } },
		{ "\xFF\xFF", 1, { "found byte 0xFF" } },
		{ "1 + \xE2\x82", 5, { "found byte 0xE2" } },
		{ "1 \u00E9", 3, { "found '\u00E9'" } },
		{ "1 123456789012345678901234567890123456789", 3, { "found '12345678901234567890123456789012...'" } },
	};

	(void)state;
	CHECK(rows);
}

/* @n times @piece, then @middle, then @n times @end. */
static const char *repeated(char *buf, int n, const char *piece, const char *middle, const char *end)
{
	char *at = buf;

	for (int i = 0; i < n; i++)
		at = stpcpy(at, piece);
	at = stpcpy(at, middle);
	for (int i = 0; i < n; i++)
		at = stpcpy(at, end);
	return buf;
}

/** 0, or the column of the error, which contains @why. */
static unsigned column_of_error(const char *text, const char *why)
{
	struct expr_error err = { 0 };
	struct arena a = { 0 };
	struct expr *e;
	int r = expr_compile(&e, text, &a, &err);

	arena_free(&a);
	if (r == 0)
		return 0;
	if (!strstr(err.text, why))
		fail_msg("no \"%s\" in: %s", why, err.text);
	return err.column;
}

static void nesting_is_bounded(void **state)
{
	static char buf[1 << 20];

	(void)state;
	assert_int_equal(column_of_error(repeated(buf, 32, "(", "1", ")"), ""), 0);
	assert_int_equal(column_of_error(repeated(buf, 33, "(", "1", ")"), "deeper than 32"), 33);
	assert_int_equal(column_of_error(repeated(buf, 32, "-", "1", ""), ""), 0);
	assert_int_equal(column_of_error(repeated(buf, 33, "-", "1", ""), "deeper than 32"), 33);
	assert_int_equal(column_of_error(repeated(buf, 33, "not ", "1", ""), "deeper than 32"), 129);
	assert_int_equal(column_of_error(repeated(buf, 32, "abs(", "1", ")"), ""), 0);
	assert_int_equal(column_of_error(repeated(buf, 33, "abs(", "1", ")"), "deeper than 32"), 132);
	assert_int_equal(column_of_error(repeated(buf, 100000, "(", "", ""), "deeper than 32"), 33);
	/* Closed levels do not count. */
	assert_int_equal(column_of_error(repeated(buf, 60, "-(1) + ", "1", ""), ""), 0);
	assert_int_equal(column_of_error(repeated(buf, 60, "abs(1) + ", "1", ""), ""), 0);
}

static void length_is_bounded(void **state)
{
	static char buf[1 << 20];

	(void)state;
	/* 128 numbers and 127 operators; one more of each. */
	assert_int_equal(column_of_error(repeated(buf, 127, "1+", "1", ""), ""), 0);
	assert_int_equal(column_of_error(repeated(buf, 128, "1+", "1", ""), "longer than 256"), 256);
	assert_int_equal(column_of_error(repeated(buf, 100000, "1+", "1", ""), "longer than 256"), 256);
	/* The deepest stack: each level of the tree waits for its right side. */
	assert_int_equal(column_of_error(repeated(buf, 32, "1 or 1 and 1 < 1 + 1 * (", "1", ")"), "longer than 256"),
			 310);
	assert_int_equal(column_of_error(repeated(buf, 25, "1 or 1 and 1 < 1 + 1 * (", "1", ")"), ""), 0);
}

static void the_number_of_streams_is_bounded(void **state)
{
	char streams[32 * 7 + 1], text[sizeof(streams) + 8];

	(void)state;
	for (size_t i = 0; i < 32; i++)
		snprintf(streams + 7 * i, 8, "n(s%02u)+", (unsigned)i);
	snprintf(text, sizeof(text), "%sn(s31)", streams);
	assert_int_equal(column_of_error(text, ""), 0);
	snprintf(text, sizeof(text), "%sn(t)", streams);
	assert_int_equal(column_of_error(text, "more than 32 streams"), 32 * 7 + 3);
}

static void names_have_at_most_64_characters(void **state)
{
	char name[80], text[100];

	(void)state;
	repeated(name, 64, "a", "", "");
	assert_int_equal(column_of_error(name, "alone is no value"), 1);
	snprintf(text, sizeof(text), "n(%s)", name);
	assert_int_equal(column_of_error(text, ""), 0);
	repeated(name, 65, "a", "", "");
	assert_int_equal(column_of_error(name, "more than 64 characters"), 1);
	snprintf(text, sizeof(text), "n(%s)", name);
	assert_int_equal(column_of_error(text, "more than 64 characters"), 3);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_torn_expression_says_what_is_missing),
		cmocka_unit_test(a_misused_atom_has_its_own_message),
		cmocka_unit_test(an_unknown_function_gets_a_suggestion),
		cmocka_unit_test(a_function_wants_its_arguments),
		cmocka_unit_test(words_and_signs_of_other_languages_are_translated),
		cmocka_unit_test(odd_characters_and_numbers_are_named),
		cmocka_unit_test(nesting_is_bounded),
		cmocka_unit_test(length_is_bounded),
		cmocka_unit_test(the_number_of_streams_is_bounded),
		cmocka_unit_test(names_have_at_most_64_characters),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
