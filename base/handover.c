/* SPDX-License-Identifier: Apache-2.0 */
#include "base/handover.h"

#include <assert.h>
#include <errno.h>
#include <time.h>

enum { US_PER_S = 1000000, NS_PER_US = 1000, NS_PER_S = 1000000000, MAX_WAIT_US = 100000 };

void handover_init(struct handover *h, size_t max_bytes, void (*ring)(void *ctx), void *ctx)
{
	pthread_condattr_t monotonic;

	*h = (struct handover){ .max_bytes = max_bytes, .max_wait_us = MAX_WAIT_US, .ring = ring, .ctx = ctx };
	pthread_mutex_init(&h->mutex, NULL);
	pthread_condattr_init(&monotonic);
	pthread_condattr_setclock(&monotonic, CLOCK_MONOTONIC);
	pthread_cond_init(&h->room, &monotonic);
	pthread_condattr_destroy(&monotonic);
}

void handover_destroy(struct handover *h)
{
	assert(!h->first);
	pthread_cond_destroy(&h->room);
	pthread_mutex_destroy(&h->mutex);
}

/* Rings under the lock: after handover_close() has returned nobody rings. */
static bool put_locked(struct handover *h, struct handover_item *item)
{
	if (h->is_closed)
		return false;
	if (item->is_queued)
		return true;
	item->is_queued = true;
	item->next = NULL;
	h->bytes += item->bytes;
	if (h->first) {
		h->last->next = item;
		h->last = item;
		return true;
	}
	h->first = h->last = item;
	h->ring(h->ctx);
	return true;
}

bool handover_put(struct handover *h, struct handover_item *item)
{
	bool ok;

	pthread_mutex_lock(&h->mutex);
	ok = put_locked(h, item);
	pthread_mutex_unlock(&h->mutex);
	return ok;
}

static bool has_room(const struct handover *h, size_t bytes)
{
	return h->is_open || h->is_closed || h->bytes == 0 || h->bytes + bytes <= h->max_bytes;
}

bool handover_put_when_room(struct handover *h, struct handover_item *item)
{
	struct timespec until;
	bool ok;
	int r = 0;

	pthread_mutex_lock(&h->mutex);
	if (!has_room(h, item->bytes)) {
		clock_gettime(CLOCK_MONOTONIC, &until);
		until.tv_nsec += (long)(h->max_wait_us % US_PER_S) * NS_PER_US;
		until.tv_sec += (time_t)(h->max_wait_us / US_PER_S) + until.tv_nsec / NS_PER_S;
		until.tv_nsec %= NS_PER_S;
		while (r != ETIMEDOUT && !has_room(h, item->bytes))
			r = pthread_cond_timedwait(&h->room, &h->mutex, &until);
	}
	ok = put_locked(h, item);
	pthread_mutex_unlock(&h->mutex);
	return ok;
}

struct handover_item *handover_take(struct handover *h)
{
	struct handover_item *item;

	pthread_mutex_lock(&h->mutex);
	item = h->first;
	if (item) {
		h->first = item->next;
		h->bytes -= item->bytes;
		item->is_queued = false;
		pthread_cond_signal(&h->room);
	}
	pthread_mutex_unlock(&h->mutex);
	return item;
}

void handover_forget(struct handover *h, const void *owner)
{
	struct handover_item **link = &h->first, *item;

	pthread_mutex_lock(&h->mutex);
	h->last = NULL;
	while ((item = *link)) {
		if (item->owner == owner) {
			*link = item->next;
			h->bytes -= item->bytes;
			item->is_queued = false;
			continue;
		}
		h->last = item;
		link = &item->next;
	}
	pthread_mutex_unlock(&h->mutex);
}

void handover_open(struct handover *h, bool open)
{
	pthread_mutex_lock(&h->mutex);
	h->is_open = open;
	if (open)
		pthread_cond_broadcast(&h->room);
	pthread_mutex_unlock(&h->mutex);
}

void handover_close(struct handover *h)
{
	pthread_mutex_lock(&h->mutex);
	h->is_closed = true;
	pthread_cond_broadcast(&h->room);
	pthread_mutex_unlock(&h->mutex);
}
