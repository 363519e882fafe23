/* SPDX-License-Identifier: Apache-2.0 */
/* sched_doubt.c - values that cannot be: refused, told, and taken as a sign that the device has lost its settings. */
#include <math.h>
#include <stdio.h>

#include "agent/sched_private.h"

enum {
	DOUBT_US =
		60 * 1000000, /* it is told for so long, so that a value now and then is not a line in the log each */
	HOPELESS_READINGS = 5,
	SETUP_PAUSE_US = 60 * 1000000,
};

static void doubt(struct unit_of_work *u, const struct limits_verdict *v, int64_t now_us)
{
	u->n_by_trouble[TROUBLE_RANGE] += v->n_range;
	u->n_by_trouble[TROUBLE_STEP] += v->n_step;
	u->trouble = v->n_range ? TROUBLE_RANGE : TROUBLE_STEP;
	snprintf(u->reason.text, sizeof(u->reason.text), "%s", v->text);
	u->doubtful_until_us = now_us + DOUBT_US;
}

/* At once and in place: it still answers, and a pause would lose the readings in which it comes back to itself. */
static void set_up_again(struct unit_of_work *u, int64_t now_us)
{
	if (u->sensor->driver->watch || now_us < u->setup_after_us)
		return;
	u->setup_after_us = now_us + SETUP_PAUSE_US;
	u->n_hopeless = 0;
	sched_probe(u, now_us);
}

void sched_take(struct unit_of_work *u, int64_t at_us, double values[], int64_t now_us)
{
	struct limits_verdict v;

	if (limits_check(&u->limits, at_us, values, &v)) {
		u->n_hopeless = 0;
		sched_work(u, 1);
		return;
	}
	if (v.is_frozen) {
		if (u->state == SENSOR_FAULT && u->has_buffer && !u->is_sampling)
			return; /* a further row of the same buffer */
		sched_fail_for(u, TROUBLE_FROZEN, v.text, now_us);
		return;
	}
	doubt(u, &v, now_us);
	sched_work(u, 1);
	u->n_hopeless = v.is_hopeless ? u->n_hopeless + 1 : 0;
	if (u->n_hopeless >= HOPELESS_READINGS)
		set_up_again(u, now_us);
}
