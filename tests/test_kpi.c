/* SPDX-License-Identifier: Apache-2.0 */
/* When a local KPI is told: once, when its window is over, also when that is in a gap, or the clock goes back. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <stdio.h>
#include <string.h>

#include "pipelines/graph.h"

enum { S = 1000000 };

/* A multiple of 3600 s. */
static const int64_t t0 = INT64_C(1763697600) * S;
static const size_t only_stream[] = { 0 };

static struct rig {
	struct arena arena;
	struct graph *graph;
	struct graph_plan plan;
	struct graph_stream stream;
	struct graph_ref ref;
	struct graph_kpi kpi;
	char told[300]; /* "W0:VALUE:COVERAGE;", W0 from t0 */
} rig;

static void on_kpi(void *ctx, const struct kpi_def *kpi, uint64_t w0_s, double value, double coverage)
{
	size_t len = strlen(rig.told);

	(void)ctx;
	assert_ptr_equal(kpi, &rig.kpi.def);
	snprintf(rig.told + len, sizeof(rig.told) - len, "%d:%g:%.2f;", (int)((int64_t)w0_s - t0 / S), value, coverage);
}

/* Windows of 10 s, a KPI of 30 s that counts samples; a value holds for 5 s. */
static int set_up(void **state)
{
	const struct graph_sink sink = { .kpi = on_kpi };
	struct expr_error err;
	struct expr *expr;

	(void)state;
	rig = (struct rig){ .stream = { .name = "s",
					.from = &rig.ref,
					.n_from = 1,
					.publish = true,
					.hold_us = 5 * S,
					.def = { .name = "s@1", .quantum = 1.0, .window_s = 10 } } };
	rig.stream.def.unit = unit_find("1");
	assert_int_equal(expr_compile(&expr, "n(s)", &rig.arena, &err), 0);
	rig.kpi = (struct graph_kpi){ .def = { "k", "n(s)", "1", 30 }, .expr = expr, .streams = only_stream };
	rig.plan = (struct graph_plan){ 1, &rig.stream, 1, &rig.kpi, 1, 0, false };
	rig.graph = graph_new(&rig.plan, &sink, &rig.arena);
	return 0;
}

static int tear_down(void **state)
{
	(void)state;
	arena_free(&rig.arena);
	return 0;
}

static void push(int64_t at_us)
{
	graph_push(rig.graph, 0, &(struct sample){ .at_us = t0 + at_us, .value = 1.0 });
}

static void a_window_is_told_once_when_it_is_over(void **state)
{
	(void)state;
	push(1 * S);
	push(28 * S);
	graph_advance(rig.graph, t0 + 30 * S - 1);
	assert_string_equal(rig.told, "");
	graph_advance(rig.graph, t0 + 30 * S);
	assert_string_equal(rig.told, "0:2:0.23;"); /* 5 s and 2 s of 30 */
	push(29 * S);				    /* too late: for the collector alone */
	graph_advance(rig.graph, t0 + 60 * S);
	assert_string_equal(rig.told, "0:2:0.23;30:0:0.13;"); /* the last value holds from 30 to 34 s */
}

static void a_window_that_ends_in_a_gap_is_told_when_it_ends(void **state)
{
	(void)state;
	push(1 * S);
	graph_advance(rig.graph, t0 + 29 * S);
	assert_string_equal(rig.told, "");
	graph_advance(rig.graph, t0 + 30 * S);
	assert_string_equal(rig.told, "0:1:0.17;");
}

static void a_window_before_a_gap_is_not_lost_when_samples_come_again(void **state)
{
	(void)state;
	push(1 * S);
	push(1000 * S);
	graph_advance(rig.graph, t0 + 1010 * S);
	assert_string_equal(rig.told, "0:1:0.17;");
	graph_finish(rig.graph);
	assert_string_equal(rig.told, "0:1:0.17;990:1:0.17;");
}

static void a_clock_from_the_future_does_not_silence_kpis(void **state)
{
	(void)state;
	graph_start(rig.graph, t0 + 3000 * (int64_t)S);
	push(3001 * (int64_t)S);
	graph_advance(rig.graph, t0 + 3040 * (int64_t)S);
	graph_cut(rig.graph, t0 + 3041 * (int64_t)S, PARTIAL_STEP);
	graph_start(rig.graph, t0 + 2 * S);
	push(3 * S);
	push(33 * S);
	graph_advance(rig.graph, t0 + 60 * S);
	/* The window in which the clock was set may have been told before; the ones after are. */
	assert_string_equal(rig.told, "3000:1:0.17;30:1:0.17;");
}

static void the_window_in_which_the_clock_is_set_back_is_not_told_again(void **state)
{
	(void)state;
	push(25 * S);
	graph_advance(rig.graph, t0 + 31 * S);
	graph_cut(rig.graph, t0 + 31 * S, PARTIAL_STEP);
	graph_start(rig.graph, t0 + 29 * S);
	push(29 * S);
	push(40 * S);
	graph_advance(rig.graph, t0 + 60 * S);
	assert_string_equal(rig.told, "0:1:0.17;30:1:0.30;"); /* 29 to 34 s and 40 to 45 s */
}

#define KPI_TEST(f) cmocka_unit_test_setup_teardown(f, set_up, tear_down)

int main(void)
{
	const struct CMUnitTest tests[] = {
		KPI_TEST(a_window_is_told_once_when_it_is_over),
		KPI_TEST(a_window_that_ends_in_a_gap_is_told_when_it_ends),
		KPI_TEST(a_window_before_a_gap_is_not_lost_when_samples_come_again),
		KPI_TEST(a_clock_from_the_future_does_not_silence_kpis),
		KPI_TEST(the_window_in_which_the_clock_is_set_back_is_not_told_again),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
