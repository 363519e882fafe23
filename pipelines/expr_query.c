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
