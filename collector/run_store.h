/* SPDX-License-Identifier: Apache-2.0 */
/*
 * run_store.h - the part of cmd_run.c between broker and store: a message is noted down before it is acknowledged (inbox.h), taken into the
 * fleet, committed by the archive, and then crossed off.
 */
#ifndef RUNNEL_COLLECTOR_RUN_STORE_H
#define RUNNEL_COLLECTOR_RUN_STORE_H

#include "base/mqtt.h"
#include "collector/archive.h"
#include "collector/cmd_run.h"
#include "collector/inbox.h"

struct run_store {
	struct fleet *fleet;
	const char *prefix;
	struct archive *archive; /* NULL: nothing is stored */
	struct inbox *inbox;	 /* likewise */
	uint64_t taken;		 /* mark of the last message that the fleet has */
};

/** All-zero is closed. What was noted down in an earlier life is taken at once. On an error the reason is logged. @return 0 or negative errno */
NODISCARD int run_store_open(struct run_store *s, const struct run_options *o, struct fleet *f);

/** For mqtt_options.note_down; of a struct run_store. */
uint64_t run_store_note_down(void *store, const struct mqtt_message *m);

void run_store_take(struct run_store *s, const struct mqtt_message *m);

/** Each second, after archive_tick(). */
void run_store_settle(struct run_store *s);

/** When no message can come any more. */
void run_store_close(struct run_store *s);

#endif
