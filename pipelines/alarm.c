/* SPDX-License-Identifier: Apache-2.0 */
#include "pipelines/alarm.h"

#include <math.h>

static void tell(struct alarm *a, const char *event, int64_t at_us, double measured)
{
	int64_t wall_us = at_us + (a->shift_us ? *a->shift_us : 0);

	if (a->tells_events && a->sink->event)
		a->sink->event(a->sink->ctx, a->name, event, wall_us, measured);
}

static void tell_state(struct alarm *a, int64_t at_us)
{
	struct graph_state s;

	a->changed_us = at_us;
	alarm_read(a, &s);
	if (a->sink->state)
		a->sink->state(a->sink->ctx, a->is_kpi, a->index, &s);
}

void alarm_start(struct alarm *a, int64_t at_us)
{
	a->is_started = true;
	a->usable_us = at_us;
}

void alarm_adopt(struct alarm *a, const struct alarm *old)
{
	a->is_known = old->is_known;
	a->is_raised = old->is_raised;
	a->is_missing = old->is_missing;
	a->is_started = old->is_started;
	a->usable_us = old->usable_us;
	a->changed_us = old->changed_us;
}

int64_t alarm_due_us(const struct alarm *a)
{
	if (!a->is_started || a->is_missing || a->missing_after_us == 0)
		return INT64_MAX;
	return a->usable_us + a->missing_after_us + 1; /* a value at the last moment is in time */
}

void alarm_advance(struct alarm *a, int64_t watermark_us)
{
	int64_t due_us;

	if (!a->is_started)
		alarm_start(a, watermark_us);
	due_us = alarm_due_us(a);
	if (watermark_us < due_us || due_us == INT64_MAX)
		return;
	a->is_missing = true;
	tell(a, "missing", due_us - 1, NAN);
	tell_state(a, due_us - 1);
}

void alarm_put(struct alarm *a, int64_t at_us, double value, double measured)
{
	bool is_raised = value != 0.0, is_first = !a->is_known, was_missing;

	if (!isfinite(value))
		return;
	if (!a->is_started)
		alarm_start(a, at_us);
	alarm_advance(a, at_us); /* the silence before it, which no watermark may have told */
	was_missing = a->is_missing;
	if (at_us > a->usable_us)
		a->usable_us = at_us;
	a->is_missing = false;
	a->is_known = true;
	if (was_missing)
		tell(a, "recovered", at_us, measured);
	if (is_raised == a->is_raised && !was_missing && !is_first)
		return;
	if (is_raised != a->is_raised) /* nothing is known: not raised */
		tell(a, is_raised ? "raised" : "cleared", at_us, measured);
	a->is_raised = is_raised;
	tell_state(a, at_us);
}

void alarm_read(const struct alarm *a, struct graph_state *out)
{
	*out = (struct graph_state){ .value = a->is_known ? a->is_raised : NAN,
				     .is_missing = a->is_missing,
				     .changed_us = a->changed_us };
}
