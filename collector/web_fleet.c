/* SPDX-License-Identifier: Apache-2.0 */
/* web_fleet.c - /api/fleet: the chain from sensors to KPIs, each stage in numbers, for the first page. */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "collector/store.h"
#include "collector/web.h"

void web_counters(struct json *j, const struct counters *c)
{
	const struct {
		const char *name;
		uint64_t count;
	} counts[] = {
		{ "messages", c->messages },
		{ "parts", c->parts },
		{ "duplicates", c->duplicates },
		{ "conflicts", c->conflicts },
		{ "bad", c->bad },
		{ "unsynced", c->unsynced },
		{ "clocks", c->clocks },
		{ "dated", c->dated },
		{ "expired", c->expired },
		{ "future", c->future },
		{ "late", c->late },
		{ "dropped", c->dropped },
		{ "refused", c->refused },
		{ "metrics_refused", c->metrics_refused },
		{ "twins", c->twins },
		{ "stored_late", c->stored_late },
	};

	json_object_begin(j, "counters");
	for (size_t i = 0; i < ARRAY_LEN(counts); i++)
		json_uint(j, counts[i].name, counts[i].count);
	json_object_end(j);
}

const char *web_device_state(const struct device *d)
{
	if (d->is_retired)
		return "retired";
	if (!d->is_born)
		return "unborn";
	if (!d->has_status)
		return "born";
	return d->is_online ? "online" : "offline";
}

double web_device_lag_s(const struct device *d, int64_t now_us)
{
	uint64_t wm = device_wm(d);

	return wm > 0 ? (double)now_us / 1e6 - (double)wm : NAN;
}

/* --- devices, summed up --- */

struct sums {
	size_t n, n_online, n_offline, n_born, n_unborn, n_retired;
	size_t n_bad_clocks, n_spooling, n_with_gaps, n_failing_devices;
	size_t n_sensors, n_failing_sensors;
	uint64_t n_faults, n_spooled, n_dropped, n_missing, n_waiting;
	double *lags;
	size_t n_lags;
};

static void count_state(struct sums *s, const struct device *d)
{
	s->n++;
	s->n_retired += d->is_retired;
	s->n_unborn += !d->is_retired && !d->is_born;
	s->n_born += !d->is_retired && d->is_born && !d->has_status;
	s->n_online += d->is_born && d->has_status && d->is_online;
	s->n_offline += d->is_born && d->has_status && !d->is_online;
}

static void add_device(struct sums *s, const struct device *d, int64_t now_us)
{
	double lag_s = web_device_lag_s(d, now_us);

	count_state(s, d);
	s->n_missing += device_n_missing(d);
	s->n_with_gaps += device_n_missing(d) > 0;
	s->n_waiting += d->n_waiting;
	if (d->is_retired)
		return;
	s->n_sensors += d->n_sensors;
	s->n_failing_sensors += d->n_failing;
	s->n_failing_devices += d->n_failing > 0;
	s->n_faults += d->n_faults;
	s->n_spooled += d->n_spooled;
	s->n_dropped += d->n_dropped;
	s->n_spooling += d->n_spooled > 0;
	s->n_bad_clocks += strcmp(d->clock, "waiting") == 0 || strcmp(d->clock, "unsynchronised") == 0;
	if (!isnan(lag_s))
		s->lags[s->n_lags++] = lag_s;
}

static int compare_lags(const void *a, const void *b)
{
	double x = *(const double *)a, y = *(const double *)b;

	return (x > y) - (x < y);
}

static double lag_at(const struct sums *s, size_t percent)
{
	return s->n_lags > 0 ? s->lags[(s->n_lags - 1) * percent / 100] : NAN;
}

static void write_sums(struct json *j, struct sums *s)
{
	const struct {
		const char *name;
		uint64_t count;
	} counts[] = {
		{ "total", s->n },
		{ "online", s->n_online },
		{ "offline", s->n_offline },
		{ "born", s->n_born },
		{ "unborn", s->n_unborn },
		{ "retired", s->n_retired },
		{ "clock_bad", s->n_bad_clocks },
		{ "spooling", s->n_spooling },
		{ "spooled", s->n_spooled },
		{ "dropped", s->n_dropped },
		{ "with_gaps", s->n_with_gaps },
		{ "missing", s->n_missing },
		{ "waiting", s->n_waiting },
		{ "sensors", s->n_sensors },
		{ "sensors_failing", s->n_failing_sensors },
		{ "devices_failing", s->n_failing_devices },
		{ "sensor_faults", s->n_faults },
	};

	qsort(s->lags, s->n_lags, sizeof(s->lags[0]), compare_lags);
	json_object_begin(j, "devices");
	for (size_t i = 0; i < ARRAY_LEN(counts); i++)
		json_uint(j, counts[i].name, counts[i].count);
	json_double(j, "lag_median", lag_at(s, 50));
	json_double(j, "lag_p95", lag_at(s, 95));
	json_double(j, "lag_max", lag_at(s, 100));
	json_object_end(j);
}

static void devices(struct json *j, const struct web *w)
{
	struct sums sums = { .lags = sorted_alloc((w->fleet->n_devices + 1) * sizeof(double)) };

	for (size_t i = 0; i < w->fleet->sites.n; i++)
		for (size_t k = 0; k < fleet_site(w->fleet, i)->devices.n; k++)
			add_device(&sums, site_device(fleet_site(w->fleet, i), k), w->now_us);
	write_sums(j, &sums);
	free(sums.lags);
}

/* --- the rest of the chain --- */

static void broker(struct json *j, const struct web *w)
{
	struct mqtt_status status = { .last_error = "" };

	if (w->mqtt)
		mqtt_get_status(w->mqtt, &status);
	json_object_begin(j, "broker");
	json_text(j, "url", w->broker);
	json_text(j, "state", mqtt_state_name(status.state));
	json_text(j, "error", status.last_error);
	json_uint(j, "connects", status.n_connects);
	json_object_end(j);
}

static void store(struct json *j, const struct web *w)
{
	if (!w->fleet->store) {
		json_nothing(j, "store");
		return;
	}
	json_object_begin(j, "store");
	json_text(j, "file", w->store_path);
	json_text(j, "problem", w->store_problem);
	json_uint(j, "pending", store_n_pending(w->fleet->store));
	json_object_end(j);
}

static void pulse(struct json *j, const struct pulse *p)
{
	static const char *const names[N_PULSE_KINDS] = { "messages", "parts", "told" };

	json_object_begin(j, "pulse");
	for (enum pulse_kind kind = 0; kind < N_PULSE_KINDS; kind++) {
		json_array_begin(j, names[kind]);
		for (size_t i = 0; i < pulse_length(p); i++)
			json_uint(j, NULL, pulse_at(p, kind, i));
		json_array_end(j);
	}
	json_object_begin(j, "minutes");
	for (enum pulse_kind kind = 0; kind < N_PULSE_KINDS; kind++) {
		json_array_begin(j, names[kind]);
		for (size_t i = 0; i < pulse_n_minutes(p); i++)
			json_uint(j, NULL, pulse_minute(p, kind, i));
		json_array_end(j);
	}
	json_object_end(j);
	json_object_end(j);
}

static void sites(struct json *j, const struct fleet *f)
{
	json_array_begin(j, "sites");
	for (size_t i = 0; i < f->sites.n; i++) {
		const struct site *s = fleet_site(f, i);

		json_object_begin(j, NULL);
		json_text(j, "name", s->name);
		json_uint(j, "devices", s->devices.n);
		json_uint(j, "front", s->front);
		json_uint(j, "windows", s->windows.n);
		json_uint(j, "late_hours", s->late_hours.n);
		json_object_end(j);
	}
	json_array_end(j);
}

int web_fleet(const struct web_request *q, struct dynbuf *out)
{
	const struct web *w = q->web;
	const struct fleet *f = w->fleet;
	struct json j = { .out = out };

	json_object_begin(&j, NULL);
	json_double(&j, "now", (double)w->now_us / 1e6);
	json_double(&j, "started", (double)w->started_us / 1e6);
	json_text(&j, "version", RUNNEL_VERSION);
	broker(&j, w);
	store(&j, w);
	devices(&j, w);
	web_counters(&j, &f->counters);
	json_text(&j, "last_conflict", f->last_conflict);
	json_uint(&j, "newest_future_w0", f->newest_future_w0);
	json_uint(&j, "windows_dropped", f->n_windows_dropped);
	json_uint(&j, "window_bytes", f->window_bytes);
	sites(&j, f);
	web_streams(&j, f);
	web_kpis(&j, f);
	pulse(&j, &w->pulse);
	json_object_end(&j);
	return 200;
}
