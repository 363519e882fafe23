/* SPDX-License-Identifier: Apache-2.0 */
/*
 * web_device.c - /api/device: everything of one device. Its streams over time are made from its parts in the store, merged per window as the
 * fleet's are: the same arithmetic, for a fleet of one.
 */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "collector/store.h"
#include "collector/web.h"
#include "pipelines/wire.h"

/* As device_current_contract(), but to look is not to use. */
static const struct shared_contract *contract_of(const struct device *d)
{
	const struct device_contract *newest = NULL;

	for (size_t i = 0; i < d->n_contracts; i++) {
		if (d->is_born && d->birth.has_contract && d->contracts[i].hash == d->birth.contract)
			return d->contracts[i].contract;
		if (!newest || d->contracts[i].used_at > newest->used_at)
			newest = &d->contracts[i];
	}
	return newest ? newest->contract : NULL;
}

static void contract(struct json *j, const struct contract *c)
{
	json_array_begin(j, "metrics");
	for (size_t i = 0; i < c->n_metrics; i++) {
		json_object_begin(j, NULL);
		json_text(j, "name", c->metrics[i].name);
		json_text(j, "unit", c->metrics[i].unit->code);
		json_int(j, "period_ms", c->metrics[i].period_us / 1000);
		json_uint(j, "window", c->metrics[i].window_s);
		json_object_end(j);
	}
	json_array_end(j);
	json_array_begin(j, "kpis");
	for (size_t i = 0; i < c->n_kpis; i++) {
		json_object_begin(j, NULL);
		json_text(j, "name", c->kpis[i].name);
		json_text(j, "expression", c->kpis[i].expression);
		json_text(j, "unit", c->kpis[i].unit);
		json_uint(j, "window", c->kpis[i].window_s);
		json_object_end(j);
	}
	json_array_end(j);
}

static void boots(struct json *j, const struct device *d)
{
	json_array_begin(j, "boots");
	for (size_t i = 0; i < d->n_boots; i++) {
		const struct progress *p = d->boots[i];

		json_object_begin(j, NULL);
		json_uint(j, "boot", p->boot);
		json_uint(j, "last_seq", progress_last_seq(p));
		json_uint(j, "missing", progress_n_missing(p));
		json_uint(j, "wm", progress_wm(p));
		json_bool(j, "backfill", p->is_backfill);
		json_object_end(j);
	}
	json_array_end(j);
}

/* --- its streams over time --- */

struct series {
	struct json *j;
	const struct device *device;
	const struct contract *contract;
	struct partial_metric *metrics; /* room for decoding */
	struct agg *aggs;		/* of the window at hand, by metric */
	uint64_t w0;
	uint32_t wl;
	bool has_window;
	size_t n;
};

static void write_metric(const struct series *s, size_t i)
{
	const struct metric_def *m = &s->contract->metrics[i];
	struct agg *a = &s->aggs[i];

	if (a->n + a->expected + a->bad + a->lost == 0) {
		json_nothing(s->j, NULL);
		return;
	}
	a->due_ms = (uint64_t)s->wl * 1000;
	json_array_begin(s->j, NULL);
	if (m->kind == SERIES_COUNTER)
		json_double(s->j, NULL, agg_increase(a, m));
	else
		json_double(s->j, NULL, agg_mean(a, m));
	json_double(s->j, NULL, m->kind == SERIES_COUNTER ? NAN : agg_min(a, m));
	json_double(s->j, NULL, m->kind == SERIES_COUNTER ? NAN : agg_max(a, m));
	json_double(s->j, NULL, agg_coverage(a, m));
	json_uint(s->j, NULL, a->n);
	json_uint(s->j, NULL, a->bad + a->lost);
	json_array_end(s->j);
}

static void end_window(struct series *s)
{
	if (!s->has_window)
		return;
	json_array_begin(s->j, NULL);
	json_uint(s->j, NULL, s->w0);
	json_uint(s->j, NULL, s->wl);
	for (size_t i = 0; i < s->contract->n_metrics; i++)
		write_metric(s, i);
	json_array_end(s->j);
	memset(s->aggs, 0, s->contract->n_metrics * sizeof(s->aggs[0]));
	s->has_window = false;
	s->n++;
}

static void merge(struct series *s, const struct partial *p, const struct contract *own)
{
	for (size_t i = 0; i < p->n_metrics; i++) {
		const struct metric_def *from = &own->metrics[p->metrics[i].id];

		for (size_t k = 0; k < s->contract->n_metrics; k++) {
			const struct metric_def *to = &s->contract->metrics[k];

			if (strcmp(from->name, to->name) == 0 && from->reference == to->reference &&
			    from->quantum == to->quantum && from->has_sketch == to->has_sketch)
				agg_merge(&s->aggs[k], &p->metrics[i].agg);
		}
	}
}

static int take(void *ctx, const struct store_part *row)
{
	struct series *s = ctx;
	struct partial p = { .metrics = s->metrics };
	const struct shared_contract *own = NULL;
	struct wire_presence present;
	const char *why;

	if (s->has_window && (row->w0 != s->w0 || row->wl != s->wl))
		end_window(s);
	if (s->n >= WEB_MAX_POINTS)
		return 1;
	if (wire_decode(&p, &present, row->payload, row->bytes, &why) < 0)
		return 0;
	for (size_t i = 0; i < s->device->n_contracts; i++)
		if (s->device->contracts[i].hash == p.contract)
			own = s->device->contracts[i].contract;
	if (!own || wire_complete(&p, &present, own->contract.metrics, own->contract.n_metrics) < 0)
		return 0;
	s->w0 = row->w0;
	s->wl = row->wl;
	s->has_window = true;
	merge(s, &p, &own->contract);
	return 0;
}

/* Rows of [w0, wl, [value, min, max, coverage, n, faults] for each metric of the contract, or null]. */
static void streams(struct json *j, const struct web_request *q, const struct device *d, const struct contract *c)
{
	int64_t now_s = q->web->now_us / 1000000, from = web_number(q, "from", now_s - 3600);
	const struct store_range range = { .from = from > 0 ? (uint64_t)from : 0, .to = INT64_MAX, .device = d->row };
	struct series s = { .j = j, .device = d, .contract = c };

	if (!q->web->fleet->store || d->row == 0) {
		json_nothing(j, "series");
		return;
	}
	s.metrics = sorted_alloc(PARTIAL_MAX_METRICS * sizeof(s.metrics[0]));
	s.aggs = sorted_alloc((c->n_metrics + 1) * sizeof(s.aggs[0]));
	json_array_begin(j, "series");
	if (store_each_part(q->web->fleet->store, &range, take, &s) == 0)
		end_window(&s);
	json_array_end(j);
	free(s.metrics);
	free(s.aggs);
}

/* --- the device --- */

static void describe(struct json *j, const struct web_request *q, const struct site *s, const struct device *d)
{
	const struct shared_contract *c = contract_of(d);

	json_double(j, "now", (double)q->web->now_us / 1e6);
	json_text(j, "site", s->name);
	json_text(j, "name", d->name);
	json_text(j, "state", web_device_state(d));
	json_text(j, "clock", d->clock);
	json_double(j, "lag", web_device_lag_s(d, q->web->now_us));
	json_double(j, "heard", d->heard_us > 0 ? (double)d->heard_us / 1e6 : NAN);
	json_int(j, "revision", d->birth.revision);
	json_text(j, "agent", d->birth.agent);
	json_text(j, "labels", d->birth.labels);
	json_uint(j, "spooled", d->n_spooled);
	json_uint(j, "dropped", d->n_dropped);
	json_uint(j, "waiting", d->n_waiting);
	json_uint(j, "missing", device_n_missing(d));
	json_uint(j, "expected_from", d->expected_from);
	web_counters(j, &d->counters);
	boots(j, d);
	json_raw(j, "birth", d->birth_text ? d->birth_text : "null");
	json_raw(j, "status", d->status_text ? d->status_text : "null");
	if (!c)
		return;
	contract(j, &c->contract);
	streams(j, q, d, &c->contract);
}

int web_device(const struct web_request *q, struct dynbuf *out)
{
	const char *site_name = q->argument(q->ctx, "site"), *name = q->argument(q->ctx, "name");
	const struct site *s = site_name && name ? fleet_find_site(q->web->fleet, site_name) : NULL;
	const struct device *d = s ? site_find_device(s, name) : NULL;
	struct json j = { .out = out };

	json_object_begin(&j, NULL);
	if (d)
		describe(&j, q, s, d);
	else
		json_text(&j, "error", "there is no such device: /api/device?site=SITE&name=NAME");
	json_object_end(&j);
	return d ? 200 : 404;
}
