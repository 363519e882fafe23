/* SPDX-License-Identifier: Apache-2.0 */
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "agent/cmd.h"
#include "agent/demo.h"
#include "agent/exits.h"
#include "base/args.h"
#include "base/log.h"
#include "base/term.h"
#include "base/text.h"

static const char help[] =
	"Usage: runnel demo [--seconds N] [--json] [--config]\n"
	"\n"
	"See it work: sensors of this machine and simulated ones, streams, windows, KPIs and events\n"
	"in a live table. Needs no file, no broker and no hardware. Ctrl-C ends it.\n"
	"\n"
	"      --seconds N     stop by itself\n"
	"      --json          JSON lines as `runnel run --print` gives; so it is without a terminal\n"
	"      --config        print the config of the demo, to save and to start from\n"
	"\n"
	"Exit status: 0 done, 1 failed, 64 usage, 74 output failed.\n";

struct arguments {
	struct agent_options o;
	bool is_help, is_config;
};

static int parse(int argc, char **argv, struct arguments *a)
{
	static const struct option options[] = {
		{ "seconds", required_argument, NULL, 's' },
		{ "json", no_argument, NULL, 'j' },
		{ "config", no_argument, NULL, 'c' },
		{ "help", no_argument, NULL, 'h' },
		{ NULL, 0, NULL, 0 },
	};
	double seconds;
	int c;

	while ((c = args_next(argc, argv, "runnel", "h", options)) != -1) {
		if (c == 'j')
			a->o.is_printing = true;
		else if (c == 'c')
			a->is_config = true;
		else if (c == 'h')
			a->is_help = true;
		else if (c == 's' && text_to_double(optarg, &seconds) == 0 && seconds > 0 && seconds < 1e9)
			a->o.stop_after_us = (int64_t)(seconds * 1e6);
		else
			return c == 's' ? cmd_usage_error("demo", "'%s' is no number of seconds", optarg) : EXIT_USAGE;
	}
	return optind < argc ? cmd_usage_error("demo", "unexpected '%s'", argv[optind]) : EXIT_DONE;
}

static int print(const char *text)
{
	return fputs(text, stdout) < 0 || fflush(stdout) != 0 ? EXIT_IO : EXIT_DONE;
}

static int run_table(struct agent_options *o)
{
	struct demo_view *view;
	int r = demo_view_create(&view, o->conf);

	if (r < 0) {
		log_error("cannot start: %s", strerror(-r));
		return EXIT_FAILED;
	}
	log_set_level(LOG_LEVEL_ERROR); /* the table tells of faults; lines between would tear it */
	o->view = demo_view_hooks(view);
	r = agent_run(o);
	demo_view_free(view);
	return r;
}

static int run(struct agent_options o)
{
	struct diag d = { .file = "demo" };
	struct conf conf;
	struct term term;
	int r = conf_parse(&conf, demo_config, strlen(demo_config), &d);

	diag_print(&d, stderr);
	diag_free(&d);
	if (r < 0) {
		conf_free(&conf);
		return EXIT_FAILED;
	}
	term_probe(&term, STDOUT_FILENO);
	if (!term.is_terminal)
		o.is_printing = true;
	o.conf = &conf;
	r = o.is_printing ? agent_run(&o) : run_table(&o);
	conf_free(&conf);
	return r;
}

int cmd_demo(int argc, char **argv)
{
	struct arguments a = { 0 };
	int r = parse(argc, argv, &a);

	if (r != EXIT_DONE)
		return r;
	if (a.is_help)
		return print(help);
	if (a.is_config)
		return print(demo_config);
	return run(a.o);
}
