/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Only ASCII has a meaning in an expression, so everything before the first error is ASCII and its column is the same
 * in bytes and in characters. Other characters become a symbol as a whole, never half of one: the parser knows
 * some of them and says what to write instead.
 */
#include "pipelines/expr_lex.h"

#include <stdio.h>
#include <string.h>

#include "base/check.h"
#include "base/text.h"

static bool is_digit(char c)
{
	return c >= '0' && c <= '9';
}

static bool is_name_start(char c)
{
	return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_';
}

static size_t number_len(const char *s)
{
	size_t n = 0, e;

	while (is_digit(s[n]) || s[n] == '.')
		n++;
	if (s[n] == 'e' || s[n] == 'E') {
		e = n + 1;
		if (s[e] == '+' || s[e] == '-')
			e++;
		if (is_digit(s[e])) {
			while (is_digit(s[e]))
				e++;
			n = e;
		}
	}
	return n;
}

static size_t name_len(const char *s)
{
	size_t n = 1;

	while (is_name_start(s[n]) || is_digit(s[n]))
		n++;
	return n;
}

static size_t symbol_len(const char *s)
{
	static const char *const pairs[] = { "<=", ">=", "==", "!=", "&&", "||", "**", "<>" };
	size_t n;

	for (size_t i = 0; i < ARRAY_LEN(pairs); i++)
		if (strncmp(s, pairs[i], 2) == 0)
			return 2;
	n = text_utf8_length(s, strlen(s));
	return n > 0 ? n : 1;
}

struct expr_token expr_lex(const char *text, const char *at)
{
	struct expr_token t;

	at += strspn(at, " \t\r\n");
	t.text = at;
	t.column = (unsigned)(at - text) + 1;
	if (*at == '\0') {
		t.kind = EXPR_TOKEN_END;
		t.len = 0;
	} else if (is_digit(*at) || (*at == '.' && is_digit(at[1]))) {
		t.kind = EXPR_TOKEN_NUMBER;
		t.len = number_len(at);
	} else if (is_name_start(*at)) {
		t.kind = EXPR_TOKEN_NAME;
		t.len = name_len(at);
	} else {
		t.kind = EXPR_TOKEN_SYMBOL;
		t.len = symbol_len(at);
	}
	return t;
}

bool expr_token_is(const struct expr_token *t, const char *word)
{
	return strlen(word) == t->len && memcmp(t->text, word, t->len) == 0;
}

const char *expr_token_spoken(const struct expr_token *t, char *buf)
{
	unsigned char first = t->len > 0 ? (unsigned char)t->text[0] : 0;

	if (t->kind == EXPR_TOKEN_END)
		snprintf(buf, EXPR_SPOKEN_BYTES, "the end");
	else if (first < 0x20 || first == 0x7F || (first >= 0x80 && t->len == 1))
		snprintf(buf, EXPR_SPOKEN_BYTES, "byte 0x%02X", first);
	else
		snprintf(buf, EXPR_SPOKEN_BYTES, "'%.*s%s'", (int)(t->len > 32 ? 32 : t->len), t->text,
			 t->len > 32 ? "..." : "");
	return buf;
}
