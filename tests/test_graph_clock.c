/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What the wall clock does to a graph: samples bear the time of a clock that never steps. Parts are told as text,
 * "W0+WL/PART FLAGS n=N lost=L tw=MS wm=WM;", times in seconds from t0.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <stdio.h>
#include <string.h>

#include "base/unit.h"
#include "pipelines/graph.h"
#include "pipelines/partial.h"

enum { S = 1000000, TOLD_BYTES = 4000 };

/* A multiple of 3600 s. */
static const int64_t t0 = INT64_C(1763697600) * S;

static struct rig {
	struct arena arena;
	struct graph *graph;
	struct graph_plan plan;
	struct graph_stream stream;
	struct graph_ref ref;
	char told[TOLD_BYTES];
} rig;

static void tell(const char *format, ...) __attribute__((format(printf, 1, 2)));
static void tell(const char *format, ...)
{
	size_t len = strlen(rig.told);
	va_list args;

	va_start(args, format);
	vsnprintf(rig.told + len, sizeof(rig.told) - len, format, args);
	va_end(args);
}

static int from_t0(uint64_t at_s)
{
	return (int)((int64_t)at_s - t0 / S);
}

static void on_partial(void *ctx, struct partial *p)
{
	const struct agg *a = &p->metrics[0].agg;

	(void)ctx;
	assert_int_equal(p->n_metrics, 1);
	tell("%d+%u/%u %u n=%u lost=%u tw=%u wm=%d;", from_t0(p->w0), p->wl, p->part, p->flags, (unsigned)a->n,
	     (unsigned)a->lost, (unsigned)a->tw_ms, from_t0(p->wm));
}

static void on_event(void *ctx, const char *stream, const char *event, int64_t at_us, double value)
{
	(void)ctx;
	(void)value;
	tell("%s %s %d;", stream, event, (int)((at_us - t0) / S));
}

/* A state in windows of 10 s; a value holds for 1 s. */
static int set_up(void **state)
{
	const struct graph_sink sink = { .partial = on_partial, .event = on_event };

	(void)state;
	rig = (struct rig){ .stream = {
				    .name = "s",
				    .from = &rig.ref,
				    .n_from = 1,
				    .publish = true,
				    .event = true,
				    .hold_us = S,
				    .def = { .name = "s@1", .kind = SERIES_STATE, .quantum = 1.0, .window_s = 10 } } };
	rig.stream.def.unit = unit_find("1");
	rig.plan = (struct graph_plan){ .n_sources = 1, .streams = &rig.stream, .n_streams = 1 };
	rig.graph = graph_new(&rig.plan, &sink, &rig.arena);
	return 0;
}

static int tear_down(void **state)
{
	(void)state;
	graph_free(rig.graph);
	arena_free(&rig.arena);
	return 0;
}

static void expect(const char *told)
{
	assert_string_equal(rig.told, told);
	rig.told[0] = '\0';
}

static void push(int64_t at_us, double value)
{
	graph_push(rig.graph, 0, &(struct sample){ .at_us = t0 + at_us, .value = value });
}

static void push_each_second(int from_s, int to_s)
{
	for (int i = from_s; i < to_s; i++)
		push(i * (int64_t)S, 0);
}

static void advance(int64_t to_us)
{
	graph_advance(rig.graph, t0 + to_us);
}

static void a_step_forward_loses_and_doubles_nothing(void **state)
{
	(void)state;
	graph_start(rig.graph, t0);
	push_each_second(0, 15);
	graph_cut(rig.graph, t0 + 15 * S, PARTIAL_STEP);
	expect("0+10/0 0 n=10 lost=0 tw=10000 wm=10;10+10/0 4 n=5 lost=0 tw=5000 wm=10;");

	assert_false(graph_set_clock(rig.graph, INT64_C(3600) * S, 0, t0 + 15 * S));
	graph_start(rig.graph, t0 + 15 * S);
	push_each_second(15, 25);
	push(25 * S, 1);
	advance(25 * S);
	expect("s raised 3625;3610+10/0 8 n=5 lost=0 tw=5000 wm=3620;");
}

static void a_step_back_within_the_promise_opens_another_part(void **state)
{
	(void)state;
	graph_start(rig.graph, t0);
	push_each_second(0, 15);
	graph_cut(rig.graph, t0 + 15 * S, PARTIAL_STEP);
	expect("0+10/0 0 n=10 lost=0 tw=10000 wm=10;10+10/0 4 n=5 lost=0 tw=5000 wm=10;");

	assert_false(graph_set_clock(rig.graph, -3 * S, 0, t0 + 15 * S));
	graph_start(rig.graph, t0 + 15 * S);
	push_each_second(15, 24);
	advance(24 * S);
	expect("10+10/1 8 n=8 lost=0 tw=8000 wm=20;");
}

static void a_step_back_behind_the_promise_needs_another_boot(void **state)
{
	(void)state;
	graph_start(rig.graph, t0);
	push_each_second(0, 25);
	graph_cut(rig.graph, t0 + 25 * S, PARTIAL_STEP);
	rig.told[0] = '\0';

	assert_true(graph_set_clock(rig.graph, -20 * S, 0, t0 + 25 * S));
	graph_start(rig.graph, t0 + 25 * S);
	push_each_second(25, 31);
	advance(31 * S);
	expect("0+10/1 8 n=5 lost=0 tw=5000 wm=10;"); /* the promise begins anew */
}

static void samples_wait_until_the_time_is_known(void **state)
{
	(void)state;
	assert_int_equal(graph_hold(rig.graph, 100), 0);
	graph_start(rig.graph, t0);
	for (int i = 0; i < 25; i++) {
		push(i * (int64_t)S, i == 12);
		advance(i * (int64_t)S);
	}
	assert_int_equal(graph_hold_room(rig.graph), 50);
	expect("s raised 12;s cleared 13;"); /* local alarms do not wait */

	graph_release(rig.graph, INT64_C(86400) * S + 3 * S, PARTIAL_RETIMED, 0);
	assert_false(graph_is_holding(rig.graph));
	expect("86400+10/0 10 n=7 lost=0 tw=7000 wm=86410;86410+10/0 2 n=10 lost=0 tw=10000 wm=86420;");
	push_each_second(25, 37);
	advance(37 * S);
	/* The part in which both meet is marked, the next one not. */
	expect("86420+10/0 2 n=10 lost=0 tw=10000 wm=86430;86430+10/0 0 n=10 lost=0 tw=10000 wm=86440;");
}

static void what_cannot_wait_is_marked(void **state)
{
	(void)state;
	assert_int_equal(graph_hold(rig.graph, 100), 0);
	graph_start(rig.graph, t0);
	push_each_second(0, 5);
	graph_release(rig.graph, 0, PARTIAL_UNSYNCED, PARTIAL_UNSYNCED);
	graph_cut(rig.graph, t0 + 5 * S, PARTIAL_CUT_END);
	expect("0+10/0 17 n=5 lost=0 tw=5000 wm=10;");
}

static void what_has_no_room_is_counted_as_lost(void **state)
{
	(void)state;
	assert_int_equal(graph_hold(rig.graph, 5), 0);
	graph_start(rig.graph, t0);
	push_each_second(0, 9);
	assert_int_equal(graph_hold_room(rig.graph), 0);
	graph_release(rig.graph, 0, PARTIAL_RETIMED, 0);
	advance(10 * S);
	expect("0+10/0 2 n=6 lost=3 tw=6000 wm=10;"); /* seconds 0 to 4, and the last, 8: each holds for 1 s */
}

#define CLOCK_TEST(f) cmocka_unit_test_setup_teardown(f, set_up, tear_down)

int main(void)
{
	const struct CMUnitTest tests[] = {
		CLOCK_TEST(a_step_forward_loses_and_doubles_nothing),
		CLOCK_TEST(a_step_back_within_the_promise_opens_another_part),
		CLOCK_TEST(a_step_back_behind_the_promise_needs_another_boot),
		CLOCK_TEST(samples_wait_until_the_time_is_known),
		CLOCK_TEST(what_cannot_wait_is_marked),
		CLOCK_TEST(what_has_no_room_is_counted_as_lost),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
