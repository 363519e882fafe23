/* SPDX-License-Identifier: Apache-2.0 */
/*
 * handover.h - a first-in first-out list from other threads to the loop's. Items live inside their owners, so handing one
 * over takes no memory. What must not wait never does; what can wait (a received message) waits while too many bytes
 * are in the list, so that a flood is held back where it comes from.
 */
#ifndef RUNNEL_BASE_HANDOVER_H
#define RUNNEL_BASE_HANDOVER_H

#include <pthread.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/check.h"

struct handover_item {
	struct handover_item *next;
	const void *owner; /* for handover_forget(), or NULL */
	size_t bytes;	   /* that count against the bound */
	bool is_queued;
};

struct handover {
	pthread_mutex_t mutex;
	pthread_cond_t room;
	struct handover_item *first, *last;
	size_t bytes, max_bytes;
	int64_t max_wait_us;	 /* of handover_put_when_room() */
	bool is_open;		 /* the bound is off for now */
	bool is_closed;		 /* nothing goes in any more */
	void (*ring)(void *ctx); /* called by the thread that hands over, when the list was empty */
	void *ctx;
};

void handover_init(struct handover *h, size_t max_bytes, void (*ring)(void *ctx), void *ctx);

/** The list must be empty and nobody may use it any more. */
void handover_destroy(struct handover *h);

/** From any thread; does not wait. No-op for an item that is in the list already. @return false when closed */
bool handover_put(struct handover *h, struct handover_item *item);

/**
 * From any thread but the loop's; waits for room, but never more than 0.1 s, then goes in all the same: a loop that waits for
 * this thread in its turn is not stuck, and one that is late still gets no more than ten a second. An item that is larger
 * than the bound goes in alone.
 * @return false when closed: the item stays the caller's
 */
bool handover_put_when_room(struct handover *h, struct handover_item *item);

/** The oldest item, or NULL. It is the caller's now. */
struct handover_item *handover_take(struct handover *h);

/** Take out, and drop, all items of @owner. */
void handover_forget(struct handover *h, const void *owner);

/** While @open, whoever waits for room goes on. */
void handover_open(struct handover *h, bool open);

/** Whoever waits goes on, and nothing goes in any more. */
void handover_close(struct handover *h);

#endif
