/* SPDX-License-Identifier: Apache-2.0 */
/* What KPI expressions are worth. Expected values are arithmetic done by hand; those of exp, log and sqrt are python3's. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <math.h>
#include <string.h>

#include "base/arena.h"
#include "pipelines/expr.h"

static const struct metric_def gauge = {
	.name = "x@1", .quantum = 1.0, .has_sketch = true, .sketch = { SKETCH_LIN, 1.0, 0.0, 1 }
};
static const struct metric_def counter = { .name = "c@1", .kind = SERIES_COUNTER, .quantum = 0.5 };

/* 2 and 4, then 6: held for 1 s, 1 s and 2 s. */
static const struct agg x = {
	.n = 3,
	.s1 = 12,
	.s2 = { 0, 56 },
	.min = 2,
	.max = 6,
	.first = 2,
	.last = 6,
	.tw = 18000,
	.tw_ms = 4000,
	.covered_ms = 4000,
	.due_ms = 16000,
	.has_sketch = true,
	.sketch = { .pos = { .offset = 2, .n = 5, .counts = { 1, 0, 1, 0, 1 } } },
};
static const struct agg c = { .n = 9, .increase = 30, .covered_ms = 60000, .due_ms = 60000 };
static const struct agg empty = { .due_ms = 60000 };

/** Streams by name: x and c as above, empty had no sample, and of any other nothing is known. */
static double value_of(const char *text)
{
	const struct metric_def *defs[EXPR_MAX_STREAMS];
	const struct agg *aggs[EXPR_MAX_STREAMS];
	struct expr_error err;
	struct arena a = { 0 };
	struct expr *e;
	double value;

	if (expr_compile(&e, text, &a, &err) < 0)
		fail_msg("%s: %u: %s", text, err.column, err.text);
	for (size_t i = 0; i < expr_n_streams(e); i++) {
		const char *name = expr_stream(e, i);

		aggs[i] = strcmp(name, "x") == 0       ? &x
			  : strcmp(name, "c") == 0     ? &c
			  : strcmp(name, "empty") == 0 ? &empty
						       : NULL;
		defs[i] = aggs[i] == &c ? &counter : &gauge;
	}
	value = expr_eval(e, aggs, defs);
	arena_free(&a);
	return value;
}

struct row {
	const char *text;
	double expected;
};

static void check_rows(const struct row *rows, size_t n)
{
	for (size_t i = 0; i < n; i++) {
		double got = value_of(rows[i].text), expected = rows[i].expected;

		if (isnan(expected) ? !isnan(got) : !(fabs(got - expected) <= 2.3e-16 * fabs(expected)))
			fail_msg("%s: got %.17g, expected %.17g", rows[i].text, got, expected);
	}
}

#define CHECK(rows) check_rows(rows, sizeof(rows) / sizeof((rows)[0]))

static void operators_bind_as_in_arithmetic(void **state)
{
	static const struct row rows[] = {
		{ "1 + 2 * 3", 7 },
		{ "(1 + 2) * 3", 9 },
		{ "10 - 4 - 3", 3 },
		{ "64 / 4 / 2", 8 },
		{ "64 / 4 * 2", 32 },
		{ "2 * 3 - 4 / 2 + 1", 5 },
		{ "-2 * 3", -6 },
		{ "2 * -3", -6 },
		{ "7 - -2", 9 },
		{ "--7", 7 },
		{ "-(1 + 2)", -3 },
		{ "- 2 + 5", 3 },
		{ "1 + 1 < 3", 1 },
		{ "1 < 1 + 1", 1 },
		{ "1 < (2 < 2)", 0 },
		{ "1 or 0 and 0", 1 },
		{ "(1 or 0) and 0", 0 },
		{ "0 and 0 or 1", 1 },
		{ "not 0 and 0", 0 },
		{ "not (0 and 0)", 1 },
		{ "not 2 == 3", 1 },
		{ "not not 5", 1 },
		{ "1 and not 0", 1 },
		{ "0 or not 1 or 0", 0 },
		{ "2 > 1 and 3 > 2 and 4 > 3", 1 },
		{ "\t1\n+\r1 ", 2 },
	};

	(void)state;
	CHECK(rows);
}

static void numbers_are_decimal(void **state)
{
	static const struct row rows[] = {
		{ "0", 0 },	     { "42", 42 },    { "0.25", 0.25 }, { ".5", 0.5 },	{ "1e3", 1000 },
		{ "2.5E-2", 0.025 }, { "1e+2", 100 }, { "007", 7 },	{ "0.1", 0.1 }, { "1e-400", 0 },
	};

	(void)state;
	CHECK(rows);
}

static void comparisons_and_logic_give_one_or_zero(void **state)
{
	static const struct row rows[] = {
		{ "1 < 2", 1 },	   { "2 < 2", 0 },  { "2 <= 2", 1 },   { "3 <= 2", 0 },	 { "2 > 1", 1 },
		{ "2 > 2", 0 },	   { "2 >= 2", 1 }, { "1 >= 2", 0 },   { "2 == 2", 1 },	 { "2 == 3", 0 },
		{ "2 != 3", 1 },   { "2 != 2", 0 }, { "7 and -2", 1 }, { "7 and 0", 0 }, { "0 and 0", 0 },
		{ "0 or 0.1", 1 }, { "0 or 0", 0 }, { "not 7", 0 },    { "not 0", 1 },	 { "0 == -0", 1 },
	};

	(void)state;
	CHECK(rows);
}

static void every_function_has_its_value(void **state)
{
	static const struct row rows[] = {
		{ "abs(-3)", 3 },
		{ "abs(2)", 2 },
		{ "sqrt(2)", 1.4142135623730951 },
		{ "log(10)", 2.302585092994046 },
		{ "exp(1)", 2.718281828459045 },
		{ "pow(2, 10)", 1024 },
		{ "pow(9, 0.5)", 3 },
		{ "pow(-2, 3)", -8 },
		{ "least(3, 1)", 1 },
		{ "least(4, 3, 2, 5)", 2 },
		{ "greatest(3, 1)", 3 },
		{ "greatest(-4, -3, -2, -5)", -2 },
		{ "if(1, 2, 3)", 2 },
		{ "if(0, 2, 3)", 3 },
		{ "if(2 > 1, if(0, 1, 2), 3)", 2 },
		{ "greatest(1, 2 + 3) * least(2, abs(-7))", 10 },
	};

	(void)state;
	CHECK(rows);
}

static void every_atom_reaches_its_stream(void **state)
{
	static const struct row rows[] = {
		{ "n(x)", 3 },
		{ "sum(x)", 12 },
		{ "mean(x)", 4 },
		{ "min(x)", 2 },
		{ "max(x)", 6 },
		{ "stddev(x)", 2 },
		{ "first(x)", 2 },
		{ "last(x)", 6 },
		{ "quantile(x, 0.5)", 4 },
		{ "quantile(x, 1)", 6 },
		{ "time_mean(x)", 4.5 },
		{ "integral(x)", 18 },
		{ "coverage(x)", 0.25 },
		{ "increase(c)", 15 },
		{ "rate(c)", 0.25 },
		{ "n(c)", 9 },
		{ "mean(x) * increase(c) / n(x) + 1", 21 },
		{ "if(max(x) > 5, increase(c), 0)", 15 },
	};

	(void)state;
	CHECK(rows);
}

static void a_missing_input_makes_the_result_missing(void **state)
{
	static const struct row rows[] = {
		{ "mean(gone)", NAN },
		{ "n(gone)", NAN },
		{ "mean(empty)", NAN },
		{ "n(empty)", 0 },
		{ "coverage(empty)", 0 },
		{ "mean(c)", NAN },
		{ "-mean(gone)", NAN },
		{ "not mean(gone)", NAN },
		{ "abs(mean(gone))", NAN },
		{ "sqrt(mean(gone))", NAN },
		{ "log(mean(gone))", NAN },
		{ "exp(mean(gone))", NAN },
		{ "mean(gone) + 1", NAN },
		{ "1 - mean(gone)", NAN },
		{ "0 * mean(gone)", NAN },
		{ "0 / mean(gone)", NAN },
		{ "mean(gone) < 1", NAN },
		{ "mean(gone) <= 1", NAN },
		{ "1 > mean(gone)", NAN },
		{ "1 >= mean(gone)", NAN },
		{ "mean(gone) == mean(gone)", NAN },
		{ "mean(gone) != 1", NAN },
		{ "1 or mean(gone)", NAN },
		{ "mean(gone) or 1", NAN },
		{ "0 and mean(gone)", NAN },
		{ "mean(gone) and 0", NAN },
		{ "pow(mean(gone), 0)", NAN },
		{ "pow(1, mean(gone))", NAN },
		{ "least(1, mean(gone))", NAN },
		{ "greatest(mean(gone), 1)", NAN },
		{ "greatest(mean(gone), 1, 2)", NAN },
		{ "if(mean(gone), 1, 2)", NAN },
		{ "if(1, mean(gone), 2)", NAN },
		{ "if(0, 1, mean(gone))", NAN },
		{ "if(0, mean(gone), 2)", 2 },
		{ "if(1, 3, mean(gone))", 3 },
		{ "if(n(empty) > 0, mean(empty), 20)", 20 },
	};

	(void)state;
	CHECK(rows);
}

static void what_is_not_a_finite_number_is_missing(void **state)
{
	static const struct row rows[] = {
		{ "1 / 0", NAN },	{ "0 / 0", NAN },      { "mean(x) / n(empty)", NAN }, { "log(0)", NAN },
		{ "log(-1)", NAN },	{ "sqrt(-1)", NAN },   { "pow(-8, 0.5)", NAN },	      { "pow(0, -1)", NAN },
		{ "exp(1000)", NAN },	{ "1e308 * 10", NAN }, { "1e308 + 1e308", NAN },      { "1 / (1 / 0)", NAN },
		{ "(1 / 0) > 5", NAN }, { "exp(-1000)", 0 },
	};

	(void)state;
	CHECK(rows);
}

static void there_is_no_negative_zero(void **state)
{
	(void)state;
	assert_false(signbit(value_of("0 * -1")));
	assert_false(signbit(value_of("-0")));
	assert_false(signbit(value_of("-n(empty)")));
}

static void a_stream_may_have_the_name_of_anything_else(void **state)
{
	static const char *const names[] = { "mean", "quantile", "if", "and", "or", "not", "least", "_", "E5", "x9" };
	struct expr_error err;
	struct arena a = { 0 };
	struct expr *e;

	(void)state;
	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
		const char *text = arena_printf(&a, "max(%s) - quantile(%s, 0.5)", names[i], names[i]);
		const struct metric_def *def = &gauge;
		const struct agg *agg = &x;

		assert_int_equal(expr_compile(&e, text, &a, &err), 0);
		assert_int_equal(expr_n_streams(e), 1);
		assert_string_equal(expr_stream(e, 0), names[i]);
		assert_int_equal(expr_stream_column(e, 0), 5);
		assert_true(expr_eval(e, &agg, &def) == 2.0);
	}
	arena_free(&a);
}

static void streams_are_listed_once_in_order_of_use(void **state)
{
	char text[] = "mean(b) + mean(ab) * max(b) - n( a )";
	struct expr_error err;
	struct arena a = { 0 };
	struct expr *e;

	(void)state;
	assert_int_equal(expr_compile(&e, text, &a, &err), 0);
	memset(text, '!', sizeof(text) - 1); /* nothing points into it any more */
	assert_int_equal(expr_n_streams(e), 3);
	assert_string_equal(expr_stream(e, 0), "b");
	assert_string_equal(expr_stream(e, 1), "ab");
	assert_string_equal(expr_stream(e, 2), "a");
	assert_int_equal(expr_stream_column(e, 0), 6);
	assert_int_equal(expr_stream_column(e, 1), 16);
	assert_int_equal(expr_stream_column(e, 2), 34);
	assert_true(expr_uses(e, 0, "mean") && expr_uses(e, 0, "max") && expr_uses(e, 2, "n"));
	assert_false(expr_uses(e, 0, "n") || expr_uses(e, 1, "max"));
	arena_free(&a);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(operators_bind_as_in_arithmetic),
		cmocka_unit_test(numbers_are_decimal),
		cmocka_unit_test(comparisons_and_logic_give_one_or_zero),
		cmocka_unit_test(every_function_has_its_value),
		cmocka_unit_test(every_atom_reaches_its_stream),
		cmocka_unit_test(a_missing_input_makes_the_result_missing),
		cmocka_unit_test(what_is_not_a_finite_number_is_missing),
		cmocka_unit_test(there_is_no_negative_zero),
		cmocka_unit_test(a_stream_may_have_the_name_of_anything_else),
		cmocka_unit_test(streams_are_listed_once_in_order_of_use),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
