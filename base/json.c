/* SPDX-License-Identifier: Apache-2.0 */
/*
 * json.c - the only state is "does the next value need a comma": true after a value or a closed container, false
 * after an opening one. What is longer than the buffer allows sets its overflow flag, and the caller drops the whole.
 */
#include "base/json.h"

#include <math.h>
#include <string.h>

#include "base/text.h"

/* Bytes at @p that can be copied as they are. */
static size_t plain_bytes(const char *p, size_t len)
{
	size_t i = 0;

	while (i < len && (unsigned char)p[i] >= 0x20 && p[i] != '"' && p[i] != '\\') {
		size_t n = (unsigned char)p[i] < 0x80 ? 1 : text_utf8_length(p + i, len - i);

		if (n == 0)
			break;
		i += n;
	}
	return i;
}

static void add_escaped(struct dynbuf *out, char c)
{
	static const char letters[] = "\"\"\\\\\bb\ff\nn\rr\tt"; /* pairs: character, letter after the backslash */

	for (size_t i = 0; i < sizeof(letters) - 1; i += 2)
		if (letters[i] == c) {
			dynbuf_addf(out, "\\%c", letters[i + 1]);
			return;
		}
	if ((unsigned char)c < 0x20)
		dynbuf_addf(out, "\\u%04x", (unsigned)c);
	else
		dynbuf_adds(out, "\xEF\xBF\xBD"); /* U+FFFD for a byte that is not UTF-8 */
}

/* A quote, @text, and @after: the closing quote and what follows it. Nearly always it is plain, and then it goes in three pieces. */
static void add_quoted(struct dynbuf *out, const char *text, const char *after)
{
	size_t len = strlen(text), n = plain_bytes(text, len);

	dynbuf_add(out, "\"", 1);
	dynbuf_add(out, text, n);
	while (n < len) {
		add_escaped(out, text[n]);
		text += n + 1;
		len -= n + 1;
		n = plain_bytes(text, len);
		dynbuf_add(out, text, n);
	}
	dynbuf_adds(out, after);
}

/* Comma and key: what comes before every value. */
static void begin_value(struct json *j, const char *key)
{
	if (j->need_comma)
		dynbuf_add(j->out, ",", 1);
	j->need_comma = true;
	if (key)
		add_quoted(j->out, key, "\":");
}

static void begin_container(struct json *j, const char *key, const char *bracket)
{
	begin_value(j, key);
	dynbuf_adds(j->out, bracket);
	j->need_comma = false;
}

static void end_container(struct json *j, const char *bracket)
{
	dynbuf_adds(j->out, bracket);
	j->need_comma = true;
}

void json_object_begin(struct json *j, const char *key)
{
	begin_container(j, key, "{");
}

void json_object_end(struct json *j)
{
	end_container(j, "}");
}

void json_array_begin(struct json *j, const char *key)
{
	begin_container(j, key, "[");
}

void json_array_end(struct json *j)
{
	end_container(j, "]");
}

void json_text(struct json *j, const char *key, const char *value)
{
	if (!value) {
		json_nothing(j, key);
		return;
	}
	begin_value(j, key);
	add_quoted(j->out, value, "\"");
}

void json_double(struct json *j, const char *key, double value)
{
	char buf[32];

	begin_value(j, key);
	dynbuf_adds(j->out, isfinite(value) ? text_from_double(value, buf, sizeof(buf)) : "null");
}

static void add_whole(struct dynbuf *out, uint64_t magnitude, bool is_negative)
{
	char text[24], *end = text + sizeof(text), *begin = text_put_digits(magnitude, 1, end);

	if (is_negative)
		*--begin = '-';
	dynbuf_add(out, begin, (size_t)(end - begin));
}

void json_int(struct json *j, const char *key, int64_t value)
{
	begin_value(j, key);
	add_whole(j->out, value < 0 ? -(uint64_t)value : (uint64_t)value, value < 0);
}

void json_uint(struct json *j, const char *key, uint64_t value)
{
	begin_value(j, key);
	add_whole(j->out, value, false);
}

void json_bool(struct json *j, const char *key, bool value)
{
	begin_value(j, key);
	dynbuf_adds(j->out, value ? "true" : "false");
}

void json_nothing(struct json *j, const char *key)
{
	begin_value(j, key);
	dynbuf_adds(j->out, "null");
}

void json_raw(struct json *j, const char *key, const char *value)
{
	begin_value(j, key);
	dynbuf_adds(j->out, value);
}
