/* SPDX-License-Identifier: Apache-2.0 */
#include <stdio.h>

#include "agent/agent.h"
#include "agent/cmd.h"
#include "agent/exits.h"
#include "base/args.h"
#include "base/log.h"
#include "base/text.h"

static const char help[] =
	"Usage: runnel run [-c FILE] [--print] [--seconds N] [--verbose]\n"
	"\n"
	"Read the sensors of the config, make partials, KPIs and events, and publish them.\n"
	"\n"
	"  -c, --config FILE   config (default /etc/runnel/runnel.yaml)\n"
	"      --print         JSON lines on stdout instead; needs no broker\n"
	"      --seconds N     stop by itself\n"
	"      --verbose       log more\n"
	"\n"
	"SIGTERM and SIGINT close the open windows, send them and end within 2 s.\n"
	"Exit status: 0 done, 1 failed, 64 usage, 69 with --seconds: the broker was never reached, 74 output\n"
	"failed, 78 config.\n";

struct arguments {
	const char *path;
	struct agent_options o;
	bool is_help;
};

static int parse(int argc, char **argv, struct arguments *a)
{
	static const struct option options[] = {
		{ "config", required_argument, NULL, 'c' },  { "print", no_argument, NULL, 'p' },
		{ "seconds", required_argument, NULL, 's' }, { "verbose", no_argument, NULL, 'v' },
		{ "help", no_argument, NULL, 'h' },	     { NULL, 0, NULL, 0 },
	};
	double seconds;
	int c;

	while ((c = args_next(argc, argv, "runnel", "c:h", options)) != -1) {
		if (c == 'c') {
			a->path = optarg;
		} else if (c == 'p') {
			a->o.is_printing = true;
		} else if (c == 'v') {
			log_set_level(LOG_LEVEL_DEBUG);
		} else if (c == 'h') {
			a->is_help = true;
		} else if (c == 's' && text_to_double(optarg, &seconds) == 0 && seconds > 0 && seconds < 1e9) {
			a->o.stop_after_us = (int64_t)(seconds * 1e6);
		} else {
			return c == 's' ? cmd_usage_error("run", "'%s' is no number of seconds", optarg) : EXIT_USAGE;
		}
	}
	return optind < argc ? cmd_usage_error("run", "unexpected '%s'", argv[optind]) : EXIT_DONE;
}

int cmd_run(int argc, char **argv)
{
	struct arguments a = { .path = "/etc/runnel/runnel.yaml" };
	struct conf conf;
	int r = parse(argc, argv, &a);

	if (r != EXIT_DONE)
		return r;
	if (a.is_help) {
		fputs(help, stdout);
		return EXIT_DONE;
	}
	r = cmd_load_conf(&conf, a.path);
	if (r == EXIT_DONE) {
		a.o.conf = &conf;
		a.o.is_publishing = !a.o.is_printing;
		r = agent_run(&a.o);
	}
	conf_free(&conf);
	return r;
}
