/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Numbers of cells. Expected bits are from python3: struct.pack('>d', float(text)).hex().
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <errno.h>
#include <inttypes.h>
#include <locale.h>
#include <math.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/csv.h"

static int to_double(const char *text, double *x)
{
	size_t len = strlen(text);
	char *copy = malloc(len ? len : 1);
	int r;

	memcpy(copy, text, len);
	r = csv_cell_to_double((struct csv_cell){ copy, len }, x);
	free(copy);
	return r;
}

static void check_numbers(void)
{
	static const struct {
		const char *text;
		uint64_t bits;
	} rows[] = {
		{ "21.534", 0x403588b439581062 },
		{ "-0.955951", 0xbfee97268d32830a },
		{ "0", 0x0000000000000000 },
		{ "-0", 0x8000000000000000 },
		{ "+1", 0x3ff0000000000000 },
		{ "5.", 0x4014000000000000 },
		{ ".5", 0x3fe0000000000000 },
		{ " 1.5\t", 0x3ff8000000000000 },
		{ "12345678", 0x41678c29c0000000 },
		{ "123456789.125", 0x419d6f3454800000 },
		{ "0.1", 0x3fb999999999999a },
		{ "0.3447265625", 0x3fd6100000000000 },
		{ "-0.19573433133732535", 0xbfc90dd293e62cbd },
		{ "9007199254740992", 0x4340000000000000 },
		{ "9007199254740993", 0x4340000000000000 },
		{ "9007199254740993.00000000000000000001", 0x4340000000000001 },
		{ "9999999999999999999", 0x43e158e460913d00 },
		{ "99999999999999999999", 0x4415af1d78b58c40 },
		{ "1e22", 0x4480f0cf064dd592 },
		{ "1e23", 0x44b52d02c7e14af6 },
		{ "1E-22", 0x3b5e392010175ee6 },
		{ "6.02214076e+23", 0x44dfe185ca57c517 },
		{ "2.2250738585072011e-308", 0x000fffffffffffff },
		{ "2.2250738585072014e-308", 0x0010000000000000 },
		{ "5e-324", 0x0000000000000001 },
		{ "2e-324", 0x0000000000000000 },
		{ "1e-99999999999999999999", 0x0000000000000000 },
		{ "1.7976931348623157e308", 0x7fefffffffffffff },
		{ "0e99999999999999999999", 0x0000000000000000 },
		{ "1.00000000000000011102230246251565404236316680908203125", 0x3ff0000000000000 },
		{ "1.00000000000000011102230246251565404236316680908203126", 0x3ff0000000000001 },
	};

	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		double x = 42;
		uint64_t bits;

		assert_int_equal(to_double(rows[i].text, &x), 0);
		memcpy(&bits, &x, sizeof(bits));
		if (bits != rows[i].bits)
			fail_msg("%s is %016" PRIx64 ", not %016" PRIx64, rows[i].text, rows[i].bits, bits);
	}
}

static void a_number_is_the_nearest_double(void **state)
{
	(void)state;
	check_numbers();
}

/** Where de_DE is not installed it is made for the test. @return is it set? */
static bool set_german(const char *dir)
{
	char command[160];

	if (setlocale(LC_ALL, "de_DE.UTF-8"))
		return true;
	snprintf(command, sizeof(command), "localedef -i de_DE -f UTF-8 %s/de_DE.UTF-8 >%s/log 2>&1", dir, dir);
	return system(command) == 0 && setenv("LOCPATH", dir, 1) == 0 && setlocale(LC_ALL, "de_DE.UTF-8");
}

static void a_locale_with_a_decimal_comma_changes_nothing(void **state)
{
	char dir[] = "/tmp/runnel-locale-XXXXXX", command[64];
	bool is_german;
	(void)state;

	assert_non_null(mkdtemp(dir));
	is_german = set_german(dir);
	snprintf(command, sizeof(command), "rm -r %s", dir);
	assert_int_equal(system(command), 0);
	if (!is_german)
		skip();
	assert_true(strtod("1,5", NULL) == 1.5); /* it is in force */
	check_numbers();
	setlocale(LC_ALL, "C");
}

/* 2^-1074 * (2^53 - 1) needs 767 digits; a 1 after a midpoint and 2000 zeros still decides. */
static void the_last_of_thousands_of_digits_decides(void **state)
{
	char text[4000];
	double x;
	size_t n;
	(void)state;

	snprintf(text, sizeof(text), "1.00000000000000011102230246251565404236316680908203125%02000d", 0);
	assert_int_equal(to_double(text, &x), 0);
	assert_true(x == 1.0);
	n = strlen(text);
	snprintf(text + n, sizeof(text) - n, "1");
	assert_int_equal(to_double(text, &x), 0);
	assert_true(x == 0x1.0000000000001p0);

	snprintf(text, sizeof(text), "0.%03000de3001", 1); /* 3000 places, so 10 */
	assert_int_equal(to_double(text, &x), 0);
	assert_true(x == 10.0);
	snprintf(text, sizeof(text), "2%03000de-3000", 0); /* more digits before the point than count */
	assert_int_equal(to_double(text, &x), 0);
	assert_true(x == 2.0);
}

static void no_value_is_nan(void **state)
{
	static const char *const rows[] = { "", " ", "null", "nan", "NaN", "\tnull " };
	(void)state;

	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		double x = 42;

		assert_int_equal(to_double(rows[i], &x), 0);
		assert_true(isnan(x));
	}
}

static void what_is_no_number_is_refused_and_changes_nothing(void **state)
{
	static const char *const rows[] = {
		"inf",	    "-inf",
		"Infinity", "NULL",
		"-nan",	    "0x10",
		"0x1p3",    "21,5",
		"1_000",    "1 000",
		"1e",	    "1e+",
		"e5",	    "--1",
		"+-1",	    "1.2.3",
		".",	    "-",
		"+",	    "-.",
		"1.5.",	    "12345678.1.2",
		"1e400",    "-1e400",
		"1d5",	    "ON",
		"21.5C",    "1/2",
		"1:2",	    "\xD9\xA3",
		"1e5.5",    "123456789012345678901234567890x",
	};
	(void)state;

	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		double x = 42;

		if (to_double(rows[i], &x) != -EINVAL || x != 42)
			fail_msg("'%s' became %g", rows[i], x);
	}
	assert_int_equal(csv_cell_to_double((struct csv_cell){ "1\0", 2 }, &(double){ 0 }), -EINVAL);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_number_is_the_nearest_double),
		cmocka_unit_test(a_locale_with_a_decimal_comma_changes_nothing),
		cmocka_unit_test(the_last_of_thousands_of_digits_decides),
		cmocka_unit_test(no_value_is_nan),
		cmocka_unit_test(what_is_no_number_is_refused_and_changes_nothing),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
