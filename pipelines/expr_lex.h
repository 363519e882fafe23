/* SPDX-License-Identifier: Apache-2.0 */
/* expr_lex.h - splits the text of a KPI expression into tokens. Private to pipelines/expr*.c. */
#ifndef RUNNEL_PIPELINES_EXPR_LEX_H
#define RUNNEL_PIPELINES_EXPR_LEX_H

#include <stdbool.h>
#include <stddef.h>

enum expr_token_kind {
	EXPR_TOKEN_END,
	EXPR_TOKEN_NUMBER, /* looks like one: digits and points, an exponent */
	EXPR_TOKEN_NAME,   /* also and, or, not, if */
	EXPR_TOKEN_SYMBOL, /* an operator, parenthesis, comma, or any other single character */
};

struct expr_token {
	enum expr_token_kind kind;
	const char *text; /* in the expression; not terminated */
	size_t len;
	unsigned column; /* 1-based */
};

enum { EXPR_SPOKEN_BYTES = 48 };

/** The token at or after @at, a place in @text. @at is behind a token or at the start. */
struct expr_token expr_lex(const char *text, const char *at);

bool expr_token_is(const struct expr_token *t, const char *word);

/** The token as an error message names it: 'word', "the end", shortened if long. @buf of EXPR_SPOKEN_BYTES; returns @buf. */
const char *expr_token_spoken(const struct expr_token *t, char *buf);

#endif
