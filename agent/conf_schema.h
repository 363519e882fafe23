/* SPDX-License-Identifier: Apache-2.0 */
/* conf_schema.h - the JSON Schema (draft-07, what YAML editors understand) of the whole config. */
#ifndef RUNNEL_AGENT_CONF_SCHEMA_H
#define RUNNEL_AGENT_CONF_SCHEMA_H

#include "base/dynbuf.h"

/**
 * One document and a newline. What passes it may still fail `runnel check`: bounds of durations, references between streams
 * and expressions are beyond a schema. What it refuses, `runnel check` refuses too.
 */
void conf_schema(struct dynbuf *out);

#endif
