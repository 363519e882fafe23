/* SPDX-License-Identifier: Apache-2.0 */
/* bench_kpi.c - the time to evaluate KPI expressions of ten terms over aggregates at hand. The bar is 200 ns. */
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

#include "pipelines/expr.h"

enum { ROUNDS = 1000000, RUNS = 5 };

static const struct {
	const char *name, *text;
} rows[] = {
	{ "sum of ten means", "mean(a)+mean(b)+mean(a)+mean(b)+mean(a)+mean(b)+mean(a)+mean(b)+mean(a)+mean(b)" },
	{ "ratio of sums", "(sum(a)+sum(b)+max(a)-min(b)+last(a))/(n(a)+n(b)+increase(a)+coverage(a)+coverage(b))" },
	{ "conditions",
	  "if(mean(a)>20 and max(a)<40 or not min(b)>0, least(mean(a),mean(b),3), greatest(last(a),first(b)))" },
	{ "ten deviations",
	  "stddev(a)+stddev(b)+stddev(a)+stddev(b)+stddev(a)+stddev(b)+stddev(a)+stddev(b)+stddev(a)+stddev(b)" },
};

static int64_t now_ns(void)
{
	struct timespec t;

	clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &t);
	return t.tv_sec * INT64_C(1000000000) + t.tv_nsec;
}

int main(void)
{
	static const struct metric_def def = { .name = "a@1", .reference = 20.0, .quantum = 0.01 };
	struct agg a = {
		.n = 600, .s1 = 91930, .s2 = { 0, 14090000 }, .min = 140, .max = 170, .first = 150, .last = 160
	};
	const struct agg *aggs[] = { &a, &a };
	const struct metric_def *defs[] = { &def, &def };
	double sum = 0.0;

	a.tw = 91930000;
	a.tw_ms = a.covered_ms = a.due_ms = 60000;
	printf("%-20s %8s\n", "KPI of ten terms", "ns");
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct expr_error err;
		struct arena arena = { 0 };
		struct expr *e;
		int64_t best = INT64_MAX;

		if (expr_compile(&e, rows[i].text, &arena, &err) < 0) {
			printf("%s: %u: %s\n", rows[i].name, err.column, err.text);
			return EXIT_FAILURE;
		}
		for (int run = 0; run < RUNS; run++) {
			int64_t start = now_ns();

			for (int n = 0; n < ROUNDS; n++)
				sum += expr_eval(e, aggs, defs);
			start = now_ns() - start;
			best = start < best ? start : best;
		}
		printf("%-20s %8.1f\n", rows[i].name, (double)best / ROUNDS);
		arena_free(&arena);
	}
	return sum != sum; /* they are all numbers */
}
