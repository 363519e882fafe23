/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The same KPI, bit for bit: from all samples of a device at once, and from partials cut anywhere and merged in any order. And each step
 * of an evaluation is told as it was done.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <math.h>
#include <stdio.h>
#include <string.h>

#include "base/check.h"
#include "base/prng.h"
#include "base/unit.h"
#include "pipelines/cell.h"
#include "pipelines/expr.h"

enum { N = 600, MAX_PIECES = 12, PERIOD_MS = 100 };

static const char *const expressions[] = {
	"mean(s)",
	"sum(s) / n(s)",
	"stddev(s) * 3",
	"time_mean(s) - mean(s)",
	"integral(s) / 3600",
	"quantile(s, 0.95)",
	"(max(s) - min(s)) / n(s)",
	"if(coverage(s) > 0.5 and n(s) > 10, quantile(s, 0.5), 0)",
	"increase(s) + rate(s) * 60",
	"greatest(abs(first(s)), sqrt(abs(last(s))), n(s))",
};

static struct metric_def def(void)
{
	struct metric_def d = { .name = "s@1", .unit = unit_find("Cel"), .reference = 20.0, .quantum = 0.01 };

	d.has_sketch = true;
	d.sketch = (struct sketch_mapping){ .kind = SKETCH_LIN, .width = 10, .quantum = 0.01, .reference = 20.0 };
	return d;
}

/* Samples [from, to) of a walk, held until the next: what one part says of them. The track goes through all parts, as in a device. */
static void count(const double *values, size_t from, size_t to, struct cell_track *t, const struct cell_spec *spec,
		  struct agg *out)
{
	static struct sketch_ring ring;
	struct cell c = { .ring = &ring };

	sketch_ring_init(&ring, &spec->def->sketch);
	cell_reset(&c);
	for (size_t i = from; i < to; i++) {
		struct sample s = { .at_us = (int64_t)i * PERIOD_MS * 1000, .value = values[i] };

		if (t->newest_us == INT64_MIN)
			t->done_ms = t->until_ms = 0;
		cell_hold(&c, t, (int64_t)i * PERIOD_MS);
		t->newest_us = s.at_us;
		cell_add(&c, spec, t, &s, (int64_t)i * PERIOD_MS, true);
	}
	cell_hold(&c, t, (int64_t)to * PERIOD_MS);
	cell_read(&c, out);
}

static void merge_pieces(const double *values, size_t n_pieces, uint64_t *seed, const struct cell_spec *spec,
			 struct agg *whole)
{
	struct cell_track track = { .newest_us = INT64_MIN };
	static struct agg pieces[MAX_PIECES];
	size_t cuts[MAX_PIECES + 1] = { 0 };

	for (size_t i = 1; i < n_pieces; i++)
		cuts[i] = cuts[i - 1] + prng_u64(seed) % (N - cuts[i - 1]);
	cuts[n_pieces] = N;
	for (size_t i = 0; i < n_pieces; i++)
		count(values, cuts[i], cuts[i + 1], &track, spec, &pieces[i]);

	*whole = (struct agg){ 0 };
	for (size_t left = n_pieces; left > 0; left--) { /* in any order */
		size_t pick = prng_u64(seed) % left;

		agg_merge(whole, &pieces[pick]);
		pieces[pick] = pieces[left - 1];
	}
	whole->due_ms = N * PERIOD_MS;
}

static void check_same(const struct agg *a, const struct agg *b, const struct metric_def *d)
{
	for (size_t k = 0; k < ARRAY_LEN(expressions); k++) {
		const struct agg *of_a[] = { a }, *of_b[] = { b };
		const struct metric_def *defs[] = { d };
		struct expr_error err;
		struct arena arena = { 0 };
		struct expr *e;
		double x, y;

		assert_int_equal(expr_compile(&e, expressions[k], &arena, &err), 0);
		x = expr_eval(e, of_a, defs);
		y = expr_eval(e, of_b, defs);
		if (isnan(x) || memcmp(&x, &y, sizeof(x)) != 0)
			fail_msg("%s: %.17g and %.17g", expressions[k], x, y);
		arena_free(&arena);
	}
}

static void a_kpi_of_merged_partials_is_that_of_all_samples(void **state)
{
	const struct metric_def d = def();
	const struct cell_spec spec = {
		.def = &d, .wants_increase = true, .hold_ms = 3 * PERIOD_MS, .reference = 20.0, .per_quantum = 100.0
	};
	static struct agg whole, merged;
	uint64_t seed = 3;
	double values[N];

	(void)state;
	for (int round = 0; round < 200; round++) {
		double level = 15.0 + 10.0 * prng_unit(&seed);

		for (size_t i = 0; i < N; i++) {
			level += prng_unit(&seed) - 0.5;
			values[i] = prng_u64(&seed) % 50 == 0 ? NAN : level;
		}
		merge_pieces(values, 1, &seed, &spec, &whole);
		merge_pieces(values, 2 + prng_u64(&seed) % (MAX_PIECES - 1), &seed, &spec, &merged);
		check_same(&whole, &merged, &d);
	}
}

static void tell_step(void *ctx, const struct expr_trace_step *s)
{
	char *told = ctx;
	size_t len = strlen(told);

	len += (size_t)snprintf(told + len, 400 - len, "%u:%s", s->column, s->name ? s->name : "");
	if (s->stream)
		len += (size_t)snprintf(told + len, 400 - len, "(%s)", s->stream);
	for (size_t i = 0; i < s->n_operands; i++)
		len += (size_t)snprintf(told + len, 400 - len, " %g", s->operands[i]);
	snprintf(told + len, 400 - len, "=%g;", s->value);
}

/* n 4, sum of k 400: mean 20 + 0.01 * 100 = 21. */
static void each_step_of_an_evaluation_is_told(void **state)
{
	const struct metric_def d = def(), *defs[] = { &d };
	const struct agg a = { .n = 4, .s1 = 400, .min = 50, .max = 150 }, *aggs[] = { &a };
	char told[400] = "";
	struct expr_error err;
	struct arena arena = { 0 };
	struct expr *e;

	(void)state;
	assert_int_equal(expr_compile(&e, "if(mean(s) > 20, 2 * n(s), -max(s))", &arena, &err), 0);
	assert_true(expr_trace(e, aggs, defs, tell_step, told) == 8.0);
	assert_string_equal(
		told, "4:mean(s)=21;14:=20;12:> 21 20=1;18:=2;22:n(s)=4;20:* 2 4=8;29:max(s)=21.5;28:- 21.5=-21.5;"
		      "1:if 1 8 -21.5=8;");
	arena_free(&arena);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_kpi_of_merged_partials_is_that_of_all_samples),
		cmocka_unit_test(each_step_of_an_evaluation_is_told),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
