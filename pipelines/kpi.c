/* SPDX-License-Identifier: Apache-2.0 */
#include "pipelines/kpi.h"

#include <math.h>

struct kpi {
	const struct graph_kpi *plan;
	struct alarm *alarm;
	size_t n_streams;
	const struct metric_def **defs;
	struct agg *aggs;	   /* one per stream, of the open window */
	const struct agg **inputs; /* &aggs[i], as expr_eval() takes them */
	bool is_open;
	int64_t w0_us, told_us; /* start of the open window; end of the last one told */
};

struct kpi *kpi_new(const struct graph_kpi *plan, const struct metric_def *const defs[], struct alarm *alarm,
		    struct arena *a)
{
	struct kpi *k = arena_alloc(a, sizeof(*k));

	k->plan = plan;
	k->alarm = alarm;
	k->n_streams = expr_n_streams(plan->expr);
	k->defs = arena_alloc(a, k->n_streams * sizeof(k->defs[0]));
	k->aggs = arena_alloc(a, k->n_streams * sizeof(k->aggs[0]));
	k->inputs = arena_alloc(a, k->n_streams * sizeof(k->inputs[0]));
	k->told_us = INT64_MIN;
	for (size_t i = 0; i < k->n_streams; i++) {
		k->defs[i] = defs[i];
		k->inputs[i] = &k->aggs[i];
	}
	return k;
}

static int64_t length_us(const struct kpi *k)
{
	return (int64_t)k->plan->def.window_s * 1000000;
}

void kpi_start(struct kpi *k, int64_t at_us)
{
	int64_t end_us = at_us - at_us % length_us(k) + length_us(k);

	if (k->told_us > end_us)
		k->told_us = end_us;
	if (k->is_open && k->w0_us > at_us)
		k->is_open = false;
}

void kpi_adopt(struct kpi *k, const struct kpi *old)
{
	for (size_t i = 0; i < k->n_streams; i++)
		k->aggs[i] = old->aggs[i];
	k->is_open = old->is_open;
	k->w0_us = old->w0_us;
	k->told_us = old->told_us;
}

void kpi_add(struct kpi *k, size_t slot, int64_t w0_us, const struct agg *part)
{
	int64_t own_w0_us = w0_us - w0_us % length_us(k);

	if (own_w0_us < k->told_us || (k->is_open && own_w0_us < k->w0_us))
		return;
	if (!k->is_open || own_w0_us > k->w0_us) {
		for (size_t i = 0; i < k->n_streams; i++)
			k->aggs[i] = (struct agg){ 0 };
		k->is_open = true;
		k->w0_us = own_w0_us;
	}
	agg_merge(&k->aggs[slot], part);
}

void kpi_advance(struct kpi *k, int64_t watermark_us, const struct graph_sink *sink)
{
	double value, measured, coverage = k->n_streams > 0 ? 1.0 : 0.0;

	if (!k->is_open || k->w0_us + length_us(k) > watermark_us)
		return;

	for (size_t i = 0; i < k->n_streams; i++) {
		k->aggs[i].due_ms = (uint64_t)k->plan->def.window_s * 1000;
		coverage = fmin(coverage, agg_coverage(&k->aggs[i], k->defs[i]));
	}
	value = expr_eval_measured(k->plan->expr, k->inputs, k->defs, &measured);
	k->is_open = false;
	k->told_us = k->w0_us + length_us(k);
	if (sink->kpi)
		sink->kpi(sink->ctx, &k->plan->def, (uint64_t)(k->w0_us / 1000000), value, coverage);
	if (k->alarm)
		alarm_put(k->alarm, k->told_us, value, measured);
}
