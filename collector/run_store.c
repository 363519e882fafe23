/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Partials that wait for their contract are in memory alone, maybe for ever. So that one board without a contract does not keep the messages of
 * all others in the inbox, they are put there again when it has become long.
 */
#include "collector/run_store.h"

#include <stdio.h>

#include "base/loop.h"
#include "collector/intake.h"
#include "collector/store.h"

enum { SAVE_EVERY = 1000 };

static void take_again(void *ctx, const struct inbox_message *m)
{
	struct run_store *s = ctx;
	const struct mqtt_message message = {
		.topic = m->topic, .payload = m->payload, .payload_bytes = m->payload_bytes, .qos = 1
	};

	intake_message(s->fleet, s->prefix, &message, m->at_us);
	s->taken = m->number;
	if (m->number % SAVE_EVERY == 0)
		(void)!archive_save(
			s->archive); /* no more than the store keeps in memory; of an error the next one tells, too */
}

int run_store_open(struct run_store *s, const struct run_options *o, struct fleet *f)
{
	const struct archive_options options = { .path = o->store,
						 .keep_parts_s = (uint64_t)(o->keep_parts_us / 1000000),
						 .keep_hours_s = (uint64_t)(o->keep_hours_us / 1000000) };
	const struct inbox_reader reader = { take_again, s };
	int r;

	*s = (struct run_store){ .fleet = f, .prefix = o->prefix };
	f->deadline_s = (uint64_t)(o->deadline_us / 1000000);
	if (!o->store)
		return 0;
	r = archive_open(&s->archive, f, &options, loop_wall_us());
	if (r < 0)
		return r;
	s->inbox = inbox_open(o->store, &reader);
	if (archive_save(s->archive) == 0)
		run_store_settle(s); /* who is killed again soon has not to read it all again */
	return 0;
}

/* What the broker keeps comes again with the next subscription. */
uint64_t run_store_note_down(void *store, const struct mqtt_message *m)
{
	struct run_store *s = store;

	return m->retained ? 0 : inbox_put(s->inbox, m->topic, m->payload, m->payload_bytes, loop_wall_us());
}

void run_store_take(struct run_store *s, const struct mqtt_message *m)
{
	intake_message(s->fleet, s->prefix, m, loop_wall_us());
	if (m->mark > s->taken)
		s->taken = m->mark;
}

static bool put_waiting(struct run_store *s, const struct site *site, const struct device *d)
{
	char topic[512];
	bool ok = true;

	snprintf(topic, sizeof(topic), "%s/%s/%s/partial", s->prefix, site->name, d->name);
	for (size_t i = 0; i < d->n_waiting && ok; i++)
		ok = inbox_put(s->inbox, topic, d->waiting[i].payload, d->waiting[i].bytes, d->heard_us) > 0;
	return ok;
}

static bool put_all_waiting(struct run_store *s)
{
	bool ok = true;

	for (size_t i = 0; i < s->fleet->sites.n && ok; i++) {
		const struct site *site = fleet_site(s->fleet, i);

		for (size_t j = 0; j < site->devices.n && ok; j++)
			ok = put_waiting(s, site, site_device(site, j));
	}
	return ok;
}

/* @return up to which message everything is in the store, or in the inbox once more; 0: as before */
static uint64_t find_settled(struct run_store *s)
{
	size_t waiting = s->fleet->waiting_bytes;

	if (!archive_is_saved(s->archive))
		return 0;
	if (waiting == 0)
		return s->taken;
	if (!inbox_is_crowded(s->inbox, waiting))
		return 0;
	inbox_turn(s->inbox);
	return put_all_waiting(s) ? s->taken : 0;
}

void run_store_settle(struct run_store *s)
{
	if (s->archive)
		inbox_settle(s->inbox, find_settled(s));
}

void run_store_close(struct run_store *s)
{
	if (archive_close(s->archive) && s->inbox && s->fleet->waiting_bytes == 0)
		inbox_settle(s->inbox, s->taken);
	inbox_close(s->inbox);
}
