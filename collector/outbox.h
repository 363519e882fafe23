/* SPDX-License-Identifier: Apache-2.0 */
/*
 * outbox.h - fleet KPIs on their way to the broker. Kept until the broker has them, bounded: a newer version of what has not been sent
 * yet takes its place, and when the broker stays away for long the oldest go. They are still on stdout, and their
 * windows will be told again when they change.
 */
#ifndef RUNNEL_COLLECTOR_OUTBOX_H
#define RUNNEL_COLLECTOR_OUTBOX_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/mqtt.h"

enum { OUTBOX_MAX = 1024 };

struct outbox_entry {
	uint64_t id;
	char *topic, *payload;
	size_t bytes;
	bool is_retained, is_sent;
};

/** All-zero is empty. */
struct outbox {
	struct outbox_entry entries[OUTBOX_MAX]; /* the first n, in order */
	size_t n;
	uint64_t next_id, n_dropped;
};

/** Texts are copied. */
void outbox_add(struct outbox *o, const char *topic, const char *payload, size_t bytes, bool is_retained);

/** Send what the connection takes. */
void outbox_flush(struct outbox *o, struct mqtt *m);

/** The broker has it, or never will. */
void outbox_done(struct outbox *o, uint64_t id);

/** The connection is gone: everything has to be sent again. */
void outbox_rewind(struct outbox *o);
void outbox_free(struct outbox *o);

#endif
