/* SPDX-License-Identifier: Apache-2.0 */
/* agent.h - `runnel run`: sensors, streams and the broker around one event loop. */
#ifndef RUNNEL_AGENT_AGENT_H
#define RUNNEL_AGENT_AGENT_H

#include <stdbool.h>
#include <stdint.h>

#include "agent/conf.h"
#include "agent/sched.h"
#include "pipelines/graph.h"

/** Somebody who looks on, such as the table of `runnel demo`. Pointers are valid during the call. */
struct agent_view {
	void *ctx;
	void (*partial)(void *ctx, const struct partial *part, const struct contract *c);
	void (*kpi)(void *ctx, const struct kpi_def *kpi, uint64_t w0_s, double value, double coverage);
	void (*event)(void *ctx, const char *stream, const char *event, int64_t at_us, double value);

	/** Every @every_us: time to draw. @return 0, or negative errno: the agent ends with EXIT_IO */
	int (*draw)(void *ctx, const struct graph *g, const struct sched *s);
	int64_t every_us;
};

struct agent_options {
	struct conf *conf;
	const struct agent_view *view; /* NULL: nobody */
	struct remote *remote;	       /* who chose @conf, and may choose another; NULL: nobody */
	bool is_printing;	       /* partials, events and KPIs as JSON lines on stdout; no broker */
	bool is_publishing;	       /* both at once is fine */
	int64_t stop_after_us;	       /* 0: run until a signal */
};

/** Run until SIGTERM, SIGINT or the time is over. @return exit code */
int agent_run(const struct agent_options *o);

#endif
