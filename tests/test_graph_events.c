/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What a graph tells of states: raised, cleared, missing, recovered, of streams and of KPIs. Told as text, "NAME EVENT SECONDS VALUE;", seconds from t0; states as "INDEX=VALUE[?] SECONDS;".
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <math.h>
#include <stdio.h>
#include <string.h>

#include "base/unit.h"
#include "pipelines/graph.h"

enum { S = 1000000, TOLD_BYTES = 1000 };

/* A multiple of 3600 s. */
static const int64_t t0 = INT64_C(1763697600) * S;
static const size_t only_stream[] = { 0 };

static struct rig {
	struct arena arena;
	struct graph *graph;
	struct graph_plan plan;
	struct graph_stream streams[2];
	struct graph_ref refs[2];
	struct graph_kpi kpi;
	char events[TOLD_BYTES], states[TOLD_BYTES];
} rig;

static void on_event(void *ctx, const char *name, const char *event, int64_t at_us, double value)
{
	size_t len = strlen(rig.events);

	(void)ctx;
	snprintf(rig.events + len, sizeof(rig.events) - len, "%s %s %g %g;", name, event, (double)(at_us - t0) / S,
		 value);
}

static void on_state(void *ctx, bool is_kpi, size_t index, const struct graph_state *s)
{
	size_t len = strlen(rig.states);

	(void)ctx;
	snprintf(rig.states + len, sizeof(rig.states) - len, "%s%zu=%g%s %g;", is_kpi ? "kpi " : "", index, s->value,
		 s->is_missing ? "?" : "", (double)(s->changed_us - t0) / S);
}

/* Stream 0 has events and may be silent for 20 s; stream 1 takes from another source. Windows of 10 s. */
static int set_up(void **state)
{
	static const char *const names[] = { "s", "u" };

	(void)state;
	rig = (struct rig){ 0 };
	for (size_t i = 0; i < 2; i++) {
		rig.refs[i].index = i;
		rig.streams[i] = (struct graph_stream){
			.name = names[i],
			.from = &rig.refs[i],
			.n_from = 1,
			.publish = true,
			.hold_us = 5 * S,
			.missing_after_us = 20 * S,
			.def = { .name = names[i], .kind = SERIES_GAUGE, .quantum = 1.0, .window_s = 10 },
		};
		rig.streams[i].def.unit = unit_find("1");
	}
	rig.streams[0].event = true;
	rig.plan = (struct graph_plan){ .n_sources = 2, .streams = rig.streams, .n_streams = 2 };
	return 0;
}

static void start(void)
{
	const struct graph_sink sink = { .event = on_event, .state = on_state };

	rig.graph = graph_new(&rig.plan, &sink, &rig.arena);
	graph_start(rig.graph, t0);
}

static void with_kpi(const char *text, bool event, bool watched)
{
	struct expr_error err;
	struct expr *expr;

	assert_int_equal(expr_compile(&expr, text, &rig.arena, &err), 0);
	rig.streams[0].event = false;
	rig.kpi = (struct graph_kpi){ .def = { "k", text, "1", 30 },
				      .expr = expr,
				      .streams = only_stream,
				      .event = event,
				      .watched = watched,
				      .missing_after_us = 30 * S };
	rig.plan.kpis = &rig.kpi;
	rig.plan.n_kpis = 1;
	start();
}

static int tear_down(void **state)
{
	(void)state;
	arena_free(&rig.arena);
	return 0;
}

static void push(size_t source, double at_s, double value)
{
	graph_push(rig.graph, source, &(struct sample){ .at_us = t0 + (int64_t)(at_s * S), .value = value });
}

static int64_t advance(double to_s)
{
	return graph_advance(rig.graph, t0 + (int64_t)(to_s * S));
}

static void expect(const char *events)
{
	assert_string_equal(rig.events, events);
	rig.events[0] = '\0';
}

static void silence_is_told_when_it_is_due_and_once(void **state)
{
	(void)state;
	start();
	push(0, 3, 1);
	advance(23);
	expect("s raised 3 1;"); /* a value at 23 s would be in time */
	advance(23.5);
	expect("s missing 23 nan;");
	advance(500);
	expect("");
}

static void who_comes_back_says_so_and_what_changed_meanwhile(void **state)
{
	(void)state;
	start();
	push(0, 3, 1);
	advance(60);
	push(0, 70, 1);
	push(0, 71, 0);
	expect("s raised 3 1;s missing 23 nan;s recovered 70 1;s cleared 71 0;");
	advance(92);
	push(0, 100, 1);
	expect("s missing 91 nan;s recovered 100 1;s raised 100 1;");
}

/* The watermark may never stand inside of the silence, when a recording is read or late data are waited for. */
static void silence_between_two_samples_is_told_too(void **state)
{
	(void)state;
	start();
	push(0, 3, 0);
	push(0, 23, 0);
	expect("");
	push(0, 43.5, 0);
	expect("s missing 43 nan;s recovered 43.5 0;");
}

static void gaps_are_no_values(void **state)
{
	(void)state;
	start();
	push(0, 3, 0);
	for (int i = 4; i < 30; i++)
		push(0, i, i % 2 ? NAN : INFINITY);
	advance(29);
	expect("s missing 23 nan;");
}

static void what_never_had_a_value_is_missing_from_the_start(void **state)
{
	(void)state;
	start();
	push(1, 15, 1); /* another stream */
	advance(21);
	expect("s missing 20 nan;");
	push(0, 30, 0);
	expect("s recovered 30 0;");
}

static void some_may_be_silent_for_ever(void **state)
{
	(void)state;
	rig.streams[0].missing_after_us = 0;
	start();
	push(0, 1, 1);
	advance(1e6);
	expect("s raised 1 1;");
}

static void a_clock_that_was_set_begins_the_wait_anew(void **state)
{
	(void)state;
	start();
	push(0, 3, 0);
	graph_cut(rig.graph, t0 + 4 * S, PARTIAL_STEP);
	graph_start(rig.graph, t0 + 1000 * (int64_t)S);
	advance(1019);
	expect("");
	advance(1021);
	expect("s missing 1020 nan;");
}

static void the_next_due_time_is_that_of_the_silence(void **state)
{
	(void)state;
	rig.streams[0].missing_after_us = 4 * S;
	start();
	push(0, 1, 0);
	assert_int_equal(graph_next_due_us(rig.graph, t0 + 1 * S), t0 + 5 * S + 1);
	push(0, 3, 0);
	assert_int_equal(graph_next_due_us(rig.graph, t0 + 3 * S), t0 + 7 * S + 1);
	push(0, 8, 0); /* missing at 7 and back: now the end of the window comes first */
	assert_int_equal(graph_next_due_us(rig.graph, t0 + 8 * S), t0 + 10 * S);
	expect("s missing 7 nan;s recovered 8 0;");
}

/* Who calls only when graph_advance() said so hears of everything at the same time as who calls for every sample. */
static void nothing_is_told_later_because_one_waited(void **state)
{
	int64_t wait_until_us = INT64_MIN;

	(void)state;
	rig.streams[0].missing_after_us = 2 * S;
	start();
	push(0, 0, 0);
	push(1, 0, 0);
	for (int i = 1; i <= 40; i++) {
		push(1, i, 0);
		if (i == 7 || i == 21)
			push(0, i, 0);
		if (t0 + i * (int64_t)S >= wait_until_us)
			wait_until_us = advance(i);
		if (i == 3 || i == 10 || i == 24)
			assert_non_null(strstr(rig.events, "missing"));
		if (i == 3 || i == 7 || i == 10 || i == 21)
			rig.events[0] = '\0';
	}
	expect("s missing 23 nan;");
}

static void a_condition_over_windows_is_an_alarm(void **state)
{
	(void)state;
	with_kpi("mean(s) > 20", true, false);
	for (int i = 0; i < 120; i += 2)
		push(0, i, i < 30 ? 19 : i < 60 ? 25 : 18);
	advance(120);
	expect("k raised 60 25;k cleared 90 18;");
}

static void a_condition_without_data_is_missing(void **state)
{
	(void)state;
	with_kpi("mean(s) > 20", true, false);
	for (int i = 0; i < 60; i += 2)
		push(0, i, 25);
	advance(90);
	expect("k raised 30 25;"); /* the window up to 90 s has none, yet one could say so at 90 s at the earliest */
	advance(91);
	expect("k missing 90 nan;");
	for (int i = 120; i < 150; i += 2)
		push(0, i, 15);
	advance(150);
	expect("k recovered 150 15;k cleared 150 15;");
}

static void states_are_told_to_who_watches(void **state)
{
	struct graph_state s;

	(void)state;
	rig.streams[1].watched = true;
	with_kpi("not mean(s) > 20", false, true);
	assert_true(graph_state(rig.graph, false, 1, &s));
	assert_true(isnan(s.value) && !s.is_missing);
	assert_false(graph_state(rig.graph, false, 0, &s));
	push(1, 1, 0);
	push(1, 2, 0);
	push(1, 3, 1);
	push(0, 5, 30);
	advance(25);
	advance(31);
	assert_string_equal(rig.states, "1=0 1;1=1 3;1=1? 23;kpi 0=0 30;");
	assert_true(graph_state(rig.graph, false, 1, &s));
	assert_true(s.value == 1.0 && s.is_missing && s.changed_us == t0 + 23 * S);
	assert_true(graph_state(rig.graph, true, 0, &s));
	assert_true(s.value == 0.0 && !s.is_missing && s.changed_us == t0 + 30 * S);
	expect(""); /* watched, but no events */
}

static void an_expression_knows_whether_it_is_a_condition(void **state)
{
	static const struct {
		const char *text;
		bool is_condition;
	} rows[] = {
		{ "mean(s) > 20", true },
		{ "mean(s) > 20 and n(s) != 0", true },
		{ "not (mean(s) > 20)", true },
		{ "if(mean(s) > 3, mean(s) < 8, 0)", true },
		{ "if(mean(s) > 3, if(n(s) > 2, 1, 0), max(s) - min(s) < 8)", true },
		{ "if(mean(s) > 3, mean(s), 0)", false },
		{ "if(mean(s) > 3, 1, 2)", false },
		{ "mean(s)", false },
		{ "-(mean(s) > 3)", false },
		{ "(mean(s) > 3) + 1", false },
		{ "1", false },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct expr_error err;
		struct expr *e;

		assert_int_equal(expr_compile(&e, rows[i].text, &rig.arena, &err), 0);
		if (expr_is_condition(e) != rows[i].is_condition)
			fail_msg("%s", rows[i].text);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(silence_is_told_when_it_is_due_and_once, set_up, tear_down),
		cmocka_unit_test_setup_teardown(who_comes_back_says_so_and_what_changed_meanwhile, set_up, tear_down),
		cmocka_unit_test_setup_teardown(silence_between_two_samples_is_told_too, set_up, tear_down),
		cmocka_unit_test_setup_teardown(gaps_are_no_values, set_up, tear_down),
		cmocka_unit_test_setup_teardown(what_never_had_a_value_is_missing_from_the_start, set_up, tear_down),
		cmocka_unit_test_setup_teardown(some_may_be_silent_for_ever, set_up, tear_down),
		cmocka_unit_test_setup_teardown(a_clock_that_was_set_begins_the_wait_anew, set_up, tear_down),
		cmocka_unit_test_setup_teardown(the_next_due_time_is_that_of_the_silence, set_up, tear_down),
		cmocka_unit_test_setup_teardown(nothing_is_told_later_because_one_waited, set_up, tear_down),
		cmocka_unit_test_setup_teardown(a_condition_over_windows_is_an_alarm, set_up, tear_down),
		cmocka_unit_test_setup_teardown(a_condition_without_data_is_missing, set_up, tear_down),
		cmocka_unit_test_setup_teardown(states_are_told_to_who_watches, set_up, tear_down),
		cmocka_unit_test_setup_teardown(an_expression_knows_whether_it_is_a_condition, set_up, tear_down),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
