/* SPDX-License-Identifier: Apache-2.0 */
/*
 * inbox_record.h - the bytes of the files of inbox.h: a beginning that says how far they are done with, then messages, one behind the other.
 *
 * They are read again by the program that wrote them, on the machine where it died, so numbers are as the processor has them; a file from
 * elsewhere is like a damaged one. Reading ends at the first record that is not whole. To look for the next one behind it would be to
 * take the inside of a payload, which a board has chosen, for a record of its own.
 */
#ifndef RUNNEL_COLLECTOR_INBOX_RECORD_H
#define RUNNEL_COLLECTOR_INBOX_RECORD_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum { INBOX_START_BYTES = 24, INBOX_HEAD_BYTES = 32 };

struct inbox_message {
	uint64_t number; /* ascending, not always by one */
	int64_t at_us;	 /* when it came, Unix */
	const char *topic;
	const void *payload;
	size_t payload_bytes;
};

struct inbox_start {
	uint64_t done;	/* messages up to this number need not be read */
	uint32_t tries; /* how often they were read without an end */
};

void inbox_pack_start(const struct inbox_start *s, uint8_t out[static INBOX_START_BYTES]);

/** @return whether it was whole */
bool inbox_unpack_start(struct inbox_start *s, const uint8_t *data, size_t bytes);

/** What stands before topic, its NUL, and payload. @return false: no record can have these sizes */
bool inbox_pack_head(const struct inbox_message *m, uint8_t out[static INBOX_HEAD_BYTES]);

/** The record at the beginning of @data; topic and payload point into it. @return its bytes; 0: it is not whole */
size_t inbox_unpack(struct inbox_message *m, const uint8_t *data, size_t bytes);

#endif
