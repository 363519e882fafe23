/* SPDX-License-Identifier: Apache-2.0 */
/*
 * opt_schema.c - what an option accepts: as words, for error messages and help, and as JSON Schema (2020-12), for
 * editors. Kept beside opt.c, which does the accepting; a new type of option needs a row in each.
 *
 * A bound of plus or minus infinity is no bound on that side.
 */
#include <math.h>
#include <stdio.h>
#include <string.h>

#include "base/json.h"
#include "base/opt.h"
#include "base/text.h"
#include "base/unit.h"

/* Also a bare 0, which needs no unit. */
#define DURATION_PATTERN "^([0-9]+(\\.[0-9]*)?|\\.[0-9]+) *(us|ms|s|m|h|d)$|^0$"
#define SIZE_PATTERN "^([0-9]+(\\.[0-9]*)?|\\.[0-9]+) *(KiB|MiB|GiB)?$"

enum { BOUND_BYTES = 32 };

static bool is_bounded(const struct opt *row)
{
	return row->min != 0.0 || row->max != 0.0;
}

static const char *bound_text(const struct opt *row, double x, char *buf)
{
	if (row->type == OPT_DURATION && fabs(x) < 0x1p63)
		return text_from_duration((int64_t)x, buf, BOUND_BYTES);
	if (row->type == OPT_BYTES && fabs(x) < 0x1p63)
		return text_from_bytes((int64_t)x, buf, BOUND_BYTES);
	return text_from_double(x, buf, BOUND_BYTES);
}

/* "NOUN", "NOUN from MIN to MAX", "NOUN of at least MIN", each with the unit in parentheses. Returns the length. */
static size_t say_number(const struct opt *row, const char *noun, char *buf, size_t buf_bytes)
{
	char min[BOUND_BYTES], max[BOUND_BYTES];
	size_t len;

	bound_text(row, row->min, min);
	bound_text(row, row->max, max);
	if (!is_bounded(row) || (isinf(row->min) && isinf(row->max)))
		snprintf(buf, buf_bytes, "%s", noun);
	else if (isinf(row->max))
		snprintf(buf, buf_bytes, "%s of at least %s", noun, min);
	else if (isinf(row->min))
		snprintf(buf, buf_bytes, "%s of at most %s", noun, max);
	else
		snprintf(buf, buf_bytes, "%s from %s to %s", noun, min, max);
	len = strlen(buf);
	if (row->unit)
		snprintf(buf + len, buf_bytes - len, " (%s)", row->unit);
	return strlen(buf);
}

/* A measure of its own notation: an example helps where no bound shows it. */
static void say_measure(const struct opt *row, const char *noun, const char *example, char *buf, size_t buf_bytes)
{
	size_t len = say_number(row, noun, buf, buf_bytes);

	if (!is_bounded(row))
		snprintf(buf + len, buf_bytes - len, " such as %s", example);
}

static void say_choices(const struct opt *row, char *buf, size_t buf_bytes)
{
	size_t len;

	snprintf(buf, buf_bytes, "one of:");
	for (size_t i = 0; row->choices[i]; i++) {
		len = strlen(buf);
		snprintf(buf + len, buf_bytes - len, "%s %s", i ? "," : "", row->choices[i]);
	}
}

static void say_span(const struct opt *row, char *buf, size_t buf_bytes)
{
	size_t len = say_number(row, "a number of samples", buf, buf_bytes);

	snprintf(buf + len, buf_bytes - len, "%s or a duration such as 10s", is_bounded(row) ? "," : " such as 5,");
}

/* "a list of 2 to 8 PLURAL", "a list of at least 2 PLURAL", "a list of PLURAL". */
static void say_list(const struct opt *row, const char *plural, char *buf, size_t buf_bytes)
{
	char range[64] = "";

	if (row->max_items > 0 && row->max_items == row->min_items)
		snprintf(range, sizeof(range), "%zu ", row->min_items);
	else if (row->max_items > 0)
		snprintf(range, sizeof(range), "%zu to %zu ", row->min_items, row->max_items);
	else if (row->min_items > 0)
		snprintf(range, sizeof(range), "at least %zu ", row->min_items);
	snprintf(buf, buf_bytes, "a list of %s", range);
	say_number(row, plural, buf + strlen(buf), buf_bytes - strlen(buf));
}

const char *opt_expects(const struct opt *row, char *buf, size_t buf_bytes)
{
	static const char *const words[] = {
		[OPT_BOOL] = "true or false",
		[OPT_TEXT] = "a text",
		[OPT_UNIT] = "a unit such as Cel, % or hPa",
		[OPT_TEXT_MAP] = "a map of names to texts",
		[OPT_TEXT_LIST] = "a text or a list of texts",
		[OPT_UNIT_MAP] = "a map of names to units such as Cel, % or hPa",
	};

	switch (row->type) {
	case OPT_INT:
		say_number(row, "a whole number", buf, buf_bytes);
		break;
	case OPT_DOUBLE:
		say_number(row, "a number", buf, buf_bytes);
		break;
	case OPT_DURATION:
		say_measure(row, "a duration", "10s", buf, buf_bytes);
		break;
	case OPT_BYTES:
		say_measure(row, "a size", "64KiB", buf, buf_bytes);
		break;
	case OPT_ENUM:
		say_choices(row, buf, buf_bytes);
		break;
	case OPT_SPAN:
		say_span(row, buf, buf_bytes);
		break;
	case OPT_DOUBLE_LIST:
		say_list(row, "numbers", buf, buf_bytes);
		break;
	case OPT_POINTS:
		say_list(row, "points [x, y]", buf, buf_bytes);
		break;
	case OPT_BOOL:
	case OPT_TEXT:
	case OPT_UNIT:
	case OPT_TEXT_MAP:
	case OPT_TEXT_LIST:
	case OPT_UNIT_MAP:
		snprintf(buf, buf_bytes, "%s", words[row->type]);
		break;
	}
	return buf;
}

static void schema_type(struct json *j, const char *type)
{
	json_text(j, "type", type);
}

static void schema_bounds(const struct opt *row, struct json *j)
{
	if (!is_bounded(row))
		return;
	if (isfinite(row->min))
		json_double(j, "minimum", row->min);
	if (isfinite(row->max))
		json_double(j, "maximum", row->max);
}

/* A text of the given pattern, or a bare whole number within bounds that say which ones need no unit. */
static void schema_text_or_integer(struct json *j, const char *pattern, double min, double max)
{
	json_array_begin(j, "type");
	json_text(j, NULL, "string");
	json_text(j, NULL, "integer");
	json_array_end(j);
	json_text(j, "pattern", pattern);
	json_double(j, "minimum", min);
	if (isfinite(max))
		json_double(j, "maximum", max);
}

static void schema_unit_codes(struct json *j)
{
	json_array_begin(j, "enum");
	for (size_t i = 0; unit_at(i); i++)
		json_text(j, NULL, unit_at(i)->code);
	json_int(j, NULL, 1); /* `unit: 1` without quotes is a number to YAML, and the same to us */
	json_array_end(j);
}

/* To an editor `filter: 16` is a number and `filter: off` a boolean: those are choices as well. */
static void schema_choices(const struct opt *row, struct json *j)
{
	int64_t integer;
	bool boolean;

	json_array_begin(j, "enum");
	for (size_t i = 0; row->choices[i]; i++) {
		json_text(j, NULL, row->choices[i]);
		if (text_to_int64(row->choices[i], &integer) == 0)
			json_int(j, NULL, integer);
		else if (text_to_bool(row->choices[i], &boolean) == 0)
			json_bool(j, NULL, boolean);
	}
	json_array_end(j);
}

/* Texts that look like numbers or booleans need no quotes: `floor: 3`. */
static void schema_any_text(struct json *j)
{
	json_array_begin(j, "type");
	json_text(j, NULL, "string");
	json_text(j, NULL, "number");
	json_text(j, NULL, "boolean");
	json_array_end(j);
}

static void schema_map(struct json *j, bool of_units)
{
	schema_type(j, "object");
	json_object_begin(j, "additionalProperties");
	if (of_units)
		schema_unit_codes(j);
	else
		schema_any_text(j);
	json_object_end(j);
}

static void schema_list(struct json *j)
{
	json_array_begin(j, "type");
	json_text(j, NULL, "string");
	json_text(j, NULL, "array");
	json_array_end(j);
	json_object_begin(j, "items");
	schema_type(j, "string");
	json_object_end(j);
}

static void schema_items_begin(const struct opt *row, struct json *j)
{
	if (row->min_items > 0)
		json_uint(j, "minItems", row->min_items);
	if (row->max_items > 0)
		json_uint(j, "maxItems", row->max_items);
	json_object_begin(j, "items");
}

static void schema_double_list(const struct opt *row, struct json *j)
{
	json_array_begin(j, "type");
	if (row->min_items <= 1)
		json_text(j, NULL, "number");
	json_text(j, NULL, "array");
	json_array_end(j);
	if (row->min_items <= 1)
		schema_bounds(row, j);
	schema_items_begin(row, j);
	schema_type(j, "number");
	schema_bounds(row, j);
	json_object_end(j);
}

static void schema_points(const struct opt *row, struct json *j)
{
	schema_type(j, "array");
	schema_items_begin(row, j);
	schema_type(j, "array");
	json_int(j, "minItems", 2);
	json_int(j, "maxItems", 2);
	json_object_begin(j, "items");
	schema_type(j, "number");
	schema_bounds(row, j);
	json_object_end(j);
	json_object_end(j);
}

static void schema_default(const struct opt *row, struct json *j)
{
	int64_t integer;
	double number;
	bool boolean;

	if (!row->def)
		return;
	if (row->type == OPT_BOOL && text_to_bool(row->def, &boolean) == 0)
		json_bool(j, "default", boolean);
	else if ((row->type == OPT_DOUBLE || row->type == OPT_DOUBLE_LIST) && text_to_double(row->def, &number) == 0)
		json_double(j, "default", number);
	else if ((row->type == OPT_INT || row->type == OPT_SPAN || row->type == OPT_BYTES) &&
		 text_to_int64(row->def, &integer) == 0)
		json_int(j, "default", integer);
	else
		json_text(j, "default", row->def);
}

void opt_schema(const struct opt *row, struct json *j, const char *key)
{
	json_object_begin(j, key);
	if (row->help)
		json_text(j, "description", row->help);
	switch (row->type) {
	case OPT_BOOL:
		schema_type(j, "boolean");
		break;
	case OPT_INT:
		schema_type(j, "integer");
		schema_bounds(row, j);
		break;
	case OPT_DOUBLE:
		schema_type(j, "number");
		schema_bounds(row, j);
		break;
	case OPT_DURATION:
		schema_text_or_integer(j, DURATION_PATTERN, 0.0, 0.0);
		break;
	case OPT_BYTES:
		schema_text_or_integer(j, SIZE_PATTERN, fmax(row->min, 0.0), is_bounded(row) ? row->max : INFINITY);
		break;
	case OPT_ENUM:
		schema_choices(row, j);
		break;
	case OPT_TEXT:
		schema_any_text(j); /* a line is 17 or GPIO17 */
		break;
	case OPT_UNIT:
		schema_unit_codes(j);
		break;
	case OPT_SPAN:
		schema_text_or_integer(j, DURATION_PATTERN, fmax(row->min, 1.0), is_bounded(row) ? row->max : INFINITY);
		break;
	case OPT_TEXT_LIST:
		schema_list(j);
		break;
	case OPT_TEXT_MAP:
	case OPT_UNIT_MAP:
		schema_map(j, row->type == OPT_UNIT_MAP);
		break;
	case OPT_DOUBLE_LIST:
		schema_double_list(row, j);
		break;
	case OPT_POINTS:
		schema_points(row, j);
		break;
	}
	schema_default(row, j);
	json_object_end(j);
}
