/* SPDX-License-Identifier: Apache-2.0 */
#include "agent/agent.h"

#include <errno.h>
#include <math.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/resource.h>
#include <unistd.h>

#include "agent/boot.h"
#include "agent/clock.h"
#include "agent/exits.h"
#include "agent/notify.h"
#include "agent/printer.h"
#include "agent/publisher.h"
#include "agent/sched.h"
#include "base/log.h"
#include "base/loop.h"

enum {
	STOP_TIMEOUT_US = 1300000, /* all of it within 2 s: a client that gets no answer takes up to 0.6 s to let go */
	STATUS_SOON_US = 1000000,
	STATUS_EVERY_US = 300 * 1000000,
};

struct agent {
	const struct agent_options *o;
	struct conf *conf;
	struct loop *loop;
	struct clock clock;
	struct sched *sched;
	struct graph *graph;
	struct publisher *publisher; /* NULL: not publishing */
	struct printer printer;
	struct loop_timer *tick, *end, *status, *draw;
	struct loop_signal *signals[3];
	uint32_t boot, seq; /* seq: when there is no publisher to count */
	bool is_stopping, is_status_soon;
};

/* --- what the graph gives --- */

static void on_partial(void *ctx, struct partial *part)
{
	struct agent *a = ctx;

	if (a->publisher) {
		publisher_partial(a->publisher, part);
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

	if (!a->is_stopping)
		graph_push(a->graph, a->conf->sensors[i].first_source + e->channel, &sample);
}

static void plan_tick(struct agent *a)
{
	int64_t lag_us = sched_lag_us(a->sched), now_us = clock_now_us(&a->clock) - lag_us;
	int64_t end_us = graph_next_window_end_us(a->graph, now_us);

	loop_timer_set(a->tick, clock_to_mono_us(&a->clock, end_us + lag_us));
}

/* The clock was set: what is open is closed at the old time, and windows begin anew at the new one. */
static void follow_clock(struct agent *a)
{
	int64_t by_us;

	if (!clock_has_stepped(&a->clock, &by_us))
		return;
	log_notice("the clock was set by %+.1f s: windows begin anew", (double)by_us / 1e6);
	graph_advance(a->graph, sched_watermark_us(a->sched));
	graph_cut(a->graph, clock_now_us(&a->clock), PARTIAL_STEP);
	clock_adopt(&a->clock);
	graph_start(a->graph, clock_now_us(&a->clock));
	sched_replan(a->sched);
	plan_tick(a);
}

static void close_windows(struct agent *a, int64_t watermark_us)
{
	graph_advance(a->graph, watermark_us);
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
	follow_clock(a);
}

/* Windows end whether or not a sensor is due. */
static void on_tick(void *ctx)
{
	struct agent *a = ctx;

	follow_clock(a);
	close_windows(a, sched_watermark_us(a->sched));
	plan_tick(a);
}

static void on_sensor_changed(void *ctx, size_t i)
{
	struct agent *a = ctx;

	(void)i;
	if (a->publisher && !a->is_stopping && !a->is_status_soon) { /* one message for all that change together */
		a->is_status_soon = true;
		loop_timer_set(a->status, loop_mono_us() + STATUS_SOON_US);
	}
}

/* --- status --- */

static void describe_sensors(struct agent *a, struct json *j)
{
	json_object_begin(j, "sensors");
	for (size_t i = 0; i < a->conf->n_sensors; i++) {
		struct sensor_status s;

		sched_get_status(a->sched, i, &s);
		json_object_begin(j, s.name);
		json_text(j, "state", sensor_state_name(s.state));
		if (s.reason[0])
			json_text(j, "reason", s.reason);
		json_uint(j, "readings", s.n_readings);
		json_uint(j, "faults", s.n_faults);
		json_object_end(j);
	}
	json_object_end(j);
}

static void describe(void *ctx, struct json *j)
{
	struct agent *a = ctx;
	struct rusage u;

	json_object_begin(j, "clock");
	json_uint(j, "steps", a->clock.n_steps);
	json_object_end(j);
	describe_sensors(a, j);
	if (getrusage(RUSAGE_SELF, &u) < 0)
		return;
	json_object_begin(j, "footprint");
	json_int(j, "cpu_ms",
		 (u.ru_utime.tv_sec + u.ru_stime.tv_sec) * 1000 + (u.ru_utime.tv_usec + u.ru_stime.tv_usec) / 1000);
	json_int(j, "max_rss_kib", u.ru_maxrss);
	json_object_end(j);
}

static void on_status_due(void *ctx)
{
	struct agent *a = ctx;

	a->is_status_soon = false;
	if (a->is_stopping)
		return;
	publisher_status(a->publisher, graph_watermark_s(a->graph));
	loop_timer_set(a->status, loop_mono_us() + STATUS_EVERY_US);
}

static void on_draw_due(void *ctx)
{
	struct agent *a = ctx;
	const struct agent_view *view = a->o->view;

	if (view->draw(view->ctx, a->graph, a->sched) < 0)
		loop_stop(a->loop, EXIT_IO);
	else
		loop_timer_set(a->draw, loop_mono_us() + view->every_us);
}

/* --- the end --- */

static void stop(struct agent *a)
{
	if (a->is_stopping)
		return;
	graph_advance(a->graph, sched_watermark_us(a->sched)); /* gives the last events */
	a->is_stopping = true;
	notify_send("STOPPING=1");
	loop_timer_cancel(a->tick);
	graph_cut(a->graph, clock_now_us(&a->clock), PARTIAL_CUT_END);
	if (a->publisher)
		publisher_stop(a->publisher, publisher_is_connected(a->publisher) ? STOP_TIMEOUT_US : 0);
	else
		loop_stop(a->loop, EXIT_DONE);
}

static void on_signal(void *ctx, int signal_number)
{
	if (signal_number != SIGHUP)
		stop(ctx);
}

static void on_end(void *ctx)
{
	stop(ctx);
}

static void on_publisher_stopped(void *ctx)
{
	struct agent *a = ctx;
	struct mqtt_status m;

	publisher_get_mqtt(a->publisher, &m);
	loop_stop(a->loop, a->o->stop_after_us > 0 && m.n_connects == 0 ? EXIT_UNAVAILABLE : EXIT_DONE);
}

/* --- life --- */

static int create_sources(struct agent *a)
{
	static const struct sched_handlers handlers = {
		.reading = on_reading, .settled = on_settled, .changed = on_sensor_changed, .event = on_sensor_event
	};
	static const int signals[] = { SIGTERM, SIGINT, SIGHUP };
	int r = sched_create(&a->sched, a->loop, a->conf, &a->clock, &handlers, a);

	if (r == 0)
		r = loop_timer_create(a->loop, &a->tick, on_tick, a);
	if (r == 0)
		r = loop_timer_create(a->loop, &a->end, on_end, a);
	if (r == 0)
		r = loop_timer_create(a->loop, &a->status, on_status_due, a);
	if (r == 0)
		r = loop_timer_create(a->loop, &a->draw, on_draw_due, a);
	for (size_t i = 0; r == 0 && i < ARRAY_LEN(signals); i++)
		r = loop_signal_create(a->loop, &a->signals[i], signals[i], on_signal, a);
	if (r < 0)
		log_error("cannot start: %s", strerror(-r));
	return r;
}

static int create_publisher(struct agent *a)
{
	char error[MQTT_ERROR_BYTES];
	int r = publisher_create(&a->publisher, a->loop,
				 &(struct publisher_options){
					 .conf = a->conf,
					 .contract = graph_contract(a->graph),
					 .boot = a->boot,
					 .describe = describe,
					 .stopped = on_publisher_stopped,
					 .ctx = a,
				 },
				 error);

	if (r < 0)
		log_error("mqtt: %s", error);
	return r;
}

static int create(struct agent *a)
{
	const struct graph_sink sink = { .ctx = a, .partial = on_partial, .kpi = on_kpi, .event = on_event };
	const char *boot_error = NULL;
	int r = loop_create(&a->loop);

	if (r < 0) {
		log_error("cannot start: %s", strerror(-r));
		return r;
	}
	clock_init(&a->clock);
	a->conf->plan.emit_empty = true;
	a->graph = graph_new(&a->conf->plan, &sink, &a->conf->arena);
	r = create_sources(a);
	if (r < 0)
		return r;
	if (!a->o->is_publishing) {
		a->boot = 1; /* nobody merges what is only printed */
		return 0;
	}
	a->boot = boot_take(a->conf->spool.path, loop_wall_us(), &boot_error);
	if (boot_error)
		log_warning("cannot keep the number of starts in %s.boot: %s; using the time instead",
			    a->conf->spool.path, boot_error);
	return create_publisher(a);
}

static void destroy(struct agent *a)
{
	publisher_free(a->publisher);
	sched_free(a->sched);
	if (a->tick)
		loop_timer_free(a->tick);
	if (a->end)
		loop_timer_free(a->end);
	if (a->status)
		loop_timer_free(a->status);
	if (a->draw)
		loop_timer_free(a->draw);
	for (size_t i = 0; i < ARRAY_LEN(a->signals); i++)
		if (a->signals[i])
			loop_signal_free(a->signals[i]);
	loop_free(a->loop);
	printer_free(&a->printer);
}

int agent_run(const struct agent_options *o)
{
	struct agent a = { .o = o, .conf = o->conf };
	int result = EXIT_FAILED;

	printer_init(&a.printer, true);
	if (create(&a) == 0) {
		if (a.publisher)
			publisher_start(a.publisher);
		graph_start(a.graph, clock_now_us(&a.clock));
		sched_start(a.sched);
		plan_tick(&a);
		if (a.publisher)
			loop_timer_set(a.status, loop_mono_us() + STATUS_EVERY_US);
		if (o->stop_after_us > 0)
			loop_timer_set(a.end, loop_mono_us() + o->stop_after_us);
		if (o->view)
			loop_timer_set(a.draw, loop_mono_us());
		notify_send("READY=1");
		result = loop_run(a.loop);
	}
	if (printer_flush(&a.printer) < 0) {
		log_error("writing the output: %s", strerror(-a.printer.error));
		result = EXIT_IO;
	}
	destroy(&a);
	return result;
}
