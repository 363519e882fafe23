/* SPDX-License-Identifier: Apache-2.0 */
/*
 * expr_program.h - what the parser of KPI expressions hands to check and evaluation: steps in postfix order, each
 * with its column in the text. Private to pipelines/expr*.c.
 */
#ifndef RUNNEL_PIPELINES_EXPR_PROGRAM_H
#define RUNNEL_PIPELINES_EXPR_PROGRAM_H

#include <stddef.h>

#include "base/check.h"
#include "pipelines/atom.h"
#include "pipelines/expr.h"

enum expr_op {
	EXPR_NUMBER,
	EXPR_VARIABLE,
	EXPR_ATOM,
	EXPR_NEGATE,
	EXPR_NOT,
	EXPR_ABS,
	EXPR_SQRT,
	EXPR_LOG,
	EXPR_EXP,
	EXPR_ADD,
	EXPR_SUBTRACT,
	EXPR_MULTIPLY,
	EXPR_DIVIDE,
	EXPR_POW,
	EXPR_LEAST,
	EXPR_GREATEST,
	EXPR_LESS,
	EXPR_LESS_EQUAL,
	EXPR_MORE,
	EXPR_MORE_EQUAL,
	EXPR_EQUAL,
	EXPR_NOT_EQUAL,
	EXPR_AND,
	EXPR_OR,
	EXPR_IF,
};

/** How many values a step takes from the stack. It leaves one. */
static inline unsigned expr_op_operands(enum expr_op op)
{
	if (op <= EXPR_ATOM)
		return 0;
	if (op <= EXPR_EXP)
		return 1;
	return op <= EXPR_OR ? 2 : 3;
}

struct expr_step {
	enum expr_op op;
	unsigned column;	 /* 1-based */
	double number;		 /* EXPR_NUMBER: the value; EXPR_ATOM: p, NaN if it has none */
	const struct atom *atom; /* EXPR_ATOM */
	unsigned stream;	 /* EXPR_ATOM: which of the expression's streams; EXPR_VARIABLE: which variable */
};

struct expr {
	const struct expr_step *steps;
	size_t n_steps; /* at most EXPR_MAX_STEPS, so no stack of values is deeper */
	size_t n_streams;
	const char *streams[EXPR_MAX_STREAMS];
	unsigned stream_columns[EXPR_MAX_STREAMS];
};

/** Fill @err. @return -EINVAL */
int expr_fail(struct expr_error *err, unsigned column, const char *fmt, ...) PRINTF_LIKE(3, 4);

#endif
