/* SPDX-License-Identifier: Apache-2.0 */
/* expr_query.c - what a compiled expression says about itself. */
#include <string.h>

#include "pipelines/expr_program.h"

bool expr_uses(const struct expr *e, size_t stream, const char *atom)
{
	for (size_t i = 0; i < e->n_steps; i++)
		if (e->steps[i].op == EXPR_ATOM && e->steps[i].stream == stream &&
		    strcmp(e->steps[i].atom->name, atom) == 0)
			return true;
	return false;
}

/* Of a number or an atom at @at: its own index; of an operation: where its first operand begins. */
static size_t begin_of(const struct expr *e, size_t at)
{
	size_t needed = 1;

	for (;; at--) {
		needed += expr_op_operands(e->steps[at].op);
		if (--needed == 0)
			return at;
	}
}

static bool is_condition(const struct expr *e, size_t at)
{
	enum expr_op op = e->steps[at].op;

	if (op == EXPR_IF) {
		size_t otherwise = at - 1, then = begin_of(e, otherwise) - 1;

		return is_condition(e, otherwise) && is_condition(e, then);
	}
	if (op == EXPR_NUMBER)
		return e->steps[at].number == 0.0 || e->steps[at].number == 1.0;
	return op == EXPR_NOT || (op >= EXPR_LESS && op <= EXPR_OR);
}

bool expr_is_condition(const struct expr *e)
{
	return e->steps[e->n_steps - 1].op != EXPR_NUMBER && is_condition(e, e->n_steps - 1);
}
