/* SPDX-License-Identifier: Apache-2.0 */
/* announce.h - the JSON a board tells about itself: birth, at each connection, and status. */
#ifndef RUNNEL_AGENT_ANNOUNCE_H
#define RUNNEL_AGENT_ANNOUNCE_H

#include <stdint.h>

#include "agent/conf.h"
#include "agent/spool.h"
#include "base/json.h"

struct identity {
	uint32_t boot, contract; /* hash */
	char nonce[17];		 /* random, of this start: two boards with one name differ in it */
};

/** @out is emptied first. */
void announce_birth(struct dynbuf *out, const struct conf *c, const struct identity *id);

struct status {
	const char *state; /* "online", "offline" */
	uint32_t boot, seq;
	uint64_t wm_s;
	uint64_t n_refused; /* messages that the broker did not want */
	bool is_held;	    /* and that are kept back for a while */
	/* Of the connection; a status is told by one that works, so the error is the last there was */
	uint64_t n_connects, n_attempts_failed;
	const char *
		error; /* of the last attempt that failed or connection that was lost; NULL or "": none since the start */
	int64_t error_at_us;
	const char *twin; /* nonce of another device with this name; NULL: none */
	struct spool_stats spool;
};

/** @describe (may be NULL) adds members of its own. */
void announce_status(struct dynbuf *out, const struct status *s, void (*describe)(void *ctx, struct json *j),
		     void *ctx);

/** A new nonce. */
void announce_make_nonce(char out[static 17]);

#endif
