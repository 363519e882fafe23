/* SPDX-License-Identifier: Apache-2.0 */
/* What leaves a graph: many metrics in small messages, events, and the law that makes a fleet: merged parts are the whole. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <math.h>
#include <stdio.h>
#include <string.h>

#include "base/prng.h"
#include "pipelines/graph.h"
#include "pipelines/wire.h"

enum { MAX_STREAMS = 150, MAX_DEVICES = 5 };

static const int64_t t0 = INT64_C(1763697600000000);

static struct rig {
	struct arena arena;
	struct graph_plan plan;
	struct graph_stream streams[MAX_STREAMS];
	struct graph_ref refs[MAX_STREAMS];
	char names[MAX_STREAMS][24];
	struct graph *graph;
	size_t n_messages, n_metrics, n_seen[MAX_STREAMS];
	uint64_t parts; /* bit per part number */
	struct agg merged[MAX_STREAMS];
	char events[200];
} rigs[MAX_DEVICES];

static void on_partial(void *ctx, struct partial *p)
{
	static uint8_t bytes[PARTIAL_MAX_BYTES];
	struct rig *r = ctx;

	memset(p->device, 'd', PARTIAL_NAME_BYTES - 1); /* the longest names */
	memset(p->site, 's', PARTIAL_NAME_BYTES - 1);
	p->boot = p->seq = p->contract = UINT32_MAX;
	assert_true(p->n_metrics > 0 && p->n_metrics <= PARTIAL_MAX_METRICS);
	assert_true(wire_encode(p, NULL, bytes, sizeof(bytes)) > 0);
	assert_true(p->part < 64 && !(r->parts & (uint64_t)1 << p->part));
	r->parts |= (uint64_t)1 << p->part;
	r->n_messages++;
	for (size_t i = 0; i < p->n_metrics; i++) {
		r->n_seen[p->metrics[i].id]++;
		agg_merge(&r->merged[p->metrics[i].id], &p->metrics[i].agg);
	}
}

static void on_event(void *ctx, const char *stream, const char *event, int64_t at_us, double value)
{
	struct rig *r = ctx;
	size_t len = strlen(r->events);

	snprintf(r->events + len, sizeof(r->events) - len, "%s %s %d %g;", stream, event, (int)((at_us - t0) / 1000000),
		 value);
}

static void set_up(struct rig *r, size_t n, bool has_sketch)
{
	*r = (struct rig){ .plan = { .n_sources = n, .streams = r->streams, .n_streams = n, .emit_empty = true } };
	for (size_t i = 0; i < n; i++) {
		r->refs[i] = (struct graph_ref){ false, i };
		snprintf(r->names[i], sizeof(r->names[i]), "s%zu", i);
		r->streams[i] = (struct graph_stream){
			.name = r->names[i],
			.from = &r->refs[i],
			.n_from = 1,
			.publish = true,
			.hold_us = 3000000,
			.def = { .name = r->names[i],
				 .unit = unit_find("V"),
				 .quantum = 0.0001,
				 .has_sketch = has_sketch,
				 .sketch = { SKETCH_EXP2, 0.0001, 0.0, 0 },
				 .window_s = 3600 },
		};
	}
}

static void build(struct rig *r)
{
	const struct graph_sink sink = { .ctx = r, .partial = on_partial, .event = on_event };

	r->graph = graph_new(&r->plan, &sink, &r->arena);
}

static void many_metrics_go_in_messages_that_fit(void **state)
{
	static const size_t counts[] = { 1, 62, 63, 64, 65, 66, 128, 150 };

	(void)state;
	for (size_t c = 0; c < 16; c++) {
		struct rig *r = &rigs[0];
		size_t n = counts[c / 2];
		uint64_t seed = c;

		set_up(r, n, c % 2);
		build(r);
		graph_start(r->graph, t0);
		for (size_t i = 0; i < n * 500; i++) {
			double x = exp2(20.0 * prng_unit(&seed) - 10.0) * (i % 3 ? 1.0 : -1.0); /* all buckets */

			graph_push(r->graph, i % n, &(struct sample){ .at_us = t0 + (int64_t)i, .value = x });
		}
		graph_advance(r->graph, t0 + INT64_C(3600000000));
		for (size_t i = 0; i < n; i++) {
			assert_int_equal(r->n_seen[i], 1);
			assert_int_equal(r->merged[i].n, 500);
		}
		if (!(c % 2))
			assert_true(r->n_messages <= 1 + n / 49); /* 160 B are set aside for each */
		arena_free(&r->arena);
	}
}

/* The state's own stream, without an operator: its value is what its input read. */
static void events_are_told_at_each_change_and_not_at_gaps(void **state)
{
	static const double values[] = { NAN, 0, 0, NAN, 1, NAN, 1, INFINITY, 1, 0, NAN, 0, 1 };
	struct rig *r = &rigs[0];

	(void)state;
	set_up(r, 2, false);
	r->streams[0].def.kind = r->streams[1].def.kind = SERIES_STATE;
	r->streams[0].event = r->streams[1].event = true;
	build(r);
	for (size_t i = 0; i < ARRAY_LEN(values); i++)
		graph_push(r->graph, 0, &(struct sample){ .at_us = t0 + (int64_t)i * 1000000, .value = values[i] });
	graph_push(r->graph, 1, &(struct sample){ .at_us = t0, .value = 1.0 }); /* raised from the start */
	assert_string_equal(r->events, "s0 raised 4 1;s0 cleared 9 0;s0 raised 12 1;s1 raised 0 1;");
	arena_free(&r->arena);
}

static void the_newest_value_is_at_hand(void **state)
{
	struct rig *r = &rigs[0];
	struct sample s;

	(void)state;
	set_up(r, 1, false);
	build(r);
	assert_false(graph_latest(r->graph, 0, &s));
	graph_push(r->graph, 0, &(struct sample){ .at_us = t0, .value = 2.5 });
	assert_true(graph_latest(r->graph, 0, &s) && s.value == 2.5 && s.at_us == t0);
	graph_push(r->graph, 0, &(struct sample){ .at_us = t0 + 1, .value = NAN });
	assert_true(graph_latest(r->graph, 0, &s) && isnan(s.value));
	arena_free(&r->arena);
}

static void check_same(const struct agg *a, const struct agg *b)
{
	assert_true(a->n == b->n && a->s1 == b->s1 && a->s2.lo == b->s2.lo && a->s2.hi == b->s2.hi);
	assert_true(a->min == b->min && a->max == b->max && a->bad == b->bad && a->lost == b->lost);
	assert_true(a->first == b->first && a->last == b->last && a->first_at_ms == b->first_at_ms &&
		    a->last_at_ms == b->last_at_ms);
	assert_memory_equal(&a->sketch, &b->sketch, sizeof(a->sketch));
}

static void one_device_or_several_merged_in_any_order_are_the_same(void **state)
{
	(void)state;
	for (uint64_t round = 0; round < 20; round++) {
		static struct agg all;
		uint64_t seed = round;
		size_t first = prng_u64(&seed) % (MAX_DEVICES - 1);

		for (size_t d = 0; d < MAX_DEVICES; d++) {
			set_up(&rigs[d], 1, true);
			build(&rigs[d]);
		}
		for (int i = 0; i < 2000; i++) {
			struct sample s = { .at_us = t0 + (int64_t)(prng_u64(&seed) % 50000000) };

			s.value = prng_u64(&seed) % 50 ? exp2(24.0 * prng_unit(&seed) - 12.0) - 1.0 : NAN;
			graph_push(rigs[0].graph, 0, &s); /* the whole */
			graph_push(rigs[1 + prng_u64(&seed) % (MAX_DEVICES - 1)].graph, 0, &s);
		}
		for (size_t d = 0; d < MAX_DEVICES; d++)
			graph_finish(rigs[d].graph);
		all = (struct agg){ 0 };
		for (size_t d = 0; d + 1 < MAX_DEVICES; d++)
			agg_merge(&all, &rigs[1 + (first + d) % (MAX_DEVICES - 1)].merged[0]);
		check_same(&all, &rigs[0].merged[0]);
		for (size_t d = 0; d < MAX_DEVICES; d++)
			arena_free(&rigs[d].arena);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(many_metrics_go_in_messages_that_fit),
		cmocka_unit_test(events_are_told_at_each_change_and_not_at_gaps),
		cmocka_unit_test(the_newest_value_is_at_hand),
		cmocka_unit_test(one_device_or_several_merged_in_any_order_are_the_same),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
