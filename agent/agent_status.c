/* SPDX-License-Identifier: Apache-2.0 */
/* agent_status.c - what the agent tells of itself: soon after a change, and every few minutes. */
#include <sys/resource.h>

#include "agent/agent_private.h"
#include "agent/op_trouble.h"
#include "base/timestamp.h"

enum {
	STATUS_SOON_US = 1000000,
	STATUS_EVERY_US = 300 * 1000000,
};

static void describe_sensor(struct json *j, const struct sensor_status *s)
{
	char since[32];

	json_object_begin(j, s->name);
	json_text(j, "state", sensor_state_name(s->state));
	if (s->reason[0]) {
		json_text(j, "trouble", trouble_name(s->trouble));
		json_text(j, "reason", s->reason);
	}
	json_text(j, "since", timestamp_format(s->since_us, since, sizeof(since)));
	json_uint(j, "readings", s->n_readings);
	json_uint(j, "faults", s->n_faults);
	json_uint(j, "setups", s->n_setups);
	json_object_begin(j, "counts");
	for (enum trouble t = 0; t < N_TROUBLES; t++)
		if (s->n_by_trouble[t] > 0)
			json_uint(j, trouble_name(t), s->n_by_trouble[t]);
	json_object_end(j);
	json_object_end(j);
}

static void describe_sensors(struct agent *a, struct json *j)
{
	json_object_begin(j, "sensors");
	for (size_t i = 0; i < a->conf->n_sensors; i++) {
		struct sensor_status s;

		sched_get_status(a->sched, i, &s);
		describe_sensor(j, &s);
	}
	json_object_end(j);
}

void agent_describe(void *ctx, struct json *j)
{
	struct agent *a = ctx;
	struct rusage u;

	json_object_begin(j, "clock");
	json_text(j, "state", time_state_name(a->trust.state));
	json_uint(j, "steps", a->clock.n_steps);
	json_object_end(j);
	describe_sensors(a, j);
	execs_describe(a->execs, j);
	op_trouble_describe(&a->conf->plan, j);
	actions_describe(a->actions, j);
	if (getrusage(RUSAGE_SELF, &u) < 0)
		return;
	json_object_begin(j, "footprint");
	json_int(j, "cpu_ms",
		 (u.ru_utime.tv_sec + u.ru_stime.tv_sec) * 1000 + (u.ru_utime.tv_usec + u.ru_stime.tv_usec) / 1000);
	json_int(j, "max_rss_kib", u.ru_maxrss);
	json_object_end(j);
}

void agent_status_soon(struct agent *a)
{
	if (a->publisher && !a->is_stopping && !a->is_status_soon) { /* one message for all that change together */
		a->is_status_soon = true;
		loop_timer_set(a->status, loop_mono_us() + STATUS_SOON_US);
	}
}

void agent_status_later(struct agent *a)
{
	if (a->is_status_soon) /* a sensor that was absent at the start must not wait */
		return;
	loop_timer_set(a->status, loop_mono_us() + STATUS_EVERY_US);
}

void agent_on_status_due(void *ctx)
{
	struct agent *a = ctx;

	a->is_status_soon = false;
	if (a->is_stopping)
		return;
	publisher_status(a->publisher, graph_watermark_s(a->graph));
	agent_status_later(a);
}
