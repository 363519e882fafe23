/* SPDX-License-Identifier: Apache-2.0 */
/*
 * cmd_replay.c - `runnel replay`. Printing, it reads as fast as it can. Publishing, it reads only while the spool has room, so
 * that a recording of any length reaches the broker whole.
 */
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "agent/boot.h"
#include "agent/cmd.h"
#include "agent/exec_replay.h"
#include "agent/exits.h"
#include "agent/op_trouble.h"
#include "agent/plot.h"
#include "agent/printer.h"
#include "agent/publisher.h"
#include "agent/replay.h"
#include "base/args.h"
#include "base/log.h"
#include "base/text.h"

static const char help[] =
	"Usage: runnel replay -c FILE --input CSV [--device NAME] [--publish] [--print] [--plot SVG]\n"
	"\n"
	"Run recorded samples through the pipelines of a config, in event time, as fast as possible.\n"
	"JSON lines on stdout: partials, KPIs and events. Needs no hardware and no broker.\n"
	"\n"
	"  -c, --config FILE   config\n"
	"  -i, --input CSV     `time,SENSOR.CHANNEL,...`; - for standard input. Time is RFC 3339,\n"
	"                      `YYYY-MM-DD HH:MM:SS[.fff]` (UTC) or Unix seconds; an empty cell is a gap\n"
	"      --device NAME   instead of the config's\n"
	"      --publish       partials and events through spool and broker, marked as\n"
	"                      BACKFILL; birth, status and KPIs stay those of the agent\n"
	"      --plot FILE.svg a picture instead of JSON lines: readings, streams, levels, states, events\n"
	"      --print         with --publish or --plot: JSON lines as well\n"
	"\n"
	"Rows that can not be read are skipped, counted and told on stderr.\n"
	"Exit status: 0 done, 1 failed, 64 usage, 69 broker unavailable, 74 input or output failed, 78 config.\n";

enum { CONNECT_TIMEOUT_S = 30 };

struct arguments {
	const char *config, *input, *device, *plot;
	bool is_publishing, is_printing, is_help;
};

struct run {
	struct conf conf;
	struct graph *graph;
	struct replay *replay;
	struct printer printer;
	bool is_printing;
	uint32_t seq;
	struct plot *plot; /* NULL: none is drawn */
	/* publishing only */
	struct loop *loop;
	struct publisher *publisher;
	struct loop_timer *step, *give_up;
	struct loop_signal *signals[2];
	bool is_stopping;
	int result; /* of reading */
};

/* --- what the graph gives --- */

static void on_partial(void *ctx, struct partial *part)
{
	struct run *r = ctx;

	if (r->publisher) {
		publisher_partial(r->publisher, part);
	} else {
		snprintf(part->site, sizeof(part->site), "%s", r->conf.site);
		snprintf(part->device, sizeof(part->device), "%s", r->conf.device);
		part->boot = 1;
		part->seq = ++r->seq;
	}
	if (r->is_printing)
		printer_partial(&r->printer, part, graph_contract(r->graph));
}

static void on_kpi(void *ctx, const struct kpi_def *kpi, uint64_t w0_s, double value, double coverage)
{
	struct run *r = ctx;

	if (r->publisher)
		publisher_kpi(r->publisher, kpi, w0_s, value, coverage);
	if (r->is_printing)
		printer_kpi(&r->printer, kpi, w0_s, value, coverage);
}

static void on_event(void *ctx, const char *stream, const char *event, int64_t at_us, double value)
{
	struct run *r = ctx;

	if (r->publisher)
		publisher_event(r->publisher, stream, event, at_us, value);
	if (r->plot)
		plot_event(r->plot, stream, event, at_us);
	if (r->is_printing)
		printer_event(&r->printer, stream, event, at_us, value);
}

/* --- how it went --- */

static void tell_bad_rows(const struct run *r)
{
	const struct replay_stats *s = &r->replay->stats;
	uint64_t n_skipped = s->n_torn_rows + r->replay->csv.n_skipped;

	if (n_skipped + s->n_bad_times + s->n_bad_cells > 0)
		log_warning("skipped: %llu torn rows, %llu rows with a bad time, %llu cells that are no number (first "
			    "in line %llu)",
			    (unsigned long long)n_skipped, (unsigned long long)s->n_bad_times,
			    (unsigned long long)s->n_bad_cells, (unsigned long long)s->first_bad_line);
	if (s->n_late_rows > 0)
		log_notice("%llu rows were older than the one before", (unsigned long long)s->n_late_rows);
	log_info("%llu rows, %llu samples", (unsigned long long)s->n_rows, (unsigned long long)s->n_samples);
}

static int output_failed(const struct run *r)
{
	if (r->printer.error == -EPIPE) /* `| head` has seen enough */
		return EXIT_DONE;
	log_error("writing the output: %s", strerror(-r->printer.error));
	return EXIT_IO;
}

/* --- printing --- */

static int print_all(struct run *r)
{
	int n;

	while ((n = replay_step(r->replay, 1000)) == 1)
		if (r->printer.error < 0)
			break;
	if (n < 0) {
		log_error("reading the input: %s", strerror(-n));
		return EXIT_IO;
	}
	graph_finish(r->graph);
	if (printer_flush(&r->printer) < 0)
		return output_failed(r);
	tell_bad_rows(r);
	return EXIT_DONE;
}

/* --- publishing --- */

static void stop(struct run *r, int64_t timeout_us)
{
	if (r->is_stopping)
		return;
	r->is_stopping = true;
	loop_timer_cancel(r->step);
	publisher_stop(r->publisher, timeout_us);
}

static void on_step(void *ctx)
{
	enum { ROWS = 200, SPOOL_IS_FULL = 256, LOOK_AGAIN_US = 20000 };
	struct run *r = ctx;
	struct spool_stats s;
	int n = 1;

	publisher_get_spool(r->publisher, &s);
	if (s.n_rows < SPOOL_IS_FULL)
		n = replay_step(r->replay, ROWS);
	if (r->printer.error < 0)
		n = r->printer.error;
	if (n == 1) {
		loop_timer_set(r->step, loop_mono_us() + (s.n_rows < SPOOL_IS_FULL ? 0 : LOOK_AGAIN_US));
		return;
	}
	if (n < 0 && r->printer.error == 0)
		log_error("reading the input: %s", strerror(-n));
	graph_finish(r->graph);
	r->result = n < 0 ? EXIT_IO : EXIT_DONE;
	stop(r, 3600 * (int64_t)1000000); /* until all of it has been acknowledged, or a signal */
}

static void on_give_up(void *ctx)
{
	struct run *r = ctx;
	struct mqtt_status m;

	publisher_get_mqtt(r->publisher, &m);
	if (m.n_connects > 0)
		return;
	log_error("no connection to the broker in %d s", CONNECT_TIMEOUT_S);
	loop_stop(r->loop, EXIT_UNAVAILABLE);
}

static void on_signal(void *ctx, int signal_number)
{
	struct run *r = ctx;

	(void)signal_number;
	if (r->is_stopping)
		loop_stop(r->loop, EXIT_UNAVAILABLE); /* it would not wait for the broker any longer */
	stop(r, 1300000);			      /* as the agent */
}

static void on_stopped(void *ctx)
{
	struct run *r = ctx;
	struct spool_stats s;

	publisher_get_spool(r->publisher, &s);
	if (s.n_rows > 0)
		r->result = EXIT_UNAVAILABLE;
	else if (publisher_n_refused(r->publisher) > 0 && r->result == EXIT_DONE)
		r->result = EXIT_FAILED;
	loop_stop(r->loop, r->result);
}

static int create_publisher(struct run *r)
{
	char error[MQTT_ERROR_BYTES] = "";
	const char *boot_error = NULL;
	int n = loop_create(&r->loop);

	if (n == 0)
		n = publisher_create(&r->publisher, r->loop,
				     &(struct publisher_options){
					     .conf = &r->conf,
					     .contract = graph_contract(r->graph),
					     .boot = boot_take(r->conf.spool.path, 0, loop_wall_us(), &boot_error),
					     .is_backfill = true,
					     .stopped = on_stopped,
					     .ctx = r,
				     },
				     error);
	if (n == 0)
		n = loop_timer_create(r->loop, &r->step, on_step, r);
	if (n == 0)
		n = loop_timer_create(r->loop, &r->give_up, on_give_up, r);
	if (n == 0)
		n = loop_signal_create(r->loop, &r->signals[0], SIGINT, on_signal, r);
	if (n == 0)
		n = loop_signal_create(r->loop, &r->signals[1], SIGTERM, on_signal, r);
	if (n < 0)
		log_error("cannot start: %s", error[0] ? error : strerror(-n));
	if (boot_error)
		log_warning("cannot keep the number of starts in %s.boot: %s; using the time instead",
			    r->conf.spool.path, boot_error);
	return n;
}

static int publish_all(struct run *r)
{
	int result = EXIT_FAILED;

	if (create_publisher(r) == 0) {
		publisher_start(r->publisher);
		loop_timer_set(r->step, loop_mono_us());
		loop_timer_set(r->give_up, loop_mono_us() + CONNECT_TIMEOUT_S * (int64_t)1000000);
		result = loop_run(r->loop);
		tell_bad_rows(r);
		if (printer_flush(&r->printer) < 0)
			result = output_failed(r);
	}
	publisher_free(r->publisher);
	if (r->step)
		loop_timer_free(r->step);
	if (r->give_up)
		loop_timer_free(r->give_up);
	for (size_t i = 0; i < ARRAY_LEN(r->signals); i++)
		if (r->signals[i])
			loop_signal_free(r->signals[i]);
	loop_free(r->loop);
	return result;
}

/* --- arguments --- */

static int parse(int argc, char **argv, struct arguments *a)
{
	static const struct option options[] = {
		{ "config", required_argument, NULL, 'c' }, { "input", required_argument, NULL, 'i' },
		{ "device", required_argument, NULL, 'd' }, { "publish", no_argument, NULL, 'P' },
		{ "print", no_argument, NULL, 'p' },	    { "plot", required_argument, NULL, 's' },
		{ "help", no_argument, NULL, 'h' },	    { NULL, 0, NULL, 0 },
	};
	int c;

	while ((c = args_next(argc, argv, "runnel", "c:i:h", options)) != -1) {
		switch (c) {
		case 'c':
			a->config = optarg;
			break;
		case 'i':
			a->input = optarg;
			break;
		case 'd':
			a->device = optarg;
			break;
		case 'P':
			a->is_publishing = true;
			break;
		case 'p':
			a->is_printing = true;
			break;
		case 's':
			a->plot = optarg;
			break;
		case 'h':
			a->is_help = true;
			return EXIT_DONE;
		default:
			return EXIT_USAGE;
		}
	}
	if (optind < argc)
		return cmd_usage_error("replay", "unexpected '%s'", argv[optind]);
	if (!a->config || !a->input)
		return cmd_usage_error("replay", "%s is missing", a->config ? "--input" : "--config");
	if (a->device && !text_is_device_name(a->device))
		return cmd_usage_error("replay", "'%s' cannot be a device name", a->device);
	if (a->plot && !plot_is_svg(a->plot))
		return cmd_usage_error("replay", "'%s': only SVG can be drawn, expected a name that ends in .svg",
				       a->plot);
	return EXIT_DONE;
}

/* The config's; with a picture to be drawn, one that is looked into. */
static const struct graph_plan *plan_of(struct run *r, const struct arguments *a)
{
	if (!a->plot)
		return &r->conf.plan;
	r->plot = arena_alloc(&r->conf.arena, sizeof(*r->plot));
	plot_init(r->plot, &r->conf);
	return &r->plot->plan;
}

static int replay(struct run *r, const struct arguments *a)
{
	const struct graph_sink sink = { .ctx = r, .partial = on_partial, .kpi = on_kpi, .event = on_event };
	char error[REPLAY_ERROR_BYTES];
	struct exec_replays *execs;
	int result = EXIT_IO;
	int fd = strcmp(a->input, "-") == 0 ? STDIN_FILENO : open(a->input, O_RDONLY | O_CLOEXEC);

	if (fd < 0) {
		log_error("%s: %s", a->input, strerror(errno));
		return EXIT_IO;
	}
	if (a->device)
		r->conf.device = a->device;
	r->is_printing = a->is_printing || (!a->is_publishing && !a->plot);
	r->graph = graph_new(plan_of(r, a), &sink, &r->conf.arena);
	r->replay = arena_alloc(&r->conf.arena, sizeof(*r->replay));
	printer_init(&r->printer, false);
	if (exec_replays_create(&execs, &r->conf.plan) < 0)
		log_error("not enough memory");
	else if (replay_open(r->replay, fd, &r->conf, r->graph, error) < 0)
		log_error("%s: %s", a->input, error);
	else
		result = a->is_publishing ? publish_all(r) : print_all(r);
	if (result == EXIT_DONE && r->plot)
		result = plot_write(r->plot, a->plot);
	op_trouble_tell(&r->conf.plan, arena_alloc(&r->conf.arena, r->conf.plan.n_streams * sizeof(bool)));
	exec_replays_free(execs);
	printer_free(&r->printer);
	if (fd != STDIN_FILENO)
		close(fd);
	return result;
}

int cmd_replay(int argc, char **argv)
{
	struct arguments a = { 0 };
	struct run r = { .result = EXIT_FAILED }; /* until all is read */
	int result = parse(argc, argv, &a);

	if (result != EXIT_DONE)
		return result;
	if (a.is_help) {
		fputs(help, stdout);
		return EXIT_DONE;
	}
	result = cmd_load_conf(&r.conf, a.config);
	if (result == EXIT_DONE)
		result = replay(&r, &a);
	conf_free(&r.conf);
	return result;
}
