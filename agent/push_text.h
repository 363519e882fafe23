/* SPDX-License-Identifier: Apache-2.0 */
/* push_text.h - the text of a config that is to be pushed: for whom, checked as a board would, signed. */
#ifndef RUNNEL_AGENT_PUSH_TEXT_H
#define RUNNEL_AGENT_PUSH_TEXT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/dynbuf.h"

/** What it says of itself. */
struct push_head {
	int64_t revision;  /* 0: nothing */
	char target[320];  /* "": nothing */
	int64_t window_us; /* its default window */
};

/** False with an error on stderr when it is no YAML. */
bool push_text_head(const char *file, const char *text, size_t bytes, struct push_head *out);

/** @text with another target and revision at the end, in place of its own. False: it is not written as one key after the other. */
bool push_text_address(const char *text, size_t bytes, const char *target, int64_t revision, struct dynbuf *out);

/** As a board would. Errors on stderr. */
bool push_text_is_good(const char *file, const char *text, size_t bytes);

/** Sign with the key of minisign in the file @key; asks for its password if it has one. False with an error on stderr. */
bool push_text_sign(const char *text, size_t bytes, const char *key, struct dynbuf *out);

#endif
