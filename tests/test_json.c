/* SPDX-License-Identifier: Apache-2.0 */
/* The JSON writer against RFC 8259, every expected text written by hand. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <math.h>
#include <string.h>

#include "base/check.h"
#include "base/json.h"

static void commas_and_keys_are_where_they_belong(void **state)
{
	struct dynbuf b;
	struct json j = { .out = &b };

	(void)state;
	dynbuf_init(&b, 1000);
	json_object_begin(&j, NULL);
	json_text(&j, "a", "x");
	json_array_begin(&j, "b");
	json_int(&j, NULL, -1);
	json_uint(&j, NULL, UINT64_MAX);
	json_object_begin(&j, NULL);
	json_object_end(&j);
	json_array_begin(&j, NULL);
	json_array_end(&j);
	json_bool(&j, NULL, true);
	json_array_end(&j);
	json_nothing(&j, "c");
	json_object_begin(&j, "d");
	json_bool(&j, "e", false);
	json_object_end(&j);
	json_int(&j, "f", INT64_MIN);
	json_object_end(&j);
	assert_string_equal(dynbuf_text(&b), "{\"a\":\"x\",\"b\":[-1,18446744073709551615,{},[],true],\"c\":null,"
					     "\"d\":{\"e\":false},\"f\":-9223372036854775808}");
	dynbuf_free(&b);
}

static void double_is(double x, const char *text)
{
	struct dynbuf b;
	struct json j = { .out = &b };

	dynbuf_init(&b, 100);
	json_double(&j, NULL, x);
	assert_string_equal(dynbuf_text(&b), text);
	dynbuf_free(&b);
}

static void numbers_are_short_and_exact(void **state)
{
	(void)state;
	double_is(20.0, "20");
	double_is(1.0, "1");
	double_is(21.5321, "21.5321");
	double_is(0.1, "0.1");
	double_is(1e300, "1e+300");
	double_is(-0.0512, "-0.0512");
	double_is(9007199254740991.0, "9007199254740991");
}

static void uint_is(uint64_t n, const char *text)
{
	struct dynbuf b;
	struct json j = { .out = &b };

	dynbuf_init(&b, 100);
	json_uint(&j, NULL, n);
	assert_string_equal(dynbuf_text(&b), text);
	dynbuf_free(&b);
}

static void whole_numbers_keep_every_digit(void **state)
{
	(void)state;
	uint_is(0, "0");
	uint_is(9, "9");
	uint_is(10, "10");
	uint_is(99, "99");
	uint_is(100, "100");
	uint_is(1005, "1005");
	uint_is(90817263, "90817263");
	uint_is(10000000000000000000u, "10000000000000000000");
	double_is(7.001, "7.001"); /* zeros after the point are digits too */
	double_is(-10.09, "-10.09");
}

static void no_value_is_null(void **state)
{
	(void)state;
	double_is(NAN, "null");
	double_is(INFINITY, "null");
	double_is(-INFINITY, "null");
}

static void string_is(const char *value, const char *text)
{
	struct dynbuf b;
	struct json j = { .out = &b };

	dynbuf_init(&b, 100);
	json_text(&j, NULL, value);
	assert_string_equal(dynbuf_text(&b), text);
	dynbuf_free(&b);
}

static void strings_are_escaped(void **state)
{
	(void)state;
	string_is("", "\"\"");
	string_is(NULL, "null");
	string_is("a\"b\\c/d", "\"a\\\"b\\\\c/d\"");
	string_is("\b\f\n\r\t", "\"\\b\\f\\n\\r\\t\"");
	string_is("\x01\x1F\x7F", "\"\\u0001\\u001f\x7F\"");
	string_is("\xC2\xB0"
		  "C \xF0\x9F\x8C\xB1",
		  "\"\xC2\xB0"
		  "C \xF0\x9F\x8C\xB1\"");
}

static void broken_utf8_becomes_replacement_characters(void **state)
{
	(void)state;
	string_is("a\xFF"
		  "b",
		  "\"a\xEF\xBF\xBD"
		  "b\"");
	string_is("\xC3", "\"\xEF\xBF\xBD\"");
	string_is("\xC3(", "\"\xEF\xBF\xBD(\"");
	string_is("\xC0\x80", "\"\xEF\xBF\xBD\xEF\xBF\xBD\"");		       /* an overlong NUL */
	string_is("\xED\xA0\x80", "\"\xEF\xBF\xBD\xEF\xBF\xBD\xEF\xBF\xBD\""); /* a surrogate */
}

static void keys_are_escaped_too(void **state)
{
	struct dynbuf b;
	struct json j = { .out = &b };

	(void)state;
	dynbuf_init(&b, 100);
	json_object_begin(&j, NULL);
	json_int(&j, "a\"\n", 1);
	json_int(&j, "", 2);
	json_object_end(&j);
	assert_string_equal(dynbuf_text(&b), "{\"a\\\"\\n\":1,\"\":2}");
	dynbuf_free(&b);
}

static void what_is_too_long_is_known_to_be(void **state)
{
	struct dynbuf b;
	struct json j = { .out = &b };

	(void)state;
	dynbuf_init(&b, 8);
	json_text(&j, NULL, "123456");
	assert_false(b.overflow);
	assert_int_equal(b.len, 8);
	dynbuf_reset(&b);
	j = (struct json){ .out = &b };
	json_text(&j, NULL, "1234567");
	assert_true(b.overflow);
	dynbuf_free(&b);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(commas_and_keys_are_where_they_belong),
		cmocka_unit_test(numbers_are_short_and_exact),
		cmocka_unit_test(whole_numbers_keep_every_digit),
		cmocka_unit_test(no_value_is_null),
		cmocka_unit_test(strings_are_escaped),
		cmocka_unit_test(broken_utf8_becomes_replacement_characters),
		cmocka_unit_test(keys_are_escaped_too),
		cmocka_unit_test(what_is_too_long_is_known_to_be),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
