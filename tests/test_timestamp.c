/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Expected values are from python3: int(datetime.fromisoformat(t).timestamp()) for whole seconds, the rest by hand.
 * python3 also agrees on 40000 random instants of the years 1970 to 9999.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/check.h"
#include "base/timestamp.h"

/** From memory of exactly this size, so that a sanitizer sees a byte too many being read. */
static int parse(const char *text, int64_t *us)
{
	size_t len = strlen(text);
	char *copy = malloc(len ? len : 1);
	int r;

	memcpy(copy, text, len);
	r = timestamp_parse(copy, len, us);
	free(copy);
	return r;
}

static void an_instant_is_read_in_each_of_its_forms(void **state)
{
	static const struct {
		const char *text;
		int64_t us;
	} rows[] = {
		{ "1700000000.010", 1700000000010000 },
		{ "1700000000", 1700000000000000 },
		{ "1700000000.1", 1700000000100000 },
		{ "1700000000.123456", 1700000000123456 },
		{ "1700000000.1234569", 1700000000123456 },
		{ "1700000000.123456789", 1700000000123456 },
		{ "999999999.5", 999999999500000 },
		{ "0", 0 },
		{ "0.000001", 1 },
		{ "7", 7000000 },
		{ "253402300799.999999", 253402300799999999 },
		{ "  1700000000.010\t", 1700000000010000 },
		{ "1970-01-01T00:00:00Z", 0 },
		{ "2025-11-21T04:40:12.250Z", 1763700012250000 },
		{ "2025-11-21t04:40:12.250z", 1763700012250000 },
		{ "2025-11-21 04:40:12", 1763700012000000 },
		{ "2025-11-21 04:40:12.5", 1763700012500000 },
		{ "2025-11-21T05:40:12+01:00", 1763700012000000 },
		{ "2025-11-20T23:10:12-05:30", 1763700012000000 },
		{ "2025-11-21T04:40:12.9999999Z", 1763700012999999 },
		{ "2000-02-29 12:00:00", 951825600000000 },
		{ "2024-02-29 00:00:00", 1709164800000000 },
		{ "2024-12-31T23:59:60Z", 1735689600000000 },
		{ "2038-01-19 03:14:08", 2147483648000000 },
		{ "9999-12-31T23:59:59.999999Z", 253402300799999999 },
	};
	(void)state;

	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		int64_t us = -1;

		print_message("%s\n", rows[i].text);
		assert_int_equal(parse(rows[i].text, &us), 0);
		assert_true(us == rows[i].us);
	}
}

static void what_is_no_instant_is_refused_and_changes_nothing(void **state)
{
	static const char *const rows[] = {
		"",
		" ",
		".",
		"-1",
		"1700000000.",
		"1700000000,5",
		"1700000000.1x",
		"170000000o.010",
		"17000000:0.010",
		"1700000000.01 0",
		"1.7e9",
		"1e9",
		"+1700000000",
		"0x10",
		"nan",
		"253402300800",
		"1163438041250",
		"99999999999999999999999",
		"2025-11-21",
		"2025-11-21 04:40",
		"2025-11-21 04:40:1",
		"2025-11-21_04:40:12",
		"2025-13-01 00:00:00",
		"2025-00-01 00:00:00",
		"2025-01-00 00:00:00",
		"2025-04-31 00:00:00",
		"2023-02-29 00:00:00",
		"2100-02-29 00:00:00",
		"2025-01-01 24:00:00",
		"2025-01-01 00:60:00",
		"2025-01-01 00:00:61",
		"1969-12-31 23:59:59",
		"1970-01-01T00:00:00+01:00",
		"9999-12-31T23:59:59-00:01",
		"2025-11-21T04:40:12.",
		"2025-11-21T04:40:12.Z",
		"2025-11-21T04:40:12+1:00",
		"2025-11-21T04:40:12+0100",
		"2025-11-21T04:40:12+24:00",
		"2025-11-21T04:40:12+00:60",
		"2025-11-21T04:40:12ZZ",
		"2025/11/21 04:40:12",
		"2025-11-21 04.40.12",
		"202a-11-21 04:40:12",
		"2o25-11-21 04:40:12",
		"2025-1:-21 04:40:12",
		"2025-11-2: 04:40:12",
		"time",
	};
	(void)state;

	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		int64_t us = 42;

		print_message("'%s'\n", rows[i]);
		assert_int_equal(parse(rows[i], &us), -EINVAL);
		assert_true(us == 42);
	}
}

static void an_instant_is_written_in_milliseconds_rounded_down(void **state)
{
	char buf[32];
	(void)state;

	assert_string_equal(timestamp_format(1763700012250999, buf, sizeof(buf)), "2025-11-21T04:40:12.250Z");
	assert_string_equal(timestamp_format(0, buf, sizeof(buf)), "1970-01-01T00:00:00.000Z");
	assert_string_equal(timestamp_format(-1, buf, sizeof(buf)), "1969-12-31T23:59:59.999Z");
	assert_string_equal(timestamp_format(951825600000000, buf, sizeof(buf)), "2000-02-29T12:00:00.000Z");
	assert_string_equal(timestamp_format(253402300799999999, buf, sizeof(buf)), "9999-12-31T23:59:59.999Z");
	/* The ends of the type: the fields that matter are that nothing overflows and the text is whole. */
	assert_string_equal(timestamp_format(INT64_MAX, buf, sizeof(buf)), "294247-01-10T04:00:54.775Z");
	assert_string_equal(timestamp_format(INT64_MIN, buf, sizeof(buf)), "-290308-12-21T19:59:05.224Z");
}

static void every_day_of_400_years_comes_back(void **state)
{
	char buf[32];
	(void)state;

	for (int64_t day = 0; day < 146097; day++) {
		int64_t us = -1;

		timestamp_format(day * 86400000000 + 43200000000, buf, sizeof(buf));
		assert_int_equal(parse(buf, &us), 0);
		assert_true(us == day * 86400000000 + 43200000000);
	}
	assert_string_equal(buf, "2369-12-31T12:00:00.000Z"); /* 400 years are 146097 days */
}

static int parse_next(struct timestamp_second *second, const char *text, int64_t *us)
{
	size_t len = strlen(text);
	char *copy = malloc(len ? len : 1);
	int r;

	memcpy(copy, text, len);
	r = timestamp_parse_next(second, copy, len, us);
	free(copy);
	return r;
}

static void one_second_after_the_other_is_read_as_each_alone(void **state)
{
	/* Each differs from the one before where a remembered second could hide it; the numbers are by hand. */
	static const struct {
		const char *text;
		int64_t us; /* -1: none */
	} rows[] = {
		{ "", -1 },
		{ "1700000000.010", 1700000000010000 },
		{ "1700000000.999", 1700000000999000 },
		{ "1700000000.000", 1700000000000000 },
		{ "1700000001.000", 1700000001000000 },
		{ "1600000001.000", 1600000001000000 },
		{ "1600010001.000", 1600010001000000 },
		{ "1600010001.00", 1600010001000000 },
		{ "1600010001.0004", 1600010001000400 },
		{ "1600010001.004", 1600010001004000 },
		{ "1600010001.0x4", -1 },
		{ "1600010001.:04", -1 },
		{ "1600010001./04", -1 },
		{ "1600010001.00\xB0", -1 },
		{ "1600010001,004", -1 },
		{ "1600010001 004", -1 },
		{ "", -1 },
		{ "1600010001.005", 1600010001005000 },
		{ "2025-11-21T04:40:12.250Z", 1763700012250000 },
		{ "2025-11-21T04:40:12.251Z", 1763700012251000 },
		{ "2025-11-21T04:40:12.251z", 1763700012251000 },
		{ "2025-11-21T04:40:12.252Z", 1763700012252000 },
		{ "2025-11-21T04:40:12.252X", -1 },
		{ "2025-11-21T04:40:12.2527", 1763700012252700 },
		{ "2025-11-21T04:40:12.253", 1763700012253000 },
		{ "2025-11-21T04:40:12.254", 1763700012254000 },
		{ "2025-11-21T04:41:12.254", 1763700072254000 },
		{ "2025-11-22T04:41:12.254", 1763786472254000 },
		{ "2025-11-22 04:41:12.254", 1763786472254000 },
		{ "2025-11-22T04:41:12.254+01:00", 1763782872254000 },
		{ "1969-12-31T23:59:59.999Z", -1 },
		{ "2024-12-31T23:59:60.500Z", 1735689600500000 },
		{ "2024-12-31T23:59:60.501Z", 1735689600501000 },
	};
	struct timestamp_second second = { 0 };

	(void)state;
	for (size_t round = 0; round < 2; round++)
		for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
			int64_t us = -1;
			int r = parse_next(&second, rows[i].text, &us);

			if (r != (rows[i].us < 0 ? -EINVAL : 0) || us != rows[i].us)
				fail_msg("%s: %d, %lld", rows[i].text, r, (long long)us);
		}
}

static void a_damaged_character_is_noticed_after_the_same_second(void **state)
{
	static const char *const texts[] = { "1700000000.010", "2025-11-21T04:40:12.250Z", "2025-11-21 04:40:12.250" };

	(void)state;
	for (size_t t = 0; t < ARRAY_LEN(texts); t++)
		for (size_t at = 0; at < strlen(texts[t]); at++)
			for (int c = 1; c < 256; c++) {
				struct timestamp_second second = { 0 };
				int64_t us = -1, alone_us = -1;
				char text[32];

				snprintf(text, sizeof(text), "%s", texts[t]);
				assert_int_equal(parse_next(&second, text, &us), 0);
				text[at] = (char)c;
				us = -1;
				assert_int_equal(parse_next(&second, text, &us), parse(text, &alone_us));
				assert_int_equal(us, alone_us);
			}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(an_instant_is_read_in_each_of_its_forms),
		cmocka_unit_test(what_is_no_instant_is_refused_and_changes_nothing),
		cmocka_unit_test(an_instant_is_written_in_milliseconds_rounded_down),
		cmocka_unit_test(every_day_of_400_years_comes_back),
		cmocka_unit_test(one_second_after_the_other_is_read_as_each_alone),
		cmocka_unit_test(a_damaged_character_is_noticed_after_the_same_second),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
