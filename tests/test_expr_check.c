/* SPDX-License-Identifier: Apache-2.0 */
/* KPI expressions against the contracts of their streams: what has no meaning is refused, and the unit of the result is found. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <errno.h>
#include <string.h>

#include "base/arena.h"
#include "pipelines/expr.h"

static const struct unit celsius = { .code = "Cel" }, volt = { .code = "V" }, one = { .code = "1" },
			 litre = { .code = "L" };

static const struct named {
	const char *name;
	struct metric_def def;
} streams[] = {
	{ "t", { .unit = &celsius, .has_sketch = true } },
	{ "t2", { .unit = &celsius } },
	{ "v", { .unit = &volt } },
	{ "door", { .unit = &one, .kind = SERIES_STATE } },
	{ "water", { .unit = &litre, .kind = SERIES_COUNTER } },
	{ "raw", { .unit = NULL } },
};

/* The contracts of the streams of @e, in its order. */
static void find_streams(const struct expr *e, const struct metric_def *defs[])
{
	for (size_t i = 0; i < expr_n_streams(e); i++) {
		defs[i] = NULL;
		for (size_t s = 0; s < sizeof(streams) / sizeof(streams[0]); s++)
			if (strcmp(streams[s].name, expr_stream(e, i)) == 0)
				defs[i] = &streams[s].def;
	}
}

struct refusal {
	const char *text;
	unsigned column;
	const char *contains[3];
};

static void check_refusals(const struct refusal *rows, size_t n)
{
	const struct metric_def *defs[EXPR_MAX_STREAMS];

	for (size_t i = 0; i < n; i++) {
		const char *untouched = "untouched", *unit = untouched;
		struct expr_error err = { 0 };
		struct arena a = { 0 };
		struct expr *e;

		assert_int_equal(expr_compile(&e, rows[i].text, &a, &err), 0);
		find_streams(e, defs);
		assert_int_equal(expr_check(e, defs, &a, &unit, &err), -EINVAL);
		assert_ptr_equal(unit, untouched);
		assert_int_equal(err.column, rows[i].column);
		for (size_t c = 0; c < 3 && rows[i].contains[c]; c++)
			if (!strstr(err.text, rows[i].contains[c]))
				fail_msg("%s: no \"%s\" in: %s", rows[i].text, rows[i].contains[c], err.text);
		arena_free(&a);
	}
}

struct with_unit {
	const char *text;
	const char *unit; /* NULL: not known */
};

static void check_units(const struct with_unit *rows, size_t n)
{
	const struct metric_def *defs[EXPR_MAX_STREAMS];

	for (size_t i = 0; i < n; i++) {
		const char *unit = "untouched", *expected = rows[i].unit;
		struct expr_error err = { 0 };
		struct arena a = { 0 };
		struct expr *e;

		assert_int_equal(expr_compile(&e, rows[i].text, &a, &err), 0);
		find_streams(e, defs);
		assert_int_equal(expr_check(e, defs, &a, NULL, &err), 0);
		assert_int_equal(expr_check(e, defs, &a, &unit, &err), 0);
		if (!expected != !unit || (unit && strcmp(unit, expected) != 0))
			fail_msg("%s: unit %s, expected %s", rows[i].text, unit ? unit : "-",
				 expected ? expected : "-");
		arena_free(&a);
	}
}

#define COUNT(rows) (sizeof(rows) / sizeof((rows)[0]))

static void what_has_no_meaning_is_refused(void **state)
{
	static const struct refusal rows[] = {
		{ "1 + mean(water)", 5, { "mean() has no meaning for the counter 'water'", "increase" } },
		{ "quantile(water, 0.5)", 1, { "quantile() has no meaning for the counter" } },
		{ "last(water)", 1, { "last() has no meaning" } },
		{ "quantile(t, 0.5) - quantile(t2, 0.5)", 20, { "sketch", "'t2'", "`quantiles: true`" } },
		{ "mean(t) + mean(nowhere)", 11, { "no stream 'nowhere'" } },
	};

	(void)state;
	check_refusals(rows, COUNT(rows));
}

static void sums_of_different_units_are_refused(void **state)
{
	static const struct refusal rows[] = {
		{ "mean(t) + mean(v)", 9, { "Cel + V", "same unit" } },
		{ "mean(t) - mean(v)", 9, { "Cel - V", "same unit" } },
		{ "2 * mean(t) + mean(v) / 3", 13, { "Cel + V" } },
		{ "mean(t) + n(t)", 9, { "Cel + 1" } },
		{ "increase(water) + rate(water)", 17, { "L + L/s" } },
		{ "integral(v) - mean(v)", 13, { "V.s - V" } },
	};

	(void)state;
	check_refusals(rows, COUNT(rows));
}

static void atoms_bring_the_unit_of_their_stream(void **state)
{
	static const struct with_unit rows[] = {
		{ "mean(t)", "Cel" },	   { "quantile(t, 0.5)", "Cel" },
		{ "stddev(v)", "V" },	   { "n(t)", "1" },
		{ "coverage(v)", "1" },	   { "increase(water)", "L" },
		{ "rate(water)", "L/s" },  { "integral(v)", "V.s" },
		{ "integral(door)", "s" }, { "time_mean(door)", "1" },
		{ "mean(raw)", NULL },	   { "integral(raw)", NULL },
		{ "n(raw)", "1" },	   { "42", "1" },
	};

	(void)state;
	check_units(rows, COUNT(rows));
}

static void arithmetic_keeps_or_loses_the_unit(void **state)
{
	static const struct with_unit rows[] = {
		{ "mean(t) + mean(t2)", "Cel" },
		{ "max(t) - min(t)", "Cel" },
		{ "mean(t) - 4", "Cel" },
		{ "4 - mean(t)", "Cel" },
		{ "-mean(t)", "Cel" },
		{ "abs(mean(t) - mean(t2))", "Cel" },
		{ "2 * mean(v)", "V" },
		{ "mean(v) * 2", "V" },
		{ "mean(v) / 2", "V" },
		{ "mean(v) * coverage(v)", "V" },
		{ "sum(v) / n(v)", "V" },
		{ "2 / mean(v)", NULL },
		{ "mean(v) * mean(v)", NULL },
		{ "mean(t) / mean(v)", NULL },
		{ "mean(v) / max(v)", "1" },
		{ "mean(v) / max(v) + 1", "1" },
		{ "2 * 3 / 4", "1" },
		{ "2 * 3 + mean(v)", "V" },
		{ "mean(raw) + mean(v)", NULL },
		{ "mean(raw) * 2", NULL },
		{ "mean(raw) + 2", NULL },
		{ "mean(raw) / mean(raw)", NULL },
	};

	(void)state;
	check_units(rows, COUNT(rows));
}

static void functions_and_logic_have_units(void **state)
{
	static const struct with_unit rows[] = {
		{ "mean(t) > 20", "1" },
		{ "mean(t) > mean(v)", "1" },
		{ "mean(t) == mean(t2)", "1" },
		{ "mean(t) > 20 and not mean(v) < 3", "1" },
		{ "least(mean(t), mean(t2), 4)", "Cel" },
		{ "greatest(mean(t), mean(v))", NULL },
		{ "if(mean(v) > 3, mean(t), mean(t2))", "Cel" },
		{ "if(mean(v) > 3, mean(t), 20)", "Cel" },
		{ "if(mean(v) > 3, 20, mean(t))", "Cel" },
		{ "if(mean(v) > 3, mean(t), mean(v))", NULL },
		{ "if(mean(v) > 3, 1, 2)", "1" },
		{ "sqrt(mean(v))", NULL },
		{ "log(mean(v) / max(v))", "1" },
		{ "exp(2)", "1" },
		{ "pow(mean(v), 2)", NULL },
		{ "pow(mean(v) / 3, 2)", NULL },
		{ "pow(coverage(v), 2)", "1" },
	};

	(void)state;
	check_units(rows, COUNT(rows));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(what_has_no_meaning_is_refused),
		cmocka_unit_test(sums_of_different_units_are_refused),
		cmocka_unit_test(atoms_bring_the_unit_of_their_stream),
		cmocka_unit_test(arithmetic_keeps_or_loses_the_unit),
		cmocka_unit_test(functions_and_logic_have_units),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
