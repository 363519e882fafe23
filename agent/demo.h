/* SPDX-License-Identifier: Apache-2.0 */
/* demo.h - the pieces of `runnel demo`: a config that works anywhere, and a table that lives. */
#ifndef RUNNEL_AGENT_DEMO_H
#define RUNNEL_AGENT_DEMO_H

#include "agent/agent.h"

/** The config, for `runnel demo --config` too: a newcomer saves it and starts from there. */
extern const char demo_config[];

struct demo_view;

/** @conf is borrowed. @return 0 or -ENOMEM */
NODISCARD int demo_view_create(struct demo_view **out, const struct conf *conf);

/** What agent_run() is to call. Valid as long as the view. */
const struct agent_view *demo_view_hooks(const struct demo_view *v);

/** Leaves the table where it is. NULL is fine. */
void demo_view_free(struct demo_view *v);

#endif
