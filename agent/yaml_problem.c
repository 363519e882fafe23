/* SPDX-License-Identifier: Apache-2.0 */
/*
 * yaml_problem.c - libyaml speaks of tokens and productions; who forgot a quote needs to hear about quotes. So its
 * messages go through a table of what people do wrong, and an open quote or bracket is reported where it was opened.
 * A message that is not in the table is shown as libyaml gives it.
 *
 * libyaml knows only an offset of bytes that are no text, and stops to explain at the buffer's end; they are found
 * here before it starts.
 */
#include "agent/yaml_problem.h"

#include <errno.h>
#include <string.h>

#include "base/text.h"

static const unsigned NO_CONTROL = ~0U;

static const struct yaml_problem problems[] = {
	{ "cannot start any token", NULL, '\t', false, "a tab, expected spaces for indentation" },
	{ "cannot start any token", NULL, '\0', false, "no value starts with this character: put the text in quotes" },
	{ "tab character", NULL, '\0', false, "a tab, expected spaces for indentation" },
	{ "unexpected end of stream", "quoted scalar", '\0', true, "this quote is never closed" },
	{ "unexpected document indicator", NULL, '\0', true, "this quote is never closed" },
	{ "unknown escape character", NULL, '\0', false,
	  "unknown escape: inside double quotes a backslash is written \\\\, or use single quotes" },
	{ "expected ',' or ']'", NULL, '\0', true, "this list lacks its ']', or a ',' between two items" },
	{ "expected ',' or '}'", NULL, '\0', true, "this map lacks its '}', or a ',' between two options" },
	{ "mapping values are not allowed", NULL, '\0', false,
	  "':' cannot stand here: check the indentation, or put a text that contains ': ' in quotes" },
	{ "did not find expected key", NULL, '\0', false, "expected 'key: value', indented like the lines above" },
	{ "did not find expected '-' indicator", NULL, '\0', false,
	  "expected '- item', indented like the items above" },
	{ "could not find expected ':'", NULL, '\0', true, "expected ':' and a value after this key" },
	{ "block sequence entries are not allowed", NULL, '\0', false,
	  "'- ' cannot stand here: a list starts on its own line" },
	{ "mapping keys are not allowed", NULL, '\0', false, "'? ' cannot stand here: put the text in quotes" },
	{ "did not find expected node content", NULL, '\0', false, "expected a value, a list or a map" },
	{ "did not find expected <document start>", NULL, '\0', false,
	  "expected the end of the file after this value" },
	{ "undefined tag handle", NULL, '\0', false, "a text that starts with '!' needs quotes" },
	{ "alphabetic or numeric character", "anchor", '\0', true, "a text that starts with '&' needs quotes" },
	{ "alphabetic or numeric character", "alias", '\0', true, "a text that starts with '*' needs quotes" },
	{ "alphabetic or numeric character", "directive", '\0', true, "a text that starts with '%' needs quotes" },
};

static bool contains(const char *text, const char *part)
{
	return !part || (text && strstr(text, part));
}

const struct yaml_problem *yaml_problem_find(const char *problem, const char *context, char c)
{
	for (size_t i = 0; i < ARRAY_LEN(problems); i++) {
		const struct yaml_problem *p = &problems[i];

		if (contains(problem, p->problem) && contains(context, p->context) &&
		    (!p->character || p->character == c))
			return p;
	}
	return NULL;
}

struct place yaml_place_of_offset(const char *text, size_t bytes, size_t offset)
{
	struct place at = { 1, 1 };

	for (size_t i = 0; i < offset && i < bytes; i++) {
		if (text[i] == '\n')
			at = (struct place){ at.line + 1, 1 };
		else if (((unsigned char)text[i] & 0xC0) != 0x80)
			at.column++;
	}
	return at;
}

char yaml_char_at(const char *text, size_t bytes, size_t index)
{
	size_t i = 0, n = 0;

	for (; index > 0; index--) {
		n = text_utf8_length(text + i, bytes - i);
		if (n == 0)
			return '\0';
		i += n;
	}
	return i < bytes ? text[i] : '\0';
}

/*
 * Line breaks that YAML 1.1 counts (section 4.2) and editors, minisign and we do not: with one of them a line has two numbers, and what
 * is taken for one line may be two.
 */
static bool is_other_break(const char *at, size_t bytes)
{
	return (at[0] == '\r' && (bytes < 2 || at[1] != '\n')) || (bytes >= 2 && memcmp(at, "\xC2\x85", 2) == 0) ||
	       (bytes >= 3 && (memcmp(at, "\xE2\x80\xA8", 3) == 0 || memcmp(at, "\xE2\x80\xA9", 3) == 0));
}

/* Section 5.1: the C0 set but for tab and line breaks, DEL, and the C1 set (U+0080 to U+009F, two bytes), with which terminals can be moved. */
static unsigned control_of(const char *at, size_t length)
{
	unsigned char c = (unsigned char)at[0], next = length == 2 ? (unsigned char)at[1] : 0;

	if (c == 0xC2 && next < 0xA0)
		return next;
	return c == 0x7F || (c < 0x20 && c != '\t' && c != '\n' && c != '\r') ? c : NO_CONTROL;
}

int yaml_check_bytes(struct diag *d, const char *text, size_t bytes)
{
	size_t n;

	for (size_t i = 0; i < bytes; i += n) {
		unsigned control;

		n = text_utf8_length(text + i, bytes - i);
		if (n == 0) {
			diag_error(d, yaml_place_of_offset(text, bytes, i), "byte 0x%02X, expected text in UTF-8",
				   (unsigned char)text[i]);
			return -EINVAL;
		}
		if (is_other_break(text + i, bytes - i)) {
			diag_error(d, yaml_place_of_offset(text, bytes, i),
				   "a line break that is none everywhere, expected the newline character");
			return -EINVAL;
		}
		control = control_of(text + i, n);
		if (control != NO_CONTROL) {
			diag_error(d, yaml_place_of_offset(text, bytes, i), "control character 0x%02X, expected text",
				   control);
			return -EINVAL;
		}
	}
	return 0;
}
