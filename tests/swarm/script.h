/* SPDX-License-Identifier: Apache-2.0 */
/* script.h - the messages of a swarm, in the order in which they are to be sent; see feed.c for the text they are read from. */
#ifndef RUNNEL_TESTS_SWARM_SCRIPT_H
#define RUNNEL_TESTS_SWARM_SCRIPT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/arena.h"
#include "pipelines/contract.h"

enum { SCRIPT_MAX_CONTRACTS = 16 };

struct line {
	int64_t due_us; /* Unix; -1: when asked for */
	char *topic;	/* NULL: nothing to send */
	uint8_t *payload;
	size_t bytes;
	bool is_retained;
	uint32_t boot, seq; /* of a part; else 0 */
};

struct known_contract {
	uint32_t hash;
	struct contract contract;
};

/** All-zero is empty. */
struct script {
	struct line *lines; /* line @i of the file is lines[i] */
	size_t n, cap;
	struct known_contract contracts[SCRIPT_MAX_CONTRACTS];
	size_t n_contracts;
	struct arena arena;
};

/** What we make ourselves is right, or the program ends and says @what. */
void script_must(bool ok, const char *what);

void script_read(struct script *s, const char *path);
void script_free(struct script *s);

#endif
