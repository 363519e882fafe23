/* SPDX-License-Identifier: Apache-2.0 */
#include "agent/spool.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

struct row {
	struct row *next;
	uint64_t id;
	enum spool_kind kind;
	size_t payload_bytes;
	unsigned char payload[];
};

struct spool {
	struct row *first, *last;
	uint64_t last_id;
	struct spool_stats stats;
};

static size_t cost_of(size_t payload_bytes)
{
	return sizeof(struct row) + payload_bytes;
}

int spool_open(struct spool **out, size_t max_bytes)
{
	struct spool *s = calloc(1, sizeof(*s));

	if (!s)
		return -ENOMEM;
	s->stats.max_bytes = max_bytes;
	*out = s;
	return 0;
}

static void remove_after(struct spool *s, struct row *before)
{
	struct row *r = before ? before->next : s->first;

	if (before)
		before->next = r->next;
	else
		s->first = r->next;
	if (s->last == r)
		s->last = before;
	s->stats.n_rows--;
	s->stats.bytes -= cost_of(r->payload_bytes);
	free(r);
}

void spool_close(struct spool *s)
{
	while (s && s->first)
		remove_after(s, NULL);
	free(s);
}

int spool_append(struct spool *s, enum spool_kind kind, const void *payload, size_t bytes)
{
	struct row *r;

	if (cost_of(bytes) > s->stats.max_bytes) {
		s->stats.n_dropped++;
		return -EMSGSIZE;
	}
	while (s->stats.bytes + cost_of(bytes) > s->stats.max_bytes) {
		s->stats.n_dropped++;
		remove_after(s, NULL);
	}
	r = malloc(cost_of(bytes));
	if (!r) {
		s->stats.n_dropped++;
		return -ENOMEM;
	}
	*r = (struct row){ .id = ++s->last_id, .kind = kind, .payload_bytes = bytes };
	memcpy(r->payload, payload, bytes);
	if (s->last)
		s->last->next = r;
	else
		s->first = r;
	s->last = r;
	s->stats.n_rows++;
	s->stats.bytes += cost_of(bytes);
	return 0;
}

int spool_next(const struct spool *s, uint64_t after, struct spool_row *row)
{
	for (const struct row *r = s->first; r; r = r->next) {
		if (r->id <= after)
			continue;
		*row = (struct spool_row){ r->id, r->kind, r->payload, r->payload_bytes };
		return 1;
	}
	return 0;
}

/* Acknowledgements come in about the order of sending, so the row is near the front. */
void spool_ack(struct spool *s, uint64_t id)
{
	struct row *before = NULL;

	for (struct row *r = s->first; r && r->id <= id; before = r, r = r->next) {
		if (r->id == id) {
			remove_after(s, before);
			return;
		}
	}
}

void spool_get_stats(const struct spool *s, struct spool_stats *out)
{
	*out = s->stats;
}
