/* SPDX-License-Identifier: Apache-2.0 */
/*
 * exec_replay.h - the processes behind the operators exec of a replay: each sample waits for its answer, so that a replay gives the
 * same results however fast the machine is. An answer that does not come in EXEC_REPLAY_WAIT_MS is a gap, and the process is
 * started anew for the next sample; after EXEC_REPLAY_TRIES such ends in a row it is left out.
 */
#ifndef RUNNEL_AGENT_EXEC_REPLAY_H
#define RUNNEL_AGENT_EXEC_REPLAY_H

#include "base/check.h"
#include "pipelines/graph.h"

enum { EXEC_REPLAY_WAIT_MS = 10000, EXEC_REPLAY_TRIES = 3 };

struct exec_replays;

/** *out is NULL when @plan has none. @return 0 or -ENOMEM */
NODISCARD int exec_replays_create(struct exec_replays **out, const struct graph_plan *plan);

/** NULL is fine. */
void exec_replays_free(struct exec_replays *e);

#endif
