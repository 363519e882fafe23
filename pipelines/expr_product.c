/* SPDX-License-Identifier: Apache-2.0 */
/* expr_product.c - units of products, powers and roots, and how they are written: the table's name, if there is one, else both. */
#include <string.h>

#include "pipelines/expr_unit.h"

enum { MAX_UNIT_BYTES = 48, MAX_POWER = 4 };

static bool is_simple(const char *unit)
{
	return strcspn(unit, "0123456789./(){}[]%") == strlen(unit);
}

static const char *row_of(const struct dimension *d)
{
	struct dimension row;

	for (size_t i = 0; unit_at(i); i++)
		if (dimension_parse(unit_at(i)->code, &row) && dimension_is_same(&row, d))
			return unit_at(i)->code;
	return NULL;
}

/* Both names with @op between them. */
static const char *join(const char *a, char op, const char *b, struct arena *arena)
{
	if (op == '.' && strcmp(a, b) == 0 && is_simple(a))
		return arena_printf(arena, "%s2", a);
	if (op == '/' && strpbrk(b, "./"))
		return arena_printf(arena, "%s/(%s)", a, b);
	return arena_printf(arena, "%s%c%s", a, op, b);
}

/* @op: '.' or '/'. The name that the table has for it, if there is one: W.s is J. */
static const char *compose(const struct expr_measure *a, char op, const struct expr_measure *b,
			   const struct dimension *d, struct arena *arena)
{
	const char *text, *known;

	if (dimension_is_number(d) && expr_is_about(d->factor, 1.0))
		return "1";
	if (!a->unit || !b->unit || strlen(a->unit) + strlen(b->unit) > MAX_UNIT_BYTES - 3)
		return NULL;
	text = join(a->unit, op, b->unit, arena);
	if (expr_is_one(a) || unit_find(text) || strchr(text, '{'))
		return text;
	known = row_of(d);
	return known ? known : text;
}

static struct expr_measure scale(struct expr_measure m, char op, double number)
{
	m.weight = op == '.' ? m.weight * number : m.weight / number;
	m.is_scaled = true;
	if (expr_has_zero(&m) && expr_is_about(m.weight, 1.0))
		m.is_scaled = false; /* (a + b) / 2 */
	return m;
}

static struct expr_measure by_number(const struct expr_measure *a, char op, double number)
{
	if (a->is_plain)
		return expr_measure_number(op == '.' ? a->number * number : a->number / number);
	return scale(*a, op, number);
}

/* Times a share or a count. */
static struct expr_measure by_one(struct expr_measure m, const struct expr_measure *factor)
{
	if (expr_has_zero(&m))
		m.weight = NAN;
	m.is_scaled = m.is_scaled || factor->is_scaled;
	return m;
}

static struct expr_measure of_quantities(const struct expr_measure *a, char op, const struct expr_measure *b,
					 struct arena *arena)
{
	struct expr_measure m = { .is_known = true, .weight = 1.0, .number = NAN };

	if (!a->is_known || !b->is_known || expr_has_zero(a) || expr_has_zero(b) ||
	    !dimension_product(&a->dimension, 1, &b->dimension, op == '.' ? 1 : -1, &m.dimension))
		return expr_unknown();
	m.is_scaled = a->is_scaled || b->is_scaled || a->is_plain;
	m.unit = compose(a, op, b, &m.dimension, arena);
	return m;
}

struct expr_measure expr_measure_product(const struct expr_measure *a, char op, const struct expr_measure *b,
					 struct arena *arena)
{
	if (b->is_plain)
		return by_number(a, op, b->number);
	if (a->is_plain && op == '.')
		return scale(*b, op, a->number);
	if (expr_is_one(b) && !a->is_plain)
		return by_one(*a, b);
	if (expr_is_one(a) && op == '.')
		return by_one(*b, a);
	return of_quantities(a, op, b, arena);
}

/* A quantity to the power of the whole number @n. */
static struct expr_measure whole_power(const struct expr_measure *a, int n, struct arena *arena)
{
	struct expr_measure m = { .is_known = true, .is_scaled = a->is_scaled, .weight = 1.0, .number = NAN };

	if (n == 1)
		return *a;
	if (n == 0 || !a->is_known || expr_has_zero(a) ||
	    !dimension_product(&a->dimension, n, &a->dimension, 0, &m.dimension))
		return expr_unknown();
	if (n > 1 && a->unit && is_simple(a->unit))
		m.unit = arena_printf(arena, "%s%d", a->unit, n);
	else
		m.unit = row_of(&m.dimension);
	return m;
}

int expr_measure_power(const struct expr_step *s, struct expr_measure *m, struct arena *arena, struct expr_error *err)
{
	const struct expr_measure *exponent = &m[1];
	bool is_whole = exponent->is_plain && fabs(exponent->number) <= MAX_POWER &&
			exponent->number == floor(exponent->number);

	if (exponent->is_known && !expr_is_number(exponent))
		return expr_fail(err, s->column, "pow() with an exponent in %s: expected a number",
				 exponent->unit ? exponent->unit : "a unit");
	if (m[0].is_plain && exponent->is_plain)
		m[0] = expr_measure_number(pow(m[0].number, exponent->number));
	else if (expr_is_one(&m[0]) && !m[0].is_scaled)
		m[0] = expr_one();
	else
		m[0] = is_whole ? whole_power(&m[0], (int)exponent->number, arena) : expr_unknown();
	return 0;
}

struct expr_measure expr_measure_root(const struct expr_measure *a)
{
	struct expr_measure m = expr_unknown();

	if (a->is_plain)
		return expr_measure_number(sqrt(a->number));
	if (expr_is_one(a))
		return expr_one();
	if (a->is_known && !expr_has_zero(a) && dimension_root(&a->dimension, &m.dimension)) {
		m.is_known = true;
		m.is_scaled = a->is_scaled;
		m.unit = row_of(&m.dimension);
	}
	return m;
}

/* Of a quantity they take the number; the result has no unit that would mean anything. */
struct expr_measure expr_measure_transcendental(const struct expr_measure *m)
{
	if (m->is_plain)
		return expr_measure_number(NAN);
	return expr_is_number(m) ? expr_one() : expr_unknown();
}
