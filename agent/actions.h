/* SPDX-License-Identifier: Apache-2.0 */
/*
 * actions.h - drives the outputs of the section `actions`: takes them in their safe state before any sensor is read, follows the streams,
 * and puts them back into the safe state when the agent ends. An output that cannot be had or set is a fault with a reason, tried again
 * with growing pauses; nothing else waits for it. A network that is down moves nothing.
 *
 * When the program dies the kernel lets the lines go (drivers/gpio_drive.h); systemd starts it again, and the first thing it does is
 * to take them in their safe state.
 */
#ifndef RUNNEL_AGENT_ACTIONS_H
#define RUNNEL_AGENT_ACTIONS_H

#include "agent/conf.h"
#include "base/json.h"
#include "base/loop.h"
#include "pipelines/graph.h"

struct actions;

/** @conf is borrowed. @changed: an output changed or failed. @return 0, -ENOMEM or the errors of loop_timer_create() */
NODISCARD int actions_create(struct actions **out, struct loop *loop, struct conf *conf, void (*changed)(void *ctx),
			     void *ctx);

/** Take the outputs, safe. */
void actions_start(struct actions *s, const struct graph *g);

/**
 * Another config and graph: action i goes on where @moves[i] was, its output as it is; CONF_NEW begins safe; the others are made safe and
 * let go first. @return 0 or -ENOMEM, nothing changed
 */
NODISCARD int actions_change(struct actions *s, const struct conf *conf, const size_t moves[], const struct graph *g);

/** Samples have come. Cheap when nothing changed. */
void actions_follow(struct actions *s);

/** All safe, then let go. Idempotent; NULL is fine. */
void actions_stop(struct actions *s);

/** NULL is fine. */
void actions_free(struct actions *s);

/** The member "actions", when there are any. */
void actions_describe(const struct actions *s, struct json *j);

#endif
