/* SPDX-License-Identifier: Apache-2.0 */
/*
 * watchdog.h - feeds systemd's watchdog for as long as the agent does its work.
 *
 * A timer in the loop: a read that never returns, or anything else that holds the loop, ends the feeding by itself. And only while what
 * was due is done: an agent whose windows do not end any more is as dead as one that hangs.
 */
#ifndef RUNNEL_AGENT_WATCHDOG_H
#define RUNNEL_AGENT_WATCHDOG_H

#include <stdbool.h>
#include <stdint.h>

#include "base/check.h"

struct loop;
struct watchdog;

/**
 * How often to feed a watchdog that bites after @timeout, as systemd tells it in WATCHDOG_USEC: twice in that time. @pid: WATCHDOG_PID, for
 * whom it is meant; each may be NULL. @return 0: there is no watchdog, or it is not ours
 */
int64_t watchdog_interval_us(const char *timeout, const char *pid, int64_t own_pid);

/**
 * Feeds from now on, if the service has WatchdogSec=, while @is_well says so. *out may become NULL: nobody watches.
 * @return 0, -ENOMEM
 */
NODISCARD int watchdog_create(struct watchdog **out, struct loop *loop,
			      bool (*is_well)(void *ctx, int64_t tolerance_us), void *ctx);

/** NULL is fine. */
void watchdog_free(struct watchdog *w);

#endif
