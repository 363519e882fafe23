/* SPDX-License-Identifier: Apache-2.0 */
/*
 * twin.h - notices a second device with the same name: a copied SD card. Each start has a random nonce and says it in its birth,
 * which is retained, and every agent reads its own birth topic. What was retained by an earlier start has another nonce
 * too; but once the broker has given this start's own birth back, a birth with another nonce is somebody else's.
 */
#ifndef RUNNEL_AGENT_TWIN_H
#define RUNNEL_AGENT_TWIN_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct twin {
	const char *nonce; /* our own */
	bool has_seen_own;
	uint64_t n_seen; /* births of others */
	char other[17];	 /* nonce of the last of them */
};

/** A birth came on our topic. @return whether it is that of another device */
bool twin_look(struct twin *t, const void *birth, size_t bytes);

#endif
