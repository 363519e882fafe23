/* SPDX-License-Identifier: Apache-2.0 */
/* agent.h - `runnel run`: sensors, streams and the broker around one event loop. */
#ifndef RUNNEL_AGENT_AGENT_H
#define RUNNEL_AGENT_AGENT_H

#include <stdbool.h>
#include <stdint.h>

#include "agent/conf.h"

struct agent_options {
	struct conf *conf;
	bool is_printing;      /* partials, events and KPIs as JSON lines on stdout; no broker */
	bool is_publishing;    /* both at once is fine */
	int64_t stop_after_us; /* 0: run until a signal */
};

/** Run until SIGTERM, SIGINT or the time is over. @return exit code */
int agent_run(const struct agent_options *o);

#endif
