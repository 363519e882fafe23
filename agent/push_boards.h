/* SPDX-License-Identifier: Apache-2.0 */
/* push_boards.h - the boards of a site as the broker tells of them: who is there, whom a push is for, and what each answers. */
#ifndef RUNNEL_AGENT_PUSH_BOARDS_H
#define RUNNEL_AGENT_PUSH_BOARDS_H

#include "agent/push_watch.h"
#include "base/check.h"
#include "base/node.h"

enum { PUSH_NAME_BYTES = 65, PUSH_REASON_BYTES = 304 };

struct push_board {
	char name[PUSH_NAME_BYTES];
	bool is_member, is_online;
	bool is_sent, is_done; /* it was sent to; the answer is the last */
	bool is_active, is_canary;
	int64_t sent_us;
	char state[16], reason[PUSH_REASON_BYTES]; /* what it answered last; "" nothing */
	char line[12], column[12];
	struct push_watch watch, before;
};

struct push_boards {
	struct push_board *at;
	size_t n, n_allocated;
};

/** Also makes it. NULL: too many, or no name. */
struct push_board *push_boards_find(struct push_boards *b, const char *name, size_t len);
void push_boards_free(struct push_boards *b);

/** By name. */
void push_boards_sort(struct push_boards *b);

/** Its birth. @to: DEVICE, LABEL=VALUE or all; @root NULL: it was retired. */
void push_board_hear_birth(struct push_board *b, const struct node *root, const char *to);
void push_board_hear_status(struct push_board *b, const struct node *root);

/** Its answer, if it is about the text or the payload with one of these CRC-32s. @return whether it is */
bool push_board_hear_state(struct push_board *b, const struct node *root, uint32_t text_hash, uint32_t payload_hash);

/** Is @to one board, not a group or all? */
bool push_is_single(const char *to);

#endif
