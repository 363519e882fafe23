/* SPDX-License-Identifier: Apache-2.0 */
/* push_ask.h - ask a board, over the broker, which config it runs or keeps. */
#ifndef RUNNEL_AGENT_PUSH_ASK_H
#define RUNNEL_AGENT_PUSH_ASK_H

#include <stdint.h>

#include "agent/conf.h"

struct push_answer {
	int64_t revision; /* of the text */
	int64_t highest;  /* that was ever tried, or runs: the next must be above */
	bool has_before;  /* there is one that was active before what runs */
	int64_t before;	  /* its revision; -1: the file of the board */
	char *text;	  /* what it measures; the caller frees it */
};

enum { PUSH_ASK_RUNNING = 0, PUSH_ASK_FILE = -1 };

/** @revision: one it keeps, or of the enum. @return exit code, errors on stderr; the answer is all-zero then */
int push_ask(const struct conf *c, const char *device, int64_t revision, struct push_answer *out);

#endif
