/* SPDX-License-Identifier: Apache-2.0 */
/* web_devices.c - /api/devices: all of them, a row each, without names of columns in each row: there may be 10,000. */
#include "collector/web.h"

static const char *const columns[] = {
	"site",	  "name",    "state",	"clock",    "lag",     "heard",	   "boot",    "revision",   "agent",
	"labels", "spooled", "dropped", "sensors",  "failing", "messages", "missing", "duplicates", "conflicts",
	"bad",	  "late",    "future",	"unsynced", "refused", "waiting",  "twins",
};

static void add_row(struct json *j, const struct web *w, const struct site *s, const struct device *d)
{
	const struct progress *boot = device_newest_boot(d);
	const struct counters *c = &d->counters;
	const uint64_t counts[] = {
		d->n_spooled,
		d->n_dropped,
		d->n_sensors,
		d->n_failing,
		c->messages,
		device_n_missing(d),
		c->duplicates,
		c->conflicts,
		c->bad,
		c->late,
		c->future,
		c->unsynced,
		c->refused + c->dropped + c->metrics_refused,
		d->n_waiting,
		c->twins,
	};

	json_array_begin(j, NULL);
	json_text(j, NULL, s->name);
	json_text(j, NULL, d->name);
	json_text(j, NULL, web_device_state(d));
	json_text(j, NULL, d->clock);
	json_double(j, NULL, web_device_lag_s(d, w->now_us));
	if (d->heard_us > 0)
		json_int(j, NULL, d->heard_us / 1000000);
	else
		json_nothing(j, NULL);
	json_uint(j, NULL, boot ? boot->boot : 0);
	json_int(j, NULL, d->birth.revision);
	json_text(j, NULL, d->birth.agent);
	json_text(j, NULL, d->birth.labels);
	for (size_t i = 0; i < ARRAY_LEN(counts); i++)
		json_uint(j, NULL, counts[i]);
	json_array_end(j);
}

int web_devices(const struct web_request *q, struct dynbuf *out)
{
	const struct fleet *f = q->web->fleet;
	struct json j = { .out = out };

	json_object_begin(&j, NULL);
	json_double(&j, "now", (double)q->web->now_us / 1e6);
	json_array_begin(&j, "columns");
	for (size_t i = 0; i < ARRAY_LEN(columns); i++)
		json_text(&j, NULL, columns[i]);
	json_array_end(&j);
	json_array_begin(&j, "rows");
	for (size_t i = 0; i < f->sites.n; i++)
		for (size_t k = 0; k < fleet_site(f, i)->devices.n; k++)
			add_row(&j, q->web, fleet_site(f, i), site_device(fleet_site(f, i), k));
	json_array_end(&j);
	json_object_end(&j);
	return 200;
}
