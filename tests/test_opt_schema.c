/* SPDX-License-Identifier: Apache-2.0 */
/* What an option accepts, in words and as JSON Schema 2020-12; expected texts are written by hand from its meta-schema. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <math.h>
#include <regex.h>
#include <string.h>

#include "base/json.h"
#include "base/opt.h"
#include "base/text.h"

static const char *const choices[] = { "up", "down", NULL };

static void words_are(const struct opt *row, const char *expected)
{
	char buf[200];

	assert_string_equal(opt_expects(row, buf, sizeof(buf)), expected);
}

static void words_say_bounds_and_unit(void **state)
{
	(void)state;
	words_are(&(struct opt){ .type = OPT_INT }, "a whole number");
	words_are(&(struct opt){ .type = OPT_INT, .min = 1, .max = 5, .unit = "samples" },
		  "a whole number from 1 to 5 (samples)");
	words_are(&(struct opt){ .type = OPT_DOUBLE, .min = -0.5, .max = 1 }, "a number from -0.5 to 1");
	words_are(&(struct opt){ .type = OPT_DOUBLE, .min = 0, .max = INFINITY, .unit = "Hz" },
		  "a number of at least 0 (Hz)");
	words_are(&(struct opt){ .type = OPT_DOUBLE, .min = -INFINITY, .max = 7 }, "a number of at most 7");
	words_are(&(struct opt){ .type = OPT_DOUBLE, .min = -INFINITY, .max = INFINITY }, "a number");
	words_are(&(struct opt){ .type = OPT_DURATION }, "a duration such as 10s");
	words_are(&(struct opt){ .type = OPT_DURATION, .min = 1e3, .max = 60e6 }, "a duration from 1ms to 1m");
	words_are(&(struct opt){ .type = OPT_DURATION, .min = 1e3, .max = INFINITY }, "a duration of at least 1ms");
	words_are(&(struct opt){ .type = OPT_BYTES }, "a size such as 64KiB");
	words_are(&(struct opt){ .type = OPT_BYTES, .min = 1024, .max = 1e300 }, "a size from 1KiB to 1e+300");
	words_are(&(struct opt){ .type = OPT_ENUM, .choices = choices }, "one of: up, down");
	words_are(&(struct opt){ .type = OPT_SPAN }, "a number of samples such as 5, or a duration such as 10s");
	words_are(&(struct opt){ .type = OPT_BOOL }, "true or false");
	words_are(&(struct opt){ .type = OPT_TEXT }, "a text");
	words_are(&(struct opt){ .type = OPT_UNIT }, "a unit such as Cel, % or hPa");
	words_are(&(struct opt){ .type = OPT_TEXT_MAP }, "a map of names to texts");
	words_are(&(struct opt){ .type = OPT_TEXT_LIST }, "a text or a list of texts");
	words_are(&(struct opt){ .type = OPT_UNIT_MAP }, "a map of names to units such as Cel, % or hPa");
	words_are(&(struct opt){ .type = OPT_DOUBLE_LIST }, "a list of numbers");
	words_are(&(struct opt){ .type = OPT_DOUBLE_LIST, .min = 0, .max = 1, .min_items = 1, .max_items = 9 },
		  "a list of 1 to 9 numbers from 0 to 1");
	words_are(&(struct opt){ .type = OPT_POINTS, .min_items = 2 }, "a list of at least 2 points [x, y]");
	words_are(&(struct opt){ .type = OPT_POINTS, .min_items = 3, .max_items = 3 }, "a list of 3 points [x, y]");
}

static void words_never_leave_a_short_buffer(void **state)
{
	(void)state;
	for (int type = OPT_BOOL; type <= OPT_POINTS; type++) {
		struct opt row = { .type = (enum opt_type)type,
				   .min = 1,
				   .max = 5,
				   .min_items = 1,
				   .unit = "samples",
				   .choices = choices };

		for (size_t bytes = 1; bytes < 80; bytes++) {
			char buf[81];

			memset(buf, 'x', sizeof(buf));
			opt_expects(&row, buf, bytes);
			assert_true(strlen(buf) < bytes);
			assert_int_equal(buf[bytes], 'x');
		}
	}
}

static void schema_is(const struct opt *row, const char *expected)
{
	struct dynbuf b;
	struct json j = { .out = &b };

	dynbuf_init(&b, 10000);
	json_object_begin(&j, NULL);
	opt_schema(row, &j, "x");
	json_object_end(&j);
	assert_string_equal(dynbuf_text(&b), expected);
	dynbuf_free(&b);
}

static void schemas_describe_plain_values(void **state)
{
	(void)state;
	schema_is(&(struct opt){ .type = OPT_BOOL, .help = "Help", .def = "yes" },
		  "{\"x\":{\"description\":\"Help\",\"type\":\"boolean\",\"default\":true}}");
	schema_is(&(struct opt){ .type = OPT_INT, .min = 1, .max = 9, .def = "0x5" },
		  "{\"x\":{\"type\":\"integer\",\"minimum\":1,\"maximum\":9,\"default\":5}}");
	schema_is(&(struct opt){ .type = OPT_DOUBLE, .min = 0, .max = INFINITY, .def = "1.50" },
		  "{\"x\":{\"type\":\"number\",\"minimum\":0,\"default\":1.5}}");
	schema_is(&(struct opt){ .type = OPT_DOUBLE }, "{\"x\":{\"type\":\"number\"}}");
	schema_is(&(struct opt){ .type = OPT_TEXT, .def = "5" },
		  "{\"x\":{\"type\":[\"string\",\"number\",\"boolean\"],\"default\":\"5\"}}");
	schema_is(&(struct opt){ .type = OPT_ENUM, .choices = choices, .def = "up" },
		  "{\"x\":{\"enum\":[\"up\",\"down\"],\"default\":\"up\"}}");
}

/* YAML reads `x: 16` as a number and `x: off` as a boolean (1.1), and the choices accept both. */
static void choices_that_look_like_other_values_may_be_those_values(void **state)
{
	static const char *const like_others[] = { "off", "2", "16", "x2", "on", NULL };
	(void)state;

	schema_is(&(struct opt){ .type = OPT_ENUM, .choices = like_others },
		  "{\"x\":{\"enum\":[\"off\",false,\"2\",2,\"16\",16,\"x2\",\"on\",true]}}");
}

/* One member of a schema, whatever the pattern is. */
static void schema_has(const struct opt *row, const char *part)
{
	struct dynbuf b;
	struct json j = { .out = &b };

	dynbuf_init(&b, 10000);
	opt_schema(row, &j, NULL);
	assert_non_null(strstr(dynbuf_text(&b), part));
	dynbuf_free(&b);
}

static void bare_numbers_are_bounded_where_they_are_allowed(void **state)
{
	(void)state;
	schema_has(&(struct opt){ .type = OPT_DURATION, .min = 1, .max = 9 }, "$\",\"minimum\":0,\"maximum\":0}");
	schema_has(&(struct opt){ .type = OPT_BYTES, .min = 10, .max = 99, .def = "20" },
		   "$\",\"minimum\":10,\"maximum\":99,\"default\":20}");
	schema_has(&(struct opt){ .type = OPT_BYTES, .def = "1KiB" }, "$\",\"minimum\":0,\"default\":\"1KiB\"}");
	schema_has(&(struct opt){ .type = OPT_SPAN, .min = 2, .max = 50, .def = "5" },
		   "$\",\"minimum\":2,\"maximum\":50,\"default\":5}");
	schema_has(&(struct opt){ .type = OPT_SPAN, .def = "10s" }, "$\",\"minimum\":1,\"default\":\"10s\"}");
	schema_has(&(struct opt){ .type = OPT_SPAN }, "{\"type\":[\"string\",\"integer\"],\"pattern\":\"^");
}

static void schemas_describe_containers(void **state)
{
	(void)state;
	schema_is(&(struct opt){ .type = OPT_TEXT_MAP }, "{\"x\":{\"type\":\"object\",\"additionalProperties\":{"
							 "\"type\":[\"string\",\"number\",\"boolean\"]}}}");
	schema_is(&(struct opt){ .type = OPT_TEXT_LIST },
		  "{\"x\":{\"type\":[\"string\",\"array\"],\"items\":{\"type\":\"string\"}}}");
	schema_is(&(struct opt){ .type = OPT_DOUBLE_LIST, .min = 0, .max = INFINITY, .max_items = 9, .def = "3" },
		  "{\"x\":{\"type\":[\"number\",\"array\"],\"minimum\":0,\"maxItems\":9,"
		  "\"items\":{\"type\":\"number\",\"minimum\":0},\"default\":3}}");
	schema_is(&(struct opt){ .type = OPT_DOUBLE_LIST, .min_items = 2 },
		  "{\"x\":{\"type\":[\"array\"],\"minItems\":2,\"items\":{\"type\":\"number\"}}}");
	schema_is(&(struct opt){ .type = OPT_POINTS, .min_items = 2 },
		  "{\"x\":{\"type\":\"array\",\"minItems\":2,\"items\":{\"type\":\"array\",\"minItems\":2,"
		  "\"maxItems\":2,\"items\":{\"type\":\"number\"}}}}");
}

static void units_are_listed_for_completion(void **state)
{
	struct dynbuf b;
	struct json j = { .out = &b };

	(void)state;
	dynbuf_init(&b, 10000);
	opt_schema(&(struct opt){ .type = OPT_UNIT }, &j, NULL);
	assert_non_null(strstr(dynbuf_text(&b), "\"enum\":[\"1\",\"%\","));
	assert_non_null(strstr(dynbuf_text(&b), ",\"Cel\","));
	dynbuf_reset(&b);
	j = (struct json){ .out = &b };
	opt_schema(&(struct opt){ .type = OPT_UNIT_MAP }, &j, NULL);
	assert_non_null(strstr(dynbuf_text(&b), "\"additionalProperties\":{\"enum\":[\"1\",\"%\","));
	dynbuf_free(&b);
}

/* The pattern of the schema, taken from its JSON text. */
static void compile_pattern(enum opt_type type, regex_t *re)
{
	char pattern[200], *p = pattern;
	const char *from;
	struct dynbuf b;
	struct json j = { .out = &b };

	dynbuf_init(&b, 1000);
	opt_schema(&(struct opt){ .type = type }, &j, NULL);
	from = strstr(dynbuf_text(&b), "\"pattern\":\"");
	assert_non_null(from);
	for (from += 11; *from != '"'; from++) {
		from += *from == '\\'; /* the only escape in it is a backslash */
		*p++ = *from;
	}
	*p = '\0';
	assert_int_equal(regcomp(re, pattern, REG_EXTENDED | REG_NOSUB), 0);
	dynbuf_free(&b);
}

/* An editor must not mark what the agent takes, nor pass what it refuses. */
static void patterns_agree_with_the_parsers(void **state)
{
	static const char *const texts[] = { "10s",   "1.5s",	".5ms", "5.m",	"10 s", "0",	"10", "-5s",
					     "1m30s", "s",	".s",	"1h ",	"1d",	"1us",	"1 ", "",
					     "64KiB", "1.5MiB", "2GiB", "64KB", "512",	"1 KiB" };
	regex_t duration, size;
	int64_t x;

	(void)state;
	compile_pattern(OPT_DURATION, &duration);
	compile_pattern(OPT_BYTES, &size);
	for (size_t i = 0; i < ARRAY_LEN(texts); i++) {
		assert_int_equal(regexec(&duration, texts[i], 0, NULL, 0) == 0, text_to_duration_us(texts[i], &x) == 0);
		assert_int_equal(regexec(&size, texts[i], 0, NULL, 0) == 0, text_to_bytes(texts[i], &x) == 0);
	}
	regfree(&duration);
	regfree(&size);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(words_say_bounds_and_unit),
		cmocka_unit_test(words_never_leave_a_short_buffer),
		cmocka_unit_test(schemas_describe_plain_values),
		cmocka_unit_test(choices_that_look_like_other_values_may_be_those_values),
		cmocka_unit_test(bare_numbers_are_bounded_where_they_are_allowed),
		cmocka_unit_test(schemas_describe_containers),
		cmocka_unit_test(units_are_listed_for_completion),
		cmocka_unit_test(patterns_agree_with_the_parsers),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
