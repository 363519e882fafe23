/* SPDX-License-Identifier: Apache-2.0 */
#include "collector/outbox.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "base/log.h"
#include "collector/sorted.h"

static char *copy(const char *data, size_t bytes)
{
	char *p = sorted_alloc(bytes + 1);

	memcpy(p, data, bytes);
	return p;
}

static void remove_entry(struct outbox *o, size_t i)
{
	free(o->entries[i].topic);
	free(o->entries[i].payload);
	o->n--;
	memmove(&o->entries[i], &o->entries[i + 1], (o->n - i) * sizeof(o->entries[0]));
}

void outbox_add(struct outbox *o, const char *topic, const char *payload, size_t bytes, bool is_retained)
{
	struct outbox_entry *e;

	/* Only of what stays with the broker is the newest all that matters. */
	for (size_t i = 0; is_retained && i < o->n; i++) {
		e = &o->entries[i];
		if (e->is_sent || !e->is_retained || strcmp(e->topic, topic) != 0)
			continue;
		remove_entry(o, i);
		break;
	}
	if (o->n == OUTBOX_MAX) {
		if (o->n_dropped++ == 0)
			log_warning("too many fleet KPIs wait for the broker: the oldest are dropped");
		remove_entry(o, 0);
	}
	e = &o->entries[o->n++];
	*e = (struct outbox_entry){ .id = ++o->next_id, .bytes = bytes, .is_retained = is_retained };
	e->topic = copy(topic, strlen(topic));
	e->payload = copy(payload, bytes);
}

void outbox_flush(struct outbox *o, struct mqtt *m)
{
	for (size_t i = 0; i < o->n;) {
		struct outbox_entry *e = &o->entries[i];
		struct mqtt_message message = { .topic = e->topic,
						.payload = e->payload,
						.payload_bytes = e->bytes,
						.qos = 1,
						.retained = e->is_retained };
		int r = e->is_sent ? 0 : mqtt_publish(m, e->id, &message);

		if (r == -EAGAIN || r == -ENOTCONN)
			return;
		if (r < 0) {
			log_warning("%s: cannot be published: %s", e->topic, strerror(-r));
			remove_entry(o, i);
			continue;
		}
		e->is_sent = true;
		i++;
	}
}

void outbox_done(struct outbox *o, uint64_t id)
{
	for (size_t i = 0; i < o->n; i++) {
		if (o->entries[i].id == id) {
			remove_entry(o, i);
			return;
		}
	}
}

void outbox_rewind(struct outbox *o)
{
	for (size_t i = 0; i < o->n; i++)
		o->entries[i].is_sent = false;
}

void outbox_free(struct outbox *o)
{
	while (o->n > 0)
		remove_entry(o, o->n - 1);
}
