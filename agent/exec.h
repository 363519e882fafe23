/* SPDX-License-Identifier: Apache-2.0 */
/*
 * exec.h - the processes behind the operators exec of a running agent. Whatever a process does, the agent never waits for it: it writes
 * and reads when the pipes are ready, holds back windows for at most `within` when a process that was prompt is not, and starts
 * one that died, hangs or floods anew, with growing pauses.
 */
#ifndef RUNNEL_AGENT_EXEC_H
#define RUNNEL_AGENT_EXEC_H

#include <stdint.h>

#include "base/json.h"
#include "base/loop.h"
#include "pipelines/graph.h"

struct execs;

/**
 * Start a process for each operator exec in @plan. @answered: results have been given, the watermark may go on.
 * @return  0, or a negative errno of making timers and watches; execs_free() either way
 */
NODISCARD int execs_create(struct execs **out, struct loop *loop, const struct graph_plan *plan,
			   void (*answered)(void *ctx), void *ctx);

/**
 * Another plan: processes of operators whose state is in it go on, others begin, and those that are left end, while their states are still there.
 * @return  as execs_create()
 */
NODISCARD int execs_change(struct execs *e, const struct graph_plan *plan);

/** How far the graph may go, if without them it could go to @watermark_us. NULL is fine, also below. */
int64_t execs_watermark_us(struct execs *e, int64_t watermark_us);

/** A member "exec" with the state of each process, if there are any. */
void execs_describe(const struct execs *e, struct json *j);

/** Ends them all. The graph must not be fed any more. */
void execs_free(struct execs *e);

#endif
