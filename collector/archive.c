/* SPDX-License-Identifier: Apache-2.0 */
#include "collector/archive.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <unistd.h>

#include "base/log.h"
#include "collector/archive_private.h"

int archive_note(struct archive *a, int r)
{
	const char *problem = r < 0 ? store_explain(r) : "";

	if (r < 0 && !a->problem[0])
		log_error("store: %s; up to %u MiB wait in memory, and are lost when the collector ends", problem,
			  STORE_MAX_PENDING_BYTES >> 20);
	if (r == 0 && a->problem[0])
		log_notice("store: works again");
	a->problem = problem;
	return r;
}

const char *archive_problem(const struct archive *a)
{
	return a->problem;
}

/* --- whose is a row --- */

static void add_owner(struct archive *a, struct site *s, struct device *d)
{
	size_t row = (size_t)d->row, n = a->n_owners ? a->n_owners : 64;
	struct archive_owner *grown;

	if (row >= a->n_owners) {
		while (n <= row)
			n *= 2;
		grown = sorted_alloc(n * sizeof(*grown));
		if (a->n_owners > 0)
			memcpy(grown, a->owners, a->n_owners * sizeof(*grown));
		free(a->owners);
		a->owners = grown;
		a->n_owners = n;
	}
	a->owners[row] = (struct archive_owner){ s, d };
}

void archive_find_owners(struct archive *a)
{
	for (size_t i = 0; i < a->fleet->sites.n; i++) {
		struct site *s = fleet_site(a->fleet, i);

		for (size_t j = 0; j < s->devices.n; j++) {
			struct device *d = site_device(s, j);

			if ((size_t)d->row >= a->n_owners || !a->owners[d->row].device)
				add_owner(a, s, d);
		}
	}
}

const struct archive_owner *archive_owner(struct archive *a, int64_t row)
{
	if (row <= 0)
		return NULL;
	if ((size_t)row >= a->n_owners || !a->owners[row].device)
		archive_find_owners(a);
	return (size_t)row < a->n_owners && a->owners[row].device ? &a->owners[row] : NULL;
}

/* --- opening --- */

/* Two collectors of one store would each merge half of what comes. Readers need no lock. */
static int take_lock(struct archive *a)
{
	char path[PATH_MAX];

	a->lock_fd = -1;
	if (!a->o.path)
		return 0;
	if ((size_t)snprintf(path, sizeof(path), "%s.lock", a->o.path) >= sizeof(path))
		return -ENAMETOOLONG;
	a->lock_fd = open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0640);
	if (a->lock_fd < 0)
		return -errno;
	return flock(a->lock_fd, LOCK_EX | LOCK_NB) < 0 ? -EBUSY : 0;
}

static void archive_free(struct archive *a)
{
	a->fleet->store = NULL;
	a->fleet->spread = NULL;
	a->fleet->is_sealed = NULL;
	archive_forget_reading(a);
	store_close(a->store);
	if (a->lock_fd >= 0)
		close(a->lock_fd);
	sorted_free(&a->damaged);
	free(a->owners);
	free(a);
}

int archive_open(struct archive **out, struct fleet *f, const struct archive_options *o, int64_t now_us)
{
	struct archive *a = sorted_alloc(sizeof(*a));
	int r;

	*a = (struct archive){ .o = *o, .fleet = f, .problem = "", .swept_us = now_us };
	a->damaged = (struct sorted){ .item_bytes = sizeof(uint64_t), .compare = sorted_compare_uint64 };
	r = take_lock(a);
	if (r == 0)
		r = store_open(&a->store, o->path, false);
	if (r == 0)
		r = archive_load(a, now_us);
	if (r < 0) {
		log_error("store %s: %s", o->path ? o->path : "(temporary)", store_explain(r));
		archive_free(a);
		return r;
	}
	f->store = a->store;
	f->spread = archive_spread;
	f->is_sealed = archive_is_sealed;
	f->spread_ctx = a;
	*out = a;
	return 0;
}

/* --- parts of windows that are not in memory --- */

/* It had been counted otherwise. */
static void count_other_bytes(struct archive *a, struct device *d, uint64_t *was, uint64_t *was_of_device)
{
	--*was;
	--*was_of_device;
	a->fleet->counters.conflicts++;
	if (d->counters.conflicts++ == 0)
		log_warning("%s: a part with the same key and other bytes: is the device there twice?", d->name);
}

/* Of a clock that nobody had set. */
static void on_kept_apart(struct archive *a, struct device *d, enum store_fate fate)
{
	if (fate == STORE_DIFFERS)
		count_other_bytes(a, d, &a->fleet->counters.unsynced, &d->counters.unsynced);
	if (fate != STORE_NO_ROOM)
		return;
	a->fleet->counters.unsynced--;
	d->counters.unsynced--;
	d->counters.refused++;
	if (a->fleet->counters.refused++ == 0)
		log_warning("%s: no room for parts that wait for a clock: %d of its own do already, or %d of all",
			    d->name, STORE_MAX_DEVICE_UNSYNCED, STORE_MAX_UNSYNCED);
}

static void on_late_part(void *ctx, const struct store_part *p, enum store_fate fate)
{
	struct archive *a = ctx;
	struct device *d = p->report;
	const struct archive_owner *owner = archive_owner(a, p->device);

	if (p->kind == STORE_UNSYNCED) {
		on_kept_apart(a, d, fate);
		return;
	}
	if (fate == STORE_WRITTEN && p->wl == PARTIAL_DAY_S)
		return; /* it is of no hour */
	if (fate == STORE_WRITTEN) {
		if (p->w0 < a->roll_from)
			a->roll_from = p->w0;
		if (owner)
			site_mark_late(owner->site, p->w0);
		return;
	}
	if (fate == STORE_DIFFERS) {
		count_other_bytes(a, d, &a->fleet->counters.stored_late, &d->counters.stored_late);
		return;
	}
	a->fleet->counters.stored_late--;
	d->counters.stored_late--;
	a->fleet->counters.duplicates++;
	d->counters.duplicates++;
}

/* --- how far everything is --- */

static int save_contracts(struct archive *a, struct device *d)
{
	int r = 0;

	for (size_t i = 0; i < d->n_contracts && r == 0; i++) {
		struct device_contract *c = &d->contracts[i];

		if (!c->is_saved)
			r = store_write_contract(a->store, d->row, c->hash, c->contract->text, c->contract->bytes);
	}
	return r;
}

static int save_device(struct archive *a, const struct site *s, struct device *d)
{
	uint8_t progress[ARCHIVE_PROGRESS_BYTES];
	struct store_device row = { .id = d->row,
				    .site = s->name,
				    .name = d->name,
				    .is_born = d->is_born,
				    .is_retired = d->is_retired,
				    .expected_from = d->expected_from,
				    .boot = d->birth.boot,
				    .contract = d->birth.has_contract ? (int64_t)d->birth.contract : -1,
				    .labels = d->birth.labels,
				    .progress = progress };
	int r = d->has_unsaved_contract ? save_contracts(a, d) : 0;

	row.progress_bytes = archive_pack_progress(d, progress);
	return r == 0 ? store_write_device(a->store, &row) : r;
}

static int save_kpi(void *ctx, const struct fleet_kpi *k)
{
	const struct archive *a = ctx;

	return store_write_kpi(a->store, k);
}

static int save_site(struct archive *a, struct site *s, bool *is_late)
{
	int r = fleet_kpi_each_unsaved(s, save_kpi, a);

	for (size_t i = 0; i < s->devices.n && r == 0; i++)
		if (site_device(s, i)->is_unsaved)
			r = save_device(a, s, site_device(s, i));
	*is_late = *is_late || s->late_hours.n > 0;
	return r;
}

static void mark_saved(struct site *s)
{
	fleet_kpi_saved(s);
	for (size_t i = 0; i < s->devices.n; i++) {
		struct device *d = site_device(s, i);

		if (d->is_unsaved && d->has_unsaved_contract)
			for (size_t c = 0; c < d->n_contracts; c++)
				d->contracts[c].is_saved = true;
		d->is_unsaved = d->has_unsaved_contract = false;
	}
}

/* As long as hours wait to be looked at, the parts that are in them stay unseen: a crash must not forget them. */
static int save(struct archive *a)
{
	bool is_late = false;
	int64_t last_id = a->seen_id;
	int r = store_begin(a->store);

	for (size_t i = 0; i < a->fleet->sites.n && r == 0; i++)
		r = save_site(a, fleet_site(a->fleet, i), &is_late);
	if (r == 0 && !is_late && store_n_pending(a->store) == 0)
		r = store_last_part(a->store, &last_id);
	if (r == 0 && last_id != a->seen_id)
		r = store_write_number(a->store, "seen", last_id);
	r = store_end(a->store, r);
	if (r < 0)
		return r;
	a->seen_id = last_id;
	a->fleet->is_unexplained = false;
	for (size_t i = 0; i < a->fleet->sites.n; i++)
		mark_saved(fleet_site(a->fleet, i));
	return 0;
}

int archive_save_kpis(struct archive *a, struct site *s)
{
	int r = store_begin(a->store);

	if (r == 0)
		r = fleet_kpi_each_unsaved(s, save_kpi, a);
	r = store_end(a->store, r);
	if (r == 0)
		fleet_kpi_saved(s);
	return r;
}

/* --- in turn --- */

/* What explains parts is durable before them: after a crash no part is of a device, or of a contract, that nobody knows. */
int archive_commit(struct archive *a)
{
	const struct store_done done = { on_late_part, a };

	int r = 0;

	archive_forget_reading(a);
	if (store_n_pending(a->store) == 0)
		return 0;
	if (a->fleet->is_unexplained)
		r = save(a);
	return archive_note(a, r == 0 ? store_commit(a->store, &done) : r);
}

int archive_save(struct archive *a)
{
	int r = archive_commit(a);

	if (r == 0)
		r = archive_note(a, save(a));
	a->is_saved = r == 0;
	return r;
}

bool archive_is_saved(const struct archive *a)
{
	return a->is_saved && store_n_pending(a->store) == 0;
}

void archive_tick(struct archive *a, const struct fleet_kpi_sink *sink)
{
	if (archive_save(a) < 0)
		return;
	archive_date(a);
	archive_look_back(a, sink);
	archive_retain(a);
}

bool archive_close(struct archive *a)
{
	bool is_durable;

	if (!a)
		return true;
	is_durable = a->is_read_only || archive_save(a) == 0;
	archive_free(a);
	return is_durable;
}
