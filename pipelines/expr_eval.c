/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Evaluation on a stack of doubles, where NaN is "missing". C's own rules for NaN are not ours: a comparison with NaN
 * is false, pow(x, 0) and pow(1, y) are 1 and fmin() picks the other one, so missing operands are looked for before
 * each operation. What is not finite afterwards (division by zero, logarithm of zero, overflow) is missing, too.
 *
 * Arithmetic, comparisons and sqrt give the same bits on every target; log, exp and pow are those of its libm,
 * whose last digit may differ.
 */
#include <assert.h>
#include <math.h>

#include "pipelines/expr_program.h"

static double finite_or_missing(double x)
{
	return isfinite(x) ? x : NAN;
}

/* What the leaves read: values of variables, or aggregates of streams. */
struct inputs {
	const double *values;
	const struct agg *const *aggs;
	const struct metric_def *const *defs;
};

static double leaf(const struct expr_step *s, const struct inputs *in)
{
	if (s->op == EXPR_NUMBER)
		return s->number;
	if (s->op == EXPR_VARIABLE)
		return finite_or_missing(in->values[s->stream]);
	if (!in->aggs[s->stream] || !in->defs[s->stream])
		return NAN;
	return finite_or_missing(s->atom->value(in->aggs[s->stream], in->defs[s->stream], s->number));
}

static double unary(enum expr_op op, double x)
{
	if (isnan(x))
		return NAN;
	switch (op) {
	case EXPR_NEGATE:
		return -x;
	case EXPR_NOT:
		return x == 0.0;
	case EXPR_ABS:
		return fabs(x);
	case EXPR_SQRT:
		return finite_or_missing(sqrt(x));
	case EXPR_LOG:
		return finite_or_missing(log(x));
	default:
		assert(op == EXPR_EXP);
		return finite_or_missing(exp(x));
	}
}

static double arithmetic(enum expr_op op, double a, double b)
{
	switch (op) {
	case EXPR_ADD:
		return a + b;
	case EXPR_SUBTRACT:
		return a - b;
	case EXPR_MULTIPLY:
		return a * b;
	case EXPR_DIVIDE:
		return a / b;
	case EXPR_POW:
		return pow(a, b);
	case EXPR_LEAST:
		return a < b ? a : b;
	default:
		assert(op == EXPR_GREATEST);
		return a > b ? a : b;
	}
}

static bool truth(enum expr_op op, double a, double b)
{
	switch (op) {
	case EXPR_LESS:
		return a < b;
	case EXPR_LESS_EQUAL:
		return a <= b;
	case EXPR_MORE:
		return a > b;
	case EXPR_MORE_EQUAL:
		return a >= b;
	case EXPR_EQUAL:
		return a == b;
	case EXPR_NOT_EQUAL:
		return a != b;
	case EXPR_AND:
		return a != 0.0 && b != 0.0;
	default:
		assert(op == EXPR_OR);
		return a != 0.0 || b != 0.0;
	}
}

static double binary(enum expr_op op, double a, double b)
{
	if (isnan(a) || isnan(b))
		return NAN;
	return op >= EXPR_LESS ? truth(op, a, b) : finite_or_missing(arithmetic(op, a, b));
}

/* Both branches have been evaluated: they have no effects, and a missing one that is not taken is dropped here. */
static double choose(double condition, double then, double otherwise)
{
	if (isnan(condition))
		return NAN;
	return condition != 0.0 ? then : otherwise;
}

/* What a step makes of its operands, the first of which is at @top. */
static double evaluate(const struct expr_step *s, const double *top, const struct inputs *in)
{
	switch (expr_op_operands(s->op)) {
	case 0:
		return leaf(s, in);
	case 1:
		return unary(s->op, top[0]);
	case 2:
		return binary(s->op, top[0], top[1]);
	default:
		return choose(top[0], top[1], top[2]);
	}
}

/* The first @n_steps of it. @stack of EXPR_MAX_STEPS. */
static void run(const struct expr *e, size_t n_steps, const struct inputs *in, double *stack)
{
	double *top = stack; /* behind the newest value */

	for (const struct expr_step *s = e->steps; s < e->steps + n_steps; s++) {
		top -= expr_op_operands(s->op);
		*top = evaluate(s, top, in);
		top++;
	}
}

double expr_eval(const struct expr *e, const struct agg *const aggs[], const struct metric_def *const defs[])
{
	double stack[EXPR_MAX_STEPS];

	run(e, e->n_steps, &(struct inputs){ .aggs = aggs, .defs = defs }, stack);
	return stack[0] + 0.0; /* -0 becomes 0: nobody wants to read "-0" */
}

double expr_eval_measured(const struct expr *e, const struct agg *const aggs[], const struct metric_def *const defs[],
			  double *measured)
{
	const struct expr_step *last = &e->steps[e->n_steps - 1];
	double stack[EXPR_MAX_STEPS];

	if (last->op < EXPR_LESS || last->op > EXPR_NOT_EQUAL)
		return *measured = expr_eval(e, aggs, defs);
	run(e, e->n_steps - 1, &(struct inputs){ .aggs = aggs, .defs = defs }, stack); /* leaves both sides */
	*measured = stack[0] + 0.0;
	return binary(last->op, stack[0], stack[1]);
}

double expr_eval_values(const struct expr *e, const double values[])
{
	double stack[EXPR_MAX_STEPS];

	run(e, e->n_steps, &(struct inputs){ .values = values }, stack);
	return stack[0] + 0.0;
}

static const char *const names[] = {
	[EXPR_NEGATE] = "-",
	[EXPR_NOT] = "not",
	[EXPR_ABS] = "abs",
	[EXPR_SQRT] = "sqrt",
	[EXPR_LOG] = "log",
	[EXPR_EXP] = "exp",
	[EXPR_ADD] = "+",
	[EXPR_SUBTRACT] = "-",
	[EXPR_MULTIPLY] = "*",
	[EXPR_DIVIDE] = "/",
	[EXPR_POW] = "pow",
	[EXPR_LEAST] = "least",
	[EXPR_GREATEST] = "greatest",
	[EXPR_LESS] = "<",
	[EXPR_LESS_EQUAL] = "<=",
	[EXPR_MORE] = ">",
	[EXPR_MORE_EQUAL] = ">=",
	[EXPR_EQUAL] = "==",
	[EXPR_NOT_EQUAL] = "!=",
	[EXPR_AND] = "and",
	[EXPR_OR] = "or",
	[EXPR_IF] = "if",
};

double expr_trace(const struct expr *e, const struct agg *const aggs[], const struct metric_def *const defs[],
		  void (*step)(void *ctx, const struct expr_trace_step *s), void *ctx)
{
	const struct inputs in = { .aggs = aggs, .defs = defs };
	double stack[EXPR_MAX_STEPS] = { 0 }, *top = stack;

	for (const struct expr_step *s = e->steps; s < e->steps + e->n_steps; s++) {
		bool is_atom = s->op == EXPR_ATOM;
		struct expr_trace_step t = { .column = s->column,
					     .name = is_atom ? s->atom->name : names[s->op],
					     .stream = is_atom ? e->streams[s->stream] : NULL,
					     .p = is_atom ? s->number : NAN,
					     .n_operands = expr_op_operands(s->op) };

		top -= t.n_operands;
		for (size_t i = 0; i < t.n_operands; i++)
			t.operands[i] = top[i];
		t.value = evaluate(s, top, &in) + 0.0;
		step(ctx, &t);
		*top++ = t.value;
	}
	return stack[0];
}
