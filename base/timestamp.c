/* SPDX-License-Identifier: Apache-2.0 */
/*
 * timestamp.c - whole microseconds all the way: a time never becomes a double, so 1700000000.010 stays .010.
 * Days and civil dates convert by eras of 400 years (146097 days) that start on 1 March, which puts the leap day
 * at the end and makes month lengths a linear formula (E. G. Richards, "Mapping Time", 1998).
 */
#include "base/timestamp.h"

#include <assert.h>
#include <errno.h>
#include <stdbool.h>
#include <stdio.h>

#include "base/swar.h"

#define US_PER_S INT64_C(1000000)
#define S_PER_DAY INT64_C(86400)
#define MAX_S INT64_C(253402300799) /* 9999-12-31T23:59:59 */
#define MAX_US (MAX_S * US_PER_S + US_PER_S - 1)

enum { MAX_SECONDS_DIGITS = 12, DATE_TIME_CHARS = 19, YEAR_MIN = 1970 };

static const uint32_t power_of_ten[] = { 1, 10, 100, 1000, 10000, 100000, 1000000 };

/** Days since 1970-01-01 of a date of the proleptic Gregorian calendar; any year >= 0. */
static int64_t days_from_civil(unsigned year, unsigned month, unsigned day)
{
	unsigned y = year - (month <= 2), era = y / 400, year_of_era = y % 400;
	unsigned day_of_year = (153 * (month > 2 ? month - 3 : month + 9) + 2) / 5 + day - 1;
	unsigned day_of_era = year_of_era * 365 + year_of_era / 4 - year_of_era / 100 + day_of_year;

	return (int64_t)era * 146097 + day_of_era - 719468;
}

static bool is_leap_year(unsigned year)
{
	return year % 4 == 0 && (year % 100 != 0 || year % 400 == 0);
}

static unsigned days_in_month(unsigned year, unsigned month)
{
	static const unsigned char days[] = { 31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31 };

	return month == 2 && is_leap_year(year) ? 29 : days[month - 1];
}

/** ".ddd..." of any length, to microseconds. @return characters used; 0: none, or no digit after the point */
static size_t read_fraction_us(const char *text, size_t len, int64_t *us)
{
	size_t i, n_kept = 0;
	uint32_t kept = 0;

	if (len < 2 || text[0] != '.')
		return 0;
	for (i = 1; i < len && text[i] >= '0' && text[i] <= '9'; i++)
		if (n_kept < 6) {
			kept = kept * 10 + (uint32_t)(text[i] - '0');
			n_kept++;
		}
	if (i == 1)
		return 0;
	*us = (int64_t)kept * power_of_ten[6 - n_kept];
	return i;
}

/**
 * What recordings have: ten digits (the years 2001 to 2286), perhaps a point and one to six digits. The last two
 * digits of the seconds and the fraction, filled up with zeros, make one word of eight digits of microseconds.
 */
static bool parse_unix_quick(const char *text, size_t len, int64_t *out_us)
{
	uint64_t head = swar_load8(text) ^ SWAR_EACH('0');
	uint64_t tail = ((uint64_t)(unsigned char)text[8] | (uint64_t)(unsigned char)text[9] << 8) ^ 0x3030;

	if (len > 10) {
		uint64_t last = swar_load8(text + len - 8) ^ SWAR_EACH('0');

		tail |= last >> (19 - len) * 8 << 16; /* cppcheck-suppress shiftTooManyBits ; len is 12 to 17 */
	}
	if (!swar_are_digits(head) || !swar_are_digits(tail))
		return false;
	*out_us = (int64_t)swar_number(head) * (100 * US_PER_S) + swar_number(tail);
	return true;
}

static int parse_unix(const char *text, size_t len, int64_t *out_us)
{
	size_t i;
	int64_t s = 0, us = 0;

	for (i = 0; i < len && text[i] >= '0' && text[i] <= '9'; i++) {
		if (i == MAX_SECONDS_DIGITS)
			return -EINVAL;
		s = s * 10 + (text[i] - '0');
	}
	if (i == 0)
		return -EINVAL;
	i += read_fraction_us(text + i, len - i, &us);
	if (i != len)
		return -EINVAL;
	*out_us = s * US_PER_S + us;
	return 0;
}

/** Three pairs of digits and the separators between them: bytes 0 to 7 are hh:mm:ss, XORed with 00:00:00. */
struct pairs {
	unsigned first, second, third;
};

static bool read_pairs(uint64_t w, struct pairs *out)
{
	if (!swar_are_digits(w) || (w & 0x0000FF0000FF0000u))
		return false;
	w = w * 10 + (w >> 8); /* each digit and the one after it; those with a separator are not looked at */
	out->first = (unsigned)(w & 0xFF);
	out->second = (unsigned)(w >> 24 & 0xFF);
	out->third = (unsigned)(w >> 48 & 0xFF);
	return true;
}

static bool is_civil(unsigned year, unsigned month, unsigned day)
{
	return year >= YEAR_MIN && month >= 1 && month <= 12 && day >= 1 && day <= days_in_month(year, month);
}

/** "YYYY-MM-DD?hh:mm:ss", to Unix seconds. @p of at least DATE_TIME_CHARS. */
static int parse_date_time(const char *p, int64_t *out_s)
{
	unsigned thousands = (unsigned)(unsigned char)p[0] - '0', hundreds = (unsigned)(unsigned char)p[1] - '0', year;
	struct pairs date, time;

	if (thousands > 9 || hundreds > 9 || (p[10] != 'T' && p[10] != ' ' && p[10] != 't'))
		return -EINVAL;
	if (!read_pairs(swar_load8(p + 2) ^ 0x30302D30302D3030u, &date) ||
	    !read_pairs(swar_load8(p + 11) ^ 0x30303A30303A3030u, &time))
		return -EINVAL;
	year = thousands * 1000 + hundreds * 100 + date.first;
	if (!is_civil(year, date.second, date.third) || time.first > 23 || time.second > 59 || time.third > 60)
		return -EINVAL;
	*out_s = days_from_civil(year, date.second, date.third) * S_PER_DAY + time.first * 3600 + time.second * 60 +
		 time.third;
	return 0;
}

/** @return 0 to @max, or -1 */
static int two_digits(const char *p, int max)
{
	int n = (p[0] - '0') * 10 + p[1] - '0';

	return p[0] < '0' || p[0] > '9' || p[1] < '0' || p[1] > '9' || n > max ? -1 : n;
}

/** "Z", "+hh:mm", "-hh:mm" or nothing. */
static int parse_zone(const char *p, size_t len, int64_t *east_s)
{
	int hour, minute;

	if (len == 0 || (len == 1 && (p[0] == 'Z' || p[0] == 'z'))) {
		*east_s = 0;
		return 0;
	}
	if (len != 6 || (p[0] != '+' && p[0] != '-') || p[3] != ':')
		return -EINVAL;
	hour = two_digits(p + 1, 23);
	minute = two_digits(p + 4, 59);
	if (hour < 0 || minute < 0)
		return -EINVAL;
	*east_s = (hour * 60 + minute) * (p[0] == '-' ? -60 : 60);
	return 0;
}

static int parse_rfc3339(const char *text, size_t len, int64_t *out_us)
{
	int64_t s, us = 0, east_s;
	size_t n = DATE_TIME_CHARS;
	int r;

	if (len < DATE_TIME_CHARS)
		return -EINVAL;
	r = parse_date_time(text, &s);
	if (r < 0)
		return r;
	n += read_fraction_us(text + n, len - n, &us);
	r = parse_zone(text + n, len - n, &east_s);
	if (r < 0)
		return r;
	*out_us = (s - east_s) * US_PER_S + us;
	return 0;
}

static bool is_blank(char ch)
{
	return ch == ' ' || ch == '\t';
}

static __attribute__((noinline)) int parse_any(const char *text, size_t len, int64_t *out_us)
{
	int64_t us;
	int r;

	while (len && is_blank(text[0])) {
		text++;
		len--;
	}
	while (len && is_blank(text[len - 1]))
		len--;

	if (len > 4 && text[4] == '-')
		r = parse_rfc3339(text, len, &us);
	else
		r = parse_unix(text, len, &us);
	if (r < 0)
		return r;
	if (us < 0 || us > MAX_US)
		return -EINVAL;
	*out_us = us;
	return 0;
}

int timestamp_parse(const char *text, size_t len, int64_t *out_us)
{
	if ((len == 10 || (len >= 12 && len <= 17 && text[10] == '.')) && parse_unix_quick(text, len, out_us))
		return 0;
	return parse_any(text, len, out_us);
}

int timestamp_parse_second(struct timestamp_second *s, const char *text, size_t len, int64_t *out_us)
{
	size_t point = len > 10 && text[10] == '.' ? 10 : DATE_TIME_CHARS, after = point + 4;
	bool has_zone = len == after + 1 && text[after] == 'Z';
	int r = timestamp_parse(text, len, out_us);

	s->room = 0;
	if (r < 0 || (len != after && !has_zone) || text[point] != '.')
		return r;
	*s = (struct timestamp_second){
		.room = len + 1,
		.point = point,
		.begin = swar_load8(text),
		.middle = swar_load8(text + point / 2 - 4),
		.end = swar_load8(text + point - 7),
		.zone_at = has_zone ? after : 0,
		.zone = has_zone ? 'Z' : text[0],
		.at_us = *out_us - *out_us % US_PER_S,
	};
	return r;
}

const char *timestamp_format(int64_t unix_us, char *buf, size_t buf_bytes)
{
	int64_t s, days, day_of_era, year_of_era, day_of_year, year, era;
	int64_t us = unix_us % US_PER_S;
	int month, day, second;

	assert(buf_bytes >= 32);
	s = (unix_us - us) / US_PER_S;
	if (us < 0) { /* round down, also before 1970 */
		us += US_PER_S;
		s--;
	}
	second = (int)(s % S_PER_DAY);
	second += second < 0 ? (int)S_PER_DAY : 0;
	days = (s - second) / S_PER_DAY + 719468; /* since 0000-03-01 */

	era = (days >= 0 ? days : days - 146096) / 146097;
	day_of_era = days - era * 146097;
	year_of_era = (day_of_era - day_of_era / 1460 + day_of_era / 36524 - day_of_era / 146096) / 365;
	day_of_year = day_of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
	month = (int)((5 * day_of_year + 2) / 153); /* 0 is March */
	day = (int)(day_of_year - (153 * month + 2) / 5 + 1);
	month += month < 10 ? 3 : -9;
	year = era * 400 + year_of_era + (month <= 2);
	snprintf(buf, buf_bytes, "%04lld-%02d-%02dT%02d:%02d:%02d.%03dZ", (long long)year, month, day, second / 3600,
		 second / 60 % 60, second % 60, (int)(us / 1000));
	return buf;
}
