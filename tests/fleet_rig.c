/* SPDX-License-Identifier: Apache-2.0 */
#include "tests/fleet_rig.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <stdio.h>
#include <string.h>

#include "pipelines/wire.h"

static const struct unit celsius = { .code = "Cel", .name = "", .quantity = "" };

static const struct metric_def metrics[] = {
	{ .name = "temp@1",
	  .unit = &celsius,
	  .reference = 20.0,
	  .quantum = 0.01,
	  .has_sketch = true,
	  .sketch = { SKETCH_LIN, 0.01, 20.0, 10 },
	  .period_us = 1000000,
	  .window_s = 60 },
};
static const struct kpi_def kpis[] = {
	{ "temp_mean", "mean(temp)", "Cel", 60 },
	{ "temp_p50", "quantile(temp, 0.5)", "Cel", 60 },
	{ "temp_max", "max(temp)", "Cel", 300 },
};
const struct contract rig_contract = { metrics, 1, kpis, 3 };

static void tell(void *ctx, const struct fleet_kpi *k, bool is_newest)
{
	struct fleet_rig *r = ctx;

	fleet_kpi_to_json(k, &r->told);
	dynbuf_adds(&r->told, "\n");
	r->n_told++;
	r->n_newest += is_newest;
	r->last = *k;
}

void fleet_rig_init(struct fleet_rig *r, uint64_t keep_s)
{
	*r = (struct fleet_rig){ .fleet = fleet_new(keep_s),
				 .now_us = (int64_t)(RIG_T0 + 86400) * 1000000,
				 .site = "delft" };
	dynbuf_init(&r->told, 1 << 20);
}

void fleet_rig_free(struct fleet_rig *r)
{
	fleet_free(r->fleet);
	dynbuf_free(&r->told);
}

static struct fleet_message message(const struct fleet_rig *r, const char *device, const void *payload, size_t bytes)
{
	return (struct fleet_message){ .site = r->site,
				       .device = device,
				       .payload = payload,
				       .bytes = bytes,
				       .now_us = r->now_us,
				       .is_retained = r->is_retained };
}

static uint32_t contract_text(const struct contract *c, struct dynbuf *text)
{
	dynbuf_init(text, CONTRACT_MAX_BYTES);
	contract_to_json(c, text);
	return contract_hash(text->data, text->len);
}

void fleet_rig_contract_message(struct fleet_rig *r, const char *device, const struct contract *c)
{
	struct dynbuf text;
	uint32_t hash = contract_text(c, &text);
	struct fleet_message m = message(r, device, text.data, text.len);

	fleet_contract(r->fleet, &m, hash);
	dynbuf_free(&text);
}

uint32_t fleet_rig_birth(struct fleet_rig *r, const char *device, uint32_t boot, const struct contract *c,
			 bool only_birth)
{
	struct fleet_message m;
	struct dynbuf text;
	uint32_t hash = contract_text(c, &text);
	char json[256];

	dynbuf_free(&text);
	if (!only_birth)
		fleet_rig_contract_message(r, device, c);
	snprintf(json, sizeof(json),
		 "{\"boot\":%u,\"revision\":1,\"nonce\":\"0123456789abcdef\",\"contract\":\"%08x\"}", boot, hash);
	m = message(r, device, json, strlen(json));
	fleet_birth(r->fleet, &m);
	return hash;
}

void fleet_rig_status(struct fleet_rig *r, const char *device, const char *json)
{
	struct fleet_message m = message(r, device, json, strlen(json));

	fleet_status(r->fleet, &m);
}

void fleet_rig_retire(struct fleet_rig *r, const char *device)
{
	struct fleet_message m = message(r, device, "", 0);

	fleet_birth(r->fleet, &m);
}

/* Buckets of 10 quanta from -800 up. */
static void count_bucket(struct sketch *s, int32_t k)
{
	assert_true(k >= -800 && k < -800 + 10 * SKETCH_MAX_BUCKETS);
	s->pos.counts[(k + 800) / 10]++;
}

static void trim(struct sketch_range *r)
{
	uint32_t lo = 0, hi = SKETCH_MAX_BUCKETS;

	while (hi > 0 && r->counts[hi - 1] == 0)
		hi--;
	while (lo < hi && r->counts[lo] == 0)
		lo++;
	memmove(r->counts, r->counts + lo, (hi - lo) * sizeof(r->counts[0]));
	memset(r->counts + (hi - lo), 0, lo * sizeof(r->counts[0]));
	r->n = hi - lo;
	r->offset = r->n ? (int32_t)lo - 80 : 0;
}

static void count(struct agg *a, const struct rig_part *p)
{
	for (size_t i = 0; i < p->n_k; i++) {
		int64_t k = p->k[i], at_ms = (int64_t)(p->w0 + i) * 1000;

		a->min = i == 0 || k < a->min ? k : a->min;
		a->max = i == 0 || k > a->max ? k : a->max;
		a->first = i == 0 ? k : a->first;
		a->first_at_ms = i == 0 ? at_ms : a->first_at_ms;
		a->last = k;
		a->last_at_ms = at_ms;
		a->s1 += k;
		a->s2.lo += (uint64_t)(k * k);
		a->tw += k * 1000;
		count_bucket(&a->sketch, (int32_t)k);
	}
	a->n = p->n_k;
	a->tw_ms = a->covered_ms = p->n_k * 1000;
	a->has_sketch = p->n_k > 0;
	trim(&a->sketch.pos);
}

void fleet_rig_encode(const struct rig_part *part, const struct contract *c, struct rig_message *out)
{
	struct partial_metric m = { .id = 0 };
	struct partial p = { .version = PARTIAL_VERSION, .n_metrics = 1, .metrics = &m };
	struct dynbuf text;
	int r;

	p.contract = contract_text(c, &text);
	dynbuf_free(&text);
	snprintf(p.site, sizeof(p.site), "%s", part->site ? part->site : "delft");
	snprintf(p.device, sizeof(p.device), "%s", part->device);
	snprintf(out->device, sizeof(out->device), "%s", part->device);
	p.boot = part->boot;
	p.seq = part->seq;
	p.w0 = part->w0;
	p.wl = part->wl ? part->wl : 60;
	p.part = part->part;
	p.flags = part->flags;
	p.wm = part->wm;
	count(&m.agg, part);
	m.agg.expected = part->expected ? part->expected : metric_nominal_expected(&c->metrics[0]);
	r = wire_encode(&p, c->metrics, out->data, sizeof(out->data));
	assert_true(r > 0);
	out->bytes = (size_t)r;
}

enum fleet_verdict fleet_rig_deliver(struct fleet_rig *r, const struct rig_message *rm)
{
	struct fleet_message m = message(r, rm->device, rm->data, rm->bytes);

	return fleet_partial(r->fleet, &m);
}

enum fleet_verdict fleet_rig_send(struct fleet_rig *r, const struct rig_part *p)
{
	struct rig_part part = *p;
	struct rig_message m;

	part.site = r->site;
	fleet_rig_encode(&part, &rig_contract, &m);
	return fleet_rig_deliver(r, &m);
}

void fleet_rig_update(struct fleet_rig *r, bool with_provisional)
{
	struct fleet_kpi_sink sink = { tell, r };

	dynbuf_reset(&r->told);
	r->n_told = r->n_newest = 0;
	fleet_kpi_update(r->fleet, with_provisional, &sink);
}

const struct fleet_kpi *fleet_rig_newest(struct fleet_rig *r, const char *name)
{
	const struct site *s = fleet_find_site(r->fleet, "delft");
	const struct fleet_kpi *k = NULL;

	assert_non_null(s);
	for (size_t i = 0; (k = fleet_kpi_newest(s, i)); i++)
		if (strcmp(k->name, name) == 0)
			return k;
	fail_msg("nothing was told of %s", name);
	return k;
}

void fleet_rig_start_three(struct fleet_rig *r)
{
	fleet_rig_init(r, 7200);
	fleet_rig_birth(r, "a", 1, &rig_contract, false);
	fleet_rig_birth(r, "b", 8, &rig_contract, false);
	fleet_rig_birth(r, "c", 1, &rig_contract, false);
}

const struct agg *fleet_rig_agg(const struct fleet_rig *r, size_t i)
{
	const struct site *s = fleet_find_site(r->fleet, "delft");
	const struct site_metric *m = site_find_metric(s, "temp@1");
	const struct site_agg *a;

	assert_true(i < s->windows.n);
	a = window_find_agg(site_window(s, i), m->id);
	assert_non_null(a);
	return &a->agg;
}

static const int32_t *ramp(void)
{
	static int32_t k[60];

	for (int32_t i = 0; i < 60; i++)
		k[i] = i;
	return k;
}

struct rig_part fleet_rig_minute(const char *device, uint32_t seq, size_t i)
{
	return (struct rig_part){ .device = device,
				  .boot = 1,
				  .seq = seq,
				  .w0 = RIG_T0 + i * 60,
				  .wm = RIG_T0 + (i + 1) * 60,
				  .k = ramp(),
				  .n_k = 60 };
}
