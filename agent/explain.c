/* SPDX-License-Identifier: Apache-2.0 */
/*
 * explain.c - collects. The recording is read twice: which window is the last one is known at its end, and to keep everything
 * of all windows until then would have no bound.
 */
#include "agent/explain.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <math.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "agent/exec_replay.h"
#include "agent/exits.h"
#include "agent/replay.h"
#include "base/log.h"
#include "base/text.h"
#include "pipelines/expr.h"
#include "pipelines/partial.h"

/* To look at, so a few are enough. */
static void tell_kpis(const char *name, const char *const names[], size_t n)
{
	char text[200] = "";
	size_t used = 0;

	for (size_t i = 0; i < n && used + 1 < sizeof(text); i++)
		used += (size_t)snprintf(text + used, sizeof(text) - used, "%s%s", i > 0 ? ", " : "", names[i]);
	log_error("no KPI '%s' in the config%s%s", name, n > 0 ? "; there are: " : ", there is none at all", text);
}

const struct graph_kpi *explain_find_kpi(const struct conf *c, const char *name)
{
	const char *names[256] = { NULL }, *near;
	size_t n = 0;

	for (size_t i = 0; i < c->plan.n_kpis; i++) {
		if (strcmp(c->plan.kpis[i].def.name, name) == 0)
			return &c->plan.kpis[i];
		if (n < ARRAY_LEN(names))
			names[n++] = c->plan.kpis[i].def.name;
	}
	near = text_nearest(name, names, n);
	if (near)
		log_error("no KPI '%s', did you mean '%s'?", name, near);
	else
		tell_kpis(name, names, n);
	return NULL;
}

static int read_all(struct conf *c, struct graph *g, const char *input)
{
	struct replay *r = arena_alloc(&c->arena, sizeof(*r));
	char error[REPLAY_ERROR_BYTES];
	struct exec_replays *execs;
	int fd = open(input, O_RDONLY | O_CLOEXEC), n;

	if (fd < 0) {
		log_error("%s: %s", input, strerror(errno));
		return EXIT_IO;
	}
	if (exec_replays_create(&execs, &c->plan) < 0)
		snprintf(error, sizeof(error), "%s", strerror(n = -ENOMEM));
	else
		n = replay_open(r, fd, c, g, error);
	if (n < 0)
		log_error("%s: %s", input, error);
	else
		while ((n = replay_step(r, 1000)) == 1)
			;
	close(fd);
	if (n == 0)
		graph_finish(g);
	exec_replays_free(execs);
	return n < 0 ? EXIT_IO : EXIT_DONE;
}

/* --- which windows there are --- */

static void note_window(void *ctx, const struct kpi_def *kpi, uint64_t w0_s, double value, double coverage)
{
	struct explanation *e = ctx;

	(void)coverage;
	if (strcmp(kpi->name, e->kpi->def.name) != 0)
		return;
	if (e->n_windows == 0)
		e->first_w0 = e->w0 = w0_s;
	e->n_windows++;
	e->last_w0 = w0_s;
	if (isfinite(value))
		e->w0 = w0_s;
}

int explain_choose(struct explanation *e, struct conf *c, const char *kpi, const char *input, int64_t wanted_w0)
{
	const struct graph_sink sink = { .ctx = e, .kpi = note_window };
	int result;

	*e = (struct explanation){ .conf = c, .kpi = explain_find_kpi(c, kpi) };
	if (!e->kpi)
		return EXIT_USAGE;
	result = read_all(c, graph_new(&c->plan, &sink, &c->arena), input);
	if (result != EXIT_DONE)
		return result;
	if (e->n_windows == 0) {
		log_error("%s has no window of KPI %s", input, kpi);
		return EXIT_FAILED;
	}
	if (wanted_w0 != EXPLAIN_ANY_WINDOW)
		e->w0 = (uint64_t)wanted_w0 - (uint64_t)wanted_w0 % e->kpi->def.window_s;
	if (e->w0 < e->first_w0 || e->w0 > e->last_w0) {
		log_error("no window at %" PRIu64 ", expected one from %" PRIu64 " to %" PRIu64, e->w0, e->first_w0,
			  e->last_w0);
		return EXIT_FAILED;
	}
	return EXIT_DONE;
}

/* --- what led to it --- */

static bool is_in_window(const struct explanation *e, uint64_t w0)
{
	return w0 >= e->w0 && w0 < e->w0 + e->kpi->def.window_s;
}

static void take_part(struct explain_input *in, const struct partial *p, const struct agg *a)
{
	bool is_counter = in->def->kind == SERIES_COUNTER;

	if (in->n_parts < EXPLAIN_MAX_PARTS)
		in->parts[in->n_parts] = (struct explain_part){
			.w0 = p->w0,
			.part = p->part,
			.flags = p->flags,
			.n = a->n,
			.expected = a->expected,
			.bad = a->bad,
			.lost = a->lost,
			.covered_ms = a->covered_ms,
			.mean = agg_mean(a, in->def),
			.min = agg_min(a, in->def),
			.max = agg_max(a, in->def),
			.increase = is_counter ? agg_increase(a, in->def) : NAN,
		};
	in->n_parts++;
	agg_merge(&in->merged, a);
}

static void on_partial(void *ctx, struct partial *p)
{
	struct explanation *e = ctx;

	if (!is_in_window(e, p->w0))
		return;
	for (size_t m = 0; m < p->n_metrics; m++)
		for (size_t i = 0; i < e->n_inputs; i++)
			if (e->inputs[i].id == p->metrics[m].id && e->is_told)
				e->inputs[i].n_late++;
			else if (e->inputs[i].id == p->metrics[m].id)
				take_part(&e->inputs[i], p, &p->metrics[m].agg);
}

static void on_kpi(void *ctx, const struct kpi_def *kpi, uint64_t w0_s, double value, double coverage)
{
	struct explanation *e = ctx;

	if (w0_s != e->w0 || strcmp(kpi->name, e->kpi->def.name) != 0)
		return;
	e->is_told = true;
	e->value = value;
	e->coverage = coverage;
}

/* Metrics are numbered in the order of the streams that are published. */
static uint32_t metric_id(const struct conf *c, size_t stream)
{
	uint32_t id = 0;

	for (size_t i = 0; i < stream; i++)
		id += c->plan.streams[i].publish;
	return id;
}

static void set_window(struct explanation *e)
{
	for (size_t i = 0; i < e->points.n; i++) {
		e->points.points[i].probe->from_us = (int64_t)e->w0 * 1000000;
		e->points.points[i].probe->to_us = (int64_t)(e->w0 + e->kpi->def.window_s) * 1000000;
	}
}

int explain_run(struct explanation *e, struct conf *c, const char *kpi, const char *input)
{
	const struct graph_sink sink = { .ctx = e, .partial = on_partial, .kpi = on_kpi };
	bool *wanted = arena_alloc(&c->arena, c->plan.n_streams + 1);
	struct graph_plan *plan = arena_alloc(&c->arena, sizeof(*plan));
	int result;

	e->conf = c;
	e->kpi = explain_find_kpi(c, kpi);
	if (!e->kpi)
		return EXIT_CONFIG;
	e->n_inputs = expr_n_streams(e->kpi->expr);
	e->inputs = arena_alloc(&c->arena, e->n_inputs * sizeof(e->inputs[0]));
	for (size_t i = 0; i < e->n_inputs; i++) {
		struct explain_input *in = &e->inputs[i];

		in->stream = e->kpi->streams[i];
		in->def = &c->plan.streams[in->stream].def;
		in->id = metric_id(c, in->stream);
		wanted[in->stream] = true;
	}
	*plan = probe_plan(c, wanted, &e->points);
	set_window(e);
	result = read_all(c, graph_new(plan, &sink, &c->arena), input);
	for (size_t i = 0; i < e->n_inputs; i++)
		e->inputs[i].merged.due_ms = (uint64_t)e->kpi->def.window_s * 1000;
	return result;
}
