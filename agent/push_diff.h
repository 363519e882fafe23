/* SPDX-License-Identifier: Apache-2.0 */
/* push_diff.h - what a push would change: which sensors, streams, KPIs and actions begin anew and which go on, and the lines of the text. */
#ifndef RUNNEL_AGENT_PUSH_DIFF_H
#define RUNNEL_AGENT_PUSH_DIFF_H

#include "agent/conf.h"

/** @was: what @device runs; @is: what stands in @file. Prints. @return exit code */
int push_diff_show(const struct conf_text *was, const char *device, const struct conf_text *is, const char *file);

#endif
