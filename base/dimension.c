/* SPDX-License-Identifier: Apache-2.0 */
/*
 * dimension.c - UCUM codes, by descent over one table of symbols. The charge is the base quantity of electricity here as in UCUM, so an
 * ampere is C/s. Factors are products of a few decimal numbers, which is why they are compared with a tolerance.
 */
#include "base/dimension.h"

#include <math.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>

#include "base/check.h"

enum { MAX_DEPTH = 4 };

/* Powers in the order of enum dimension_base. */
static const struct symbol {
	const char *code;
	bool takes_prefix;
	struct dimension is;
} symbols[] = {
	{ "m", true, { 1.0, { 1 }, false } },
	{ "g", true, { 1.0, { 0, 1 }, false } },
	{ "s", true, { 1.0, { 0, 0, 1 }, false } },
	{ "C", true, { 1.0, { 0, 0, 0, 1 }, false } },
	{ "K", true, { 1.0, { 0, 0, 0, 0, 1 }, false } },
	{ "cd", true, { 1.0, { 0, 0, 0, 0, 0, 1 }, false } },
	{ "mol", true, { 1.0, { 0, 0, 0, 0, 0, 0, 1 }, false } },
	{ "By", true, { 1.0, { 0, 0, 0, 0, 0, 0, 0, 1 }, false } },
	{ "bit", true, { 0.125, { 0, 0, 0, 0, 0, 0, 0, 1 }, false } },
	{ "dB", false, { 1.0, { 0, 0, 0, 0, 0, 0, 0, 0, 1 }, false } },
	{ "[pH]", false, { 1.0, { 0, 0, 0, 0, 0, 0, 0, 0, 0, 1 }, false } },

	{ "Cel", false, { 1.0, { 0, 0, 0, 0, 1 }, true } },
	{ "[degF]", false, { 5.0 / 9.0, { 0, 0, 0, 0, 1 }, true } },

	{ "%", false, { 0.01, { 0 }, false } },
	{ "[ppm]", false, { 1e-6, { 0 }, false } },
	{ "[ppb]", false, { 1e-9, { 0 }, false } },
	{ "rad", true, { 1.0, { 0 }, false } },
	{ "deg", false, { 3.14159265358979323846 / 180.0, { 0 }, false } },
	{ "sr", true, { 1.0, { 0 }, false } },
	{ "lm", true, { 1.0, { 0, 0, 0, 0, 0, 1 }, false } },
	{ "lx", true, { 1.0, { -2, 0, 0, 0, 0, 1 }, false } },

	{ "min", false, { 60.0, { 0, 0, 1 }, false } },
	{ "h", false, { 3600.0, { 0, 0, 1 }, false } },
	{ "d", false, { 86400.0, { 0, 0, 1 }, false } },
	{ "Hz", true, { 1.0, { 0, 0, -1 }, false } },
	{ "Bq", true, { 1.0, { 0, 0, -1 }, false } },

	{ "L", true, { 1e-3, { 3 }, false } },
	{ "l", true, { 1e-3, { 3 }, false } },
	{ "t", true, { 1e6, { 0, 1 }, false } },
	{ "[g]", false, { 9.80665, { 1, 0, -2 }, false } },
	{ "N", true, { 1e3, { 1, 1, -2 }, false } },
	{ "Pa", true, { 1e3, { -1, 1, -2 }, false } },
	{ "bar", true, { 1e8, { -1, 1, -2 }, false } },
	{ "J", true, { 1e3, { 2, 1, -2 }, false } },
	{ "W", true, { 1e3, { 2, 1, -3 }, false } },

	{ "A", true, { 1.0, { 0, 0, -1, 1 }, false } },
	{ "V", true, { 1e3, { 2, 1, -2, -1 }, false } },
	{ "Ohm", true, { 1e3, { 2, 1, -1, -2 }, false } },
	{ "S", true, { 1e-3, { -2, -1, 1, 2 }, false } },
	{ "F", true, { 1e-3, { -2, -1, 2, 2 }, false } },
	{ "H", true, { 1e3, { 2, 1, 0, -2 }, false } },
	{ "Wb", true, { 1e3, { 2, 1, -1, -1 }, false } },
	{ "T", true, { 1e3, { 0, 1, -1, -1 }, false } },
	{ "G", true, { 0.1, { 0, 1, -1, -1 }, false } },
};

static const struct prefix {
	const char *code;
	double factor;
} prefixes[] = {
	{ "Ki", 1024.0 }, { "Mi", 1048576.0 }, { "Gi", 1073741824.0 }, { "Ti", 1099511627776.0 },
	{ "da", 1e1 },	  { "T", 1e12 },       { "G", 1e9 },	       { "M", 1e6 },
	{ "k", 1e3 },	  { "h", 1e2 },	       { "d", 1e-1 },	       { "c", 1e-2 },
	{ "m", 1e-3 },	  { "u", 1e-6 },       { "n", 1e-9 },	       { "p", 1e-12 },
};

static const struct dimension number_one = { .factor = 1.0 };

static double power_of(double x, int n)
{
	double y = 1.0;

	for (int i = 0; i < abs(n); i++)
		y *= x;
	return n < 0 ? 1.0 / y : y;
}

bool dimension_product(const struct dimension *a, int ea, const struct dimension *b, int eb, struct dimension *out)
{
	struct dimension d = { .factor = power_of(a->factor, ea) * power_of(b->factor, eb) };

	for (size_t i = 0; i < DIMENSION_N_BASES; i++) {
		int p = a->power[i] * ea + b->power[i] * eb;

		if (abs(p) > DIMENSION_MAX_POWER)
			return false;
		d.power[i] = (int8_t)p;
	}
	*out = d;
	return true;
}

bool dimension_is_like(const struct dimension *a, const struct dimension *b)
{
	return memcmp(a->power, b->power, sizeof(a->power)) == 0;
}

bool dimension_is_same(const struct dimension *a, const struct dimension *b)
{
	return dimension_is_like(a, b) && a->has_offset == b->has_offset &&
	       fabs(a->factor - b->factor) <= 1e-9 * fabs(a->factor);
}

bool dimension_is_number(const struct dimension *d)
{
	return dimension_is_like(d, &number_one);
}

bool dimension_root(const struct dimension *d, struct dimension *out)
{
	struct dimension root = { .factor = sqrt(d->factor) };

	for (size_t i = 0; i < DIMENSION_N_BASES; i++) {
		if (d->power[i] % 2 != 0)
			return false;
		root.power[i] = d->power[i] / 2;
	}
	*out = root;
	return true;
}

/* --- reading --- */

static const struct symbol *find_symbol(const char *text, size_t len)
{
	for (size_t i = 0; i < ARRAY_LEN(symbols); i++)
		if (strlen(symbols[i].code) == len && memcmp(symbols[i].code, text, len) == 0)
			return &symbols[i];
	return NULL;
}

static bool read_symbol(const char *text, size_t len, struct dimension *out)
{
	const struct symbol *s = find_symbol(text, len);

	if (s) {
		*out = s->is;
		return true;
	}
	for (size_t i = 0; i < ARRAY_LEN(prefixes); i++) {
		size_t n = strlen(prefixes[i].code);

		if (len <= n || memcmp(prefixes[i].code, text, n) != 0)
			continue;
		s = find_symbol(text + n, len - n);
		if (s && s->takes_prefix) {
			*out = s->is;
			out->factor *= prefixes[i].factor;
			return true;
		}
	}
	return false;
}

static bool read_term(const char **at, unsigned depth, struct dimension *out);

static bool is_digit(char c)
{
	return c >= '0' && c <= '9';
}

/* A power behind a symbol: -1, 2, +3. */
static bool read_power(const char **at, int *power)
{
	const char *p = *at;
	int sign = *p == '-' ? -1 : 1, n = 0;

	if (*p == '-' || *p == '+')
		p++;
	if (!is_digit(*p)) {
		*power = 1;
		return p == *at;
	}
	while (is_digit(*p) && n <= DIMENSION_MAX_POWER)
		n = n * 10 + (*p++ - '0');
	if (n > DIMENSION_MAX_POWER)
		return false;
	*power = sign * n;
	*at = p;
	return true;
}

/* An annotation says what is counted; it is no part of the unit. */
static bool skip_annotation(const char **at)
{
	const char *end;

	if (**at != '{')
		return true;
	end = strchr(*at, '}');
	if (!end)
		return false;
	*at = end + 1;
	return true;
}

static bool read_number(const char **at, struct dimension *out)
{
	char *end;

	*out = number_one;
	out->factor = (double)strtoull(*at, &end, 10);
	*at = end;
	return out->factor > 0.0;
}

static bool read_powered_symbol(const char **at, struct dimension *out)
{
	struct dimension d;
	size_t len = **at == '[' ? strcspn(*at, "]") + 1 : strcspn(*at, "0123456789+-./(){}[");
	int power;

	if (len > strlen(*at) || !read_symbol(*at, len, &d))
		return false;
	*at += len;
	if (!read_power(at, &power) || !skip_annotation(at))
		return false;
	if (power != 1)
		return dimension_product(&d, power, &number_one, 0, out);
	*out = d;
	return true;
}

static bool read_component(const char **at, unsigned depth, struct dimension *out)
{
	if (**at == '(') {
		++*at;
		return depth < MAX_DEPTH && read_term(at, depth + 1, out) && *(*at)++ == ')';
	}
	if (is_digit(**at))
		return read_number(at, out) && skip_annotation(at);
	if (**at == '{') {
		*out = number_one;
		return skip_annotation(at);
	}
	return read_powered_symbol(at, out);
}

/* Left to right: a.b/c.d is ((a.b)/c).d. */
static bool read_term(const char **at, unsigned depth, struct dimension *out)
{
	struct dimension d = number_one, next;
	int sign = **at == '/' ? -1 : 1;
	bool is_first = sign > 0;

	*at += sign < 0;
	for (;; is_first = false) {
		if (!read_component(at, depth, &next))
			return false;
		if (is_first)
			d = next;
		else if (!dimension_product(&d, 1, &next, sign, &d))
			return false;
		if (**at != '.' && **at != '/')
			break;
		sign = *(*at)++ == '.' ? 1 : -1;
	}
	*out = d;
	return true;
}

bool dimension_parse(const char *code, struct dimension *out)
{
	struct dimension d;

	if (!read_term(&code, 0, &d) || *code != '\0')
		return false;
	*out = d;
	return true;
}
