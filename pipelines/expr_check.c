/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What an expression means for given streams: which atoms have a value at all, and the unit of the result.
 * The steps run once over a stack of units instead of numbers; expr_unit.c does their arithmetic.
 */
#include <errno.h>

#include "pipelines/expr_unit.h"

static int check_atom(const struct expr_step *s, const char *stream, const struct metric_def *def,
		      struct expr_error *err)
{
	if (!def)
		return expr_fail(err, s->column, "no stream '%s' is published", stream);
	if (def->kind == SERIES_COUNTER && !s->atom->for_counters)
		return expr_fail(err, s->column,
				 "%s() has no meaning for the counter '%s': expected increase, rate, n or coverage",
				 s->atom->name, stream);
	if (def->kind == SERIES_GAUGE && !s->atom->for_gauges)
		return expr_fail(err, s->column,
				 "%s() is of what only grows, and takes each fall for a restart: expected last(%s) - "
				 "first(%s), or "
				 "`counter: yes` in that stream",
				 s->atom->name, stream, stream);
	if (s->atom->needs_p && !def->has_sketch)
		return expr_fail(err, s->column,
				 "%s() needs a sketch of '%s': expected `quantiles: true` in that stream",
				 s->atom->name, stream);
	return 0;
}

static int measure(const struct expr *e, const struct metric_def *const defs[], struct arena *a,
		   struct expr_measure *out, struct expr_error *err)
{
	struct expr_measure stack[EXPR_MAX_STEPS] = { 0 };
	struct expr_measure *top = stack; /* behind the newest */
	int r;

	for (const struct expr_step *s = e->steps; s < e->steps + e->n_steps; s++) {
		const struct metric_def *def = s->op == EXPR_ATOM ? defs[s->stream] : NULL;

		if (s->op == EXPR_NUMBER) {
			*top++ = expr_measure_number(s->number);
		} else if (s->op == EXPR_VARIABLE) {
			*top++ = expr_measure_atom(atom_find("last"), defs[s->stream]->unit, a);
		} else if (s->op == EXPR_ATOM) {
			r = check_atom(s, e->streams[s->stream], def, err);
			if (r < 0)
				return r;
			*top++ = expr_measure_atom(s->atom, def->unit, a);
		} else {
			top -= expr_op_operands(s->op);
			r = expr_measure_step(s, top++, a, err);
			if (r < 0)
				return r;
		}
	}
	*out = stack[0];
	return 0;
}

int expr_check(const struct expr *e, const struct metric_def *const defs[], struct arena *a, const char **unit_out,
	       struct expr_error *err)
{
	struct expr_measure m;
	int r = measure(e, defs, a, &m, err);

	if (r == 0 && unit_out)
		*unit_out = m.unit;
	return r;
}

int expr_check_unit(const struct expr *e, const struct metric_def *const defs[], struct arena *a, const char *unit,
		    struct expr_error *err)
{
	struct expr_measure m;
	int r = measure(e, defs, a, &m, err);

	return r < 0 ? r : expr_measure_declare(&m, unit, err);
}
