/* SPDX-License-Identifier: Apache-2.0 */
/* op_trouble.h - what went wrong inside operators, such as a script with an error: told once in the log, counted in the status. */
#ifndef RUNNEL_AGENT_OP_TROUBLE_H
#define RUNNEL_AGENT_OP_TROUBLE_H

#include <stdbool.h>
#include <stdint.h>

#include "base/json.h"
#include "pipelines/graph.h"

/** Log each that is new. @told: one for each stream of @plan, all false at first. */
void op_trouble_tell(const struct graph_plan *plan, bool *told);

/** A member "operators" with those that had any, if there are. */
void op_trouble_describe(const struct graph_plan *plan, struct json *j);

#endif
