/* SPDX-License-Identifier: Apache-2.0 */
/* commands.h - what comes on the topic cmd: one JSON object, {"cmd": "resend", "boot": 3, "from": 10, "to": 20, "id": "any text"}. */
#ifndef RUNNEL_AGENT_COMMANDS_H
#define RUNNEL_AGENT_COMMANDS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/check.h"

enum { COMMAND_MAX_BYTES = 1024, COMMAND_ID_BYTES = 65, COMMAND_REVISION_FILE = -1 };

enum command_kind {
	COMMAND_BIRTH,
	COMMAND_CONFIG, /* the text that measures; with "revision": a former one, or "file" */
	COMMAND_FLUSH,
	COMMAND_IDENTIFY, /* a line in the log, and the LED if there is one */
	COMMAND_READ,	  /* "sensor": its newest values */
	COMMAND_RESEND,
	COMMAND_RESTART, /* the agent */
};

struct command {
	enum command_kind kind;
	uint32_t boot, from, to; /* resend; boot 0: this one */
	int64_t revision;	 /* config; 0: what runs; or COMMAND_REVISION_FILE */
	char sensor[COMMAND_ID_BYTES];
	char id[COMMAND_ID_BYTES]; /* goes back with the answer; "" when there is none */
};

/** @out is filled in as far as it goes, for the answer to an error. @why: static text. @return 0 or -EINVAL */
NODISCARD int command_parse(const void *json, size_t bytes, struct command *out, const char **why);

struct opt_list;

/** Is it one of those the config lists? An empty list: all that only read, send again or point at the board. */
bool command_is_allowed(enum command_kind kind, const struct opt_list *allowed);

const char *command_name(enum command_kind kind);

#endif
