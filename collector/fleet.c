/* SPDX-License-Identifier: Apache-2.0 */
/*
 * fleet.c - sites and devices, and what devices say about themselves. Partials are in fleet_part.c.
 *
 * From when on is a device missed? A birth that was retained is as old as it may be: the device is expected in every window. One that
 * comes live, of a device not known before, says that the device is new: it is not missed from windows that were over before.
 */
#include "collector/fleet.h"

#include <stdlib.h>
#include <string.h>

#include "base/log.h"
#include "collector/fleet_kpi.h"
#include "collector/fleet_private.h"
#include "collector/store.h"

/* --- finding --- */

static int compare_sites(const void *a, const void *b)
{
	return strcmp((*(struct site *const *)a)->name, (*(struct site *const *)b)->name);
}

static int compare_devices(const void *a, const void *b)
{
	return strcmp((*(struct device *const *)a)->name, (*(struct device *const *)b)->name);
}

struct site *fleet_find_site(const struct fleet *f, const char *name)
{
	struct site key = { .name = (char *)name }, *pointer = &key;
	struct site **found = sorted_find(&f->sites, &pointer);

	return found ? *found : NULL;
}

struct device *site_find_device(const struct site *s, const char *name)
{
	struct device key = { .name = (char *)name }, *pointer = &key;
	struct device **found = sorted_find(&s->devices, &pointer);

	return found ? *found : NULL;
}

struct device *site_device(const struct site *s, size_t i)
{
	return *(struct device **)sorted_at(&s->devices, i);
}

struct site *fleet_site(const struct fleet *f, size_t i)
{
	return *(struct site **)sorted_at(&f->sites, i);
}

struct site_window *site_window(const struct site *s, size_t i)
{
	return *(struct site_window **)sorted_at(&s->windows, i);
}

size_t site_first_window(const struct site *s, uint64_t w0)
{
	struct site_window key = { .w0 = w0 }, *pointer = &key;

	return sorted_lower_bound(&s->windows, &pointer);
}

/* --- making --- */

static const uint64_t default_deadline_s = 86400;

struct fleet *fleet_new(uint64_t keep_s)
{
	struct fleet *f = sorted_alloc(sizeof(*f));

	f->keep_s = keep_s;
	f->deadline_s = default_deadline_s;
	f->sites = (struct sorted){ .item_bytes = sizeof(struct site *), .compare = compare_sites };
	contract_store_init(&f->contracts);
	f->metrics = sorted_alloc(PARTIAL_MAX_METRICS * sizeof(f->metrics[0]));
	f->aggs = sorted_alloc(EXPR_MAX_STREAMS * sizeof(f->aggs[0]));
	return f;
}

static struct site *site_new(const char *name)
{
	struct site *s = sorted_alloc(sizeof(*s));

	s->name = sorted_alloc(strlen(name) + 1);
	memcpy(s->name, name, strlen(name));
	s->devices = (struct sorted){ .item_bytes = sizeof(struct device *), .compare = compare_devices };
	s->metrics = (struct sorted){ .item_bytes = sizeof(struct site_metric *), .compare = site_compare_metrics };
	s->windows = (struct sorted){ .item_bytes = sizeof(struct site_window *), .compare = site_compare_windows };
	s->late_hours = (struct sorted){ .item_bytes = sizeof(uint64_t), .compare = sorted_compare_uint64 };
	fleet_kpi_init(s);
	return s;
}

static void site_free(struct fleet *f, struct site *s)
{
	fleet_forget(f, s, UINT64_MAX);
	fleet_kpi_free(s);
	for (size_t i = 0; i < s->devices.n; i++)
		device_free(site_device(s, i), &f->contracts);
	sorted_free(&s->devices);
	sorted_free(&s->metrics);
	sorted_free(&s->windows);
	sorted_free(&s->late_hours);
	arena_free(&s->arena);
	free(s->name);
	free(s);
}

void fleet_free(struct fleet *f)
{
	if (!f)
		return;
	for (size_t i = 0; i < f->sites.n; i++)
		site_free(f, fleet_site(f, i));
	sorted_free(&f->sites);
	contract_store_free(&f->contracts);
	free(f->metrics);
	free(f->aggs);
	free(f);
}

struct device *fleet_take_device(struct fleet *f, const char *site_name, const char *name, struct site **site)
{
	struct site *s = fleet_find_site(f, site_name);
	struct device *d = s ? site_find_device(s, name) : NULL;

	if (!d && (f->n_devices >= FLEET_MAX_DEVICES || (!s && f->sites.n >= FLEET_MAX_SITES))) {
		if (f->counters.refused++ == 0)
			log_warning("%s/%s is refused: no room for more devices", site_name, name);
		return NULL;
	}
	if (!s) {
		s = site_new(site_name);
		sorted_insert(&f->sites, &s);
	}
	if (!d) {
		d = device_new(name, s->devices.n);
		d->row = f->store && !f->is_replay ? store_new_device(f->store) : 0;
		d->is_unsaved = true;
		f->is_unexplained = true;
		sorted_insert(&s->devices, &d);
		f->n_devices++;
	}
	*site = s;
	return d;
}

struct device *fleet_device(struct fleet *f, const struct fleet_message *m, struct site **site)
{
	struct device *d = fleet_take_device(f, m->site, m->device, site);

	if (!d)
		return NULL;
	d->heard_us = m->now_us;
	if (m->now_us > f->now_us)
		f->now_us = m->now_us;
	return d;
}

/* --- what devices say about themselves --- */

void fleet_count_bad(struct fleet *f, const struct fleet_message *m, const char *why)
{
	struct site *s = fleet_find_site(f, m->site);
	struct device *d = s ? site_find_device(s, m->device) : NULL;

	f->counters.bad++;
	if (d && d->counters.bad++ > 0)
		return;
	log_warning("%s/%s: bad message: %s", m->site, m->device, why);
}

uint64_t fleet_credible_wm(uint64_t wm, int64_t now_us)
{
	return wm <= (uint64_t)(now_us / 1000000) + FLEET_FUTURE_S ? wm : PROGRESS_NO_WM;
}

void site_move(struct site *s, uint64_t wm)
{
	s->is_moved = true;
	if (wm != PROGRESS_NO_WM && wm > s->front)
		s->front = wm;
}

static void retire(struct fleet *f, const struct fleet_message *m)
{
	struct site *s = fleet_find_site(f, m->site);
	struct device *d = s ? site_find_device(s, m->device) : NULL;

	if (!d)
		return;
	if (d->is_born)
		log_notice("%s/%s: retired", m->site, m->device);
	d->is_born = false;
	d->is_retired = d->is_unsaved = true;
	s->is_recast = true;
}

/* Two that live at the same time tell of themselves in turn; one that lives again has another boot number. */
static void look_for_twin(struct fleet *f, const struct fleet_message *m, struct device *d, const struct birth *b)
{
	if (!d->is_born || d->birth.boot != b->boot || d->birth.nonce == b->nonce || d->birth.nonce == 0)
		return;
	f->counters.twins++;
	if (d->counters.twins++ == 0)
		log_warning("%s/%s: two devices with this name and boot %u: is an SD card copied?", m->site, m->device,
			    b->boot);
}

/* It has been parsed: it is one JSON object. */
static void keep_text(const struct fleet *f, const struct fleet_message *m, char **text)
{
	if (!f->keeps_texts || m->bytes > FLEET_MAX_TEXT_BYTES)
		return;
	free(*text);
	*text = sorted_alloc(m->bytes + 1);
	memcpy(*text, m->payload, m->bytes);
}

void fleet_birth(struct fleet *f, const struct fleet_message *m)
{
	struct birth birth;
	const char *why;
	struct site *s;
	struct device *d;

	if (m->bytes == 0) {
		retire(f, m);
		return;
	}
	if (json_in_birth(&birth, m->payload, m->bytes, &why) < 0) {
		fleet_count_bad(f, m, why);
		return;
	}
	d = fleet_device(f, m, &s);
	if (!d)
		return;
	if (!d->is_born && !m->is_retained)
		d->expected_from = s->front;
	look_for_twin(f, m, d, &birth);
	d->is_born = d->is_unsaved = true;
	d->is_retired = false;
	d->birth = birth;
	keep_text(f, m, &d->birth_text);
	device_boot(d, birth.boot);
	s->is_recast = true;
}

void fleet_contract(struct fleet *f, const struct fleet_message *m, uint32_t hash)
{
	struct waiting w;
	const char *why;
	struct site *s;
	struct device *d;

	if (m->bytes == 0)
		return;
	d = fleet_device(f, m, &s);
	if (!d)
		return;
	if (device_add_contract(d, &f->contracts, hash, m->payload, m->bytes, &why) < 0) {
		fleet_count_bad(f, m, why);
		return;
	}
	s->is_recast = true;
	f->is_unexplained = f->is_unexplained || d->has_unsaved_contract;
	d->dating.is_due = d->dating.is_due || (f->store && d->clocks.n > 0); /* some may have waited for it */
	while (device_take_waiting(d, hash, &w)) {
		struct fleet_message late = *m;

		late.payload = w.payload;
		late.bytes = w.bytes;
		f->waiting_bytes -= w.bytes;
		f->counters.messages--; /* was counted when it came */
		d->counters.messages--;
		fleet_partial(f, &late);
		free(w.payload);
	}
}

/* The last will does not know them. */
static void take_details(struct device *d, const struct status *s)
{
	if (s->clock[0])
		memcpy(d->clock, s->clock, sizeof(d->clock));
	d->has_spool = d->has_spool || s->has_spool;
	if (s->has_spool) {
		d->n_spooled = s->n_spooled;
		d->n_dropped = s->n_dropped;
	}
	if (s->has_sensors) {
		d->has_sensors = true;
		d->n_sensors = s->n_sensors;
		d->n_failing = s->n_failing;
		d->n_faults = s->n_faults;
	}
}

/* Of a clock that nobody has set the watermark means nothing; its number of messages comes with the next status. */
static bool is_time_known(const struct status *s)
{
	return strcmp(s->clock, "unsynchronised") != 0;
}

void fleet_status(struct fleet *f, const struct fleet_message *m)
{
	struct progress *p;
	struct status status;
	const char *why;
	struct site *s;
	struct device *d;
	uint64_t wm;

	if (m->bytes == 0)
		return;
	if (json_in_status(&status, m->payload, m->bytes, &why) < 0) {
		fleet_count_bad(f, m, why);
		return;
	}
	d = fleet_device(f, m, &s);
	if (!d)
		return;
	d->has_status = true;
	d->is_online = status.is_online;
	take_details(d, &status);
	if (status.has_sensors) /* the last will is no news of these */
		keep_text(f, m, &d->status_text);
	p = device_boot(d, status.boot);
	wm = status.has_progress && is_time_known(&status) ? fleet_credible_wm(status.wm, m->now_us) : PROGRESS_NO_WM;
	if (!p || wm == PROGRESS_NO_WM)
		return;
	progress_status(p, status.seq, wm);
	d->is_unsaved = true;
	site_move(s, wm);
}
