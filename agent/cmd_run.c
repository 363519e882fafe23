/* SPDX-License-Identifier: Apache-2.0 */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>

#include "agent/agent.h"
#include "agent/cmd.h"
#include "agent/exits.h"
#include "agent/remote.h"
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

/* The file has to be good, for it has the local part; which config runs may be another. */
static int run(struct arguments *a)
{
	struct diag d = { .file = a->path };
	struct conf conf = { 0 };
	char *text = NULL;
	long n = conf_read_file(a->path, &text, &d);
	int r = n < 0 ? (int)n : conf_parse(&conf, text, (size_t)n, &d);

	diag_print(&d, stderr);
	diag_free(&d);
	if (r == 0) {
		const struct conf_text t = { text, (size_t)n };

		a->o.is_publishing = !a->o.is_printing;
		a->o.conf = &conf;
		r = remote_open(&a->o.remote, a->path, &t, &conf, a->o.is_publishing);
		r = r < 0 ? EXIT_FAILED : agent_run(&a->o);
	} else {
		r = r == -EINVAL ? EXIT_CONFIG : EXIT_IO;
	}
	free(text);
	conf_free(&conf);
	return r;
}

int cmd_run(int argc, char **argv)
{
	struct arguments a = { .path = "/etc/runnel/runnel.yaml" };
	int r = parse(argc, argv, &a);

	if (r != EXIT_DONE)
		return r;
	if (a.is_help) {
		fputs(help, stdout);
		return EXIT_DONE;
	}
	return run(&a);
}
