/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A graph takes over from another with other streams. Parts are told as text, "NAME@W0/PART FLAGS n/expected tw;" for each metric; times
 * in seconds from t0. That nothing is lost when nothing changes is shown on random lives in test_graph.c.
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

enum { S = 1000000, TOLD_BYTES = 4000, MAX_STREAMS = 3 };

/* A multiple of 3600 s. */
static const int64_t t0 = INT64_C(1763697600) * S;

struct side {
	struct graph *graph;
	struct graph_plan plan;
	struct graph_stream streams[MAX_STREAMS];
};

static struct rig {
	struct arena arena;
	struct side old, new;
	struct graph_ref refs[MAX_STREAMS];
	char told[TOLD_BYTES];
} rig;

static void on_partial(void *ctx, struct partial *p)
{
	const struct side *side = ctx;
	const struct contract *c = graph_contract(side->graph);

	for (size_t i = 0; i < p->n_metrics; i++) {
		const struct partial_metric *m = &p->metrics[i];
		size_t len = strlen(rig.told);

		snprintf(rig.told + len, sizeof(rig.told) - len, "%s@%d/%u %u %u/%u %u;", c->metrics[m->id].name,
			 (int)((int64_t)p->w0 - t0 / S), p->part, p->flags, (unsigned)m->agg.n,
			 (unsigned)m->agg.expected, (unsigned)m->agg.tw_ms);
	}
}

static void add_stream(struct side *side, const char *name, size_t source, uint32_t window_s)
{
	rig.refs[source].index = source;
	side->streams[side->plan.n_streams++] = (struct graph_stream){
		.name = name,
		.from = &rig.refs[source],
		.n_from = 1,
		.publish = true,
		.hold_us = S,
		.def = { .name = name, .unit = unit_find("1"), .quantum = 1.0, .window_s = window_s, .period_us = S }
	};
}

static void build(struct side *side)
{
	const struct graph_sink sink = { .ctx = side, .partial = on_partial };

	side->plan.n_sources = MAX_STREAMS;
	side->plan.streams = side->streams;
	side->graph = graph_new(&side->plan, &sink, &rig.arena);
}

static int set_up(void **state)
{
	(void)state;
	rig = (struct rig){ 0 };
	add_stream(&rig.old, "a", 0, 10);
	add_stream(&rig.old, "b", 1, 10);
	build(&rig.old);
	graph_start(rig.old.graph, t0);
	return 0;
}

static int tear_down(void **state)
{
	(void)state;
	arena_free(&rig.arena);
	return 0;
}

static void push(struct side *side, size_t source, int from_s, int to_s)
{
	for (int i = from_s; i < to_s; i++)
		graph_push(side->graph, source, &(struct sample){ .at_us = t0 + i * (int64_t)S, .value = 1 });
}

static void expect(const char *told)
{
	assert_string_equal(rig.told, told);
	rig.told[0] = '\0';
}

static void adopt(const size_t moves[])
{
	graph_adopt(rig.new.graph, rig.old.graph, &(struct graph_moves){ moves, NULL }, t0 + 4500000);
}

static void only_the_stream_that_changes_is_split(void **state)
{
	static const size_t moves[] = { GRAPH_NEW, 0 };

	(void)state;
	push(&rig.old, 0, 0, 5);
	push(&rig.old, 1, 0, 5);
	add_stream(&rig.new, "b2", 1, 10); /* the order may change too */
	add_stream(&rig.new, "a", 0, 10);
	build(&rig.new);
	adopt(moves);
	expect("b@0/1 16 5/5 4500;");

	push(&rig.new, 0, 5, 10);
	push(&rig.new, 1, 5, 10);
	graph_advance(rig.new.graph, t0 + 10 * S);
	expect("b2@0/0 0 5/5 5000;a@0/0 0 10/10 10000;");
}

static void a_length_that_ends_and_one_that_begins(void **state)
{
	static const size_t moves[] = { GRAPH_NEW };

	(void)state;
	push(&rig.old, 0, 0, 5);
	add_stream(&rig.new, "a", 0, 5);
	build(&rig.new);
	adopt(moves);
	expect("a@0/0 16 5/5 4500;b@0/0 16 0/5 0;");
	push(&rig.new, 0, 5, 10);
	graph_advance(rig.new.graph, t0 + 10 * S);
	expect("a@5/0 0 5/5 5000;");
}

static void what_is_added_speaks_for_the_time_since(void **state)
{
	static const size_t moves[] = { 0, 1, GRAPH_NEW };

	(void)state;
	push(&rig.old, 0, 0, 5);
	push(&rig.old, 1, 0, 5);
	add_stream(&rig.new, "a", 0, 10);
	add_stream(&rig.new, "b", 1, 10);
	add_stream(&rig.new, "c", 2, 10);
	build(&rig.new);
	adopt(moves);
	expect("");
	for (size_t i = 0; i < 3; i++)
		push(&rig.new, i, 5, 10);
	graph_advance(rig.new.graph, t0 + 10 * S);
	expect("a@0/0 0 10/10 10000;b@0/0 0 10/10 10000;c@0/0 0 5/5 5000;");
}

/* Within one window the length changes and changes back: the keys of before must not come again. */
static void a_length_that_comes_back_goes_on_with_its_part_numbers(void **state)
{
	static const size_t moves[] = { GRAPH_NEW };
	struct side back = { 0 };

	(void)state;
	push(&rig.old, 0, 0, 5);
	add_stream(&rig.new, "a", 0, 5);
	build(&rig.new);
	adopt(moves);
	expect("a@0/0 16 5/5 4500;b@0/0 16 0/5 0;");

	add_stream(&back, "a", 0, 10);
	build(&back);
	graph_adopt(back.graph, rig.new.graph, &(struct graph_moves){ moves, NULL }, t0 + 4700000);
	expect("");
	push(&back, 0, 5, 10);
	graph_advance(back.graph, t0 + 10 * S);
	expect("a@0/1 8 5/5 5000;");
}

#define ADOPT_TEST(f) cmocka_unit_test_setup_teardown(f, set_up, tear_down)

int main(void)
{
	const struct CMUnitTest tests[] = {
		ADOPT_TEST(only_the_stream_that_changes_is_split),
		ADOPT_TEST(a_length_that_ends_and_one_that_begins),
		ADOPT_TEST(a_length_that_comes_back_goes_on_with_its_part_numbers),
		ADOPT_TEST(what_is_added_speaks_for_the_time_since),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
