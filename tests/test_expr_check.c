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
			 litre = { .code = "L" }, kelvin = { .code = "K" }, fahrenheit = { .code = "[degF]" },
			 millivolt = { .code = "mV" }, ampere = { .code = "A" }, watt = { .code = "W" },
			 joule = { .code = "J" }, percent = { .code = "%" }, count = { .code = "{count}" },
			 flow = { .code = "L/min" }, euro = { .code = "EUR" }, metre = { .code = "m" };

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
	{ "k", { .unit = &kelvin } },
	{ "f", { .unit = &fahrenheit } },
	{ "mv", { .unit = &millivolt } },
	{ "amps", { .unit = &ampere } },
	{ "p", { .unit = &watt } },
	{ "e", { .unit = &joule, .kind = SERIES_COUNTER } },
	{ "rh", { .unit = &percent } },
	{ "pulses", { .unit = &count, .kind = SERIES_COUNTER } },
	{ "flow", { .unit = &flow } },
	{ "eur", { .unit = &euro } },
	{ "x", { .unit = &metre } },
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
		{ "1 + increase(v)", 5, { "expected last(v) - first(v)", "`counter: yes`" } },
		{ "rate(v)", 1, { "rate() is of what only grows" } },
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
		{ "max(t) - min(t)", "K" },
		{ "mean(t) - 4", "Cel" },
		{ "4 - mean(t)", "Cel" },
		{ "-mean(t)", "Cel" },
		{ "abs(mean(t) - mean(t2))", "K" },
		{ "2 * mean(v)", "V" },
		{ "mean(v) * 2", "V" },
		{ "mean(v) / 2", "V" },
		{ "mean(v) * coverage(v)", "V" },
		{ "sum(v) / n(v)", "V" },
		{ "2 / mean(v)", "1/V" },
		{ "mean(v) * mean(v)", "V2" },
		{ "mean(t) / mean(v)", NULL }, /* of degrees Celsius, double is not twice as much */
		{ "(max(t) - min(t)) / mean(v)", "K/V" },
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
		{ "mean(t) > mean(t2)", "1" },
		{ "mean(t) == mean(t2)", "1" },
		{ "mean(t) > 20 and not mean(v) < 3", "1" },
		{ "least(mean(t), mean(t2), 4)", "Cel" },
		{ "if(mean(v) > 3, mean(t), mean(t2))", "Cel" },
		{ "if(mean(v) > 3, mean(t), 20)", "Cel" },
		{ "if(mean(v) > 3, 20, mean(t))", "Cel" },
		{ "if(mean(v) > 3, 1, 2)", "1" },
		{ "sqrt(mean(v))", NULL },
		{ "log(mean(v) / max(v))", "1" },
		{ "exp(2)", "1" },
		{ "pow(mean(v), 2)", "V2" },
		{ "pow(mean(v) / 3, 2)", "V2" },
		{ "sqrt(mean(v) * max(v))", "V" },
		{ "pow(mean(v), 0.5)", NULL },
		{ "log(mean(v))", NULL },
		{ "exp(mean(t) / mean(t2))", NULL },
		{ "pow(coverage(v), 2)", "1" },
	};

	(void)state;
	check_units(rows, COUNT(rows));
}

static void what_is_compared_or_chosen_from_has_one_unit(void **state)
{
	static const struct refusal rows[] = {
		{ "mean(t) > mean(v)", 9, { "Cel > V" } },
		{ "1 + (mean(t) == mean(v))", 14, { "Cel == V" } },
		{ "least(mean(t), 3, mean(v))", 1, { "Cel or V" } },
		{ "if(mean(v) > 3, mean(t), mean(v))", 1, { "Cel or V" } },
		{ "mean(v) + mean(mv)", 9, { "V + mV", "V = mV / 1000" } },
		{ "mean(mv) < mean(v)", 10, { "mV < V", "mV = V * 1000" } },
		{ "time_mean(door) > mean(rh)", 17, { "1 > %", "1 = % / 100" } },
		{ "mean(v) * mean(amps) + mean(t)", 22, { "V.A + Cel" } },
		{ "mean(eur) + mean(v)", 11, { "EUR + V" } },
		{ "pow(2, mean(v))", 1, { "exponent", "V" } },
	};

	(void)state;
	check_refusals(rows, COUNT(rows));
}

static void products_and_quotients_have_units_of_their_own(void **state)
{
	static const struct with_unit rows[] = {
		{ "mean(v) * mean(amps)", "V.A" },
		{ "mean(v) * mean(amps) + mean(p)", "V.A" },
		{ "integral(p)", "J" },
		{ "rate(e)", "W" },
		{ "rate(e) + mean(p)", "W" },
		{ "mean(p) / mean(v)", "A" },
		{ "mean(v) / mean(amps)", "Ohm" },
		{ "increase(water) / integral(door)", "L/s" },
		{ "rate(pulses)", "{count}/s" },
		{ "increase(pulses) / n(t)", "{count}" },
		{ "mean(p) / (mean(x) * max(x))", "W/m2" },
		{ "mean(p) / mean(x) / max(x) / (max(t) - min(t))", "W/m2/K" },
		{ "integral(flow)", "L/min.s" },
		{ "60 * rate(water) + mean(flow)", "L/min" },
		{ "1000 * mean(v) + mean(mv)", "mV" },
		{ "mean(eur) * 2", "EUR" },
		{ "mean(eur) * mean(v)", NULL },
		{ "sqrt(mean(p) * mean(v) / mean(amps))", "V" },
	};

	(void)state;
	check_units(rows, COUNT(rows));
}

/* 20 Cel and 300 K are temperatures, max - min is a difference of 5 K, and the mean of two temperatures is one again. */
static void temperatures_and_differences_are_told_apart(void **state)
{
	static const struct with_unit good[] = {
		{ "stddev(t)", "K" },
		{ "mean(t) + stddev(t)", "Cel" },
		{ "mean(t) - 2 * stddev(t)", "Cel" },
		{ "(mean(t) + mean(t2)) / 2", "Cel" },
		{ "0.7 * mean(t) + 0.3 * mean(t2)", "Cel" },
		{ "mean(k) - 273.15", "Cel" },
		{ "mean(t) + 273.15", "K" },
		{ "mean(k) - 273.15 > mean(t)", "1" },
		{ "(mean(k) - 273.15) - mean(t)", "K" },
		{ "(mean(f) - 32) / 1.8 - mean(t)", "Cel" },
		{ "max(k) - min(k)", "K" },
		{ "max(t) - min(t) > stddev(t)", "1" },
		{ "mean(t) - mean(t2) > 2", "1" },
		{ "exp(17.62 * mean(t) / (243.12 + mean(t)))", NULL },
	};
	static const struct refusal bad[] = {
		{ "mean(t) + mean(k)", 9, { "Cel + K", "K - 273.15" } },
		{ "mean(t) < mean(k)", 9, { "Cel < K" } },
		{ "mean(t) - mean(f)", 9, { "Cel - [degF]", "1.8" } },
		{ "mean(t) > stddev(t)", 9, { "Cel > K" } },
	};

	(void)state;
	check_units(good, COUNT(good));
	check_refusals(bad, COUNT(bad));
}

static void a_declared_unit_must_fit(void **state)
{
	static const struct {
		const char *text, *unit, *complaint; /* NULL: fine */
	} rows[] = {
		{ "mean(v)", "V", NULL },
		{ "mean(v)", "mV", "in V, not in mV: expected it * 1000" },
		{ "1000 * mean(v)", "mV", NULL },
		{ "mean(v)", "Cel", "in V, which is no Cel" },
		{ "increase(pulses) * 2.25", "mL", NULL },
		{ "100 * mean(v)", "Cel", NULL }, /* a sensor of 10 mV a degree */
		{ "mean(v) * mean(amps)", "W", NULL },
		{ "increase(e)", "kW.h", "in J, not in kW.h: expected it / 3600000" },
		{ "increase(e) / 3.6e6", "kW.h", NULL },
		{ "increase(water)", "m3", "expected it / 1000" },
		{ "60 * rate(water)", "L/min", NULL },
		{ "time_mean(door)", "1", NULL },
		{ "time_mean(door)", "%", "expected it * 100" },
		{ "100 * time_mean(door)", "%", NULL },
		{ "mean(rh) / 100", "1", NULL },
		{ "increase(pulses)", "1", NULL },
		{ "increase(water) * 2.1", "EUR", NULL },
		{ "mean(t)", "degC", "did you mean 'Cel'?" },
		{ "mean(t)", "K", "a temperature in Cel, not in K" },
		{ "mean(k)", "Cel", "a temperature in K, not in Cel" },
		{ "max(t) - min(t)", "K", NULL },
		{ "max(t) - min(t)", "Cel", NULL },
		{ "(mean(t) + mean(t2)) / 2", "Cel", NULL },
		{ "(mean(t) + mean(t2)) / 2", "K", "not in K" },
		{ "mean(t) - 18", "K", NULL },
		{ "mean(t) - 18", "Cel", NULL },
		{ "mean(t) * 1.8 + 32", "[degF]", NULL },
		{ "mean(t)", "[degF]", "not in [degF]" },
		{ "mean(t) > 20", "1", NULL },
		{ "mean(t) > 20", "Cel", "in 1, which is no Cel" },
		{ "log(mean(v))", "dB", NULL },
		{ "mean(raw)", "V", NULL },
		{ "42", "V", NULL },
	};
	const struct metric_def *defs[EXPR_MAX_STREAMS];

	(void)state;
	for (size_t i = 0; i < COUNT(rows); i++) {
		struct expr_error err = { 0 };
		struct arena a = { 0 };
		struct expr *e;
		int r;

		assert_int_equal(expr_compile(&e, rows[i].text, &a, &err), 0);
		find_streams(e, defs);
		r = expr_check_unit(e, defs, &a, rows[i].unit, &err);
		if (rows[i].complaint ? r != -EINVAL || !strstr(err.text, rows[i].complaint) || err.column != 1
				      : r != 0)
			fail_msg("%s as %s: %s", rows[i].text, rows[i].unit, err.text);
		arena_free(&a);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(what_has_no_meaning_is_refused),
		cmocka_unit_test(sums_of_different_units_are_refused),
		cmocka_unit_test(atoms_bring_the_unit_of_their_stream),
		cmocka_unit_test(arithmetic_keeps_or_loses_the_unit),
		cmocka_unit_test(functions_and_logic_have_units),
		cmocka_unit_test(what_is_compared_or_chosen_from_has_one_unit),
		cmocka_unit_test(products_and_quotients_have_units_of_their_own),
		cmocka_unit_test(temperatures_and_differences_are_told_apart),
		cmocka_unit_test(a_declared_unit_must_fit),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
