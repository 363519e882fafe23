/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What boards say to `runnel push`: the input is a list of messages, each a byte for its topic, a byte for its length (times 4), and the payload.
 * Whatever they say, what is shown of it moves no cursor, and no board is done with a text that is not the one that was sent.
 */
#define _GNU_SOURCE
#include <assert.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "agent/push_boards.h"
#include "agent/yaml.h"

enum { TEXT_HASH = 0x1234abcd, PAYLOAD_HASH = 0x00c0ffee };

static void check_text(const char *text, size_t bytes)
{
	assert(memchr(text, '\0', bytes));
	for (; *text; text++)
		assert((unsigned char)*text >= 0x20 && *text != 0x7f);
}

static void check_board(const struct push_board *b)
{
	double coverage = push_watch_coverage(&b->watch);

	check_text(b->state, sizeof(b->state));
	check_text(b->reason, sizeof(b->reason));
	check_text(b->line, sizeof(b->line));
	check_text(b->column, sizeof(b->column));
	assert(coverage >= 0.0 && coverage <= 1.0);
	assert(!b->is_active || b->is_done);
}

static void hear(struct push_board *b, unsigned topic, const char *payload, size_t bytes)
{
	static const char *const to[] = { "all", "line=3", "b", "=" };
	struct diag d = { .file = "message" };
	struct arena arena = { 0 };
	const struct node *root = NULL;

	if (yaml_parse(payload, bytes, &arena, &d, &root) == 0 && root->kind == NODE_MAP) {
		if (topic % 4 == 0)
			push_board_hear_birth(b, root, to[topic / 4 % 4]);
		else if (topic % 4 == 1)
			push_board_hear_status(b, root);
		else if (push_board_hear_state(b, root, TEXT_HASH, PAYLOAD_HASH))
			assert(memmem(payload, bytes, "1234abcd", 8) || memmem(payload, bytes, "00c0ffee", 8) ||
			       memchr(payload, '\\', bytes)); /* it could be escaped */
	}
	diag_free(&d);
	arena_free(&arena);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct push_board b = { .name = "b", .is_sent = true };
	struct push_watch before = { 0 };

	while (size >= 2) {
		size_t bytes = (size_t)data[1] * 4 < size - 2 ? (size_t)data[1] * 4 : size - 2;
		char *payload = malloc(bytes + (bytes == 0)); /* no terminator: a read beyond is found */

		if (!payload)
			return 0;
		memcpy(payload, data + 2, bytes);
		if (data[0] % 4 == 3)
			push_watch_hear(&b.watch, payload, bytes);
		else
			hear(&b, data[0], payload, bytes);
		check_board(&b);
		if (data[0] & 0x80) {
			before = b.watch;
			push_watch_restart(&b.watch);
		}
		(void)push_watch_has_dropped(&before, &b.watch);
		free(payload);
		data += 2 + bytes;
		size -= 2 + bytes;
	}
	return 0;
}
