/* SPDX-License-Identifier: Apache-2.0 */
/*
 * push_table.h - what a push shows: a row for each board when its last answer is there, on stdout; how far it is, on stderr, in place on
 * a terminal.
 */
#ifndef RUNNEL_AGENT_PUSH_TABLE_H
#define RUNNEL_AGENT_PUSH_TABLE_H

#include "agent/push_boards.h"

struct push_table {
	bool is_json, is_terminal;
	bool has_title, has_progress;
	int64_t told_us; /* of the progress */
};

void push_table_init(struct push_table *t, bool is_json);

/** @state: instead of the board's own; NULL: its own. */
void push_table_row(struct push_table *t, const struct push_board *b, const char *state, const char *reason);

/** How many have answered what. */
void push_table_progress(struct push_table *t, const struct push_boards *b);

/** A line for people between the rows. */
void push_table_say(struct push_table *t, const char *fmt, ...) PRINTF_LIKE(2, 3);

#endif
