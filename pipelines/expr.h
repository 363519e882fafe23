/* SPDX-License-Identifier: Apache-2.0 */
/*
 * expr.h - KPI expressions (contract section 3.7), compiled once, evaluated on device and collector alike:
 * the same text over one device's aggregates or over the merged aggregates of a fleet.
 *
 *   expression = conjunction { "or" conjunction }
 *   conjunction = negation { "and" negation }
 *   negation = "not" negation | comparison
 *   comparison = sum [ ( "<" | "<=" | ">" | ">=" | "==" | "!=" ) sum ]
 *   sum = product { ( "+" | "-" ) product }
 *   product = prefix { ( "*" | "/" ) prefix }
 *   prefix = "-" prefix | number | "(" expression ")" | atom | function
 *   atom = NAME-OF-ATOM "(" STREAM ")" | "quantile" "(" STREAM "," number ")"
 *   function = ( "abs" | "sqrt" | "log" | "exp" ) "(" expression ")" | "pow" "(" expression "," expression ")"
 *            | ( "least" | "greatest" ) "(" expression "," expression { "," expression } ")"
 *            | "if" "(" expression "," expression "," expression ")"
 *   number = digits [ "." digits ] [ "e" [ "+" | "-" ] digits ]
 *
 * Atoms are the rows of atom.h. STREAM is a name (text_is_identifier), also one that is elsewhere the name of an atom, a
 * function or an operator: mean(max). log is the natural logarithm. Truth is 1, its opposite 0, and any number but 0 is true.
 *
 * A missing input makes the result missing (NaN), never 0, in every operator and function; only of if(c, a, b) the branch that
 * is not taken may be missing. So are a division by zero, the logarithm or root of what has none, and an overflow.
 */
#ifndef RUNNEL_PIPELINES_EXPR_H
#define RUNNEL_PIPELINES_EXPR_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/arena.h"
#include "pipelines/agg.h"

struct expr;

enum { EXPR_ERROR_BYTES = 200, EXPR_MAX_STREAMS = 32, EXPR_MAX_STEPS = 256, EXPR_MAX_DEPTH = 32 };

struct expr_error {
	unsigned column; /* 1-based, in the text */
	char text[EXPR_ERROR_BYTES];
};

/**
 * Compile @text. Memory is taken from @a. Nested deeper than EXPR_MAX_DEPTH or longer than EXPR_MAX_STEPS is an error.
 * @return  0, or -EINVAL with @err filled: what was found and what was expected
 */
int expr_compile(struct expr **out, const char *text, struct arena *a, struct expr_error *err);

/** Names that stand for a number each. */
struct expr_variables {
	const char *const *names;
	size_t n; /* at least 1 */
};

/** The same language over variables instead of atoms: a * b / (a + b). expr_check() takes their units from defs[variable]. */
int expr_compile_values(struct expr **out, const char *text, const struct expr_variables *v, struct arena *a,
			struct expr_error *err);

/** Its value, NaN when missing; values[i] is that of variable i. Allocates nothing. */
double expr_eval_values(const struct expr *e, const double values[]);

/** Names of the streams it uses, each once, in order of first use; valid as long as the expression. */
size_t expr_n_streams(const struct expr *e);
const char *expr_stream(const struct expr *e, size_t i);

/** Column of the first use of stream @i, 1-based. */
unsigned expr_stream_column(const struct expr *e, size_t i);

/** Whether the function @atom of stream @stream is in it. */
bool expr_uses(const struct expr *e, size_t stream, const char *atom);

/**
 * Check it against the contracts of its streams, in the order of expr_stream(): quantile() needs a sketch, mean() of a
 * counter has no meaning, and what is added, compared or chosen from must have one unit. @unit_out (may be NULL): a static string, or
 * one in @a: the unit of the result, NULL when it is not known.
 * @return  0, or -EINVAL with @err filled
 */
int expr_check(const struct expr *e, const struct metric_def *const defs[], struct arena *a, const char **unit_out,
	       struct expr_error *err);

/**
 * The same, and whether the result can be in @unit: it must be that unit as long as no number of the text is a factor, which may be
 * litres a pulse. A @unit that is no UCUM code, such as EUR, is anybody's own.
 * @return  0, or -EINVAL with @err filled; its column is 1 when @unit itself is at fault
 */
int expr_check_unit(const struct expr *e, const struct metric_def *const defs[], struct arena *a, const char *unit,
		    struct expr_error *err);

/** Whether its value is 1 or 0 by its form: a comparison, `and`, `or`, `not`, or an if() of such. */
bool expr_is_condition(const struct expr *e);

/** As expr_eval(); @measured: the left side when it is a comparison, else the value. */
double expr_eval_measured(const struct expr *e, const struct agg *const aggs[], const struct metric_def *const defs[],
			  double *measured);

/** One step of an evaluation, in the order in which it goes. */
struct expr_trace_step {
	unsigned column;
	const char *name;   /* of the atom or function, the operator, or NULL: a number */
	const char *stream; /* of an atom, else NULL */
	double p;	    /* of quantile(), else NaN */
	size_t n_operands;
	double operands[3], value;
};

/** expr_eval(), telling each step. */
double expr_trace(const struct expr *e, const struct agg *const aggs[], const struct metric_def *const defs[],
		  void (*step)(void *ctx, const struct expr_trace_step *s), void *ctx);

/** The value, NaN when missing. aggs[i] NULL: nothing is known of stream i. Allocates nothing. */
double expr_eval(const struct expr *e, const struct agg *const aggs[], const struct metric_def *const defs[]);

#endif
