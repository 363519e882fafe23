/* SPDX-License-Identifier: Apache-2.0 */
/* expr_declare.c - what the config says the unit of a KPI is, against what the expression says. */
#include <stdio.h>
#include <string.h>

#include "base/text.h"
#include "pipelines/expr_unit.h"

enum { NUMBER_BYTES = 32 };

const char *expr_conversion(double ratio, char *buf)
{
	double n = ratio < 1.0 ? 1.0 / ratio : ratio;
	char digits[NUMBER_BYTES];

	buf[0] = '\0';
	if (n < 1e15 && fabs(n - round(n)) < 1e-9 * n)
		snprintf(buf, EXPR_HINT_BYTES, " %c %s", ratio < 1.0 ? '/' : '*',
			 text_from_double(round(n), digits, sizeof(digits)));
	return buf;
}

static int declare_temperature(const struct expr_measure *m, const struct dimension *d, const char *unit,
			       struct expr_error *err)
{
	bool is_difference = expr_is_about(m->weight, 0.0), is_value = expr_is_about(m->weight, 1.0);

	if (!expr_is_about(m->dimension.factor / d->factor, 1.0))
		return expr_fail(err, 1, "the value is in %s, not in %s (Cel is ([degF] - 32) / 1.8)", m->unit, unit);
	if (expr_has_zero(m) == d->has_offset || is_difference || !is_value)
		return 0; /* a difference can be called either */
	return expr_fail(err, 1, "the value is a temperature in %s, not in %s (Cel is K - 273.15)", m->unit, unit);
}

/* What is no UCUM code may be anything, such as EUR, but "degC" is a way to say Cel. */
static int declare_text(const struct expr_measure *m, const char *unit, struct expr_error *err)
{
	const char *nearest = unit_nearest(unit);

	if (nearest && m->unit && strcmp(nearest, m->unit) == 0)
		return expr_fail(err, 1, "'%s' is no unit, did you mean '%s'?", unit, nearest);
	return 0;
}

int expr_measure_declare(const struct expr_measure *m, const char *unit, struct expr_error *err)
{
	const char *found = m->unit ? m->unit : "another quantity";
	struct dimension d;
	char hint[EXPR_HINT_BYTES];

	if (!dimension_parse(unit, &d))
		return declare_text(m, unit, err);
	if (m->is_plain || m->is_scaled || !m->is_known) /* a number may be litres a pulse, or degrees a volt */
		return 0;
	if (!dimension_is_like(&m->dimension, &d))
		return expr_fail(err, 1, "the value is in %s, which is no %s", found, unit);
	if (dimension_is_same(&m->dimension, &d))
		return 0;
	if (expr_has_zero(m) || d.has_offset)
		return declare_temperature(m, &d, unit, err);
	expr_conversion(m->dimension.factor / d.factor, hint);
	return expr_fail(err, 1, "the value is in %s, not in %s%s%s", found, unit, hint[0] ? ": expected it" : "",
			 hint);
}
