/* SPDX-License-Identifier: Apache-2.0 */
/*
 * web_history.c - /api/history: one KPI over time, from the store, or without one from memory. When there are more windows than points, some
 * stand together for one: with the last value, the lowest and the highest, and the coverage and state of the worst. A mean
 * of them would be a number that no KPI ever had.
 */
#include <math.h>
#include <stdlib.h>

#include "collector/reader.h"
#include "collector/web.h"

enum { MAX_ROWS = 50000, DEFAULT_POINTS = 600 };

struct point {
	uint64_t w0;
	double value, low, high; /* NaN: missing */
	double coverage, spread_low, spread_high;
	enum fleet_kpi_state state;
	size_t devices, expected_devices;
};

struct history {
	struct point *points; /* as they came */
	size_t n, cap;
	uint64_t to;
	uint32_t wl;
};

static void add(struct history *h, const struct fleet_kpi *k)
{
	struct point *p;

	if (k->w0 >= h->to || k->wl != h->wl || h->n >= MAX_ROWS)
		return;
	if (h->n == h->cap) {
		h->cap = h->cap > 0 ? 2 * h->cap : 1024;
		p = realloc(h->points, h->cap * sizeof(*p));
		if (!p)
			abort();
		h->points = p;
	}
	p = &h->points[h->n++];
	*p = (struct point){ .w0 = k->w0,
			     .value = k->value,
			     .low = k->value,
			     .high = k->value,
			     .coverage = k->coverage,
			     .spread_low = k->spread.n > 0 ? k->spread.low : NAN,
			     .spread_high = k->spread.n > 0 ? k->spread.high : NAN,
			     .state = k->state,
			     .devices = k->devices,
			     .expected_devices = k->expected_devices };
}

static void add_told(void *ctx, const struct fleet_kpi *k)
{
	add(ctx, k);
}

static int add_stored(void *ctx, const struct reader_kpi *k)
{
	add(ctx, &k->kpi);
	return 0;
}

/* NaN is none. */
static double lower(double a, double b)
{
	return isnan(a) || b < a ? b : a;
}

static double higher(double a, double b)
{
	return isnan(a) || b > a ? b : a;
}

static void join(struct point *into, const struct point *p)
{
	into->value = p->value;
	into->low = lower(into->low, p->low);
	into->high = higher(into->high, p->high);
	into->spread_low = lower(into->spread_low, p->spread_low);
	into->spread_high = higher(into->spread_high, p->spread_high);
	if (!(p->coverage >= into->coverage)) {
		into->coverage = p->coverage;
		into->devices = p->devices;
		into->expected_devices = p->expected_devices;
	}
	if (p->state == FLEET_KPI_PROVISIONAL || into->state == FLEET_KPI_COMPLETE)
		into->state = p->state;
}

static void write_point(struct json *j, const struct point *p)
{
	json_array_begin(j, NULL);
	json_uint(j, NULL, p->w0);
	json_double(j, NULL, p->value);
	json_double(j, NULL, p->low);
	json_double(j, NULL, p->high);
	json_double(j, NULL, p->coverage);
	json_text(j, NULL, fleet_kpi_state_name(p->state));
	json_uint(j, NULL, p->devices);
	json_uint(j, NULL, p->expected_devices);
	json_double(j, NULL, p->spread_low);
	json_double(j, NULL, p->spread_high);
	json_array_end(j);
}

/* In order of time; windows of one @step are one point. */
static void write_points(struct json *j, struct history *h, uint64_t step, bool is_newest_first)
{
	struct point sum = { 0 };
	bool has_sum = false;

	json_array_begin(j, "rows");
	for (size_t i = 0; i < h->n; i++) {
		const struct point *p = &h->points[is_newest_first ? h->n - 1 - i : i];

		if (has_sum && p->w0 / step == sum.w0 / step) {
			join(&sum, p);
			continue;
		}
		if (has_sum)
			write_point(j, &sum);
		sum = *p;
		has_sum = true;
	}
	if (has_sum)
		write_point(j, &sum);
	json_array_end(j);
}

/* @return whether the newest stands first */
static bool collect(struct history *h, const struct web *w, const struct site *s, const struct fleet_kpi *newest,
		    uint64_t from)
{
	const struct reader_range range = { .site = s->name,
					    .name = newest->name,
					    .from = from,
					    .to = h->to,
					    .limit = MAX_ROWS,
					    .newest_first = true };
	struct reader *r = NULL;

	if (w->fleet->store && reader_attach(&r, w->fleet->store) == 0) {
		(void)!reader_each_kpi(r, &range, add_stored, h);
		reader_close(r);
		return true;
	}
	fleet_kpi_each_told(s, newest->name, from, add_told, h);
	return false;
}

static const struct fleet_kpi *find(const struct web_request *q, const struct site **site)
{
	const char *site_name = q->argument(q->ctx, "site"), *name = q->argument(q->ctx, "name");
	struct fleet_kpi_origin o;

	*site = site_name && name ? fleet_find_site(q->web->fleet, site_name) : NULL;
	if (!*site)
		return NULL;
	fleet_kpi_origin(*site, name, &o);
	return o.newest;
}

int web_history(const struct web_request *q, struct dynbuf *out)
{
	int64_t now_s = q->web->now_us / 1000000, from = web_number(q, "from", now_s - 3600);
	int64_t to = web_number(q, "to", INT64_MAX), points = web_number(q, "points", DEFAULT_POINTS);
	const struct site *s;
	const struct fleet_kpi *newest = find(q, &s);
	struct history h = { .to = to > 0 ? (uint64_t)to : 0 };
	struct json j = { .out = out };
	uint64_t step, span;
	bool is_newest_first;

	json_object_begin(&j, NULL);
	if (!newest) {
		json_text(&j, "error", "there is no such KPI: /api/history?site=SITE&name=NAME");
		json_object_end(&j);
		return 404;
	}
	h.wl = newest->wl;
	from = from > 0 ? from : 0;
	points = points < 1 ? 1 : points > WEB_MAX_POINTS ? WEB_MAX_POINTS : points;
	is_newest_first = collect(&h, q->web, s, newest, (uint64_t)from);
	span = h.n > 0 ? h.points[is_newest_first ? 0 : h.n - 1].w0 - h.points[is_newest_first ? h.n - 1 : 0].w0 : 0;
	step = h.wl * (span / h.wl / (uint64_t)points + 1);
	json_text(&j, "site", s->name);
	json_text(&j, "name", newest->name);
	json_text(&j, "unit", newest->unit);
	json_uint(&j, "wl", h.wl);
	json_uint(&j, "step", step);
	write_points(&j, &h, step, is_newest_first);
	json_object_end(&j);
	free(h.points);
	return 200;
}
