/* SPDX-License-Identifier: Apache-2.0 */
/*
 * archive_spread.c - a KPI for each device by itself, over the parts of one window in the store: how far apart the devices are, and which stand out.
 *
 * KPIs of one window are told one after the other, and decoding its parts is what costs. So one reading serves all of them: it keeps the
 * aggregates of as many streams as have room, first those that are asked for, until parts are committed again.
 */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "collector/archive_private.h"
#include "pipelines/wire.h"

enum { MAX_STREAMS = 32, ROOM_BYTES = 16 * 1024 * 1024 };

struct device_aggs {
	uint32_t came; /* a bit for each stream */
	struct agg aggs[];
};

struct archive_reading {
	struct archive *archive;
	const struct site *site;
	uint64_t w0;
	uint32_t wl;
	const struct site_metric *streams[MAX_STREAMS];
	size_t n_streams, n_devices;
	struct device_aggs **devices; /* by id; NULL: nothing came */
};

struct outcome {
	const char *device;
	double value, distance;
};

bool archive_is_same_metric(const struct metric_def *a, const struct metric_def *b)
{
	return strcmp(a->name, b->name) == 0 && a->kind == b->kind && a->reference == b->reference &&
	       a->quantum == b->quantum && a->has_sketch == b->has_sketch &&
	       strcmp(a->unit->code, b->unit->code) == 0 &&
	       (!a->has_sketch || (a->sketch.kind == b->sketch.kind && a->sketch.width == b->sketch.width));
}

/* --- reading a window --- */

static void merge(struct archive_reading *r, size_t device, const struct partial *p, const struct contract *c)
{
	struct device_aggs **to = &r->devices[device];

	for (size_t i = 0; i < r->n_streams; i++)
		for (size_t j = 0; j < p->n_metrics; j++) {
			if (!archive_is_same_metric(&c->metrics[p->metrics[j].id], &r->streams[i]->def))
				continue;
			if (!*to)
				*to = sorted_alloc(sizeof(**to) + r->n_streams * sizeof(struct agg));
			agg_merge(&(*to)->aggs[i], &p->metrics[j].agg);
			(*to)->came |= (uint32_t)1 << i;
		}
}

static int take(void *ctx, const struct store_part *row)
{
	struct archive_reading *r = ctx;
	const struct archive_owner *o = archive_owner(r->archive, row->device);
	struct partial p = { .metrics = r->archive->fleet->metrics };
	const struct shared_contract *c;
	struct wire_presence present;
	const char *why;

	if (!o || o->site != r->site || r->wl % row->wl != 0)
		return 0;
	if (wire_decode(&p, &present, row->payload, row->bytes, &why) < 0)
		return 0;
	c = device_contract(o->device, p.contract);
	if (c && wire_complete(&p, &present, c->contract.metrics, c->contract.n_metrics) == 0)
		merge(r, o->device->id, &p, &c->contract);
	return 0;
}

void archive_forget_reading(struct archive *a)
{
	struct archive_reading *r = a->reading;

	a->reading = NULL;
	if (!r)
		return;
	for (size_t i = 0; i < r->n_devices; i++)
		free(r->devices[i]);
	free(r->devices);
	free(r);
}

/* @return MAX_STREAMS when it is not among them */
static size_t find_stream(const struct archive_reading *r, const struct site_metric *m)
{
	size_t i = 0;

	while (i < r->n_streams && r->streams[i] != m)
		i++;
	return i < r->n_streams ? i : MAX_STREAMS;
}

static void add_stream(struct archive_reading *r, const struct site_metric *m)
{
	if (m && r->n_streams < MAX_STREAMS && find_stream(r, m) == MAX_STREAMS)
		r->streams[r->n_streams++] = m;
}

static void choose_streams(struct archive_reading *r, const struct kpi_plan *plan)
{
	size_t most = ROOM_BYTES / sizeof(struct agg) / (r->n_devices + 1);

	for (size_t i = 0; i < plan->n_streams; i++)
		add_stream(r, site_find_metric(r->site, plan->metrics[i]->name));
	for (size_t i = 0; i < r->site->metrics.n && r->n_streams < most; i++) {
		const struct site_metric *m = *(struct site_metric **)sorted_at(&r->site->metrics, i);

		add_stream(r, m->is_outvoted ? NULL : m);
	}
}

static bool has_all(const struct archive_reading *r, const struct kpi_plan *plan)
{
	for (size_t i = 0; i < plan->n_streams; i++) {
		const struct site_metric *m = site_find_metric(r->site, plan->metrics[i]->name);

		if (m && find_stream(r, m) == MAX_STREAMS)
			return false;
	}
	return true;
}

/* @return NULL: it could not be read */
static struct archive_reading *read_window(struct archive *a, const struct site *site, const struct kpi_plan *plan,
					   const struct fleet_kpi *k)
{
	const struct store_range range = { .from = k->w0, .to = k->w0 + k->wl };
	struct archive_reading *r = a->reading;

	if (r && r->site == site && r->w0 == k->w0 && r->wl == k->wl && has_all(r, plan))
		return r;
	archive_forget_reading(a);
	r = a->reading = sorted_alloc(sizeof(*r));
	*r = (struct archive_reading){
		.archive = a, .site = site, .w0 = k->w0, .wl = k->wl, .n_devices = site->devices.n
	};
	r->devices = sorted_alloc(r->n_devices * sizeof(r->devices[0]));
	choose_streams(r, plan);
	if (store_each_part(a->store, &range, take, r) == 0)
		return r;
	archive_forget_reading(a);
	return NULL;
}

/* --- one KPI --- */

/* @return NaN: nothing came for it, or what came gives no value */
static double evaluate(const struct archive_reading *r, struct device_aggs *d, const struct kpi_plan *plan)
{
	const struct agg *inputs[EXPR_MAX_STREAMS];
	const struct metric_def *defs[EXPR_MAX_STREAMS];
	bool came = false;

	for (size_t i = 0; i < plan->n_streams; i++) {
		const struct site_metric *m = site_find_metric(r->site, plan->metrics[i]->name);
		size_t at = m ? find_stream(r, m) : MAX_STREAMS;

		if (at == MAX_STREAMS)
			return NAN;
		d->aggs[at].due_ms = (uint64_t)r->wl * 1000;
		inputs[i] = &d->aggs[at];
		defs[i] = &m->def;
		came = came || (d->came >> at & 1);
	}
	return came ? expr_eval(plan->expr, inputs, defs) : NAN;
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
	const struct archive_reading *r = read_window(ctx, site, plan, k);
	struct outcome *outcomes = sorted_alloc(site->devices.n * sizeof(*outcomes));
	size_t n = 0;

	for (size_t i = 0; r && i < site->devices.n; i++) {
		const struct device *d = site_device(site, i);
		double value = r->devices[d->id] ? evaluate(r, r->devices[d->id], plan) : NAN;

		if (!isnan(value))
			outcomes[n++] = (struct outcome){ .device = d->name, .value = value };
	}
	sum_up(outcomes, n, &k->spread);
	free(outcomes);
}
