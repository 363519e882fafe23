/* SPDX-License-Identifier: Apache-2.0 */
/* prometheus.c - families are rows of tables: all samples of one stand together, as the format asks. */
#include "collector/prometheus.h"

#include <inttypes.h>
#include <math.h>
#include <string.h>

#include "base/text.h"
#include "collector/fleet_kpi.h"

/** @unit: the end of the name, or NULL. */
struct family {
	const char *name, *type, *unit, *help;
};

static void begin(struct dynbuf *b, const struct family *f)
{
	dynbuf_addf(b, "# TYPE %s %s\n", f->name, f->type);
	if (f->unit)
		dynbuf_addf(b, "# UNIT %s %s\n", f->name, f->unit);
	dynbuf_addf(b, "# HELP %s %s\n", f->name, f->help);
}

/* Names come from devices. */
static void add_label(struct dynbuf *b, const char *name, const char *value, bool is_first)
{
	dynbuf_addf(b, "%s%s=\"", is_first ? "{" : ",", name);
	for (; *value; value++) {
		if (*value == '\n')
			dynbuf_adds(b, "\\n");
		else if (*value == '"' || *value == '\\')
			dynbuf_addf(b, "\\%c", *value);
		else
			dynbuf_add(b, value, 1);
	}
	dynbuf_adds(b, "\"");
}

static void add_value(struct dynbuf *b, double value, bool has_labels)
{
	char text[32];

	dynbuf_adds(b, has_labels ? "} " : " ");
	if (isnan(value))
		dynbuf_adds(b, "NaN");
	else if (isinf(value))
		dynbuf_adds(b, value > 0 ? "+Inf" : "-Inf");
	else
		dynbuf_adds(b, text_from_double(value, text, sizeof(text)));
	dynbuf_adds(b, "\n");
}

static void add_sample(struct dynbuf *b, const struct family *f)
{
	dynbuf_adds(b, f->name);
	if (strcmp(f->type, "counter") == 0)
		dynbuf_adds(b, "_total");
}

/* --- the collector --- */

static void write_collector(const struct prometheus *p, struct dynbuf *b)
{
	static const struct family info = { "runnel_collector", "info", NULL, "The program." };
	static const struct family connected = { "runnel_broker_connected", "gauge", NULL,
						 "Whether the collector is connected to the broker." };
	static const struct family store = { "runnel_store_working", "gauge", NULL, "Whether the store takes parts." };

	begin(b, &info);
	dynbuf_adds(b, "runnel_collector_info");
	add_label(b, "version", RUNNEL_VERSION, true);
	add_value(b, 1, true);
	begin(b, &connected);
	add_sample(b, &connected);
	add_value(b, p->is_connected, false);
	if (!p->has_store)
		return;
	begin(b, &store);
	add_sample(b, &store);
	add_value(b, p->is_store_well, false);
}

static void write_counters(const struct counters *c, struct dynbuf *b)
{
	static const struct family came = { "runnel_partials_received", "counter", NULL,
					    "Messages with partials that came." };
	static const struct family fates = { "runnel_partials", "counter", NULL,
					     "What became of messages; docs/operate.md explains each fate." };
	const struct {
		const char *fate;
		uint64_t n;
	} rows[] = {
		{ "merged", c->parts },	      { "duplicate", c->duplicates },
		{ "conflict", c->conflicts }, { "bad", c->bad },
		{ "unsynced", c->unsynced },  { "future", c->future },
		{ "late", c->late },	      { "dropped", c->dropped },
		{ "refused", c->refused },    { "stored", c->stored_late },
		{ "clock", c->clocks },	      { "dated", c->dated },
		{ "expired", c->expired },
	};

	begin(b, &came);
	add_sample(b, &came);
	add_value(b, (double)c->messages, false);
	begin(b, &fates);
	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		add_sample(b, &fates);
		add_label(b, "fate", rows[i].fate, true);
		add_value(b, (double)rows[i].n, true);
	}
}

/* --- devices --- */

static double device_online(const struct device *d)
{
	return d->is_online;
}

static double device_watermark(const struct device *d)
{
	uint64_t wm = device_wm(d);

	return wm > 0 ? (double)wm : NAN;
}

static double device_heard(const struct device *d)
{
	return d->heard_us > 0 ? (double)d->heard_us / 1e6 : NAN;
}

static double device_spooled(const struct device *d)
{
	return d->has_spool ? (double)d->n_spooled : NAN;
}

static double device_missing(const struct device *d)
{
	return (double)device_n_missing(d);
}

static const struct {
	struct family family;
	double (*value)(const struct device *d);
} of_devices[] = {
	{ { "runnel_device_online", "gauge", NULL, "Whether its status says so." }, device_online },
	{ { "runnel_device_watermark_seconds", "gauge", "seconds",
	    "Everything before this Unix time has come from it." },
	  device_watermark },
	{ { "runnel_device_heard_seconds", "gauge", "seconds", "Unix time of its last message." }, device_heard },
	{ { "runnel_device_spooled_messages", "gauge", "messages", "Messages that wait on it, by its status." },
	  device_spooled },
	{ { "runnel_device_missing_messages", "gauge", "messages", "Gaps in the numbers of its messages." },
	  device_missing },
};

static void write_devices(const struct fleet *f, struct dynbuf *b)
{
	for (size_t k = 0; k < ARRAY_LEN(of_devices); k++) {
		begin(b, &of_devices[k].family);
		for (size_t i = 0; i < f->sites.n; i++) {
			const struct site *s = fleet_site(f, i);

			for (size_t j = 0; j < s->devices.n; j++) {
				const struct device *d = site_device(s, j);

				if (d->is_retired)
					continue;
				add_sample(b, &of_devices[k].family);
				add_label(b, "site", s->name, true);
				add_label(b, "device", d->name, false);
				add_value(b, of_devices[k].value(d), true);
			}
		}
	}
}

/* --- fleet KPIs --- */

static double kpi_value(const struct fleet_kpi *k)
{
	return k->value;
}

static double kpi_begin(const struct fleet_kpi *k)
{
	return (double)k->w0;
}

static double kpi_length(const struct fleet_kpi *k)
{
	return k->wl;
}

static double kpi_coverage(const struct fleet_kpi *k)
{
	return k->coverage;
}

static double kpi_n(const struct fleet_kpi *k)
{
	return (double)k->n;
}

static double kpi_expected(const struct fleet_kpi *k)
{
	return (double)k->expected;
}

static double kpi_devices(const struct fleet_kpi *k)
{
	return (double)k->devices;
}

static double kpi_expected_devices(const struct fleet_kpi *k)
{
	return (double)k->expected_devices;
}

static double kpi_complete_devices(const struct fleet_kpi *k)
{
	return (double)k->complete_devices;
}

static double kpi_complete(const struct fleet_kpi *k)
{
	return k->state == FLEET_KPI_COMPLETE;
}

static const struct {
	struct family family;
	double (*value)(const struct fleet_kpi *k);
} of_kpis[] = {
	{ { "runnel_kpi_value", "gauge", NULL,
	    "Of the newest window that was told; NaN: missing. Its unit is a label." },
	  kpi_value },
	{ { "runnel_kpi_window_begin_seconds", "gauge", "seconds", "Unix time at which that window begins." },
	  kpi_begin },
	{ { "runnel_kpi_window_length_seconds", "gauge", "seconds", "Length of the window." }, kpi_length },
	{ { "runnel_kpi_coverage_ratio", "gauge", "ratio",
	    "Share of the time of the devices for which readings vouch." },
	  kpi_coverage },
	{ { "runnel_kpi_samples", "gauge", NULL, "Samples in it." }, kpi_n },
	{ { "runnel_kpi_expected_samples", "gauge", NULL, "Samples that were due." }, kpi_expected },
	{ { "runnel_kpi_devices", "gauge", NULL, "Devices that reported." }, kpi_devices },
	{ { "runnel_kpi_expected_devices", "gauge", NULL, "Devices that should." }, kpi_expected_devices },
	{ { "runnel_kpi_complete_devices", "gauge", NULL, "Devices from which nothing more can come." },
	  kpi_complete_devices },
	{ { "runnel_kpi_complete", "gauge", NULL, "Whether nothing more can come at all." }, kpi_complete },
};

static void write_kpis(const struct fleet *f, struct dynbuf *b)
{
	for (size_t k = 0; k < ARRAY_LEN(of_kpis); k++) {
		begin(b, &of_kpis[k].family);
		for (size_t i = 0; i < f->sites.n; i++) {
			const struct site *s = fleet_site(f, i);
			const struct fleet_kpi *kpi;

			for (size_t j = 0; (kpi = fleet_kpi_newest(s, j)); j++) {
				if (!kpi->name)
					continue;
				add_sample(b, &of_kpis[k].family);
				add_label(b, "site", s->name, true);
				add_label(b, "kpi", kpi->name, false);
				if (k == 0)
					add_label(b, "unit", kpi->unit, false);
				add_value(b, of_kpis[k].value(kpi), true);
			}
		}
	}
}

/* --- sinks --- */

static double sink_up(const struct sink_report *r)
{
	return r->is_up;
}

static double sink_sent(const struct sink_report *r)
{
	return (double)r->sent;
}

static double sink_refused(const struct sink_report *r)
{
	return (double)r->refused;
}

static double sink_behind(const struct sink_report *r)
{
	return (double)r->behind;
}

static const struct {
	struct family family;
	double (*value)(const struct sink_report *r);
} of_sinks[] = {
	{ { "runnel_sink_up", "gauge", NULL, "Whether the other end took what it got last." }, sink_up },
	{ { "runnel_sink_sent_rows", "counter", "rows", "Rows that it took." }, sink_sent },
	{ { "runnel_sink_refused_rows", "counter", "rows", "Rows that it refuses." }, sink_refused },
	{ { "runnel_sink_behind_rows", "gauge", "rows", "Rows of the store that it does not have yet, about." },
	  sink_behind },
};

static void write_sinks(struct sinks *sinks, struct dynbuf *b)
{
	struct sink_report r;

	for (size_t k = 0; k < ARRAY_LEN(of_sinks) && sinks; k++) {
		begin(b, &of_sinks[k].family);
		for (size_t i = 0; sinks_report(sinks, i, &r); i++) {
			add_sample(b, &of_sinks[k].family);
			add_label(b, "sink", r.name, true);
			add_label(b, "kind", r.kind, false);
			add_value(b, of_sinks[k].value(&r), true);
		}
	}
}

void prometheus_write(const struct prometheus *p, struct dynbuf *out)
{
	write_collector(p, out);
	write_counters(&p->fleet->counters, out);
	write_devices(p->fleet, out);
	write_kpis(p->fleet, out);
	write_sinks(p->sinks, out);
	dynbuf_adds(out, "# EOF\n");
}
