/* SPDX-License-Identifier: Apache-2.0 */
#include "agent/exec_line.h"

#include <errno.h>
#include <inttypes.h>
#include <math.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>

#include "base/decimal.h"
#include "base/text.h"

struct reader {
	const char *next, *end;
};

struct word {
	const char *text;
	size_t len;
	bool is_string;
};

size_t exec_line_write(const struct sample *s, char *buf)
{
	uint64_t us = s->at_us < 0 ? 0 - (uint64_t)s->at_us : (uint64_t)s->at_us;
	char number[32];
	int n = snprintf(buf, EXEC_LINE_BYTES, "{\"t\":%s%" PRIu64 ".%06u,\"x\":%s}\n", s->at_us < 0 ? "-" : "",
			 us / 1000000, (unsigned)(us % 1000000), text_from_double(s->value, number, sizeof(number)));

	return (size_t)n;
}

static bool is_blank(char c)
{
	return c == ' ' || c == '\t' || c == '\r';
}

static bool is_end(struct reader *r)
{
	while (r->next < r->end && is_blank(*r->next))
		r->next++;
	return r->next == r->end;
}

static bool take(struct reader *r, char c)
{
	if (is_end(r) || *r->next != c)
		return false;
	r->next++;
	return true;
}

static bool take_string(struct reader *r, struct word *w)
{
	if (!take(r, '"'))
		return false;
	w->text = r->next;
	while (r->next < r->end && *r->next != '"')
		r->next += *r->next == '\\' && r->next + 1 < r->end ? 2 : 1;
	w->len = (size_t)(r->next - w->text);
	w->is_string = true;
	return take(r, '"');
}

/* A string, or what stands up to the next comma or brace. */
static bool take_value(struct reader *r, struct word *w)
{
	if (take_string(r, w))
		return true;
	w->is_string = false;
	w->text = r->next;
	while (r->next < r->end && !is_blank(*r->next) && !(*r->next && strchr(",{}[]\"", *r->next)))
		r->next++;
	w->len = (size_t)(r->next - w->text);
	return w->len > 0;
}

static bool is_word(const struct word *w, const char *text)
{
	return w->len == strlen(text) && memcmp(w->text, text, w->len) == 0;
}

/* Python writes NaN and Infinity where JSON has no word. */
static bool read_y(const struct word *w, struct op_exec_answer *out)
{
	static const char *const gaps[] = { "null", "NaN", "Infinity", "-Infinity" };

	out->kind = OP_EXEC_GAP;
	for (size_t i = 0; i < ARRAY_LEN(gaps); i++)
		if (is_word(w, gaps[i]))
			return true;
	out->kind = OP_EXEC_NUMBER;
	if (is_word(w, "true") || is_word(w, "false")) {
		out->y = w->text[0] == 't';
		return true;
	}
	return decimal_parse(w->text, w->len, &out->y) == 0;
}

static bool read_member(struct reader *r, struct op_exec_answer *answer, bool *has_t)
{
	struct word name, value;

	if (!take_string(r, &name) || !take(r, ':') || !take_value(r, &value))
		return false;
	if (is_word(&name, "t")) {
		*has_t = true;
		return !value.is_string && decimal_parse(value.text, value.len, &answer->t_s) == 0;
	}
	return !is_word(&name, "y") || (!value.is_string && read_y(&value, answer));
}

int exec_line_read(const char *text, size_t len, struct op_exec_answer *out)
{
	struct op_exec_answer answer = { .kind = OP_EXEC_NOTHING, .y = NAN };
	struct reader r = { text, text + len };
	bool has_t = false;

	if (!take(&r, '{'))
		return -EINVAL;
	do
		if (!read_member(&r, &answer, &has_t))
			return -EINVAL;
	while (take(&r, ','));
	if (!has_t || !take(&r, '}') || !is_end(&r))
		return -EINVAL;
	*out = answer;
	return 0;
}
