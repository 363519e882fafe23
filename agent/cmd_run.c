/* SPDX-License-Identifier: Apache-2.0 */
#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

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

struct text {
	char *at;
	size_t bytes;
};

/* How much of a text there is before line @line. */
static size_t bytes_before(const struct text *t, unsigned line)
{
	size_t n = 0;

	for (; line > 1 && n < t->bytes; line--) {
		const char *nl = memchr(t->at + n, '\n', t->bytes - n);

		n = nl ? (size_t)(nl + 1 - t->at) : t->bytes;
	}
	return n;
}

/* Beside the spool that the first @bytes of the file name, there may be what it was when it was good. */
static bool rescue_beside(const char *path, const char *text, size_t bytes, struct text *out)
{
	struct diag d = { .file = path };
	struct conf c;
	bool is_there;

	(void)!conf_parse(&c, text, bytes, &d);
	is_there = c.spool.path && remote_rescue(path, c.spool.path, &out->at, &out->bytes);
	conf_free(&c);
	diag_free(&d);
	return is_there;
}

/* The error may have begun before it was noticed: what stands before it is read with ever less. */
static bool rescue_with_less(const char *path, const struct text *t, unsigned line, struct text *out)
{
	if (rescue_beside(path, t->at, t->bytes, out))
		return true;
	for (unsigned back = 0; back < line; back = 2 * back + 1)
		if (rescue_beside(path, t->at, bytes_before(t, line - back), out))
			return true;
	return false;
}

/*
 * A file that somebody broke must not keep a board from measuring after the next power cut. Where its spool is, is read from it, or from
 * what stands before the first error, or it is where it is when nothing says so.
 */
static bool rescue(const char *path, struct text *t, const struct place *at, struct conf *c)
{
	struct diag d = { .file = path };
	struct text good;
	bool is_good;

	if (!(t->at && rescue_with_less(path, t, at->line, &good)) && !rescue_beside(path, "{}", 2, &good))
		return false;
	free(t->at);
	*t = good;
	conf_free(c);
	is_good = conf_parse(c, t->at, t->bytes, &d) == 0;
	diag_free(&d);
	if (is_good)
		log_error("%s is broken: what it was when it worked last is taken", path);
	return is_good;
}

/* The file has to be good, for it has the local part; which config runs may be another. */
static int run_text(struct arguments *a, const struct text *t, struct conf *c, const struct diag_line *error)
{
	const struct conf_text text = { t->at, t->bytes };

	a->o.is_publishing = !a->o.is_printing;
	a->o.conf = c;
	if (remote_open(&a->o.remote, a->path, &text, c, a->o.is_publishing) < 0)
		return EXIT_FAILED;
	if (error)
		remote_blame_file(a->o.remote, error->text, &error->at);
	return agent_run(&a->o);
}

static int run(struct arguments *a)
{
	struct diag d = { .file = a->path };
	struct conf conf = { 0 };
	struct text t = { NULL, 0 };
	long n = conf_read_file(a->path, &t.at, &d);
	int r = n < 0 ? (int)n : conf_parse(&conf, t.at, (size_t)n, &d), result;

	(void)signal(SIGHUP, SIG_IGN); /* until it is listened to: the file has been read just now */
	diag_print(&d, stderr);
	if (n >= 0)
		t.bytes = (size_t)n;
	else
		t.at = NULL;
	if (r == 0 || (!a->o.is_printing && rescue(a->path, &t, &d.first->at, &conf)))
		result = run_text(a, &t, &conf, r == 0 ? NULL : d.first);
	else
		result = r == -EINVAL ? EXIT_CONFIG : EXIT_IO;
	free(t.at);
	conf_free(&conf);
	diag_free(&d);
	return result;
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
