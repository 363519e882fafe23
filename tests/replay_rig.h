/* SPDX-License-Identifier: Apache-2.0 */
/* replay_rig.h - recordings as text through replay into a real graph, and what its windows said. */
#ifndef RUNNEL_TESTS_REPLAY_RIG_H
#define RUNNEL_TESTS_REPLAY_RIG_H

#include <stddef.h>
#include <stdint.h>

#include "agent/conf.h"
#include "agent/replay.h"

/* The start of a minute. */
#define W0 1700000040u

enum { RIG_WINDOWS = 256 };

/** Windows of a minute over a.value, read each second, and b.value, each 10 s; both Cel, so k = (x - 20) * 100. */
extern const char replay_rig_config[];

struct window_seen {
	uint64_t w0;
	uint32_t part;
	uint64_t n[2], bad[2];
	int64_t s1[2];
};

struct replay_rig {
	struct conf conf;
	struct graph *graph;
	struct replay replay;
	char error[REPLAY_ERROR_BYTES];
	struct window_seen windows[RIG_WINDOWS];
	size_t n_windows;
};

struct replay_rig *replay_rig_new(const char *config);
void replay_rig_free(struct replay_rig *r);

/** A whole recording. @return that of replay_open() */
int replay_rig_play(struct replay_rig *r, const char *text);

/** The rows of a recording of a.value and b.value, without the header. */
struct replay_rig *replay_rig_played(const char *rows);

/** Of all windows, stream 0 (a) or 1 (b). */
uint64_t replay_rig_n(const struct replay_rig *r, size_t i);
uint64_t replay_rig_bad(const struct replay_rig *r, size_t i);

#endif
