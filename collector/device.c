/* SPDX-License-Identifier: Apache-2.0 */
#include "collector/device.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

static int compare_clocks(const void *a, const void *b)
{
	const struct partial_clock *x = a, *y = b;

	if (x->boot != y->boot)
		return x->boot < y->boot ? -1 : 1;
	return (x->first > y->first) - (x->first < y->first);
}

struct device *device_new(const char *name, size_t id)
{
	struct device *d = sorted_alloc(sizeof(*d));

	d->id = id;
	d->clocks = (struct sorted){ .item_bytes = sizeof(struct partial_clock), .compare = compare_clocks };
	d->name = sorted_alloc(strlen(name) + 1);
	memcpy(d->name, name, strlen(name));
	return d;
}

void device_free(struct device *d, struct contract_store *store)
{
	for (size_t i = 0; i < d->n_boots; i++)
		free(d->boots[i]);
	for (size_t i = 0; i < d->n_contracts; i++)
		contract_store_give(store, d->contracts[i].contract);
	for (size_t i = 0; i < d->n_waiting; i++)
		free(d->waiting[i].payload);
	sorted_free(&d->clocks);
	free(d->birth_text);
	free(d->status_text);
	free(d->name);
	free(d);
}

/* --- boots --- */

struct progress *device_boot(struct device *d, uint32_t boot)
{
	struct progress *p;
	size_t i = 0;

	while (i < d->n_boots && d->boots[i]->boot < boot)
		i++;
	if (i < d->n_boots && d->boots[i]->boot == boot)
		return d->boots[i];
	if (d->n_boots == DEVICE_MAX_BOOTS) {
		if (i == 0)
			return NULL;
		free(d->boots[0]);
		memmove(&d->boots[0], &d->boots[1], --d->n_boots * sizeof(d->boots[0]));
		i--;
	}
	p = sorted_alloc(sizeof(*p));
	p->boot = boot;
	memmove(&d->boots[i + 1], &d->boots[i], (d->n_boots - i) * sizeof(d->boots[0]));
	d->boots[i] = p;
	d->n_boots++;
	return p;
}

const struct progress *device_newest_boot(const struct device *d)
{
	for (size_t i = d->n_boots; i-- > 0;)
		if (!d->boots[i]->is_backfill)
			return d->boots[i];
	return d->n_boots > 0 ? d->boots[d->n_boots - 1] : NULL;
}

uint64_t device_wm(const struct device *d)
{
	return d->n_boots > 0 ? progress_wm(device_newest_boot(d)) : 0;
}

uint64_t device_n_missing(const struct device *d)
{
	uint64_t missing = 0;

	for (size_t i = 0; i < d->n_boots; i++)
		missing += progress_n_missing(d->boots[i]);
	return missing;
}

bool device_is_complete(const struct device *d, uint64_t w0, uint64_t end)
{
	if (device_wm(d) < end || d->dating.is_due || d->dating.is_running || d->dating.is_again)
		return false;
	for (size_t i = 0; i < d->n_boots; i++)
		if (progress_has_hole(d->boots[i], w0, end))
			return false;
	return true;
}

/* --- contracts --- */

struct shared_contract *device_contract(struct device *d, uint32_t hash)
{
	for (size_t i = 0; i < d->n_contracts; i++) {
		if (d->contracts[i].hash == hash) {
			d->contracts[i].used_at = ++d->n_uses;
			return d->contracts[i].contract;
		}
	}
	return NULL;
}

struct shared_contract *device_current_contract(struct device *d)
{
	struct device_contract *newest = NULL;

	if (d->is_born)
		return d->birth.has_contract ? device_contract(d, d->birth.contract) : NULL;
	for (size_t i = 0; i < d->n_contracts && !d->is_retired; i++)
		if (!newest || d->contracts[i].used_at > newest->used_at)
			newest = &d->contracts[i];
	return newest ? newest->contract : NULL;
}

static bool is_current(const struct device *d, uint32_t hash)
{
	return d->is_born && d->birth.has_contract && d->birth.contract == hash;
}

static struct device_contract *contract_slot(struct device *d, struct contract_store *store)
{
	struct device_contract *oldest = &d->contracts[is_current(d, d->contracts[0].hash)];

	if (d->n_contracts < DEVICE_MAX_CONTRACTS)
		return &d->contracts[d->n_contracts++];
	for (size_t i = 0; i < d->n_contracts; i++) {
		struct device_contract *c = &d->contracts[i];

		if (!is_current(d, c->hash) && c->used_at < oldest->used_at)
			oldest = c;
	}
	contract_store_give(store, oldest->contract);
	return oldest;
}

int device_add_contract(struct device *d, struct contract_store *store, uint32_t hash, const char *text, size_t bytes,
			const char **why)
{
	struct shared_contract *known = device_contract(d, hash), *c;
	int r;

	if (known && known->bytes == bytes && memcmp(known->text, text, bytes) == 0)
		return 1;
	if (known) {
		*why = "another contract has the same hash";
		return -EBADMSG;
	}
	r = contract_store_take(store, hash, text, bytes, &c, why);
	if (r < 0)
		return r;
	*contract_slot(d, store) = (struct device_contract){ .hash = hash, .contract = c, .used_at = ++d->n_uses };
	d->has_unsaved_contract = d->is_unsaved = true;
	return 0;
}

/* --- partials without a contract --- */

bool device_wait(struct device *d, uint32_t contract, const void *payload, size_t bytes)
{
	struct waiting *w = &d->waiting[d->n_waiting];

	if (d->n_waiting == DEVICE_MAX_WAITING)
		return false;
	*w = (struct waiting){ contract, bytes, sorted_alloc(bytes) };
	memcpy(w->payload, payload, bytes);
	d->n_waiting++;
	return true;
}

bool device_take_waiting(struct device *d, uint32_t contract, struct waiting *out)
{
	for (size_t i = 0; i < d->n_waiting; i++) {
		if (d->waiting[i].contract != contract)
			continue;
		*out = d->waiting[i];
		d->n_waiting--;
		memmove(&d->waiting[i], &d->waiting[i + 1], (d->n_waiting - i) * sizeof(d->waiting[0]));
		return true;
	}
	return false;
}

/* --- clocks that were wrong --- */

static const struct partial_clock *clock_at(const struct device *d, size_t i)
{
	return sorted_at(&d->clocks, i);
}

enum device_clock_news device_judge_clock(const struct device *d, const struct partial_clock *c)
{
	for (size_t i = 0; i < d->clocks.n; i++) {
		const struct partial_clock *known = clock_at(d, i);

		if (known->boot != c->boot || known->last < c->first || known->first > c->last)
			continue;
		if (known->offset_us != c->offset_us)
			return DEVICE_CLOCK_CONTRADICTS;
		if (known->first <= c->first && known->last >= c->last)
			return DEVICE_CLOCK_KNOWN;
		if (known->first == c->first)
			return DEVICE_CLOCK_CONTRADICTS;
	}
	return d->clocks.n < DEVICE_MAX_CLOCKS ? DEVICE_CLOCK_NEW : DEVICE_CLOCK_TOO_MANY;
}

void device_add_clock(struct device *d, const struct partial_clock *c)
{
	sorted_insert(&d->clocks, c);
}

const struct partial_clock *device_find_clock(const struct device *d, uint32_t boot, uint32_t first, uint32_t last)
{
	for (size_t i = 0; i < d->clocks.n; i++) {
		const struct partial_clock *c = clock_at(d, i);

		if (c->boot == boot && c->first <= first && c->last >= last)
			return c;
	}
	return NULL;
}

bool device_knows_clock(const struct device *d, uint32_t boot)
{
	for (size_t i = 0; i < d->clocks.n; i++)
		if (clock_at(d, i)->boot == boot)
			return true;
	return false;
}
