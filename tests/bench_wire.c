/* SPDX-License-Identifier: Apache-2.0 */
/*
 * bench_wire - bytes of a partial and the time to write and read it, for streams of 1 Hz in windows of a minute. The signals
 * are a slow drift with the noise of a usual sensor, in the default contract of their unit. `line` is the same partial as
 * the JSON line of --print.
 */
#include <math.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "base/check.h"
#include "base/prng.h"
#include "pipelines/partial_json.h"
#include "pipelines/wire.h"

enum { SAMPLES = 60, ROUNDS = 2000, RUNS = 5, MAX_STREAMS = 32 };

static const struct signal {
	const char *unit;
	double mean, noise, drift; /* drift over the minute */
} signals[] = {
	{ "Cel", 21.5, 0.05, 0.1 }, { "%", 47.0, 0.2, 0.5 }, { "hPa", 1013.2, 0.02, 0.01 }, { "lx", 350.0, 5.0, 20.0 },
	{ "V", 230.0, 0.5, 0.5 },   { "A", 1.2, 0.02, 0.1 }, { "W", 276.0, 5.0, 20.0 },	    { "Hz", 50.0, 0.01, 0.02 },
};

static const struct workload {
	const char *name;
	size_t streams, kinds;
	bool has_sketch;
} workloads[] = {
	{ "temperature", 1, 1, false }, { "temperature", 1, 1, true }, { "temperatures", 8, 1, false },
	{ "temperatures", 8, 1, true }, { "8 units", 8, 8, false },    { "8 units", 8, 8, true },
	{ "8 units", 32, 8, false },	{ "8 units", 32, 8, true },
};

static double normal(uint64_t *seed)
{
	return sqrt(-2.0 * log(1.0 - prng_unit(seed))) * cos(6.283185307179586 * prng_unit(seed));
}

static void define(struct metric_def *d, const struct signal *s, bool has_sketch)
{
	const struct unit *u = unit_find(s->unit);

	*d = (struct metric_def){
		.name = "x@1",
		.unit = u,
		.reference = u->reference,
		.quantum = u->quantum,
		.has_sketch = has_sketch,
		.sketch = { u->sketch, u->quantum, u->reference, (uint32_t)llround(u->sketch_width / u->quantum) },
		.period_us = 1000000,
		.window_s = SAMPLES,
	};
}

static void count(struct sketch *s, int32_t index)
{
	struct sketch one = { .pos = { index, 1, { 1 } } };

	sketch_merge(s, &one);
}

static void measure(struct agg *a, const struct metric_def *d, const struct signal *s, uint64_t w0, uint64_t *seed)
{
	int64_t phase_ms = (int64_t)(prng_u64(seed) % 1000);

	memset(a, 0, sizeof(*a));
	for (int i = 0; i < SAMPLES; i++) {
		double x = s->mean + s->drift * i / SAMPLES + s->noise * normal(seed);
		int64_t k = llround((x - d->reference) / d->quantum);

		a->s1 += k;
		a->s2.lo += (uint64_t)(k * k);
		a->min = i == 0 || k < a->min ? k : a->min;
		a->max = i == 0 || k > a->max ? k : a->max;
		a->first = i == 0 ? k : a->first;
		a->last = k;
		a->tw += k * 1000;
		count(&a->sketch, sketch_index(&d->sketch, (int32_t)k));
	}
	a->n = a->expected = SAMPLES;
	a->tw_ms = a->covered_ms = SAMPLES * 1000;
	a->first_at_ms = (int64_t)w0 * 1000 + phase_ms;
	a->last_at_ms = a->first_at_ms + (SAMPLES - 1) * 1000;
	a->has_sketch = d->has_sketch;
}

static double cpu_us(void)
{
	struct timespec t;

	clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &t);
	return (double)t.tv_sec * 1e6 + (double)t.tv_nsec / 1e3;
}

static double encode_us(const struct partial *p, const struct metric_def *defs, uint8_t *out, int *bytes)
{
	double best = INFINITY;

	for (int run = 0; run < RUNS; run++) {
		double start = cpu_us(), spent;

		for (int i = 0; i < ROUNDS; i++)
			*bytes = wire_encode(p, defs, out, PARTIAL_MAX_BYTES);
		spent = (cpu_us() - start) / ROUNDS;
		best = spent < best ? spent : best;
	}
	return best;
}

static double decode_us(struct partial *p, const uint8_t *in, size_t bytes)
{
	struct wire_presence present;
	double best = INFINITY;
	const char *why;

	for (int run = 0; run < RUNS; run++) {
		double start = cpu_us(), spent;

		for (int i = 0; i < ROUNDS; i++)
			if (wire_decode(p, &present, in, bytes, &why) < 0)
				abort();
		spent = (cpu_us() - start) / ROUNDS;
		best = spent < best ? spent : best;
	}
	return best;
}

static size_t line_bytes(const struct partial *p, const struct metric_def *defs, size_t n)
{
	struct dynbuf line;
	size_t bytes;

	dynbuf_init(&line, 1 << 20);
	partial_to_json(p, defs, n, NULL, &line);
	bytes = line.len;
	dynbuf_free(&line);
	return bytes;
}

static void run(const struct workload *w)
{
	static struct partial_metric sent[MAX_STREAMS], received[PARTIAL_MAX_METRICS];
	struct partial p = { .version = PARTIAL_VERSION,
			     .site = "delft",
			     .device = "greenhouse-07",
			     .boot = 3,
			     .seq = 1700,
			     .w0 = 1763700000,
			     .wl = SAMPLES,
			     .contract = 0x1234abcd,
			     .wm = 1763700060,
			     .metrics = sent };
	struct partial q = { .metrics = received };
	struct metric_def defs[MAX_STREAMS];
	uint8_t out[PARTIAL_MAX_BYTES];
	uint64_t seed = 1;
	double encode, decode;
	int bytes = 0;

	for (uint32_t i = 0; i < w->streams; i++) {
		const struct signal *s = &signals[i % w->kinds];

		define(&defs[i], s, w->has_sketch);
		sent[i].id = i;
		measure(&sent[i].agg, &defs[i], s, p.w0, &seed);
	}
	p.n_metrics = w->streams;

	encode = encode_us(&p, defs, out, &bytes);
	if (bytes < 0)
		abort();
	decode = decode_us(&q, out, (size_t)bytes);
	printf("%7zu  %-12s  %-6s  %5d  %6.1f  %6zu  %9.2f  %9.2f\n", w->streams, w->name, w->has_sketch ? "yes" : "no",
	       bytes, (double)bytes / (double)w->streams, line_bytes(&p, defs, w->streams), encode, decode);
}

int main(void)
{
	puts("streams  signal        sketch  bytes  each      line  encode us  decode us");
	for (size_t i = 0; i < ARRAY_LEN(workloads); i++)
		run(&workloads[i]);
	return 0;
}
