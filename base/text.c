/* SPDX-License-Identifier: Apache-2.0 */
/*
 * text.c - what people write and read: one parser for each kind of word, all strict, because a config that is
 * half understood measures something else.
 *
 * The shortest double: 15 digits always survive decimal -> double -> decimal, so whatever has at most 15 digits
 * is found by "%.15g" and its trailing zeros are cut by %g itself; 17 digits are always enough (IEEE 754). Below
 * DBL_MIN fewer digits carry the value, there the search starts at one. A power of two may take one digit more
 * than the best known algorithms (its lower neighbour is nearer); it still reads back exactly.
 */
#include "base/text.h"

#include <assert.h>
#include <ctype.h>
#include <errno.h>
#include <float.h>
#include <inttypes.h>
#include <limits.h>
#include <locale.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "base/decimal.h"

/* A suffix and what one of it is worth. */
struct scale {
	const char *suffix;
	int64_t factor;
};

static const struct scale durations[] = {
	{ "d", INT64_C(86400000000) },
	{ "h", INT64_C(3600000000) },
	{ "m", 60000000 },
	{ "s", 1000000 },
	{ "ms", 1000 },
	{ "us", 1 },
};

static const struct scale sizes[] = {
	{ "GiB", INT64_C(1) << 30 },
	{ "MiB", 1 << 20 },
	{ "KiB", 1 << 10 },
	{ "", 1 },
};

static bool is_digit(char c)
{
	return c >= '0' && c <= '9';
}

static bool is_letter(char c)
{
	return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
}

int text_to_double(const char *text, double *out)
{
	return decimal_parse(text, strlen(text), out);
}

int text_to_int64(const char *text, int64_t *out)
{
	const char *digits = text + (*text == '+' || *text == '-');
	bool is_hex = digits[0] == '0' && (digits[1] == 'x' || digits[1] == 'X');
	long long x;
	char *end;

	if (is_hex ? !isxdigit((unsigned char)digits[2]) : !is_digit(digits[0]))
		return -EINVAL;
	if (digits[0] == '0' && is_digit(digits[1]))
		return -EINVAL;
	errno = 0;
	x = strtoll(text, &end, is_hex ? 16 : 10);
	if (*end)
		return -EINVAL;
	if (errno)
		return -ERANGE;
	*out = x;
	return 0;
}

int text_to_bool(const char *text, bool *out)
{
	static const char *const words[] = { "no", "yes", "false", "true", "off", "on" };

	for (size_t i = 0; i < ARRAY_LEN(words); i++)
		if (strcasecmp(text, words[i]) == 0) {
			*out = i % 2;
			return 0;
		}
	return -EINVAL;
}

/* NUMBER[ SUFFIX], not negative, to a whole number of the smallest unit; something never becomes nothing. */
static int scaled_number(const char *text, const struct scale *scales, size_t n, int64_t *out)
{
	size_t len = strspn(text, "0123456789.");
	const char *suffix = text + len + strspn(text + len, " ");
	char number[40];
	double x;
	int r;

	if (len >= sizeof(number))
		return -EINVAL;
	memcpy(number, text, len);
	number[len] = '\0';
	r = text_to_double(number, &x);
	if (r < 0)
		return r;
	for (size_t i = 0; i < n; i++) {
		double scaled = x * (double)scales[i].factor;

		if (strcmp(suffix, scales[i].suffix) != 0)
			continue;
		if (scaled >= 0x1p63 || (x > 0.0 && scaled < 0.5))
			return -ERANGE;
		*out = llround(scaled);
		return 0;
	}
	return -EINVAL;
}

int text_to_duration_us(const char *text, int64_t *out_us)
{
	if (strcmp(text, "0") == 0) {
		*out_us = 0;
		return 0;
	}
	return scaled_number(text, durations, ARRAY_LEN(durations), out_us);
}

int text_to_bytes(const char *text, int64_t *out_bytes)
{
	return scaled_number(text, sizes, ARRAY_LEN(sizes), out_bytes);
}

/* By the largest suffix that divides: it leaves the fewest digits. Tables are sorted, and end with a factor of 1. */
static const char *from_scaled(int64_t x, const struct scale *s, char *buf, size_t buf_bytes)
{
	while (x % s->factor)
		s++;
	snprintf(buf, buf_bytes, "%" PRId64 "%s", x / s->factor, s->suffix);
	return buf;
}

const char *text_from_duration(int64_t us, char *buf, size_t buf_bytes)
{
	return us ? from_scaled(us, durations, buf, buf_bytes) : from_scaled(0, &durations[3], buf, buf_bytes);
}

const char *text_from_bytes(int64_t bytes, char *buf, size_t buf_bytes)
{
	return from_scaled(bytes, bytes ? sizes : &sizes[3], buf, buf_bytes);
}

char *text_put_digits(uint64_t n, int min_digits, char *end)
{
	static const char pairs[] = "00010203040506070809101112131415161718192021222324252627282930313233343536373839"
				    "40414243444546474849505152535455565758596061626364656667686970717273747576777879"
				    "8081828384858687888990919293949596979899";
	char *to = end;

	for (; n >= 10; n /= 100) {
		to -= 2;
		memcpy(to, &pairs[n % 100 * 2], 2);
	}
	if (n > 0)
		*--to = (char)('0' + n);
	while (end - to < min_digits)
		*--to = '0';
	return to;
}

enum { MAX_NUMBER_CHARS = 32 };

/** A whole number, or one with @decimals digits after the point; @unit is ten to the power of @decimals. */
static const char *from_digits(uint64_t n, uint64_t unit, int decimals, bool is_negative, char *buf)
{
	char text[MAX_NUMBER_CHARS], *end = text + sizeof(text), *begin = end;

	if (decimals > 0) {
		begin = text_put_digits(n % unit, decimals, begin);
		*--begin = '.';
	}
	begin = text_put_digits(n / unit, 1, begin);
	if (is_negative)
		*--begin = '-';
	memcpy(buf, begin, (size_t)(end - begin));
	buf[end - begin] = '\0';
	return buf;
}

/* Does @text read back as @x? */
static bool is_exact(const char *text, double x)
{
	double back;

	return text_to_double(text, &back) == 0 && back == x;
}

/*
 * Quick for most numbers people see: r / 10^d, with r below 10^15, is rounded to the same double as the text with
 * these digits, so if it gives x the text reads back as x, and the first d that does has the fewest digits.
 */
static bool from_few_decimals(double x, char *buf)
{
	double magnitude = fabs(x), power = 1.0;

	if (!(magnitude >= 1e-4)) /* also NaN */
		return false;
	for (int decimals = 1; decimals <= 9; decimals++) {
		uint64_t digits;

		power *= 10.0;
		if (magnitude * power >= 1e15)
			return false;
		digits = (uint64_t)(magnitude * power + 0.5);
		if ((double)digits / power == magnitude) {
			from_digits(digits, (uint64_t)power, decimals, x < 0.0, buf);
			return true;
		}
	}
	return false;
}

const char *text_from_double(double x, char *buf, size_t buf_bytes)
{
	int digits = fabs(x) < DBL_MIN ? 1 : 15;
	locale_t c, old;

	assert(buf_bytes >= MAX_NUMBER_CHARS);
	if (fabs(x) < 0x1p53 && (double)(int64_t)x == x)
		return from_digits((uint64_t)fabs(x), 1, 0, signbit(x), buf);
	if (from_few_decimals(x, buf))
		return buf;
	c = newlocale(LC_ALL_MASK, "C", (locale_t)0); /* glibc has it ready: no memory is taken */
	assert(c);
	old = uselocale(c);
	do
		snprintf(buf, buf_bytes, "%.*g", digits, x);
	while (digits++ < 17 && !is_exact(buf, x));
	uselocale(old);
	freelocale(c);
	return buf;
}

enum { WORD_MAX = 64 };

static size_t min3(size_t a, size_t b, size_t c)
{
	if (b < a)
		a = b;
	return c < a ? c : a;
}

/*
 * Damerau-Levenshtein distance in the restricted form (optimal string alignment): inserted, missing, wrong and
 * swapped neighbouring letters count 1, upper and lower case are the same letter. Rows of the classic table.
 */
static size_t word_distance(const char *a, size_t a_len, const char *b, size_t b_len)
{
	size_t rows[3][WORD_MAX + 1];
	size_t *before = rows[0], *last = rows[1], *row = rows[2];

	for (size_t j = 0; j <= b_len; j++)
		last[j] = j;
	for (size_t i = 1; i <= a_len; i++) {
		size_t *oldest = before;

		row[0] = i;
		for (size_t j = 1; j <= b_len; j++) {
			int ca = tolower((unsigned char)a[i - 1]), cb = tolower((unsigned char)b[j - 1]);

			row[j] = min3(last[j] + 1, row[j - 1] + 1, last[j - 1] + (ca != cb));
			if (i > 1 && j > 1 && ca == tolower((unsigned char)b[j - 2]) &&
			    tolower((unsigned char)a[i - 2]) == cb && before[j - 2] + 1 < row[j])
				row[j] = before[j - 2] + 1;
		}
		before = last;
		last = row;
		row = oldest;
	}
	return last[b_len];
}

const char *text_nearest(const char *word, const char *const candidates[], size_t n)
{
	size_t len = strlen(word), best_distance = SIZE_MAX;
	const char *best = NULL;

	if (len > WORD_MAX)
		return NULL;
	for (size_t i = 0; i < n; i++) {
		size_t candidate_len = strlen(candidates[i]), distance;
		size_t longer = len > candidate_len ? len : candidate_len;
		size_t allowed = longer < 6 ? 1 : longer / 3;

		if (candidate_len > WORD_MAX)
			continue;
		distance = word_distance(word, len, candidates[i], candidate_len);
		if (distance > allowed || distance >= longer || distance >= best_distance)
			continue;
		best_distance = distance;
		best = candidates[i];
	}
	return best;
}

/* @first: extra characters allowed at the start; @rest: extra ones after it. */
static bool is_name(const char *text, const char *first, const char *rest, bool may_start_with_digit)
{
	size_t len = strlen(text);

	if (len < 1 || len > 64)
		return false;
	if (!is_letter(text[0]) && !(may_start_with_digit && is_digit(text[0])) && !strchr(first, text[0]))
		return false;
	for (size_t i = 1; i < len; i++)
		if (!is_letter(text[i]) && !is_digit(text[i]) && !strchr(rest, text[i]))
			return false;
	return true;
}

bool text_is_device_name(const char *text)
{
	return is_name(text, "", "_.-", true);
}

bool text_is_identifier(const char *text)
{
	return is_name(text, "_", "_", false);
}

/* Well-formed sequences, table 3-7 of the Unicode standard: range of the first byte, of the second, length. */
static const struct utf8_form {
	unsigned char first_low, first_high, second_low, second_high, length;
} utf8_forms[] = {
	{ 0xC2, 0xDF, 0x80, 0xBF, 2 }, { 0xE0, 0xE0, 0xA0, 0xBF, 3 }, { 0xE1, 0xEC, 0x80, 0xBF, 3 },
	{ 0xED, 0xED, 0x80, 0x9F, 3 }, { 0xEE, 0xEF, 0x80, 0xBF, 3 }, { 0xF0, 0xF0, 0x90, 0xBF, 4 },
	{ 0xF1, 0xF3, 0x80, 0xBF, 4 }, { 0xF4, 0xF4, 0x80, 0x8F, 4 },
};

static bool has_form(const unsigned char *p, size_t len, const struct utf8_form *form)
{
	if (p[0] < form->first_low || p[0] > form->first_high || len < form->length)
		return false;
	for (size_t i = 2; i < form->length; i++)
		if ((p[i] & 0xC0) != 0x80)
			return false;
	return p[1] >= form->second_low && p[1] <= form->second_high;
}

size_t text_utf8_length(const char *text, size_t len)
{
	const unsigned char *p = (const unsigned char *)text;

	if (len == 0)
		return 0;
	if (p[0] < 0x80)
		return 1;
	for (size_t i = 0; i < ARRAY_LEN(utf8_forms); i++)
		if (has_form(p, len, &utf8_forms[i]))
			return utf8_forms[i].length;
	return 0;
}

char *text_make_printable(char *text)
{
	for (char *p = text; *p; p++)
		if ((unsigned char)*p < 0x20 || *p == 0x7F)
			*p = '?';
	return text;
}
