/* SPDX-License-Identifier: Apache-2.0 */
/*
 * bench_ops [SAMPLES [OPERATOR [ARGUMENT]]] - CPU time a sample of every operator, with a signal that changes little (as sensors
 * do) and with noise. The first line is the loop and the sink alone, which are in all others. For instructions take
 * one row at a time:
 *
 *     valgrind --tool=callgrind --toggle-collect=median_push build/tests/bench_ops 100000 median 5
 *
 * and divide by 10 * SAMPLES, because each of the two signals runs five times and the best run is shown.
 */
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "base/arena.h"
#include "base/check.h"
#include "base/diag.h"
#include "base/prng.h"
#include "base/unit.h"
#include "pipelines/op.h"

enum {
	WARM_UP = 2000, /* values without a result, while windows fill or a baseline is learnt */
	N_VALUES = 4096,
	RUNS = 5,
	PERIOD_US = 10000
};

static const struct row {
	const char *name, *argument;
	size_t n_inputs;
} rows[] = {
	{ "none", "-", 1 },
	{ "combine", "mean", 2 },
	{ "combine", "mean", 8 },
	{ "correlate", "1000", 2 },
	{ "cusum", "0.5", 1 },
	{ "expression", "a-b", 2 },
	{ "hampel", "7", 1 },
	{ "hampel", "1001", 1 },
	{ "integral", "1h", 1 },
	{ "lua", "function\ton_sample(x)return(2*x)end", 1 },
	{ "median", "5", 1 },
	{ "median", "31", 1 },
	{ "median", "1001", 1 },
	{ "moving_average", "5", 1 },
	{ "moving_average", "1000", 1 },
	{ "moving_average", "1s", 1 },
	{ "moving_average", "1m", 1 },
	{ "scale", "1.8", 1 },
	{ "threshold", "28", 1 },
	{ "zscore", "1000", 1 },
};

static void count(void *state, unsigned input, const struct sample *in, const struct emitter *out)
{
	size_t *n = state;

	(void)input;
	(void)in;
	(void)out;
	++*n;
}

static double cpu_ns(void)
{
	struct timespec t;

	clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &t);
	return (double)t.tv_sec * 1e9 + (double)t.tv_nsec;
}

static void refuse(const struct row *row, const char *why)
{
	fprintf(stderr, "bench_ops: %s: %s: %s\n", row->name, row->argument, why);
	exit(1);
}

/** @return nanoseconds a sample */
static double time_pushes(struct op_node *op, size_t n_inputs, const double values[], size_t n_samples)
{
	size_t n_ticks = n_samples / n_inputs;
	double start_ns = cpu_ns();

	for (size_t i = 0; i < n_ticks; i++) {
		struct sample s = { (int64_t)i * PERIOD_US, values[i % N_VALUES], 0 };

		for (unsigned k = 0; k < n_inputs; k++)
			op->push(op->state, k, &s, &op->out);
	}
	return (cpu_ns() - start_ns) / (double)(n_ticks * n_inputs);
}

/** One fresh operator; the sink alone when @row is of none. */
static double run_once(const struct row *row, const double values[], size_t n_samples)
{
	const struct op_class *class = op_find(row->name);
	struct arena arena = { 0 };
	struct diag diag = { .file = row->name };
	struct node argument = { .kind = NODE_SCALAR, .text = row->argument };
	struct series_info inputs[OP_MAX_INPUTS], output;
	struct op_setup setup = { .inputs = inputs, .n_inputs = row->n_inputs, .output = &output, .arena = &arena };
	size_t n_out = 0;
	struct op_node sink = { .push = count, .state = &n_out }, op = sink;
	struct op_link link = { .to = &sink };
	double ns;

	for (size_t i = 0; i < row->n_inputs; i++)
		inputs[i] = (struct series_info){ unit_find("Cel"), SERIES_GAUGE, PERIOD_US };
	output = inputs[0];
	if (class) {
		op = (struct op_node){ class->push, arena_alloc(&arena, class->state_size), { &link, 1 } };
		if (opt_apply(&class->options, &argument, op.state, &arena, &diag, argument.at, row->name, NULL) > 0)
			refuse(row, diag.first->text);
		if (class->setup && class->setup(op.state, &setup) < 0)
			refuse(row, setup.error);
	}
	ns = time_pushes(&op, row->n_inputs, values, n_samples);
	if (n_out > n_samples / row->n_inputs || n_out + WARM_UP < n_samples / row->n_inputs)
		refuse(row, "not one result a tick");
	arena_free(&arena);
	return ns;
}

static double best_of_runs(const struct row *row, const double values[], size_t n_samples)
{
	double best_ns = run_once(row, values, n_samples);

	for (int i = 1; i < RUNS; i++) {
		double ns = run_once(row, values, n_samples);

		best_ns = ns < best_ns ? ns : best_ns;
	}
	return best_ns;
}

int main(int argc, char *argv[])
{
	size_t n_samples = argc > 1 ? strtoul(argv[1], NULL, 10) : 1000000;
	static double calm[N_VALUES], noise[N_VALUES];
	uint64_t seed = 1;

	for (size_t i = 0; i < N_VALUES; i++) {
		noise[i] = 20.0 + 10.0 * prng_unit(&seed);
		calm[i] = 25.0 + (double)(i % 512 < 256 ? i % 256 : 256 - i % 256) / 100.0 + 0.1 * prng_unit(&seed);
	}
	printf("%-16s %-9s %7s %13s %13s\n", "operator", "argument", "inputs", "calm ns", "noise ns");
	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		if ((argc > 2 && strcmp(argv[2], rows[i].name)) || (argc > 3 && strcmp(argv[3], rows[i].argument)))
			continue;
		printf("%-16s %-9s %7zu %13.1f %13.1f\n", rows[i].name, rows[i].argument, rows[i].n_inputs,
		       best_of_runs(&rows[i], calm, n_samples), best_of_runs(&rows[i], noise, n_samples));
	}
	return 0;
}
