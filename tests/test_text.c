/* SPDX-License-Identifier: Apache-2.0 */
/* Words and numbers. Shortest doubles are those of Python's repr(). */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <errno.h>
#include <locale.h>
#include <math.h>
#include <string.h>

#include "base/prng.h"
#include "base/text.h"

static void decimal_numbers_are_read(void **state)
{
	static const struct {
		const char *text;
		double x;
	} good[] = { { "0", 0.0 },
		     { "-1", -1.0 },
		     { "+2.5", 2.5 },
		     { ".5", 0.5 },
		     { "5.", 5.0 },
		     { "1e3", 1000.0 },
		     { "1E-3", 0.001 },
		     { "00.10", 0.1 },
		     { "1e-400", 0.0 },
		     { "5e-324", 0x1p-1074 },
		     { "0.1", 0x1.999999999999ap-4 },
		     { "9007199254740993", 9007199254740992.0 } };
	double x;

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(good); i++) {
		x = -99.0;
		assert_int_equal(text_to_double(good[i].text, &x), 0);
		assert_true(x == good[i].x);
	}
}

static void what_is_no_decimal_number_is_refused(void **state)
{
	static const char *const bad[] = { "",	  " ", " 1", "1 ",  "1,5",   "0x10",  "inf", "-inf", "nan", "NaN", "1e",
					   "1e+", ".", "-",  "+-1", "1.2.3", "1_000", "1f",  "e5",   "1\n", "--1" };
	double x = 7.0;

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(bad); i++)
		assert_int_equal(text_to_double(bad[i], &x), -EINVAL);
	assert_int_equal(text_to_double("1e309", &x), -ERANGE);
	assert_int_equal(text_to_double("-1e999", &x), -ERANGE);
	assert_true(x == 7.0);
}

static void whole_numbers_are_decimal_or_hexadecimal(void **state)
{
	static const struct {
		const char *text;
		int64_t x;
	} good[] = { { "0", 0 },
		     { "-0", 0 },
		     { "17", 17 },
		     { "+5", 5 },
		     { "-12", -12 },
		     { "0x76", 118 },
		     { "0XfF", 255 },
		     { "-0x10", -16 },
		     { "9223372036854775807", INT64_MAX },
		     { "-9223372036854775808", INT64_MIN } };
	static const char *const bad[] = { "",	 "017", "00",  "0x", "0xg",  "1.0", "1e3",
					   " 1", "1 ",	"abc", "-",  "0x-1", "- 1" };
	int64_t x;

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(good); i++) {
		x = -99;
		assert_int_equal(text_to_int64(good[i].text, &x), 0);
		assert_true(x == good[i].x);
	}
	x = 7;
	for (size_t i = 0; i < ARRAY_LEN(bad); i++)
		assert_int_equal(text_to_int64(bad[i], &x), -EINVAL);
	assert_int_equal(text_to_int64("9223372036854775808", &x), -ERANGE);
	assert_int_equal(text_to_int64("-0x8000000000000001", &x), -ERANGE);
	assert_int_equal(x, 7);
}

static void booleans_are_words(void **state)
{
	static const char *const good[] = { "no", "yes", "False", "TRUE", "OFF", "on" };
	static const char *const bad[] = { "", "y", "n", "1", "0", "truee", "yes ", "~" };
	bool b;

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(good); i++) {
		b = i % 2 == 0;
		assert_int_equal(text_to_bool(good[i], &b), 0);
		assert_int_equal(b, i % 2);
	}
	for (size_t i = 0; i < ARRAY_LEN(bad); i++)
		assert_int_equal(text_to_bool(bad[i], &b), -EINVAL);
}

static void durations_have_a_unit(void **state)
{
	static const struct {
		const char *text;
		int64_t us;
	} good[] = { { "250us", 250 },
		     { "10ms", 10000 },
		     { "1.5s", 1500000 },
		     { "1m", 60000000 },
		     { "2h", INT64_C(7200000000) },
		     { "1d", INT64_C(86400000000) },
		     { "0", 0 },
		     { "0s", 0 },
		     { "0.3s", 300000 },
		     { ".5ms", 500 },
		     { "10 s", 10000000 },
		     { "106751991d", INT64_C(9223372022400000000) } };
	static const char *const bad[] = { "",	   "10",   "s",	  "-5s",  "1m30s", "10S", "10 sec",
					   "1e3s", "0x1s", "1.5", "10s ", " 1s",   "." };
	int64_t us;

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(good); i++) {
		us = -99;
		assert_int_equal(text_to_duration_us(good[i].text, &us), 0);
		assert_true(us == good[i].us);
	}
	us = 7;
	for (size_t i = 0; i < ARRAY_LEN(bad); i++)
		assert_int_equal(text_to_duration_us(bad[i], &us), -EINVAL);
	assert_int_equal(text_to_duration_us("106751992d", &us), -ERANGE);
	assert_int_equal(text_to_duration_us("0.1us", &us), -ERANGE);
	assert_int_equal(us, 7);
}

static void sizes_are_binary(void **state)
{
	static const char *const bad[] = { "", "KiB", "64KB", "64K", "64MB", "64mib", "-1KiB", "1 2", "0x10" };
	int64_t n;

	(void)state;
	assert_true(text_to_bytes("512", &n) == 0 && n == 512);
	assert_true(text_to_bytes("64KiB", &n) == 0 && n == 65536);
	assert_true(text_to_bytes("1.5MiB", &n) == 0 && n == 1572864);
	assert_int_equal(text_to_bytes("2GiB", &n), 0);
	assert_true(n == INT64_C(2147483648));
	for (size_t i = 0; i < ARRAY_LEN(bad); i++)
		assert_int_equal(text_to_bytes(bad[i], &n), -EINVAL);
	assert_int_equal(text_to_bytes("8589934592GiB", &n), -ERANGE);
	assert_true(n == INT64_C(2147483648));
}

static void durations_and_sizes_are_written_the_short_way(void **state)
{
	char buf[32];

	(void)state;
	assert_string_equal(text_from_duration(60000000, buf, sizeof(buf)), "1m");
	assert_string_equal(text_from_duration(90000000, buf, sizeof(buf)), "90s");
	assert_string_equal(text_from_duration(250000, buf, sizeof(buf)), "250ms");
	assert_string_equal(text_from_duration(1500001, buf, sizeof(buf)), "1500001us");
	assert_string_equal(text_from_duration(0, buf, sizeof(buf)), "0s");
	assert_string_equal(text_from_duration(INT64_C(172800000000), buf, sizeof(buf)), "2d");
	assert_string_equal(text_from_duration(-1000000, buf, sizeof(buf)), "-1s");
	assert_string_equal(text_from_bytes(67108864, buf, sizeof(buf)), "64MiB");
	assert_string_equal(text_from_bytes(1500, buf, sizeof(buf)), "1500");
	assert_string_equal(text_from_bytes(0, buf, sizeof(buf)), "0");
	assert_string_equal(text_from_bytes(INT64_MAX, buf, sizeof(buf)), "9223372036854775807");
}

static void doubles_are_written_as_python_writes_them(void **state)
{
	static const struct {
		double x;
		const char *text;
	} known[] = { { 0.1, "0.1" },
		      { 21.5321, "21.5321" },
		      { 1e300, "1e+300" },
		      { 5e-324, "5e-324" },
		      { 5e-310, "5e-310" },
		      { 1.0 / 3.0, "0.3333333333333333" },
		      { 123456789012345680.0, "1.2345678901234568e+17" },
		      { 0.1 + 0.2, "0.30000000000000004" },
		      { 2.2250738585072014e-308, "2.2250738585072014e-308" },
		      { 1.7976931348623157e308, "1.7976931348623157e+308" },
		      { 4.35, "4.35" },
		      { 1e-5, "1e-05" },
		      { -273.15, "-273.15" },
		      { 0x1p-20, "9.5367431640625e-07" },
		      { 1e22, "1e+22" } };
	char buf[32];

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(known); i++)
		assert_string_equal(text_from_double(known[i].x, buf, sizeof(buf)), known[i].text);
}

static void whole_numbers_are_written_without_a_point(void **state)
{
	char buf[32];

	(void)state;
	assert_string_equal(text_from_double(20.0, buf, sizeof(buf)), "20");
	assert_string_equal(text_from_double(-1e15, buf, sizeof(buf)), "-1000000000000000");
	assert_string_equal(text_from_double(9007199254740991.0, buf, sizeof(buf)), "9007199254740991");
	assert_string_equal(text_from_double(0.0, buf, sizeof(buf)), "0");
	assert_string_equal(text_from_double(-0.0, buf, sizeof(buf)), "-0");
	assert_string_equal(text_from_double(NAN, buf, sizeof(buf)), "nan");
	assert_string_equal(text_from_double(-INFINITY, buf, sizeof(buf)), "-inf");
}

static void every_double_reads_back_as_itself(void **state)
{
	uint64_t seed = 42;
	char buf[32];

	(void)state;
	for (int i = 0; i < 50000; i++) {
		uint64_t bits = prng_u64(&seed);
		double x, back;

		memcpy(&x, &bits, sizeof(x));
		if (!isfinite(x))
			continue;
		assert_int_equal(text_to_double(text_from_double(x, buf, sizeof(buf)), &back), 0);
		assert_memory_equal(&x, &back, sizeof(x));
	}
}

/* Boards and CI images often have no other locale than C; then there is nothing to prove. */
static void a_decimal_comma_of_the_locale_changes_nothing(void **state)
{
	static const char *const with_comma[] = { "de_DE.UTF-8", "de_DE.utf8", "fr_FR.UTF-8", "nl_NL.UTF-8" };
	const char *found = NULL;
	char buf[32];
	double x;

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(with_comma) && !found; i++)
		found = setlocale(LC_ALL, with_comma[i]);
	if (!found)
		skip();
	assert_string_equal(text_from_double(21.5, buf, sizeof(buf)), "21.5");
	assert_int_equal(text_to_double("21.5", &x), 0);
	setlocale(LC_ALL, "C");
	assert_true(x == 21.5);
}

static void the_nearest_word_is_what_was_meant(void **state)
{
	static const char *const words[] = { "median", "moving_average", "scale", "threshold", "combine", "on", "x" };
	static const struct {
		const char *word, *nearest;
	} known[] = { { "medain", "median" }, /* two neighbours swapped: one mistake */
		      { "mdian", "median" },
		      { "Scale", "scale" },
		      { "movingaverage", "moving_average" },
		      { "treshhold", "threshold" },
		      { "no", "on" },
		      { "combination", NULL }, /* 4 of 11 letters */
		      { "y", NULL },	       /* one letter, and not that one */
		      { "", NULL },
		      { "temperature", NULL } };

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(known); i++) {
		const char *nearest = text_nearest(known[i].word, words, ARRAY_LEN(words));

		if (known[i].nearest)
			assert_string_equal(nearest, known[i].nearest);
		else
			assert_null(nearest);
	}
	assert_null(text_nearest("median", words, 0));
}

static void endless_words_resemble_nothing(void **state)
{
	static const char *const words[] = { "scale" };
	char word[1000];

	(void)state;
	memset(word, 's', sizeof(word) - 1);
	word[sizeof(word) - 1] = '\0';
	assert_null(text_nearest(word, words, 1));
	assert_null(text_nearest("scale", (const char *const[]){ word }, 1));
}

static void names_have_their_letters(void **state)
{
	char longest[66];

	(void)state;
	memset(longest, 'a', 65);
	longest[65] = '\0';
	assert_false(text_is_device_name(longest));
	assert_false(text_is_identifier(longest));
	longest[64] = '\0';
	assert_true(text_is_device_name(longest));
	assert_true(text_is_identifier(longest));

	assert_true(text_is_device_name("greenhouse-07"));
	assert_true(text_is_device_name("7.a_b"));
	assert_false(text_is_device_name("-a"));
	assert_false(text_is_device_name("_all"));
	assert_false(text_is_device_name(""));
	assert_false(text_is_device_name("a/b"));
	assert_false(text_is_device_name("a b"));
	assert_false(text_is_device_name("gew\xC3\xA4"
					 "chshaus"));

	assert_true(text_is_identifier("temp_p95"));
	assert_true(text_is_identifier("_x"));
	assert_false(text_is_identifier("9x"));
	assert_false(text_is_identifier("a.b"));
	assert_false(text_is_identifier("a-b"));
	assert_false(text_is_identifier(""));
}

/* Table 3-7 of the Unicode standard, edges of each row. */
static void utf8_is_what_the_standard_says(void **state)
{
	static const char *const good[] = { "a",
					    "\x7F",
					    "\xC2\x80",
					    "\xDF\xBF",
					    "\xE0\xA0\x80",
					    "\xE1\x80\x80",
					    "\xEC\xBF\xBF",
					    "\xED\x9F\xBF",
					    "\xEE\x80\x80",
					    "\xEF\xBF\xBF",
					    "\xF0\x90\x80\x80",
					    "\xF1\x80\x80\x80",
					    "\xF3\xBF\xBF\xBF",
					    "\xF4\x8F\xBF\xBF" };
	static const char *const bad[] = { "\x80",
					   "\xC1\xBF",
					   "\xC2",
					   "\xC2\xC2",
					   "\xE0\x9F\xBF",
					   "\xED\xA0\x80",
					   "\xE2\x82",
					   "\xE2\x82z",
					   "\xE2z\x82",
					   "\xF0\x8F\xBF\xBF",
					   "\xF1\x80\x80",
					   "\xF1\x80\x80z",
					   "\xF4\x90\x80\x80",
					   "\xF5\x80\x80\x80",
					   "\xFF" };

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(good); i++)
		assert_int_equal(text_utf8_length(good[i], strlen(good[i])), strlen(good[i]));
	for (size_t i = 0; i < ARRAY_LEN(bad); i++)
		assert_int_equal(text_utf8_length(bad[i], strlen(bad[i])), 0);
	assert_int_equal(text_utf8_length("\xC2\x80", 1), 0);
	assert_int_equal(text_utf8_length("a", 0), 0);
	assert_int_equal(text_utf8_length("", 1), 1);
}

static void control_characters_become_question_marks(void **state)
{
	char text[] = "a\x1B[2Jb\n\x7F\xC3\xA9";

	(void)state;
	assert_string_equal(text_make_printable(text), "a?[2Jb??\xC3\xA9");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(decimal_numbers_are_read),
		cmocka_unit_test(what_is_no_decimal_number_is_refused),
		cmocka_unit_test(whole_numbers_are_decimal_or_hexadecimal),
		cmocka_unit_test(booleans_are_words),
		cmocka_unit_test(durations_have_a_unit),
		cmocka_unit_test(sizes_are_binary),
		cmocka_unit_test(durations_and_sizes_are_written_the_short_way),
		cmocka_unit_test(doubles_are_written_as_python_writes_them),
		cmocka_unit_test(whole_numbers_are_written_without_a_point),
		cmocka_unit_test(every_double_reads_back_as_itself),
		cmocka_unit_test(a_decimal_comma_of_the_locale_changes_nothing),
		cmocka_unit_test(the_nearest_word_is_what_was_meant),
		cmocka_unit_test(endless_words_resemble_nothing),
		cmocka_unit_test(names_have_their_letters),
		cmocka_unit_test(utf8_is_what_the_standard_says),
		cmocka_unit_test(control_characters_become_question_marks),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
