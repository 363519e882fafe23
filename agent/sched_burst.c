/* SPDX-License-Identifier: Apache-2.0 */
/* sched_burst.c - devices that sample by themselves: their rows are fetched in time, dated and given one by one. */
#include <errno.h>

#include "agent/sched_private.h"

enum { SILENCE_US = 1000000, SILENT_ROWS = 4 };

void sched_burst_init(struct unit_of_work *u)
{
	const struct sensor_driver *driver = u->sensor->driver;
	struct burst_plan plan;
	int64_t half_full_us;

	u->every_us = u->sensor->every_us;
	u->has_buffer = driver->plan_burst && driver->plan_burst(u->sensor->state, &plan);
	if (!u->has_buffer)
		return;
	stamps_init(&u->stamps, plan.period_us);
	half_full_us = plan.period_us * (int64_t)plan.capacity / 2;
	if (u->every_us > half_full_us)
		u->every_us = half_full_us;
}

void sched_burst_restart(struct unit_of_work *u)
{
	if (u->has_buffer)
		stamps_restart(&u->stamps, clock_now_us(u->sched->clock));
}

static void give_rows(struct unit_of_work *u, struct burst *b, int64_t now_us)
{
	struct stamps_span span = stamps_next(&u->stamps, now_us, b->n_rows, b->is_overrun);
	uint32_t lost = span.lost;

	if (span.skip > 0)
		sched_work(u, span.skip);
	for (size_t i = span.skip; i < b->n_rows; i++) {
		double *values = &b->values[i * u->sensor->n_channels];

		sched_take(u, stamps_at(&span, i), values, now_us);
		sched_give(u, stamps_at(&span, i), lost, values);
		lost = 0;
	}
}

/* The time is taken right before, because it dates the rows. Whoever samples and has nothing for long has lost its settings. */
int sched_burst_fetch(struct unit_of_work *u)
{
	struct burst *b = &u->sched->burst;
	int64_t now_us = clock_now_us(u->sched->clock), silent_us = now_us - (int64_t)u->stamps.last_us;
	int r;

	b->n_rows = 0;
	b->is_overrun = false;
	r = u->sensor->driver->collect_burst(u->sensor->state, now_us, b);
	if (r < 0) {
		sched_fail(u, r, NULL, now_us);
		return r;
	}
	if (b->n_rows == 0 && silent_us > SILENCE_US + SILENT_ROWS * (int64_t)u->stamps.nominal_us) {
		sched_fail(u, -ETIMEDOUT, "the device does not sample", now_us);
		return -ETIMEDOUT;
	}
	give_rows(u, b, now_us);
	return 0;
}
