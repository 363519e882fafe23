/* SPDX-License-Identifier: Apache-2.0 */
#include "agent/watchdog.h"

#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>
#include <unistd.h>

#include "agent/notify.h"
#include "base/log.h"
#include "base/loop.h"

struct watchdog {
	struct loop_timer *timer;
	int64_t every_us;
	bool (*is_well)(void *ctx, int64_t tolerance_us);
	void *ctx;
	unsigned n_doubts; /* since the last meal */
};

static bool parse_positive(const char *text, int64_t *out)
{
	char *end;
	intmax_t n;

	errno = 0;
	n = strtoimax(text, &end, 10);
	if (errno || end == text || *end != '\0' || n <= 0)
		return false;
	*out = n;
	return true;
}

int64_t watchdog_interval_us(const char *timeout, const char *pid, int64_t own_pid)
{
	int64_t timeout_us, for_pid;

	if (!timeout || !parse_positive(timeout, &timeout_us))
		return 0;
	if (pid && (!parse_positive(pid, &for_pid) || for_pid != own_pid))
		return 0;
	return timeout_us / 2;
}

/* After suspend everything is overdue for an instant: what is not well is looked at again soon, and told only then. */
static void feed(void *ctx)
{
	struct watchdog *w = ctx;
	int64_t next_us = w->every_us;

	if (w->is_well(w->ctx, w->every_us)) {
		notify_send("WATCHDOG=1");
		w->n_doubts = 0;
	} else {
		next_us /= 8;
		if (++w->n_doubts == 2)
			log_error("windows do not end any more; the watchdog is not fed");
	}
	loop_timer_set(w->timer, loop_mono_us() + next_us);
}

int watchdog_create(struct watchdog **out, struct loop *loop, bool (*is_well)(void *ctx, int64_t tolerance_us),
		    void *ctx)
{
	int64_t every_us = watchdog_interval_us(getenv("WATCHDOG_USEC"), getenv("WATCHDOG_PID"), getpid());
	struct watchdog *w;
	int r;

	if (every_us == 0) {
		*out = NULL;
		return 0;
	}
	w = calloc(1, sizeof(*w));
	if (!w)
		return -ENOMEM;
	*w = (struct watchdog){ .every_us = every_us, .is_well = is_well, .ctx = ctx };
	r = loop_timer_create(loop, &w->timer, feed, w);
	if (r < 0) {
		free(w);
		return r;
	}
	loop_timer_set(w->timer, loop_mono_us()); /* at the first turn of the loop */
	*out = w;
	return 0;
}

void watchdog_free(struct watchdog *w)
{
	if (!w)
		return;
	loop_timer_free(w->timer);
	free(w);
}
