/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Units are checked where they are known, and what is certainly a mistake is refused: a sum, a comparison or a choice of volts and
 * degrees, or of V and mV. What is not known (roots and logarithms of quantities, units that UCUM has not) never is an error.
 *
 * A number in the text has no unit and takes that of its neighbour: mean(temp) - 4. As a factor it may be a conversion, as in
 * 1000 * mean(v): from then on the quantity is known and its unit is not.
 *
 * Degrees Celsius and Fahrenheit have a zero by convention, so a value and a difference are not the same kind of thing. Each value
 * has a weight: 1 for mean(t), 0 for max(t) - min(t), whose unit is K, and again 1 for (mean(a) + mean(b)) / 2, which is
 * a temperature. A difference adds to a temperature; a kelvin of a stream is a temperature and does not. 273.15 leads from one
 * to the other.
 */
#include "pipelines/expr_unit.h"

#include <errno.h>
#include <math.h>
#include <string.h>

static struct expr_measure as_difference(struct expr_measure m)
{
	if (expr_has_zero(&m)) {
		m.dimension.has_offset = false;
		if (expr_is_about(m.dimension.factor, 1.0))
			m.unit = "K";
	}
	m.weight = 0.0;
	return m;
}

/* --- leaves --- */

struct expr_measure expr_measure_number(double number)
{
	struct expr_measure m = expr_one();

	m.is_plain = true;
	m.number = number;
	return m;
}

static struct expr_measure of_unit(const char *code)
{
	struct expr_measure m = { .unit = code, .weight = 1.0, .number = NAN };

	m.is_known = dimension_parse(code, &m.dimension);
	return m;
}

struct expr_measure expr_measure_atom(const struct atom *atom, const struct unit *unit, struct arena *a)
{
	struct expr_measure m, seconds = of_unit("s");

	if (atom->unit == ATOM_UNIT_ONE)
		return expr_one();
	if (!unit)
		return expr_unknown();
	m = of_unit(unit->code);
	switch (atom->unit) {
	case ATOM_UNIT_DIFFERENCE:
		return as_difference(m);
	case ATOM_UNIT_PER_SECOND:
		m = as_difference(m);
		return expr_measure_product(&m, '/', &seconds, a);
	case ATOM_UNIT_TIMES_SECOND:
		if (m.is_known && !expr_has_zero(&m))
			return expr_measure_product(&m, '.', &seconds, a);
		return (struct expr_measure){ .unit = arena_printf(a, "%s.s", m.unit), .weight = NAN, .number = NAN };
	case ATOM_UNIT_SUM:
		m.weight = NAN;
		return m;
	default:
		return m;
	}
}

/* --- sums, comparisons, choices --- */

static int fail_units(const struct expr_measure *a, const char *op, const struct expr_measure *b, unsigned column,
		      struct expr_error *err)
{
	char hint[EXPR_HINT_BYTES];

	if (!a->is_known || !b->is_known || !dimension_is_like(&a->dimension, &b->dimension))
		return expr_fail(err, column, "%s %s %s: expected the same unit on both sides", a->unit, op, b->unit);
	if (expr_has_zero(a) || expr_has_zero(b))
		return expr_fail(
			err, column,
			"%s %s %s: expected the same unit on both sides (Cel is K - 273.15 and ([degF] - 32) / 1.8)",
			a->unit, op, b->unit);
	expr_conversion(b->dimension.factor / a->dimension.factor, hint);
	return expr_fail(err, column, "%s %s %s: expected the same unit on both sides%s%s%s%s%s", a->unit, op, b->unit,
			 hint[0] ? "; " : "", hint[0] ? a->unit : "", hint[0] ? " = " : "", hint[0] ? b->unit : "",
			 hint);
}

/* Only where both texts are known and differ it is certain that they are not the same. */
static bool may_be_same_text(const struct expr_measure *a, const struct expr_measure *b)
{
	return !a->unit || !b->unit || strcmp(a->unit, b->unit) == 0;
}

/* A value and a difference on the same scale, where the difference lost its zero. */
static bool is_value_and_difference(const struct expr_measure *a, const struct expr_measure *b)
{
	return (expr_has_zero(a) && expr_is_about(b->weight, 0.0)) ||
	       (expr_has_zero(b) && expr_is_about(a->weight, 0.0));
}

static bool may_meet(const struct expr_measure *a, const struct expr_measure *b, bool is_sum)
{
	if (!a->is_known || !b->is_known)
		return may_be_same_text(a, b);
	if (!dimension_is_like(&a->dimension, &b->dimension))
		return false;
	if (a->is_scaled || b->is_scaled)
		return true;
	if (expr_has_zero(a) != expr_has_zero(b) && !(is_sum && is_value_and_difference(a, b)))
		return false;
	return expr_is_about(a->dimension.factor / b->dimension.factor, 1.0);
}

/* The one whose unit is surer; both are in it. */
static struct expr_measure surer(const struct expr_measure *a, const struct expr_measure *b)
{
	if (!a->is_known || !b->is_known)
		return a->unit && b->unit ? *a : expr_unknown();
	if (expr_has_zero(a) != expr_has_zero(b))
		return expr_has_zero(a) ? *a : *b;
	return a->is_scaled ? *b : *a;
}

/* A value with a number: the number is in the unit of the value, whether as value or as difference is not known. */
static struct expr_measure with_number(struct expr_measure m, enum expr_op op, double number)
{
	if (m.unit && !m.is_scaled && expr_is_about(m.weight, 1.0) && expr_is_about(number, 273.15)) {
		if (strcmp(m.unit, "K") == 0 && op == EXPR_SUBTRACT)
			return of_unit("Cel");
		if (strcmp(m.unit, "Cel") == 0 && op == EXPR_ADD)
			return of_unit("K");
	}
	if (expr_has_zero(&m))
		m.weight = NAN;
	return m;
}

static double sum_of(enum expr_op op, double a, double b)
{
	return op == EXPR_ADD ? a + b : a - b;
}

/* Whether a sum of temperatures is a difference, or a temperature again. */
static void settle_weight(struct expr_measure *m)
{
	bool is_scaled = m->is_scaled;

	if (!expr_has_zero(m))
		return;
	if (expr_is_about(m->weight, 0.0)) {
		*m = as_difference(*m);
		m->is_scaled = is_scaled;
	} else if (expr_is_about(m->weight, 1.0)) {
		m->is_scaled = false; /* the factors were weights: a mean */
	}
}

static int add(const struct expr_step *s, struct expr_measure *m, struct expr_error *err)
{
	struct expr_measure a = m[0], b = m[1];

	if (a.is_plain || b.is_plain) {
		bool is_first = a.is_plain && !b.is_plain;

		m[0] = is_first ? with_number(b, EXPR_ADD, a.number) : with_number(a, s->op, b.number);
		if (a.is_plain && b.is_plain)
			m[0].number = sum_of(s->op, a.number, b.number);
		return 0;
	}
	if (!may_meet(&a, &b, true))
		return fail_units(&a, s->op == EXPR_ADD ? "+" : "-", &b, s->column, err);
	m[0] = surer(&a, &b);
	m[0].weight = sum_of(s->op, a.weight, b.weight);
	m[0].is_scaled = a.is_scaled && b.is_scaled;
	settle_weight(&m[0]);
	return 0;
}

static const char *op_text(enum expr_op op)
{
	switch (op) {
	case EXPR_LESS:
		return "<";
	case EXPR_LESS_EQUAL:
		return "<=";
	case EXPR_MORE:
		return ">";
	case EXPR_MORE_EQUAL:
		return ">=";
	case EXPR_EQUAL:
		return "==";
	case EXPR_NOT_EQUAL:
		return "!=";
	default:
		return "or";
	}
}

/* Values of which one is taken, or that are compared. */
static int choose(const struct expr_step *s, const struct expr_measure *a, const struct expr_measure *b,
		  struct expr_measure *out, struct expr_error *err)
{
	struct expr_measure first = *a, second = *b;

	if (!first.is_plain && !second.is_plain && !may_meet(&first, &second, false))
		return fail_units(&first, op_text(s->op), &second, s->column, err);
	if (first.is_plain || second.is_plain)
		*out = first.is_plain ? second : first;
	else
		*out = surer(&first, &second);
	out->number = NAN;
	if (!expr_is_about(first.weight, second.weight))
		out->weight = NAN;
	return 0;
}

static struct expr_measure with_sign(struct expr_measure a, enum expr_op op)
{
	a.weight = op == EXPR_NEGATE ? -a.weight : expr_is_about(a.weight, 0.0) ? 0.0 : NAN;
	a.number = op == EXPR_NEGATE ? -a.number : fabs(a.number);
	return a;
}

int expr_measure_step(const struct expr_step *s, struct expr_measure *m, struct arena *a, struct expr_error *err)
{
	struct expr_measure ignored;
	int r = 0;

	switch (s->op) {
	case EXPR_ADD:
	case EXPR_SUBTRACT:
		return add(s, m, err);
	case EXPR_MULTIPLY:
	case EXPR_DIVIDE:
		m[0] = expr_measure_product(&m[0], s->op == EXPR_MULTIPLY ? '.' : '/', &m[1], a);
		return 0;
	case EXPR_NEGATE:
	case EXPR_ABS:
		m[0] = with_sign(m[0], s->op);
		return 0;
	case EXPR_LEAST:
	case EXPR_GREATEST:
		return choose(s, &m[0], &m[1], &m[0], err);
	case EXPR_IF:
		return choose(s, &m[1], &m[2], &m[0], err);
	case EXPR_POW:
		return expr_measure_power(s, m, a, err);
	case EXPR_SQRT:
		m[0] = expr_measure_root(&m[0]);
		return 0;
	case EXPR_LOG:
	case EXPR_EXP:
		m[0] = expr_measure_transcendental(&m[0]);
		return 0;
	default: /* comparisons and logic */
		if (s->op >= EXPR_LESS && s->op <= EXPR_NOT_EQUAL)
			r = choose(s, &m[0], &m[1], &ignored, err);
		if (r == 0)
			m[0] = expr_one();
		return r;
	}
}
