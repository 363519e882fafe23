/* SPDX-License-Identifier: Apache-2.0 */
/* commands.h - what comes on the topic cmd: one JSON object, {"cmd": "resend", "boot": 3, "from": 10, "to": 20, "id": "any text"}. */
#ifndef RUNNEL_AGENT_COMMANDS_H
#define RUNNEL_AGENT_COMMANDS_H

#include <stddef.h>
#include <stdint.h>

#include "base/check.h"

enum { COMMAND_MAX_BYTES = 1024, COMMAND_ID_BYTES = 65 };

enum command_kind { COMMAND_BIRTH, COMMAND_FLUSH, COMMAND_RESEND };

struct command {
	enum command_kind kind;
	uint32_t boot, from, to;   /* resend; boot 0: this one */
	char id[COMMAND_ID_BYTES]; /* goes back with the answer; "" when there is none */
};

/** @out is filled in as far as it goes, for the answer to an error. @why: static text. @return 0 or -EINVAL */
NODISCARD int command_parse(const void *json, size_t bytes, struct command *out, const char **why);

const char *command_name(enum command_kind kind);

#endif
