/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The collector as a program: messages from the broker into the fleet, fleet KPIs out to the broker and to stdout.
 *
 * With a store, the session at the broker goes on from one process to the next, what comes is noted down before it is acknowledged (run_store.h),
 * and committed before a KPI is told of it. What is lost all the same, by a broker that forgets or a power cut, is a gap in the numbers of its
 * device, and is asked for again (resend.h). A device keeps what it sent.
 * Without a store each process has a new session: it could do nothing with messages that a broker queued for an earlier
 * one, and what we need to go on, births, contracts and status, is retained. A broker that comes and goes is no reason to end.
 *
 * KPIs are told soon after what changed them, not for each message: complete windows within SOON_US, provisional ones each second.
 */
#include "collector/cmd_run.h"

#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sysexits.h>
#include <unistd.h>

#include "base/dynbuf.h"
#include "base/log.h"
#include "base/loop.h"
#include "base/mqtt.h"
#include "base/term.h"
#include "collector/fleet.h"
#include "collector/fleet_kpi.h"
#include "collector/outbox.h"
#include "collector/page.h"
#include "collector/resend.h"
#include "collector/run_broker.h"
#include "collector/run_store.h"
#include "collector/sorted.h"
#include "collector/view.h"
#include "collector/whole.h"

enum { SOON_US = 50000, TICK_US = 1000000, GOODBYE_US = 1300000, DRAIN_US = 5000000, LINE_MAX_BYTES = 4096 };

struct collector {
	struct run_options options;
	struct loop *loop;
	struct loop_timer *tick, *soon, *end;
	struct loop_signal *interrupt, *terminate;
	struct mqtt *mqtt;
	struct fleet *fleet;
	struct run_store store;
	struct sinks *sinks; /* NULL: none */
	struct view *view;   /* NULL: JSON lines */
	struct page *page;   /* NULL: nobody asked for it */
	struct outbox outbox;
	struct dynbuf line;
	int64_t tick_at_us;
	bool is_soon_set, is_draining, is_ending, was_connected;
	int exit_code;
};

static void end(struct collector *c, int exit_code)
{
	if (exit_code != EX_OK)
		c->exit_code = exit_code;
	if (c->is_ending)
		return;
	c->is_ending = true;
	mqtt_stop(c->mqtt, GOODBYE_US);
}

static void output_failed(struct collector *c, int error)
{
	if (!c->is_ending)
		log_error("standard output: %s", strerror(error));
	end(c, EX_IOERR);
}

/* --- fleet KPIs go out --- */

static void tell(void *ctx, const struct fleet_kpi *k, bool is_newest)
{
	struct collector *c = ctx;
	char topic[512];

	page_count_told(c->page);
	dynbuf_reset(&c->line);
	fleet_kpi_to_json(k, &c->line);
	if (!c->options.no_publish) {
		snprintf(topic, sizeof(topic), "%s/%s/_fleet/kpi/%s", c->options.prefix, k->site, k->name);
		/* An older window that changed is news, but not what who asks for this KPI later wants to get. */
		outbox_add(&c->outbox, topic, dynbuf_text(&c->line), c->line.len, is_newest);
	}
	if (c->view)
		return;
	dynbuf_adds(&c->line, "\n");
	if (fwrite(dynbuf_text(&c->line), 1, c->line.len, stdout) != c->line.len)
		output_failed(c, errno);
}

static void update(struct collector *c, bool with_provisional)
{
	struct fleet_kpi_sink sink = { tell, c };

	c->fleet->now_us = loop_wall_us();
	if (c->store.archive)
		(void)!archive_commit(
			c->store.archive); /* if it cannot, it has told, and what is in memory is still true */
	fleet_kpi_update(c->fleet, with_provisional, &sink);
	if (c->store.archive && with_provisional)
		archive_tick(c->store.archive, &sink);
	if (with_provisional)
		sinks_tick(c->sinks);
	outbox_flush(&c->outbox, c->mqtt);
	if (!c->view && fflush(stdout) != 0)
		output_failed(c, errno);
}

static void ask(void *ctx, const struct site *s, const struct device *d, const struct resend_range *r)
{
	struct collector *c = ctx;
	char topic[512], text[128];
	int n = snprintf(text, sizeof(text), "{\"cmd\":\"resend\",\"boot\":%u,\"from\":%u,\"to\":%u}", r->boot, r->from,
			 r->to);

	snprintf(topic, sizeof(topic), "%s/%s/%s/cmd", c->options.prefix, s->name, d->name);
	log_info("%s/%s: asked for messages %u to %u of boot %u again", s->name, d->name, r->from, r->to, r->boot);
	outbox_add(&c->outbox, topic, text, (size_t)n, false);
}

static void show(struct collector *c)
{
	struct view_subject s = {
		.fleet = c->fleet, .broker = c->options.broker, .where = page_where(c->page), .now_us = loop_wall_us()
	};
	int r;

	if (!c->view)
		return;
	mqtt_get_status(c->mqtt, &s.mqtt);
	r = view_show(c->view, &s);
	if (r < 0)
		output_failed(c, -r);
}

static void on_soon(void *ctx)
{
	struct collector *c = ctx;

	c->is_soon_set = false;
	update(c, false);
}

static void on_tick(void *ctx)
{
	struct collector *c = ctx;

	const struct resend_sink sink = { ask, c };

	c->tick_at_us += TICK_US;
	loop_timer_set(c->tick, c->tick_at_us);
	if (!c->options.no_publish && c->was_connected)
		resend_update(c->fleet, loop_mono_us(), &sink);
	update(c, true);
	run_store_settle(&c->store);
	page_beat(c->page, c->store.archive ? archive_problem(c->store.archive) : "");
	show(c);
}

/* --- ending --- */

/* What was told last waits for the broker as all else does: an end that is in no hurry takes it there. */
static void finish(struct collector *c)
{
	struct mqtt_status status;

	if (c->is_ending || c->is_draining)
		return;
	update(c, true);
	if (c->options.expect_devices > 0 && !fleet_is_whole(c->fleet, c->options.expect_devices))
		c->exit_code = 1;
	mqtt_get_status(c->mqtt, &status);
	c->is_draining = c->outbox.n > 0 && status.state == MQTT_CONNECTED;
	if (c->is_draining)
		loop_timer_set(c->end, loop_mono_us() + DRAIN_US);
	else
		end(c, EX_OK);
}

static void on_end(void *ctx)
{
	struct collector *c = ctx;

	if (c->is_draining)
		end(c, EX_OK);
	finish(c);
	if (!c->was_connected)
		end(c, EX_UNAVAILABLE);
}

static void on_signal(void *ctx, int signal_number)
{
	log_info("ending: %s", signal_number == SIGINT ? "interrupted" : "terminated");
	finish(ctx);
}

/* --- the broker --- */

static void on_connected(void *ctx, bool session_present)
{
	struct collector *c = ctx;

	(void)session_present;
	c->was_connected = true;
	outbox_flush(&c->outbox, c->mqtt);
}

static void on_disconnected(void *ctx, const char *reason)
{
	struct collector *c = ctx;

	(void)reason; /* is in the log already */
	outbox_rewind(&c->outbox);
}

static void on_published(void *ctx, uint64_t id)
{
	struct collector *c = ctx;

	outbox_done(&c->outbox, id);
	if (!c->is_ending)
		outbox_flush(&c->outbox, c->mqtt);
	if (c->is_draining && c->outbox.n == 0)
		end(c, EX_OK);
}

static void on_publish_failed(void *ctx, uint64_t id, int code UNUSED, const char *reason)
{
	log_warning("the broker refused a fleet KPI: %s", reason);
	on_published(ctx, id);
}

static void on_message(void *ctx, const struct mqtt_message *m)
{
	struct collector *c = ctx;

	run_store_take(&c->store, m);
	if (c->is_soon_set || c->is_ending)
		return;
	c->is_soon_set = true;
	loop_timer_set(c->soon, loop_mono_us() + SOON_US);
}

static void on_stopped(void *ctx)
{
	struct collector *c = ctx;

	loop_stop(c->loop, c->exit_code);
}

/* --- from start to end --- */

static int connect(struct collector *c)
{
	static const struct mqtt_handlers handlers = {
		.connected = on_connected,
		.disconnected = on_disconnected,
		.published = on_published,
		.publish_failed = on_publish_failed,
		.message = on_message,
		.stopped = on_stopped,
	};

	return run_broker_create(&c->mqtt, c->loop, &c->options, &c->store, &handlers, c);
}

static int create_sources(struct collector *c)
{
	int r = loop_timer_create(c->loop, &c->tick, on_tick, c);

	if (r == 0)
		r = loop_timer_create(c->loop, &c->soon, on_soon, c);
	if (r == 0)
		r = loop_timer_create(c->loop, &c->end, on_end, c);
	if (r == 0)
		r = loop_signal_create(c->loop, &c->interrupt, SIGINT, on_signal, c);
	if (r == 0)
		r = loop_signal_create(c->loop, &c->terminate, SIGTERM, on_signal, c);
	return r;
}

static int open_page(struct collector *c)
{
	const struct page_options o = { .http = { .address = c->options.http, .name = c->options.http_name },
					.broker = c->options.broker,
					.store = c->options.store,
					.sinks = c->sinks };

	return o.http.address ? page_open(&c->page, c->loop, &o, c->fleet, c->mqtt) : 0;
}

static int create_parts(struct collector *c)
{
	int r = loop_create(&c->loop);

	if (r == 0)
		r = run_store_open(&c->store, &c->options, c->fleet);
	if (r == 0)
		r = sinks_start(&c->sinks, c->options.sinks, c->options.n_sinks, c->options.store, c->fleet->store);
	if (r == 0)
		r = create_sources(c);
	if (r == 0)
		r = connect(c);
	return r == 0 ? open_page(c) : r;
}

static int start(struct collector *c)
{
	struct term term;
	int r = create_parts(c);

	if (r < 0)
		return r;
	term_probe(&term, STDOUT_FILENO);
	if (!c->options.json && term.is_terminal && !c->options.verbose && isatty(STDERR_FILENO))
		log_set_level(LOG_LEVEL_ERROR); /* the table shows the rest, and would be torn by it */
	if (term.is_terminal && !c->options.json)
		r = view_create(&c->view, STDOUT_FILENO);
	if (r < 0)
		return r;
	c->tick_at_us = loop_mono_us() + TICK_US;
	loop_timer_set(c->tick, c->tick_at_us);
	if (c->options.run_us > 0)
		loop_timer_set(c->end, loop_mono_us() + c->options.run_us);
	mqtt_start(c->mqtt);
	return 0;
}

static void stop(struct collector *c)
{
	view_free(c->view);
	page_close(c->page);
	mqtt_free(c->mqtt);
	if (c->terminate)
		loop_signal_free(c->terminate);
	if (c->interrupt)
		loop_signal_free(c->interrupt);
	if (c->end)
		loop_timer_free(c->end);
	if (c->soon)
		loop_timer_free(c->soon);
	if (c->tick)
		loop_timer_free(c->tick);
	loop_free(c->loop);
	outbox_free(&c->outbox);
	dynbuf_free(&c->line);
	sinks_stop(c->sinks);
	run_store_close(&c->store);
	fleet_free(c->fleet);
}

/* Why it does not start; store and page have told themselves. A store of another version is for a person to look at, not to be tried again. */
static int explain(const struct collector *c, int r)
{
	if (c->options.store && !c->store.archive)
		return r == -EPROTO ? EX_CONFIG : EX_IOERR;
	if (c->options.http && !c->page && c->mqtt)
		return EX_UNAVAILABLE;
	log_error("cannot start: %s", strerror(-r));
	return EX_OSERR;
}

int collector_cmd_run(int argc, char **argv)
{
	struct run_options options;
	struct collector *c;
	int r = run_options_parse(&options, argc, argv);

	if (r >= 0)
		return r;
	if (options.verbose)
		log_set_level(LOG_LEVEL_DEBUG);
	signal(SIGPIPE, SIG_IGN); /* a reader that goes away is an error of write(2) */
	c = sorted_alloc(sizeof(*c));
	c->options = options;
	dynbuf_init(&c->line, LINE_MAX_BYTES);
	c->fleet = fleet_new((uint64_t)(options.keep_us / 1000000));
	r = start(c);
	r = r < 0 ? explain(c, r) : loop_run(c->loop);
	stop(c);
	free(c);
	return r;
}
