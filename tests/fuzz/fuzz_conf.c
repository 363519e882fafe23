/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Any bytes as a config; when it is good, its graph gets samples, odd ones too, and is cut. Nothing is read from the board:
 * no driver is probed, and texts that name a path are left out, because the driver csv reads its file to know its channels.
 */
#define _GNU_SOURCE
#include <math.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "agent/conf.h"
#include "pipelines/wire.h"

static void on_partial(void *ctx, struct partial *p)
{
	static uint8_t out[PARTIAL_MAX_BYTES];
	struct graph *const *g = ctx;

	if (wire_encode(p, graph_contract(*g)->metrics, out, sizeof(out)) < 0)
		abort(); /* what a graph makes fits */
}

static void on_kpi(void *ctx, const struct kpi_def *kpi, uint64_t w0_s, double value, double coverage)
{
	(void)ctx;
	(void)kpi;
	if (isinf(value) || !(coverage >= 0.0 && coverage <= 1.0) || w0_s % kpi->window_s != 0)
		abort();
}

static void on_event(void *ctx, const char *stream, const char *event, int64_t at_us, double value)
{
	(void)ctx;
	(void)at_us;
	if (!stream || !event || isinf(value))
		abort();
}

static void run(struct conf *c)
{
	static const double values[] = { 1.0, 20.004, NAN, 0.0, -1e300, INFINITY, 1e9, 21.0 };
	struct graph *g = NULL;
	const struct graph_sink sink = { .ctx = &g, .partial = on_partial, .kpi = on_kpi, .event = on_event };
	int64_t at_us = 1763700000500000;
	size_t arena_bytes;

	c->plan.emit_empty = c->hash & 1;
	g = graph_new(&c->plan, &sink, &c->arena);
	arena_bytes = c->arena.total_bytes;
	graph_start(g, at_us);
	for (size_t i = 0; i < 24 && c->plan.n_sources > 0; i++, at_us += 700000) {
		struct sample s = { .at_us = i % 7 == 6 ? at_us - 5000000 : at_us, .value = values[i % 8] };

		graph_push(g, i % c->plan.n_sources, &s);
		if (i % 3 == 0)
			graph_advance(g, at_us - 1000000);
	}
	graph_cut(g, at_us, PARTIAL_STEP);
	graph_start(g, at_us - 3000000);
	graph_cut(g, at_us, PARTIAL_CUT_END);
	if (c->arena.total_bytes != arena_bytes)
		abort();
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct diag d = { .file = "fuzz" };
	struct conf c;
	int r;

	if (size > 20000 || memmem(data, size, "path", 4) || memchr(data, '\\', size)) /* it could be escaped */
		return 0;
	r = conf_parse(&c, (const char *)data, size, &d);
	if ((r == 0) != (d.n_errors == 0))
		abort();
	if (r == 0 && c.plan.n_streams < 200)
		run(&c);
	conf_free(&c);
	diag_free(&d);
	return 0;
}
