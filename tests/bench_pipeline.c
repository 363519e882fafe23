/* SPDX-License-Identifier: Apache-2.0 */
/*
 * bench_pipeline.c - what a sample costs in process: source -> moving average -> window with all atoms and sketch.
 * `build/bench_pipeline [SAMPLES]`; under callgrind it gives instructions per sample.
 */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

#include "base/prng.h"
#include "base/unit.h"
#include "pipelines/graph.h"

static uint64_t n_partials;

static void on_partial(void *ctx, struct partial *p)
{
	(void)ctx;
	n_partials += p->n_metrics;
}

static double cpu_s(void)
{
	struct timespec t;

	clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &t);
	return (double)t.tv_sec + (double)t.tv_nsec * 1e-9;
}

struct variant {
	const char *title, *unit;
	bool has_average, has_sketch;
};

static struct graph_op moving_average(struct arena *a, const struct series_info *in)
{
	static const struct node value = { .kind = NODE_SCALAR, .text = "16", .at = { 1, 1 } };
	struct graph_op op = { .class = op_find("moving_average") };
	struct diag d = { .file = "bench" };
	struct series_info out = *in;
	struct op_setup setup = { .inputs = in, .n_inputs = 1, .output = &out, .arena = a };

	op.state = arena_alloc(a, op.class->state_size);
	if (opt_apply(&op.class->options, &value, op.state, a, &d, value.at, "operator", NULL) > 0 ||
	    op.class->setup(op.state, &setup) < 0)
		exit(1);
	return op;
}

static void run(const struct variant *v, uint64_t n)
{
	struct arena a = { 0 };
	const struct unit *unit = unit_find(v->unit);
	struct series_info in = { .unit = unit, .kind = SERIES_GAUGE, .period_us = 10000 };
	struct graph_op op = moving_average(&a, &in);
	struct graph_ref from = { false, 0 };
	struct graph_stream stream = {
		.name = "s",
		.from = &from,
		.n_from = 1,
		.ops = &op,
		.n_ops = v->has_average ? 1 : 0,
		.publish = true,
		.hold_us = 30000,
		.def = { .name = "s@1",
			 .unit = unit,
			 .reference = unit->reference,
			 .quantum = unit->quantum,
			 .has_sketch = v->has_sketch,
			 .sketch = { unit->sketch, unit->quantum, unit->reference,
				     unit->sketch == SKETCH_LIN ? (uint32_t)lround(unit->sketch_width / unit->quantum)
								: 0 },
			 .period_us = 10000,
			 .window_s = 10 },
	};
	struct graph_plan plan = { .n_sources = 1, .streams = &stream, .n_streams = 1 };
	struct graph_sink sink = { .partial = on_partial };
	struct graph *g = graph_new(&plan, &sink, &a);
	enum { VALUES = 4096 };
	static double values[VALUES];
	int64_t advance_at_us = INT64_MIN;
	uint64_t seed = 1;
	double began;

	for (size_t i = 0; i < VALUES; i++)
		values[i] = 21.5 + prng_unit(&seed) + prng_unit(&seed) - 1.0;
	began = cpu_s();
	for (uint64_t i = 0; i < n; i++) {
		struct sample s = { .at_us = 1700000000000000 + (int64_t)i * 10000, .value = values[i % VALUES] };

		if (s.at_us >= advance_at_us)
			advance_at_us = graph_advance(g, s.at_us);
		graph_push(g, 0, &s);
	}
	graph_finish(g);
	printf("%-44s %6.1f ns a sample\n", v->title, (cpu_s() - began) * 1e9 / (double)n);
	arena_free(&a);
}

int main(int argc, char **argv)
{
	static const struct variant variants[] = {
		{ "window, moments", "Cel", false, false },
		{ "window, moments, sketch lin", "Cel", false, true },
		{ "moving average, moments, sketch lin", "Cel", true, true },
		{ "moving average, moments, sketch exp2", "V", true, true },
	};
	uint64_t n = argc > 1 ? strtoull(argv[1], NULL, 10) : 20000000;
	size_t only = argc > 2 ? (size_t)strtoull(argv[2], NULL, 10) : 99;

	for (size_t i = 0; i < sizeof(variants) / sizeof(variants[0]); i++)
		if (only == 99 || only == i)
			run(&variants[i], n);
	return n_partials > 0 ? 0 : 1;
}
