/* SPDX-License-Identifier: Apache-2.0 */
#include "agent/agent.h"

#include <errno.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>

#include "agent/agent_private.h"
#include "agent/exits.h"
#include "agent/notify.h"
#include "base/log.h"

enum { STOP_TIMEOUT_US = 1300000 }; /* all of it within 2 s: a client that gets no answer takes up to 0.6 s to let go */

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
	if (a->o->remote)
		remote_stop(a->o->remote);
	actions_stop(a->actions); /* before the broker is waited for */
	notify_send("STOPPING=1");
	loop_timer_cancel(a->tick);
	agent_end_clock(a);
	graph_cut(a->graph, clock_now_us(&a->clock), PARTIAL_CUT_END);
	if (a->publisher)
		publisher_stop(a->publisher, publisher_is_connected(a->publisher) ? STOP_TIMEOUT_US : 0);
	else
		loop_stop(a->loop, EXIT_DONE);
}

static void on_signal(void *ctx, int signal_number)
{
	struct agent *a = ctx;

	if (signal_number != SIGHUP)
		stop(a);
	else if (a->o->remote && !a->is_stopping)
		remote_reload(a->o->remote);
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
	if (a->is_restarting)
		loop_stop(a->loop, EXIT_RESTART);
	else
		loop_stop(a->loop, a->o->stop_after_us > 0 && m.n_connects == 0 ? EXIT_UNAVAILABLE : EXIT_DONE);
}

/* --- life --- */

static void on_action_changed(void *ctx)
{
	agent_status_soon(ctx);
}

static int create_sources(struct agent *a)
{
	static const int signals[] = { SIGTERM, SIGINT, SIGHUP };
	int r = sched_create(&a->sched, a->loop, a->conf, &a->clock, &agent_sched_handlers, a);

	if (r == 0)
		r = actions_create(&a->actions, a->loop, a->conf, on_action_changed, a);
	if (r == 0)
		r = loop_timer_create(a->loop, &a->tick, agent_on_tick, a);
	if (r == 0)
		r = loop_timer_create(a->loop, &a->end, on_end, a);
	if (r == 0)
		r = loop_timer_create(a->loop, &a->status, agent_on_status_due, a);
	if (r == 0)
		r = loop_timer_create(a->loop, &a->draw, on_draw_due, a);
	for (size_t i = 0; r == 0 && i < ARRAY_LEN(signals); i++)
		r = loop_signal_create(a->loop, &a->signals[i], signals[i], on_signal, a);
	if (r == 0)
		r = watchdog_create(&a->watchdog, a->loop, agent_is_well, a);
	if (r == 0)
		r = execs_create(&a->execs, a->loop, &a->conf->plan, agent_on_answered, a);
	if (r < 0)
		log_error("cannot start: %s", strerror(-r));
	return r;
}

static void on_config_came(void *ctx, const struct mqtt_message *msg)
{
	struct agent *a = ctx;

	remote_receive(a->o->remote, msg);
}

static void on_config_told(void *ctx)
{
	struct agent *a = ctx;

	if (a->o->remote)
		remote_told(a->o->remote);
}

static int create_publisher(struct agent *a)
{
	char error[MQTT_ERROR_BYTES];
	int r = publisher_create(&a->publisher, a->loop,
				 &(struct publisher_options){
					 .conf = a->conf,
					 .contract = graph_contract(a->graph),
					 .describe = agent_describe,
					 .stopped = on_publisher_stopped,
					 .config_came = a->o->remote ? on_config_came : NULL,
					 .config_told = on_config_told,
					 .command = agent_command,
					 .ctx = a,
				 },
				 error);

	if (r < 0)
		log_error("%s", error);
	else
		a->boot = publisher_boot(a->publisher);
	return r;
}

/* Who cannot be asked works all the same. */
static void listen_for_questions(struct agent *a)
{
	int r = report_listen(&a->report, a->loop, a->conf->spool.path, agent_report, a);

	if (r < 0)
		log_info("`runnel status` cannot ask this agent: socket beside %s: %s", a->conf->spool.path,
			 strerror(-r));
}

static int create(struct agent *a)
{
	struct graph_sink sink = agent_sink;
	int r = loop_create(&a->loop);

	if (r < 0) {
		log_error("cannot start: %s", strerror(-r));
		return r;
	}
	clock_init(&a->clock);
	sink.ctx = a;
	a->conf->plan.emit_empty = true;
	a->graph = graph_new(&a->conf->plan, &sink, &a->conf->arena);
	a->told_trouble = arena_alloc(&a->conf->arena, a->conf->plan.n_streams * sizeof(*a->told_trouble));
	r = create_sources(a);
	if (r < 0)
		return r;
	if (a->o->is_publishing)
		r = create_publisher(a);
	else
		a->boot = 1; /* nobody merges what is only printed */
	if (r == 0 && a->o->is_publishing)
		listen_for_questions(a);
	return r == 0 && a->o->remote ? remote_start(a->o->remote, a) : r;
}

static void destroy(struct agent *a)
{
	watchdog_free(a->watchdog);
	report_close(a->report);
	remote_free(a->o->remote);
	actions_free(a->actions);
	execs_free(a->execs);
	publisher_free(a->publisher);
	if (a->graph)
		graph_free(a->graph);
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
	if (a->conf != a->o->conf) {
		conf_free(a->conf);
		free(a->conf);
	}
}

/* Whoever reads what is only printed has seen enough (`| head`) and ends it so. */
static int output_failed(const struct agent *a)
{
	if (a->printer.error == -EPIPE && !a->o->is_publishing)
		return EXIT_DONE;
	log_error("writing the output: %s", strerror(-a->printer.error));
	return EXIT_IO;
}

int agent_run(const struct agent_options *o)
{
	struct agent a = { .o = o, .conf = o->conf };
	int result = EXIT_FAILED;

	printer_init(&a.printer, true);
	if (create(&a) == 0) {
		if (a.publisher)
			publisher_start(a.publisher);
		agent_init_clock(&a);
		graph_start(a.graph, clock_now_us(&a.clock));
		actions_start(a.actions, a.graph); /* first: what they drive has waited since the last end */
		sched_start(a.sched);
		agent_plan_tick(&a);
		if (a.publisher)
			agent_status_later(&a);
		if (o->stop_after_us > 0)
			loop_timer_set(a.end, loop_mono_us() + o->stop_after_us);
		if (o->view)
			loop_timer_set(a.draw, loop_mono_us());
		notify_send("READY=1");
		result = loop_run(a.loop);
	}
	if (printer_flush(&a.printer) < 0)
		result = output_failed(&a);
	destroy(&a);
	return result;
}
