/* SPDX-License-Identifier: Apache-2.0 */
/*
 * bench_operators.c - what each row of the table of operators costs, by the rows of op_subjects.c and by some more with the
 * sizes that people use.
 *
 *     bench_operators [SAMPLES [ROW]]               a table, or one row of it: for callgrind, which counts instructions;
 *                                                   row 0 is the loop and the sink alone, which are in all others
 *     bench_operators run NAME OPTIONS HZ [UNIT]    numbers in, one a line ("nan" is a gap); "TIME_US VALUE" out, all digits
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <malloc.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "base/check.h"
#include "base/prng.h"
#include "base/unit.h"
#include "tests/op_rig.h"
#include "tests/op_subjects.h"

enum { N_VALUES = 4096, RUNS = 5 };

static const struct op_subject usual_sizes[] = {
	{ "moving_average", .options = "1000" },
	{ "median", .options = "31" },
	{ "median", .options = "101" },
	{ "median", .options = "1001" },
	{ "hampel", .options = "101" },
	{ "hampel", .options = "1001" },
	{ "exponential", .options = "alpha=0.01" },
	{ "biquad", .options = "type=low_pass frequency=0.1 order=2" },
	{ "biquad", .options = "type=low_pass frequency=0.1 order=4" },
	{ "decimate", .options = "10" },
	{ "savitzky_golay", .options = "size=21 order=3" },
	{ "tumbling_window", .options = "length=1000s value=mean" },
	{ "tumbling_window", .options = "length=1000s value=stddev" },
	{ "tumbling_window", .options = "length=1000s value=kurtosis" },
	{ "tumbling_window", .options = "length=1000s value=rms" },
	{ "tumbling_window", .options = "length=1000s value=median" },
	{ "sliding_window", .options = "length=1000 value=mean" },
	{ "sliding_window", .options = "length=1000 value=stddev" },
	{ "sliding_window", .options = "length=1000 value=kurtosis" },
	{ "sliding_window", .options = "length=1000 value=max" },
	{ "sliding_window", .options = "length=100 value=quantile p=0.95" },
	{ "sliding_window", .options = "length=1000 value=quantile p=0.95" },
	{ "sliding_window", .options = "length=10000 value=quantile p=0.95" },
	{ "sliding_window", .options = "length=1000 value=slope" },
	{ "goertzel", .options = "frequency=0.1 size=1000" },
	{ "envelope", .options = "low=0.1 high=0.3" },
	{ "band_power", .options = "size=1024 overlap=0" },
	{ "band_power", .options = "size=1024 overlap=0.5" },
};

static double values[N_VALUES];
static uint64_t n_results;

static void count(void *state, unsigned input, const struct sample *in, const struct emitter *out)
{
	(void)state;
	(void)input;
	(void)in;
	(void)out;
	n_results++;
}

static double cpu_ns(void)
{
	struct timespec t;

	clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &t);
	return (double)t.tv_sec * 1e9 + (double)t.tv_nsec;
}

static const struct op_subject none = { .name = "none", .options = "-" };

/** NULL past the end. */
static const struct op_subject *row_at(size_t i)
{
	if (i == 0)
		return &none;
	if (i <= n_op_subjects)
		return &op_subjects[i - 1];
	i -= n_op_subjects + 1;
	return i < ARRAY_LEN(usual_sizes) ? &usual_sizes[i] : NULL;
}

/** @return nanoseconds a sample */
static double push_all(struct op_rig *rig, const struct op_subject *s, size_t n)
{
	double began = cpu_ns();

	for (size_t i = 0; i < n; i++) {
		struct sample in = { (int64_t)i * 1000000, op_subject_value(s, values[i % N_VALUES]), 0 };

		for (unsigned k = 0; k < rig->n_inputs; k++)
			rig->op.push(rig->op.state, k, &in, &rig->op.out);
	}
	return (cpu_ns() - began) / (double)(n * rig->n_inputs);
}

static void print_row(const struct op_subject *s, size_t n, int n_runs)
{
	struct op_node sink = { .push = count };
	double best_ns = INFINITY;
	size_t state_bytes = 0, taken_bytes = 0;

	for (int i = 0; i < n_runs; i++) {
		struct op_rig *rig = op_subject_start(s == &none ? &usual_sizes[0] : s);
		size_t heap_bytes;
		double ns;

		rig->link.to = &sink;
		if (s == &none)
			rig->op = sink;
		state_bytes = rig->arena.total_bytes;
		heap_bytes = mallinfo2().uordblks;
		ns = push_all(rig, s, n);
		taken_bytes = mallinfo2().uordblks - heap_bytes + rig->arena.total_bytes - state_bytes;
		best_ns = ns < best_ns ? ns : best_ns;
		rig_free(rig);
	}
	printf("%-18s %-48s %8.1f %10zu %8zu\n", s->name, s->options, best_ns, state_bytes, taken_bytes);
	fflush(stdout);
}

static int print_table(size_t n, const char *only)
{
	if (only) {
		const struct op_subject *s = row_at(strtoul(only, NULL, 10));

		if (s)
			print_row(s, n, 1);
		return s ? 0 : 1;
	}
	printf("%-18s %-48s %8s %10s %8s\n", "operator", "options", "ns", "bytes", "more");
	for (size_t i = 0; row_at(i); i++)
		print_row(row_at(i), n, RUNS);
	return 0;
}

static void print_result(void *state, unsigned input, const struct sample *in, const struct emitter *out)
{
	(void)state;
	(void)input;
	(void)out;
	printf("%lld %.17g\n", (long long)in->at_us, in->value);
}

static int run(const char *name, const char *options, double hz, const char *unit)
{
	struct series_info input = { unit_find(unit), SERIES_GAUGE, llround(1e6 / hz) };
	struct op_node sink = { .push = print_result };
	struct op_rig *rig;
	char line[64];

	assert_non_null(op_find(name));
	rig = rig_new(name, options, &input, 1);
	rig->link.to = &sink;
	for (int64_t i = 0; fgets(line, sizeof(line), stdin); i++) {
		struct sample in = { llround((double)i * 1e6 / hz), strtod(line, NULL), 0 };

		rig->op.push(rig->op.state, 0, &in, &rig->op.out);
	}
	rig_finish(rig);
	rig_free(rig);
	return 0;
}

int main(int argc, char *argv[])
{
	uint64_t seed = 1;

	if (argc >= 5 && !strcmp(argv[1], "run"))
		return run(argv[2], argv[3], strtod(argv[4], NULL), argc > 5 ? argv[5] : "[g]");
	for (size_t i = 0; i < N_VALUES; i++)
		values[i] = 10.0 * sin((double)i * 0.37) + 4.0 * prng_unit(&seed) - 2.0;
	return print_table(argc > 1 ? strtoul(argv[1], NULL, 10) : 200000, argc > 2 ? argv[2] : NULL);
}
