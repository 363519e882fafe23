/* SPDX-License-Identifier: Apache-2.0 */
/*
 * One table of eight columns serves both lists, so that they line up; what a column means is in the row of titles above it.
 * Numbers that ought to be 0 are dim while they are, and in colour when they are not.
 */
#include "collector/view.h"

#include <errno.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>

#include "base/term.h"
#include "base/timestamp.h"
#include "collector/fleet_kpi.h"

/* Their titles are rows: what comes first on the screen is the state of the broker. */
static const struct term_column columns[] = {
	{ "", false, true }, { "", false, false }, { "", true, false }, { "", false, true },
	{ "", true, false }, { "", true, false },  { "", true, false }, { "", false, true },
};

static const char *const kpi_titles[ARRAY_LEN(columns)] = { "KPI",	  "window", "value", "unit",
							    "n/expected", "R/E",    "cover", "state" };
static const char *const device_titles[ARRAY_LEN(columns)] = { "device",   "state", "lag", "boot",
							       "messages", "gaps",  "dup", "trouble" };

struct view {
	struct term_table *table;
};

int view_create(struct view **out, int fd)
{
	struct view *v = calloc(1, sizeof(*v));

	if (!v)
		return -ENOMEM;
	if (term_table_create(&v->table, fd, columns, ARRAY_LEN(columns)) < 0) {
		free(v);
		return -ENOMEM;
	}
	*out = v;
	return 0;
}

void view_free(struct view *v)
{
	if (!v)
		return;
	term_table_keep(v->table);
	term_table_free(v->table);
	free(v);
}

static void title_row(struct term_table *t, const char *const titles[])
{
	term_table_linef(t, TERM_PLAIN, "%s", "");
	for (size_t i = 0; i < ARRAY_LEN(columns); i++)
		term_table_cell(t, TERM_BOLD, titles[i]);
}

static void count_cell(struct term_table *t, uint64_t count, enum term_style trouble)
{
	term_table_cellf(t, count > 0 ? trouble : TERM_DIM, "%llu", (unsigned long long)count);
}

/* --- KPIs --- */

/* "04:40:00 1m": the day is known to who looks at a live table. */
static void window_cell(struct term_table *t, const struct fleet_kpi *k)
{
	char at[32], length[16] = "";

	timestamp_format((int64_t)k->w0 * 1000000, at, sizeof(at));
	if (k->wl % 3600 == 0)
		snprintf(length, sizeof(length), "%uh", k->wl / 3600);
	else if (k->wl % 60 == 0)
		snprintf(length, sizeof(length), "%um", k->wl / 60);
	else
		snprintf(length, sizeof(length), "%us", k->wl);
	term_table_cellf(t, TERM_DIM, "%.8s %s", at + 11, length);
}

/* Irregular streams have no number of samples that is due. */
static void samples_cell(struct term_table *t, const struct fleet_kpi *k)
{
	if (k->expected > 0)
		term_table_cellf(t, k->n < k->expected ? TERM_YELLOW : TERM_PLAIN, "%llu/%llu",
				 (unsigned long long)k->n, (unsigned long long)k->expected);
	else
		term_table_cellf(t, TERM_PLAIN, "%llu", (unsigned long long)k->n);
}

static void kpi_row(struct term_table *t, const struct fleet_kpi *k, bool has_sites)
{
	bool is_full = k->coverage >= 0.995;

	if (has_sites)
		term_table_cellf(t, TERM_BOLD, "%s/%s", k->site, k->name);
	else
		term_table_cell(t, TERM_BOLD, k->name);
	window_cell(t, k);
	if (isnan(k->value))
		term_table_cell(t, TERM_DIM, "-");
	else
		term_table_cellf(t, TERM_CYAN, "%.6g", k->value);
	term_table_cell(t, TERM_PLAIN, k->unit);
	samples_cell(t, k);
	term_table_cellf(t, k->devices < k->expected_devices ? TERM_YELLOW : TERM_PLAIN, "%zu/%zu", k->devices,
			 k->expected_devices);
	if (isnan(k->coverage))
		term_table_cell(t, TERM_DIM, "-");
	else
		term_table_cellf(t, is_full ? TERM_PLAIN : TERM_YELLOW, "%.1f%%", 100.0 * k->coverage);
	if (k->state == FLEET_KPI_COMPLETE)
		term_table_cell(t, TERM_GREEN, "complete");
	else
		term_table_cellf(t, TERM_YELLOW, "%zu/%zu done", k->complete_devices, k->expected_devices);
}

static void kpi_rows(struct term_table *t, const struct fleet *f)
{
	size_t n = 0;

	title_row(t, kpi_titles);
	for (size_t i = 0; i < f->sites.n; i++) {
		const struct fleet_kpi *k;

		for (size_t j = 0; (k = fleet_kpi_newest(fleet_site(f, i), j)); j++, n++) {
			kpi_row(t, k, f->sites.n > 1);
			if (k->n_definitions > 1)
				term_table_linef(t, TERM_YELLOW, "  ^ %zu definitions; this one has most devices",
						 k->n_definitions);
		}
	}
	if (n == 0)
		term_table_linef(t, TERM_DIM, "no window has ended yet");
}

/* --- devices --- */

static void state_cell(struct term_table *t, const struct device *d)
{
	if (d->is_retired)
		term_table_cell(t, TERM_DIM, "retired");
	else if (!d->is_born)
		term_table_cell(t, TERM_YELLOW, "no birth");
	else if (!d->has_status)
		term_table_cell(t, TERM_YELLOW, "born");
	else
		term_table_cell(t, d->is_online ? TERM_GREEN : TERM_RED, d->is_online ? "online" : "offline");
}

static void lag_cell(struct term_table *t, const struct device *d, int64_t now_us)
{
	double lag_s = (double)(now_us / 1000000) - (double)device_wm(d);

	if (device_wm(d) == 0)
		term_table_cell(t, TERM_DIM, "-");
	else if (lag_s < 600.0)
		term_table_cellf(t, TERM_PLAIN, "%.0fs", lag_s);
	else if (lag_s < 172800.0)
		term_table_cellf(t, TERM_YELLOW, "%.1fh", lag_s / 3600.0);
	else
		term_table_cellf(t, TERM_YELLOW, "%.0fd", lag_s / 86400.0);
}

/* The worst that happened to its messages, "-" when nothing did. */
static void trouble_cell(struct term_table *t, const struct device *d)
{
	const struct counters *c = &d->counters;
	const struct {
		uint64_t count;
		const char *what;
		enum term_style style;
	} troubles[] = {
		{ d->n_failing, "sensors failing", TERM_RED },
		{ c->conflicts, "conflicts", TERM_RED },
		{ c->bad, "bad", TERM_RED },
		{ c->metrics_refused, "refused", TERM_RED },
		{ c->future, "future", TERM_YELLOW },
		{ c->unsynced, "no clock", TERM_YELLOW },
		{ d->n_waiting, "waiting", TERM_YELLOW },
		{ c->dropped, "dropped", TERM_RED },
		{ c->late, "late", TERM_YELLOW },
	};

	for (size_t i = 0; i < ARRAY_LEN(troubles); i++) {
		if (troubles[i].count == 0)
			continue;
		term_table_cellf(t, troubles[i].style, "%llu %s", (unsigned long long)troubles[i].count,
				 troubles[i].what);
		return;
	}
	term_table_cell(t, TERM_DIM, "-");
}

/* @site: its name, or "" when there is one alone */
static void device_row(struct term_table *t, const char *site, const struct device *d, int64_t now_us)
{
	const struct progress *boot = device_newest_boot(d);

	term_table_cellf(t, TERM_BOLD, "%s%s%s", site, site[0] ? "/" : "", d->name);
	state_cell(t, d);
	lag_cell(t, d, now_us);
	if (boot)
		term_table_cellf(t, TERM_PLAIN, "%u #%u", boot->boot, progress_last_seq(boot));
	else
		term_table_cell(t, TERM_DIM, "-");
	term_table_cellf(t, TERM_PLAIN, "%llu", (unsigned long long)d->counters.messages);
	count_cell(t, device_n_missing(d), TERM_RED);
	count_cell(t, d->counters.duplicates, TERM_PLAIN);
	trouble_cell(t, d);
}

/* A screen has room for a few of many: those that need somebody come first. */
static bool needs_somebody(const struct device *d)
{
	const struct counters *c = &d->counters;

	return !d->is_retired && ((d->has_status && !d->is_online) || d->n_failing > 0 || device_n_missing(d) > 0 ||
				  c->conflicts + c->bad + c->metrics_refused + c->unsynced + c->dropped > 0);
}

static void device_rows(struct term_table *t, const struct fleet *f, int64_t now_us)
{
	title_row(t, device_titles);
	for (int turn = 0; turn < 2; turn++)
		for (size_t i = 0; i < f->sites.n; i++) {
			const struct site *s = fleet_site(f, i);

			for (size_t j = 0; j < s->devices.n; j++)
				if (needs_somebody(site_device(s, j)) == (turn == 0))
					device_row(t, f->sites.n > 1 ? s->name : "", site_device(s, j), now_us);
		}
}

/* --- the first lines --- */

static void troubles(struct term_table *t, const struct fleet *f)
{
	const struct counters *c = &f->counters;

	if (c->bad + c->conflicts + c->future + c->unsynced + c->late + c->dropped + c->refused + c->metrics_refused >
	    0)
		term_table_linef(t, TERM_YELLOW,
				 "bad %llu  conflicts %llu  definitions %llu  future %llu  no clock %llu  late %llu  "
				 "no room %llu",
				 (unsigned long long)c->bad, (unsigned long long)c->conflicts,
				 (unsigned long long)c->metrics_refused, (unsigned long long)c->future,
				 (unsigned long long)c->unsynced, (unsigned long long)c->late,
				 (unsigned long long)(c->dropped + c->refused));
	if (f->last_conflict[0])
		term_table_linef(t, TERM_RED, "conflict: %s", f->last_conflict);
}

static void header(struct term_table *t, const struct view_subject *s)
{
	const struct mqtt_status *mqtt = &s->mqtt;
	bool is_connected = mqtt->state == MQTT_CONNECTED;
	char at[32];

	timestamp_format(s->now_us, at, sizeof(at));
	term_table_linef(t, is_connected ? TERM_GREEN : TERM_RED, "%s %s  %.8s UTC  %zu devices  %llu messages%s%s",
			 s->broker, mqtt_state_name(mqtt->state), at + 11, s->fleet->n_devices,
			 (unsigned long long)s->fleet->counters.messages,
			 is_connected || !mqtt->last_error[0] ? "" : "  ", is_connected ? "" : mqtt->last_error);
	if (s->where[0])
		term_table_linef(t, TERM_CYAN, "the same as a page: %s", s->where);
	troubles(t, s->fleet);
}

static void fill(struct term_table *t, const struct view_subject *s)
{
	header(t, s);
	kpi_rows(t, s->fleet);
	device_rows(t, s->fleet, s->now_us);
}

int view_show(struct view *v, const struct view_subject *s)
{
	fill(v->table, s);
	return term_table_show(v->table);
}

int view_render(const struct view_subject *s, const struct term *term, struct dynbuf *out)
{
	struct term_table *t;
	int r = term_table_create(&t, -1, columns, ARRAY_LEN(columns));

	if (r < 0)
		return r;
	fill(t, s);
	r = term_table_render(t, term, out);
	term_table_free(t);
	return r;
}
