/* SPDX-License-Identifier: Apache-2.0 */
/* agent_flow.c - what goes through the agent: readings and events of sensors into the graph, what the graph makes of them out. */
#include <stdio.h>

#include "agent/agent_private.h"
#include "agent/exits.h"
#include "agent/op_trouble.h"
#include "base/log.h"

/* --- what the graph gives --- */

static void on_partial(void *ctx, struct partial *part)
{
	struct agent *a = ctx;

	if (a->publisher) {
		publisher_partial(a->publisher, part);
		a->seq = part->seq;
	} else {
		snprintf(part->site, sizeof(part->site), "%s", a->conf->site);
		snprintf(part->device, sizeof(part->device), "%s", a->conf->device);
		part->boot = a->boot;
		part->seq = ++a->seq;
	}
	if (a->o->is_printing)
		printer_partial(&a->printer, part, graph_contract(a->graph));
	if (a->o->view)
		a->o->view->partial(a->o->view->ctx, part, graph_contract(a->graph));
}

static void on_kpi(void *ctx, const struct kpi_def *kpi, uint64_t w0_s, double value, double coverage)
{
	struct agent *a = ctx;

	if (a->publisher)
		publisher_kpi(a->publisher, kpi, w0_s, value, coverage);
	if (a->o->is_printing)
		printer_kpi(&a->printer, kpi, w0_s, value, coverage);
	if (a->o->view)
		a->o->view->kpi(a->o->view->ctx, kpi, w0_s, value, coverage);
}

static void on_event(void *ctx, const char *stream, const char *event, int64_t at_us, double value)
{
	struct agent *a = ctx;

	if (a->publisher)
		publisher_event(a->publisher, stream, event, at_us, value);
	if (a->o->is_printing)
		printer_event(&a->printer, stream, event, at_us, value);
	if (a->o->view)
		a->o->view->event(a->o->view->ctx, stream, event, at_us, value);
}

/* Its context is the agent: create() puts it in. */
const struct graph_sink agent_sink = { .partial = on_partial, .kpi = on_kpi, .event = on_event };

/* --- what the sensors give --- */

static void on_reading(void *ctx, size_t i, int64_t at_us, uint32_t lost, const double values[])
{
	struct agent *a = ctx;
	const struct conf_sensor *s = &a->conf->sensors[i];

	if (a->is_stopping)
		return; /* the windows are closed */
	for (size_t c = 0; c < s->n_channels; c++) {
		struct sample sample = { .at_us = at_us, .value = values[c], .lost = lost };

		graph_push(a->graph, s->first_source + c, &sample);
	}
}

static void on_sensor_event(void *ctx, size_t i, const struct sensor_event *e)
{
	struct agent *a = ctx;
	struct sample sample = { .at_us = e->at_us, .value = e->value, .lost = e->lost };

	if (a->is_stopping)
		return;
	graph_push(a->graph, a->conf->sensors[i].first_source + e->channel, &sample);
	actions_follow(a->actions);
}

void agent_plan_tick(struct agent *a)
{
	int64_t lag_us = sched_lag_us(a->sched), now_us = clock_now_us(&a->clock) - lag_us;
	int64_t due_us = graph_next_due_us(a->graph, now_us), look_us = agent_look_at_clock_us(a, now_us);

	due_us = look_us < due_us ? look_us : due_us;
	a->tick_due_us = clock_to_mono_us(&a->clock, due_us + lag_us);
	loop_timer_set(a->tick, a->tick_due_us);
}

bool agent_is_well(void *ctx, int64_t tolerance_us)
{
	const struct agent *a = ctx;

	return a->is_stopping || a->tick_due_us > loop_mono_us() - tolerance_us;
}

static void close_windows(struct agent *a, int64_t watermark_us)
{
	graph_advance(a->graph, execs_watermark_us(a->execs, watermark_us));
	if (a->printer.error < 0)
		loop_stop(a->loop, EXIT_IO);
}

/* At each wake-up, so that no more than one round of readings bears the time from before a step. */
static void on_settled(void *ctx, int64_t watermark_us)
{
	struct agent *a = ctx;

	if (a->is_stopping)
		return;
	close_windows(a, watermark_us);
	actions_follow(a->actions);
	agent_follow_clock(a);
	agent_plan_tick(a); /* what came may have made something due earlier, or later */
}

/* Windows end whether or not a sensor is due. */
void agent_on_tick(void *ctx)
{
	struct agent *a = ctx;

	agent_follow_clock(a);
	close_windows(a, sched_watermark_us(a->sched));
	op_trouble_tell(&a->conf->plan, a->told_trouble);
	agent_plan_tick(a);
}

void agent_on_answered(void *ctx)
{
	struct agent *a = ctx;

	if (!a->is_stopping)
		close_windows(a, sched_watermark_us(a->sched));
}

static void on_sensor_changed(void *ctx, size_t i)
{
	(void)i;
	agent_status_soon(ctx);
}

const struct sched_handlers agent_sched_handlers = {
	.reading = on_reading, .settled = on_settled, .changed = on_sensor_changed, .event = on_sensor_event
};
