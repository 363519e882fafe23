/* SPDX-License-Identifier: Apache-2.0 */
/*
 * web_chain.c - the streams and the KPIs of /api/fleet, each in the newest window that tells something. A stream's newest window is often only
 * begun: devices send theirs one after the other. So of its two newest ones that one counts which has more devices.
 */
#include <string.h>

#include "collector/web.h"

enum { MAX_LISTED = 400 }; /* streams, and KPIs */

/* --- streams --- */

static const struct site_metric *metric_at(const struct site *s, size_t i)
{
	return *(struct site_metric **)sorted_at(&s->metrics, i);
}

static void window_numbers(struct json *j, const struct site_metric *m, const struct site_window *w,
			   const struct site_agg *a)
{
	uint64_t due_ms = (m->n_votes > a->shares.n ? m->n_votes : a->shares.n) * (uint64_t)w->wl * 1000;

	json_uint(j, "w0", w->w0);
	json_uint(j, "wl", w->wl);
	json_uint(j, "reporting", a->shares.n);
	json_uint(j, "n", a->agg.n);
	json_uint(j, "expected", a->agg.expected);
	json_uint(j, "bad", a->agg.bad);
	json_uint(j, "lost", a->agg.lost);
	json_double(j, "coverage", due_ms > 0 ? (double)a->agg.covered_ms / (double)due_ms : 0.0);
	json_double(j, "mean",
		    m->def.kind == SERIES_COUNTER ? agg_increase(&a->agg, &m->def) : agg_mean(&a->agg, &m->def));
}

static void add_stream(struct json *j, const struct site *s, const struct site_metric *m)
{
	const struct site_window *best = NULL;
	const struct site_agg *best_agg = NULL;
	int n_seen = 0;

	for (size_t i = s->windows.n; i-- > 0 && n_seen < 2;) {
		const struct site_window *w = site_window(s, i);
		const struct site_agg *a = w->w0 + w->wl <= s->front ? window_find_agg(w, m->id) : NULL;

		if (!a)
			continue;
		n_seen++;
		if (best_agg && a->shares.n <= best_agg->shares.n)
			continue;
		best = w;
		best_agg = a;
	}
	json_object_begin(j, NULL);
	json_text(j, "site", s->name);
	json_text(j, "name", m->name);
	json_text(j, "unit", m->def.unit->code);
	json_text(j, "kind",
		  m->def.kind == SERIES_COUNTER ? "counter"
		  : m->def.kind == SERIES_STATE ? "state"
						: "gauge");
	json_uint(j, "devices", m->n_votes);
	json_bool(j, "outvoted", m->is_outvoted);
	if (best)
		window_numbers(j, m, best, best_agg);
	json_object_end(j);
}

void web_streams(struct json *j, const struct fleet *f)
{
	size_t n = 0, n_more = 0;

	json_array_begin(j, "streams");
	for (size_t i = 0; i < f->sites.n; i++) {
		const struct site *s = fleet_site(f, i);

		for (size_t k = 0; k < s->metrics.n; k++) {
			if (n++ < MAX_LISTED)
				add_stream(j, s, metric_at(s, k));
			else
				n_more++;
		}
	}
	json_array_end(j);
	json_uint(j, "streams_left_out", n_more);
}

/* --- KPIs --- */

static void add_kpi(struct json *j, const struct fleet_kpi *newest, const struct fleet_kpi_origin *o)
{
	json_object_begin(j, NULL);
	json_text(j, "site", newest->site);
	json_text(j, "name", newest->name);
	json_text(j, "expression", o->expression);
	json_uint(j, "devices", o->n_devices);
	json_uint(j, "definitions", newest->n_definitions);
	json_array_begin(j, "streams");
	for (size_t i = 0; i < o->n_streams; i++)
		json_text(j, NULL, o->streams[i]);
	json_array_end(j);
	json_raw(j, "newest", "");
	fleet_kpi_to_json(newest, j->out);
	if (o->settled) {
		json_raw(j, "settled", "");
		fleet_kpi_to_json(o->settled, j->out);
	}
	json_object_end(j);
}

void web_kpis(struct json *j, const struct fleet *f)
{
	size_t n = 0, n_more = 0;

	json_array_begin(j, "kpis");
	for (size_t i = 0; i < f->sites.n; i++) {
		const struct fleet_kpi *k;
		struct fleet_kpi_origin o;

		for (size_t at = 0; (k = fleet_kpi_newest(fleet_site(f, i), at)); at++) {
			if (n++ >= MAX_LISTED) {
				n_more++;
				continue;
			}
			fleet_kpi_origin(fleet_site(f, i), k->name, &o);
			add_kpi(j, k, &o);
		}
	}
	json_array_end(j);
	json_uint(j, "kpis_left_out", n_more);
}
