/* SPDX-License-Identifier: Apache-2.0 */
/* archive_spread.c - a KPI for each device by itself, over the parts of one window in the store: how far apart the devices are, and which stand out. */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "collector/archive_private.h"
#include "pipelines/wire.h"

struct spreading {
	struct archive *archive;
	const struct site *site;
	const struct kpi_plan *plan;
	const struct fleet_kpi *k;
	struct agg **aggs; /* by device, then stream; NULL: nothing came */
};

struct outcome {
	const char *device;
	double value, distance;
};

static const struct metric_def *definition(const struct spreading *s, size_t stream)
{
	const struct site_metric *m = site_find_metric(s->site, s->plan->metrics[stream]->name);

	return m ? &m->def : NULL;
}

bool archive_is_same_metric(const struct metric_def *a, const struct metric_def *b)
{
	return strcmp(a->name, b->name) == 0 && a->kind == b->kind && a->reference == b->reference &&
	       a->quantum == b->quantum && a->has_sketch == b->has_sketch &&
	       strcmp(a->unit->code, b->unit->code) == 0 &&
	       (!a->has_sketch || (a->sketch.kind == b->sketch.kind && a->sketch.width == b->sketch.width));
}

static void merge(struct spreading *s, size_t device, const struct partial *p, const struct contract *c)
{
	for (size_t i = 0; i < s->plan->n_streams; i++) {
		const struct metric_def *def = definition(s, i);

		for (size_t j = 0; j < p->n_metrics; j++) {
			if (!def || !archive_is_same_metric(&c->metrics[p->metrics[j].id], def))
				continue;
			if (!s->aggs[device])
				s->aggs[device] = sorted_alloc(s->plan->n_streams * sizeof(struct agg));
			agg_merge(&s->aggs[device][i], &p->metrics[j].agg);
		}
	}
}

static int take(void *ctx, const struct store_part *row)
{
	struct spreading *s = ctx;
	struct fleet *f = s->archive->fleet;
	const struct archive_owner *o = archive_owner(s->archive, row->device);
	struct partial p = { .metrics = f->metrics };
	const struct shared_contract *c;
	struct wire_presence present;
	const char *why;

	if (!o || o->site != s->site || s->k->wl % row->wl != 0)
		return 0;
	if (wire_decode(&p, &present, row->payload, row->bytes, &why) < 0)
		return 0;
	c = device_contract(o->device, p.contract);
	if (c && wire_complete(&p, &present, c->contract.metrics, c->contract.n_metrics) == 0)
		merge(s, o->device->id, &p, &c->contract);
	return 0;
}

static double evaluate(const struct spreading *s, struct agg *aggs)
{
	const struct agg *inputs[EXPR_MAX_STREAMS];
	const struct metric_def *defs[EXPR_MAX_STREAMS];

	for (size_t i = 0; i < s->plan->n_streams; i++) {
		aggs[i].due_ms = (uint64_t)s->k->wl * 1000;
		inputs[i] = &aggs[i];
		defs[i] = definition(s, i);
		if (!defs[i])
			return NAN;
	}
	return expr_eval(s->plan->expr, inputs, defs);
}

static int by_value(const void *a, const void *b)
{
	const struct outcome *x = a, *y = b;

	return (x->value > y->value) - (x->value < y->value);
}

static int by_distance(const void *a, const void *b)
{
	const struct outcome *x = a, *y = b;

	if (x->distance != y->distance)
		return x->distance < y->distance ? 1 : -1;
	return strcmp(x->device, y->device);
}

static void sum_up(struct outcome *o, size_t n, struct fleet_spread *out)
{
	*out = (struct fleet_spread){ .n = n };
	if (n == 0)
		return;
	qsort(o, n, sizeof(*o), by_value);
	out->low = o[0].value;
	out->high = o[n - 1].value;
	out->median = n % 2 == 1 ? o[n / 2].value : o[n / 2 - 1].value / 2 + o[n / 2].value / 2;
	for (size_t i = 0; i < n; i++)
		o[i].distance = fabs(o[i].value - out->median);
	qsort(o, n, sizeof(*o), by_distance);
	for (; out->n_worst < FLEET_KPI_N_WORST && out->n_worst < n && o[out->n_worst].distance > 0; out->n_worst++) {
		snprintf(out->worst[out->n_worst].device, sizeof(out->worst[0].device), "%s", o[out->n_worst].device);
		out->worst[out->n_worst].value = o[out->n_worst].value;
	}
}

void archive_spread(void *ctx, const struct site *site, const struct kpi_plan *plan, struct fleet_kpi *k)
{
	struct spreading s = { .archive = ctx, .site = site, .plan = plan, .k = k };
	const struct store_range range = { .from = k->w0, .to = k->w0 + k->wl };
	struct outcome *outcomes = sorted_alloc(site->devices.n * sizeof(*outcomes));
	size_t n = 0;

	s.aggs = sorted_alloc(site->devices.n * sizeof(s.aggs[0]));
	if (store_each_part(s.archive->store, &range, take, &s) == 0)
		for (size_t i = 0; i < site->devices.n; i++) {
			const struct device *d = site_device(site, i);
			double value = s.aggs[d->id] ? evaluate(&s, s.aggs[d->id]) : NAN;

			if (!isnan(value))
				outcomes[n++] = (struct outcome){ .device = d->name, .value = value };
		}
	sum_up(outcomes, n, &k->spread);
	for (size_t i = 0; i < site->devices.n; i++)
		free(s.aggs[i]);
	free(s.aggs);
	free(outcomes);
}
