/* SPDX-License-Identifier: Apache-2.0 */
/*
 * push_client.h - the operator's side of a push: who is there, send, and listen to what each board answers. With canaries:
 *
 *	gather -> measure the canaries -> send to them -> all active? -> measure again -> not less? -> send to all
 */
#ifndef RUNNEL_AGENT_PUSH_CLIENT_H
#define RUNNEL_AGENT_PUSH_CLIENT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "agent/conf.h"

struct push_job {
	const struct conf *conf; /* broker and site */
	const char *to;		 /* DEVICE, LABEL=VALUE or all */
	const void *payload;
	size_t payload_bytes;
	uint32_t hash;	 /* of the text */
	size_t n_canary; /* these boards first; 0: all at once */
	int64_t timeout_us, window_us;
	bool is_json;
};

/** Send and print what is answered. @return exit code */
int push_client_send(const struct push_job *job);

#endif
