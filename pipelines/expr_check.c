/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What an expression means for given streams: which atoms have a value at all, and the unit of the result.
 * The steps run once over a stack of units instead of numbers. A unit that is not known never causes an error:
 * only a sum of two units that are known and differ is certainly a mistake.
 */
#include <errno.h>
#include <string.h>

#include "base/unit.h"
#include "pipelines/expr_program.h"

/* The type of a value: its unit. Plain numbers are "1", but adopt any unit in a sum: mean(temp) - 4. */
struct measure {
	const char *unit; /* NULL: not known */
	bool is_plain;	  /* made of numbers in the text alone */
};

static const struct measure unknown = { NULL, false };
static const struct measure one = { "1", false };

static bool is_one(struct measure m)
{
	return m.unit && strcmp(m.unit, "1") == 0;
}

static bool same_unit(struct measure a, struct measure b)
{
	return a.unit && b.unit && strcmp(a.unit, b.unit) == 0;
}

static struct measure common(struct measure a, struct measure b)
{
	if (a.is_plain)
		return b;
	if (b.is_plain || same_unit(a, b))
		return a;
	return unknown;
}

static struct measure product(struct measure a, struct measure b)
{
	if (a.is_plain && b.is_plain)
		return a;
	if (is_one(a) || is_one(b))
		return (struct measure){ is_one(a) ? b.unit : a.unit, false };
	return unknown;
}

static struct measure ratio(struct measure a, struct measure b)
{
	if (a.is_plain && b.is_plain)
		return a;
	if (is_one(b))
		return (struct measure){ a.unit, false };
	return same_unit(a, b) ? one : unknown;
}

/* Roots, powers and logarithms of quantities have units this does not work out. */
static struct measure transcendental(struct measure a, struct measure b)
{
	if (a.is_plain && b.is_plain)
		return a;
	return is_one(a) && is_one(b) ? one : unknown;
}

static struct measure measure_atom(const struct expr_step *s, const struct metric_def *def, struct arena *a)
{
	const char *unit = def->unit ? def->unit->code : NULL;
	struct measure m = { unit, false };

	if (s->atom->unit == ATOM_UNIT_ONE)
		return one;
	if (!unit)
		return unknown;
	if (s->atom->unit == ATOM_UNIT_PER_SECOND)
		m.unit = arena_printf(a, "%s/s", unit);
	else if (s->atom->unit == ATOM_UNIT_TIMES_SECOND)
		m.unit = is_one(m) ? "s" : arena_printf(a, "%s.s", unit);
	return m;
}

static int check_atom(const struct expr_step *s, const char *stream, const struct metric_def *def,
		      struct expr_error *err)
{
	if (!def)
		return expr_fail(err, s->column, "no stream '%s' is published", stream);
	if (def->kind == SERIES_COUNTER && !s->atom->for_counters)
		return expr_fail(err, s->column,
				 "%s() has no meaning for the counter '%s': expected increase, rate, n or coverage",
				 s->atom->name, stream);
	if (s->atom->needs_p && !def->has_sketch)
		return expr_fail(err, s->column,
				 "%s() needs a sketch of '%s': expected `quantiles: true` in that stream",
				 s->atom->name, stream);
	return 0;
}

static int measure_sum(const struct expr_step *s, struct measure a, struct measure b, struct measure *out,
		       struct expr_error *err)
{
	if (!a.is_plain && !b.is_plain && a.unit && b.unit && !same_unit(a, b))
		return expr_fail(err, s->column, "%s %c %s: expected the same unit on both sides", a.unit,
				 s->op == EXPR_ADD ? '+' : '-', b.unit);
	*out = common(a, b);
	return 0;
}

/* @m: the operands, @m[0] is replaced by the result. */
static int measure_step(const struct expr_step *s, struct measure *m, struct expr_error *err)
{
	switch (s->op) {
	case EXPR_ADD:
	case EXPR_SUBTRACT:
		return measure_sum(s, m[0], m[1], &m[0], err);
	case EXPR_MULTIPLY:
		m[0] = product(m[0], m[1]);
		return 0;
	case EXPR_DIVIDE:
		m[0] = ratio(m[0], m[1]);
		return 0;
	case EXPR_NEGATE:
	case EXPR_ABS:
		return 0;
	case EXPR_LEAST:
	case EXPR_GREATEST:
		m[0] = common(m[0], m[1]);
		return 0;
	case EXPR_IF:
		m[0] = common(m[1], m[2]);
		return 0;
	case EXPR_POW:
		m[0] = transcendental(m[0], m[1]);
		return 0;
	case EXPR_SQRT:
	case EXPR_LOG:
	case EXPR_EXP:
		m[0] = transcendental(m[0], m[0]);
		return 0;
	default: /* comparisons and logic */
		m[0] = one;
		return 0;
	}
}

int expr_check(const struct expr *e, const struct metric_def *const defs[], struct arena *a, const char **unit_out,
	       struct expr_error *err)
{
	struct measure stack[EXPR_MAX_STEPS];
	struct measure *top = stack; /* behind the newest */
	unsigned n;
	int r;

	for (const struct expr_step *s = e->steps; s < e->steps + e->n_steps; s++) {
		n = expr_op_operands(s->op);
		if (s->op == EXPR_NUMBER) {
			*top++ = (struct measure){ "1", true };
		} else if (s->op == EXPR_ATOM) {
			r = check_atom(s, e->streams[s->stream], defs[s->stream], err);
			if (r < 0)
				return r;
			*top++ = measure_atom(s, defs[s->stream], a);
		} else {
			top -= n;
			r = measure_step(s, top++, err);
			if (r < 0)
				return r;
		}
	}
	if (unit_out)
		*unit_out = stack[0].unit;
	return 0;
}
