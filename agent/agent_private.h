/* SPDX-License-Identifier: Apache-2.0 */
/*
 * agent_private.h - what the files of the agent share: agent.c its life, agent_flow.c what goes through it, agent_clock.c its time,
 * agent_status.c what it tells of itself.
 */
#ifndef RUNNEL_AGENT_AGENT_PRIVATE_H
#define RUNNEL_AGENT_AGENT_PRIVATE_H

#include "agent/actions.h"
#include "agent/agent.h"
#include "agent/clock.h"
#include "agent/exec.h"
#include "agent/printer.h"
#include "agent/publisher.h"
#include "agent/remote.h"
#include "agent/report.h"
#include "agent/stretches.h"
#include "agent/trust.h"
#include "agent/watchdog.h"
#include "base/loop.h"

struct agent {
	const struct agent_options *o;
	struct conf *conf;
	struct loop *loop;
	struct clock clock;
	struct trust trust;
	struct stretches stretches; /* that were sent without a time to be believed */
	struct sched *sched;
	struct graph *graph;
	struct publisher *publisher; /* NULL: not publishing */
	struct actions *actions;
	struct execs *execs;	      /* NULL: no processes behind operators */
	bool *told_trouble;	      /* one for each stream */
	struct report_socket *report; /* NULL: none */
	struct printer printer;
	struct watchdog *watchdog; /* NULL: nobody watches */
	int64_t tick_due_us;	   /* on the clock of the loop; INT64_MAX: no tick is planned */
	struct loop_timer *tick, *end, *status, *draw;
	struct loop_signal *signals[3];
	uint32_t boot, seq;						   /* seq: of the last message */
	bool is_restarting, is_stopping, is_status_soon, was_synchronised; /* by another, since the start */
};

/** Partials, KPIs and events to all who take them. */
extern const struct graph_sink agent_sink;

/** What the scheduler tells. */
extern const struct sched_handlers agent_sched_handlers;

/**
 * Go on with @next, which is the agent's from now on. Not while samples wait for the time. @return 0, or -EMSGSIZE: its contract is too
 * large for a message, and nothing has changed
 */
NODISCARD int agent_change(struct agent *a, struct conf *next);

/** Close windows at the end of each, whether or not a sensor is due. */
void agent_plan_tick(struct agent *a);
void agent_on_tick(void *ctx);

/** For the watchdog: no window is overdue by more than that. */
bool agent_is_well(void *ctx, int64_t tolerance_us);

/** Before graph_start(): may the clock be believed? If not, samples wait. */
void agent_init_clock(struct agent *a);

/** Look at the clocks, and do what follows. */
void agent_follow_clock(struct agent *a);

/** What still waits for the time will not wait any more. */
void agent_end_clock(struct agent *a);

/** When to look again if nothing else happens; INT64_MAX: no need. */
int64_t agent_look_at_clock_us(const struct agent *a, int64_t now_us);

/** Results of a process behind an operator came, or will not come any more. */
void agent_on_answered(void *ctx);

/** A command that is not the publisher's; see publisher.h. */
const char *agent_command(void *ctx, const struct command *c, struct json *answer);

/** Something changed that the status tells. */
void agent_status_soon(struct agent *a);
void agent_on_status_due(void *ctx);

/** What the publisher's status says of the agent. */
void agent_describe(void *ctx, struct json *j);

/** Plan the next status without a change. */
void agent_status_later(struct agent *a);

/** The lines of `runnel status`. */
void agent_report(void *ctx, struct dynbuf *out);

#endif
