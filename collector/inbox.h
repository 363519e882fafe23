/* SPDX-License-Identifier: Apache-2.0 */
/*
 * inbox.h - what came from the broker and is not in the store yet, in two files beside it, FILE.inbox-0 and -1.
 *
 * The broker forgets a message when it is acknowledged, and that is before it is in the store. So each is put here first, in paho's thread,
 * with one write(2) and without a sync: what the kernel has survives a program that is killed. A server that loses its power loses what
 * it had not synced, here as before: that is asked for again from the boards (resend.h).
 *
 * One file is written; when it is long enough, the other one is, and the first is emptied once the store has all of it. The beginning of
 * the one that is written says how far the store is. So what has to be read again is what came in the last second or two.
 *
 * Nothing here is fatal: what can not be put is told, and goes on its way without. Messages at which the program dies each time
 * they are read are set aside (FILE.inbox-0.unread).
 */
#ifndef RUNNEL_COLLECTOR_INBOX_H
#define RUNNEL_COLLECTOR_INBOX_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "collector/inbox_record.h"

enum { INBOX_FILE_BYTES = 4 * 1024 * 1024, INBOX_MAX_BYTES = 128 * 1024 * 1024, INBOX_TRIES = 5 };

struct inbox;

/** Called with what an earlier process left, in the order in which it came. */
struct inbox_reader {
	void (*message)(void *ctx, const struct inbox_message *m);
	void *ctx;
};

/** Beside the store @path, which must be locked by us. Never fails: without files nothing is kept, which is told. */
struct inbox *inbox_open(const char *path, const struct inbox_reader *reader);

/** In any thread. @return its number, higher than those before; 0: it could not be put */
uint64_t inbox_put(struct inbox *b, const char *topic, const void *payload, size_t bytes, int64_t now_us);

/** The store has everything up to number @done, or what is not news. Tells what is wrong with the files, once. */
void inbox_settle(struct inbox *b, uint64_t done);

/** The file that is written is long; messages of @bytes altogether, which the store can not have yet, keep it from being emptied. */
bool inbox_is_crowded(struct inbox *b, size_t bytes);

/** Write the other file from now on, if it is empty: what is still needed of the first can be put again. */
void inbox_turn(struct inbox *b);

/** The files go if everything was settled. NULL is fine. */
void inbox_close(struct inbox *b);

#endif
