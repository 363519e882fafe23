/* SPDX-License-Identifier: Apache-2.0 */
/* expr_parse.h - what the two halves of the parser share: operators (expr_parse.c), names (expr_call.c). Private to pipelines/expr*.c. */
#ifndef RUNNEL_PIPELINES_EXPR_PARSE_H
#define RUNNEL_PIPELINES_EXPR_PARSE_H

#include <stdbool.h>
#include <stddef.h>

#include "base/check.h"
#include "pipelines/expr_lex.h"
#include "pipelines/expr_program.h"

struct expr_parser {
	const char *text;
	struct expr_error *err;
	struct expr_token token; /* the next one */
	unsigned depth;		 /* open parentheses and pending prefix operators */
	size_t n_steps;
	struct expr_step steps[EXPR_MAX_STEPS];
	size_t n_streams;
	struct expr_token streams[EXPR_MAX_STREAMS];
	const char *const *variables; /* names that stand for a value each; then there are no atoms */
	size_t n_variables;	      /* 0: a KPI, over the atoms of streams */
};

/* All return 0 or -EINVAL with p->err filled. */

/** The whole text. */
NODISCARD int expr_parse(struct expr_parser *p);

/** `expression` of the grammar in expr.h. */
NODISCARD int expr_parse_expression(struct expr_parser *p);

/** An atom or a function, from its name to its closing parenthesis. */
NODISCARD int expr_parse_call(struct expr_parser *p);

/** Fail at the next token: "found ..., expected ...". */
NODISCARD int expr_unexpected(struct expr_parser *p, const char *expected);

/** Append a step that stands at @at. */
NODISCARD int expr_emit(struct expr_parser *p, const struct expr_token *at, struct expr_step step);

/** One level deeper, opened by the next token, which is taken. The caller counts p->depth down. */
NODISCARD int expr_enter(struct expr_parser *p);

void expr_advance(struct expr_parser *p);

#endif
